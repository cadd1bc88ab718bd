package io.milena.group.model.classic;

import io.milena.coordinator.model.Answer;
import io.milena.coordinator.model.Decision;
import io.milena.group.model.Caller;
import io.milena.group.model.Group;
import io.milena.group.model.GroupRequest;
import io.milena.group.model.GroupSettings;
import io.milena.group.model.GroupTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.coordinator.group.generated.GroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue;

/**
 * The classic protocol for the groups of one partition of {@code __consumer_offsets}: JoinGroup,
 * SyncGroup, Heartbeat and LeaveGroup in all versions, and the timers of the groups. Behaves as
 * Kafka 4.4 (its own coordinator judges that in the tests), with these exceptions, all to the good
 * of members: ids given out count in {@code group.max.size} (F35), a static member may come back to
 * a full group (KAFKA-20601), a refused join does not found a group, and no request is left without
 * an answer.
 *
 * <p>Joins, syncs, leaves and timers of one group wait for one another while its records are being
 * appended (serial key: the group id); heartbeats do not. {@code nowMs} never goes back and is
 * wall-clock time as well as may be: it is written into records. Of the thread of its machine.
 */
public final class ClassicGroups {
  private final GroupTable table;
  private final GroupSettings.Classic settings;
  private final Newcomers newcomers;
  private final ClassicRebalance rebalance;
  private final ClassicJoin joins;
  private final ClassicSync syncs;
  private final ClassicLeave leaves;

  /** Groups whose first record is being appended. */
  private final Map<String, ClassicGroup> founding = new HashMap<>();

  private boolean live;

  /**
   * @param table shared with the other kinds of groups; gets what is committed
   * @param settings of the classic protocol
   * @param memberIds what makes a new member id unique, e.g. random UUIDs; the client id or the
   *     instance id and a hyphen are put before it
   */
  public ClassicGroups(
      GroupTable table, GroupSettings.Classic settings, Supplier<String> memberIds) {
    this.table = table;
    this.settings = settings;
    newcomers = new Newcomers(table.limits());
    rebalance = new ClassicRebalance(settings, newcomers);
    joins = new ClassicJoin(settings, rebalance, newcomers, table.limits(), memberIds);
    syncs = new ClassicSync(rebalance, table.limits());
    leaves = new ClassicLeave(rebalance);
  }

  /** JoinGroup 0–9. The answer may be long in coming. */
  public Decision join(Caller caller, JoinGroupRequestData data, long nowMs) {
    ClassicStep step = new ClassicStep(nowMs);
    ClassicJoin.Request request = ClassicJoin.Request.of(caller, data);
    Group existing = table.find(data.groupId());
    if (data.sessionTimeoutMs() < settings.minSessionTimeoutMs()
        || data.sessionTimeoutMs() > settings.maxSessionTimeoutMs()) {
      request.refuse(data.memberId(), Errors.INVALID_SESSION_TIMEOUT, step);
    } else if (existing instanceof ClassicGroup group) {
      joins.join(group, request, step);
    } else if (existing != null && !existing.isEmpty()) {
      request.refuse(ClassicAnswers.UNKNOWN_MEMBER, Errors.INCONSISTENT_GROUP_PROTOCOL, step);
    } else if (!request.isUnknown()) {
      request.refuse(data.memberId(), Errors.UNKNOWN_MEMBER_ID, step);
    } else {
      found(existing, request, step);
    }
    return step.decision();
  }

  /** A join begins a group, perhaps in place of an empty one of another kind. */
  private void found(Group replaced, ClassicJoin.Request request, ClassicStep step) {
    Errors admission = table.admit(request.groupId(), request.caller().clientHost());
    if (admission != Errors.NONE) {
      request.refuse(ClassicAnswers.UNKNOWN_MEMBER, admission, step);
      return;
    }
    ClassicGroup group = ClassicGroup.empty(request.groupId(), step.nowMs);
    joins.join(group, request, step);
    if (group.members.isEmpty() && group.pending().isEmpty()) {
      table.dismiss(group.groupId());
      return;
    }
    founding.put(group.groupId(), group);
    group.memberBytes().countIn(table.limits());
    if (replaced != null) {
      replaced.tombstones().forEach(step::append);
    }
    step.append(ClassicRecords.begun(group));
    step.afterwards(
        then -> {},
        (error, then) -> {
          founding.remove(group.groupId(), group);
          group.memberBytes().countNoMore();
          table.dismiss(group.groupId());
          rebalance.forget(group, then);
          // Who was given an id already has its answer: it will be told that the id is unknown.
          request.refuse(ClassicAnswers.UNKNOWN_MEMBER, error, then);
        });
  }

