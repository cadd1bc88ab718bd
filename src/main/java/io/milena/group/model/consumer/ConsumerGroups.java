package io.milena.group.model.consumer;

import io.milena.coordinator.model.Answer;
import io.milena.coordinator.model.Bugs;
import io.milena.coordinator.model.CoordinatorRecord;
import io.milena.coordinator.model.Decision;
import io.milena.coordinator.model.Timer;
import io.milena.group.model.Caller;
import io.milena.group.model.Group;
import io.milena.group.model.GroupTable;
import io.milena.group.model.consumer.check.HeartbeatCheck;
import io.milena.group.model.consumer.check.Refused;
import io.milena.group.model.consumer.state.ConsumerGroup;
import io.milena.group.model.consumer.state.CurrentAssignment;
import io.milena.group.model.consumer.state.GroupLog;
import io.milena.group.model.consumer.state.Member;
import io.milena.group.model.consumer.state.MemberState;
import io.milena.group.model.consumer.timing.GroupTimer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.DescribedGroup;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;

/**
 * The consumer groups (KIP-848) of one partition of {@code __consumer_offsets}: the face of this
 * package to the machine that holds all groups. Of the owner's thread; the life is that of {@link
 * io.milena.coordinator.model.CoordinatorMachine}.
 *
 * <p>Steps of one group that may write wait for one another: their serial key is the group id.
 */
public final class ConsumerGroups {
  private final Core core;
  private final GroupLog log;
  private final Heartbeats heartbeats;
  private final Leaving leaving;
  private final RegexRefresh regexes;
  private final ClassicJoins classicJoins;
  private final ClassicRequests classicRequests;

  /** Without classic groups beside them: none is ever turned. */
  public ConsumerGroups(GroupTable table, ConsumerSetup setup) {
    this(table, setup, ClassicSide.NONE);
  }

  /**
   * @param table of all groups of the partition, shared with the classic ones
   * @param classic the classic groups of the table
   */
  public ConsumerGroups(GroupTable table, ConsumerSetup setup, ClassicSide classic) {
    this.core = new Core(table, setup);
    this.log = new GroupLog(table);
    Conversion conversion = new Conversion(core, classic);
    this.heartbeats = new Heartbeats(core, conversion);
    this.leaving = new Leaving(core, conversion);
    this.regexes = new RegexRefresh(core);
    this.classicJoins = new ClassicJoins(core, conversion);
    this.classicRequests = new ClassicRequests(core, leaving);
  }

  /** The group id for one that may write; null for one that is answered from what is there. */
  public Object serialKey(
      ConsumerGroupHeartbeatRequestData request, String clientId, String clientHost) {
    return heartbeats.isPlain(request, clientId, clientHost) ? null : request.groupId();
  }

  /** Decides about a heartbeat; refusals are answers. */
  public Decision heartbeat(Caller caller, ConsumerGroupHeartbeatRequestData request, long nowMs) {
    try {
      HeartbeatCheck.form(
          request, caller.apiVersion(), core.setup().settings().consumer().assignors());
      if (request.memberEpoch() < CurrentAssignment.JOIN_EPOCH) {
        return leaving.leave(caller, request, nowMs);
      }
      ConsumerGroupHeartbeatResponseData plain = heartbeats.plain(caller, request, nowMs);
      return plain != null
          ? Decision.answer(caller.token(), plain)
          : heartbeats.heartbeat(caller, request, nowMs);
    } catch (Refused e) {
      return Decision.answer(caller.token(), Heartbeats.refusal(e.error(), e.getMessage()));
    }
  }

  /** The answer to a heartbeat that is not decided at all. */
  public static ConsumerGroupHeartbeatResponseData refusal(Errors error) {
    return Heartbeats.refusal(error, null);
  }

  /**
   * True for a consumer group that has members: then requests of the classic protocol come here
   * too. An empty one is no obstacle for the classic groups; its {@link Group#tombstones()} go
   * before the group that takes its place.
   */
  public boolean serves(String groupId) {
    ConsumerGroup group = core.find(groupId);
    return group != null && !group.isEmpty();
  }