  /** SyncGroup 0–5. The answer may be long in coming. */
  public Decision sync(Caller caller, SyncGroupRequestData request, long nowMs) {
    ClassicStep step = new ClassicStep(nowMs);
    ClassicGroup group = find(request.groupId());
    if (ClassicSync.lacksProtocol(caller, request)) {
      step.answer(caller.token(), ClassicAnswers.syncError(Errors.INCONSISTENT_GROUP_PROTOCOL));
    } else if (group == null || group.isEmpty()) {
      step.answer(caller.token(), ClassicAnswers.syncError(Errors.UNKNOWN_MEMBER_ID));
    } else {
      syncs.sync(group, caller, request, step);
    }
    return step.decision();
  }

  /** Heartbeat 0–4, answered at once whatever is being appended. */
  public Decision heartbeat(Caller caller, HeartbeatRequestData request, long nowMs) {
    ClassicStep step = new ClassicStep(nowMs);
    step.answer(caller.token(), ClassicAnswers.heartbeat(beat(request, step)));
    return step.decision();
  }

  private Errors beat(HeartbeatRequestData request, ClassicStep step) {
    ClassicGroup group = find(request.groupId());
    if (group == null) {
      return Errors.UNKNOWN_MEMBER_ID;
    }
    Errors error = group.checkMember(request.memberId(), request.groupInstanceId());
    if (error != Errors.NONE) {
      return error;
    }
    if (request.generationId() != group.generation()) {
      return Errors.ILLEGAL_GENERATION;
    }
    rebalance.touch(group, group.members.find(request.memberId()), step);
    return group.state() == ClassicState.PREPARING_REBALANCE
        ? Errors.REBALANCE_IN_PROGRESS
        : Errors.NONE;
  }

  /** LeaveGroup 0–5. */
  public Decision leave(Caller caller, LeaveGroupRequestData request, long nowMs) {
    ClassicStep step = new ClassicStep(nowMs);
    ClassicGroup group = find(request.groupId());
    if (group == null) {
      step.answer(
          caller.token(),
          ClassicAnswers.left(
              ClassicLeave.strangers(ClassicAnswers.leaving(request, caller.apiVersion())),
              caller.apiVersion()));
    } else {
      leaves.leave(group, caller, request, step);
    }
    return step.decision();
  }

  /**
   * A member committed offsets, and that was allowed: its session begins anew, as Kafka does it in
   * a stable group and while members gather.
   */
  public Decision committedOffsets(String groupId, String memberId, long nowMs) {
    ClassicGroup group = find(groupId);
    ClassicMember member = group == null ? null : group.members.find(memberId);
    if (member == null || group.state() == ClassicState.COMPLETING_REBALANCE) {
      return Decision.NOTHING;
    }
    ClassicStep step = new ClassicStep(nowMs);
    rebalance.touch(group, member, step);
    return step.decision();
  }

  /** Is this a timer of classic groups? Then it waits as the group's requests do. */
  public boolean owns(Object timerKey) {
    return timerKey instanceof ClassicTimer;
  }

  /** A timer that is due. */
  public Decision timer(Object key, long nowMs) {
    ClassicTimer timer = (ClassicTimer) key;
    ClassicGroup group = find(timer.groupId());
    if (group == null) {
      return Decision.NOTHING;
    }
    ClassicStep step = new ClassicStep(nowMs);
    if (timer instanceof ClassicTimer.Session session) {
      rebalance.sessionDue(group, session.memberId(), step);
    } else if (timer instanceof ClassicTimer.Join) {
      rebalance.joinDue(group, step);
    } else {
      rebalance.syncDue(group, step);
    }
    return step.decision();
  }

  /**
   * Takes over a committed group record.
   *
   * @param value null for a tombstone
   */
  public void apply(GroupMetadataKey key, GroupMetadataValue value, long nowMs) {
    String groupId = key.group();
    ClassicGroup group = find(groupId);
    ClassicGroup founded = value == null ? null : founding.remove(groupId);
    if (value == null) {
      applyTombstone(group, nowMs);
    } else if (founded != null) {
      table.put(founded);
    } else if (live && group != null) {
      adopt(group, value, nowMs);
    } else {
      table.put(ClassicRecords.load(groupId, value));
    }
  }

  private void applyTombstone(ClassicGroup group, long nowMs) {
    if (group == null || live && group.outlivesItsTombstone()) {
      // Nothing is there, or members came after the end of the empty group was decided: it lives
      // on, and its next record founds it anew.
      return;
    }
    rebalance.forget(group, new ClassicStep(nowMs));
    table.remove(group.groupId());
  }

  /** What a record of this generation says that memory does not. */
  private void adopt(ClassicGroup group, GroupMetadataValue value, long nowMs) {
    if (value.generation() != group.generation()) {
      return;
    }
    boolean assigns = group.state() == ClassicState.COMPLETING_REBALANCE;
    if (!assigns && group.state() != ClassicState.STABLE) {
      return;
    }
    for (GroupMetadataValue.MemberMetadata written : value.members()) {
      ClassicMember member = group.members.find(written.memberId());
      if (member == null && !assigns) {
        member = adoptStatic(group, written);
      }
      if (member != null) {
        group.members.assign(member, written.assignment());
      }
    }
    if (assigns) {
      group.moveTo(ClassicState.STABLE, nowMs);
    }
  }

  private ClassicMember adoptStatic(ClassicGroup group, GroupMetadataValue.MemberMetadata written) {
    String oldId = group.members.staticId(written.groupInstanceId());
    return oldId == null ? null : group.rename(group.members.find(oldId), written.memberId());
  }

  /** Loading is over: every member's session begins anew; a group that is too large rebalances. */
  public Decision loaded(long nowMs) {
    live = true;
    ClassicStep step = new ClassicStep(nowMs);
    for (Group each : table.all()) {
      if (each instanceof ClassicGroup group) {
        step.guard(() -> begin(group, step));
      }
    }
    return step.decision();
  }

  private void begin(ClassicGroup group, ClassicStep step) {
    group.members.all().forEach(member -> rebalance.touch(group, member, step));
    if (group.members.size() > settings.maxSize()) {
      rebalance.prepare(group, step);
    }
  }

  /** The coordinator goes: the answers to everybody who waits. */
  public List<Answer> unload(Errors error) {
    List<Answer> answers = new ArrayList<>();
    for (Group each : table.all()) {
      if (each instanceof ClassicGroup group) {
        answers.addAll(group.refuseAll(error));
      }
    }
    for (ClassicGroup group : founding.values()) {
      answers.addAll(group.refuseAll(error));
      group.memberBytes().countNoMore();
    }
    founding.clear();
    newcomers.clear();
    return answers;
  }

  /** The answer to a request of the classic protocol (keys 11 to 14) that is not decided. */
  public static ApiMessage refusal(GroupRequest request, Errors error) {
    return ClassicAnswers.refusal(request, error);
  }

  /** What DescribeGroups tells of a group. */
  public DescribedGroup describe(ClassicGroup group) {
    return ClassicAnswers.described(group);
  }

  /**
   * A consumer group was turned into this classic group by a record that was just applied (KIP-848
   * downgrade): its members' sessions begin.
   *
   * @param protocols what each member can do, by member id; the record has only the chosen one
   * @param recall whether members are called back, because they are to have something else
   */
  public Decision downgraded(
      ClassicGroup group,
      Map<String, List<ClassicProtocol>> protocols,
      boolean recall,
      long nowMs) {
    ClassicStep step = new ClassicStep(nowMs);
    for (ClassicMember member : group.members.all()) {
      List<ClassicProtocol> own = protocols.get(member.memberId());
      if (own != null) {
        step.guard(() -> offers(group, member, own));
      }
      step.guard(() -> rebalance.touch(group, member, step));
    }
    if (recall && !group.isEmpty()) {
      step.guard(() -> rebalance.prepare(group, step));
    }
    return step.decision();
  }

  private static void offers(ClassicGroup group, ClassicMember member, List<ClassicProtocol> own) {
    group.agree(
        member,
        new ClassicMember.JoinTerms(own, member.rebalanceTimeoutMs, member.sessionTimeoutMs));
  }

  /**
   * This classic group was turned into a consumer group by records that were just applied (KIP-848
   * upgrade): whoever waits is answered, its timers stop.
   */
  public Decision upgraded(ClassicGroup group, Errors error, long nowMs) {
    ClassicStep step = new ClassicStep(nowMs);
    step.guard(() -> rebalance.forget(group, step));
    group.refuseAll(error).forEach(answer -> step.answer(answer.to(), answer.body()));
    return step.decision();
  }

  /** Generations completed since the start, for metrics. */
  public long completedRebalances() {
    return rebalance.completed();
  }

  /** Members that never completed a join, and ids given out, for bounds and metrics. */
  public int newcomers() {
    return newcomers.size();
  }

  private ClassicGroup find(String groupId) {
    return table.find(groupId) instanceof ClassicGroup group ? group : null;
  }
}