  /** JoinGroup to a consumer group; serial key: the group id. */
  public Decision classicJoin(Caller caller, JoinGroupRequestData request, long nowMs) {
    try {
      return classicJoins.join(caller, request, nowMs);
    } catch (Refused e) {
      return Decision.answer(
          caller.token(), ClassicJoins.refusal(request.memberId(), caller.apiVersion(), e.error()));
    }
  }

  /** SyncGroup to a consumer group; serial key: the group id. */
  public Decision classicSync(Caller caller, SyncGroupRequestData request, long nowMs) {
    try {
      return classicRequests.sync(caller, request, nowMs);
    } catch (Refused e) {
      return Decision.answer(
          caller.token(), new SyncGroupResponseData().setErrorCode(e.error().code()));
    }
  }

  /** Heartbeat to a consumer group; it writes nothing and need not wait. */
  public Decision classicHeartbeat(Caller caller, HeartbeatRequestData request, long nowMs) {
    try {
      return classicRequests.heartbeat(caller, request, nowMs);
    } catch (Refused e) {
      return Decision.answer(
          caller.token(), new HeartbeatResponseData().setErrorCode(e.error().code()));
    }
  }

  /** LeaveGroup to a consumer group, for members of either protocol; serial key: the group id. */
  public Decision classicLeave(Caller caller, LeaveGroupRequestData request, long nowMs) {
    return classicRequests.leave(caller, request, nowMs);
  }

  /** Whether {@link #timer} is to be asked about that timer. */
  public boolean owns(Object timerKey) {
    return timerKey instanceof GroupTimer;
  }

  /** The group id. */
  public Object serialKeyOfTimer(Object timerKey) {
    return ((GroupTimer) timerKey).groupId();
  }

  /** Decides about a timer that is due. */
  public Decision timer(Object timerKey, long nowMs) {
    GroupTimer key = (GroupTimer) timerKey;
    return key.kind() == GroupTimer.Kind.REGEX
        ? regexes.timer(key, nowMs)
        : leaving.timer(key, nowMs);
  }

  /**
   * Takes over a committed record of key types 3 to 8 and 16.
   *
   * @param offset of the record in the log
   * @return false when it is of another kind
   */
  public boolean apply(CoordinatorRecord record, long offset, long nowMs) {
    return log.apply(record, nowMs);
  }

  /** Every member has its session timeout from now on to be heard of. */
  public Decision loaded(long nowMs) {
    core.images().newTopicsVersion(core.image());
    List<Timer> timers = new ArrayList<>();
    Bugs bugs = new Bugs();
    for (Group any : core.table().all()) {
      if (any instanceof ConsumerGroup group) {
        bugs.guard(() -> begin(group, nowMs, timers));
      }
    }
    return Decision.now(List.of(), timers, bugs);
  }

  private void begin(ConsumerGroup group, long nowMs, List<Timer> timers) {
    int timeoutMs = core.timing(group.groupId()).sessionTimeoutMs();
    for (Member member : group.members().values()) {
      MemberTimers.heard(group, member.id(), nowMs + timeoutMs, timers);
      if (member.current().state() == MemberState.UNREVOKED_PARTITIONS) {
        MemberTimers.reassigned(group, member, nowMs, timers);
      }
    }
  }

  /**
   * There is a new cluster image. Need not be called: heartbeats look themselves. If it is, topics
   * that came and went between two heartbeats make expressions be searched again, as in Kafka. With
   * no group nobody has an expression, and most of fifty coordinators have none: going through all
   * topics is spared.
   */
  public void imageChanged() {
    if (core.table().size() > 0) {
      core.images().newTopicsVersion(core.image());
    }
  }

  /** Whoever waits is told. */
  public List<Answer> unload(Errors error) {
    return core.waiting().refuse(error);
  }

  /** The group in the words of ConsumerGroupDescribe; an error when there is no such group. */
  public DescribedGroup describe(String groupId) {
    return Description.of(core, groupId);
  }
}
