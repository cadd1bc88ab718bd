package io.milena.group.model.classic;

import io.milena.base.Invariant;
import io.milena.coordinator.model.Answer;
import io.milena.coordinator.model.CoordinatorRecord;
import io.milena.coordinator.model.Token;
import io.milena.group.model.Group;
import io.milena.group.model.MemberBytes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.coordinator.group.generated.GroupMetadataKey;

/**
 * A group of the classic protocol: the clients' leader assigns, the coordinator counts generations
 * and keeps what the leader decided. Of the thread of its machine.
 *
 * <p>Committed are the members, the generation and the assignments as of the last group record;
 * that is what a restart finds. Between two records all is volatile: who joins, who waits, who is
 * awaited. Must always hold: one generation, and in it one leader that is a member; protocols have
 * one in common; whoever waits belongs to a member or is owed the outcome of an append.
 */
public final class ClassicGroup implements Group {
  /** As in records of old versions: the time is not known. */
  static final long UNKNOWN_TIME_MS = -1;

  private static final String CONSUMER_TYPE = "consumer";

  /** A request whose answer waits for records of the group to be settled. */
  record Owed(Token to, Function<Errors, ApiMessage> refused) {}

  /** A member that was given its id and has yet to join with it. */
  record Pending(String clientHost, long deadlineMs) {
    long bytes(String memberId) {
      return MemberBytes.PER_MEMBER + MemberBytes.of(memberId) + MemberBytes.of(clientHost);
    }
  }

  /** What the log says of a group apart from its members. */
  record Header(
      int generation, String protocolType, String protocolName, String leaderId, long sinceMs) {}

  final ClassicMembers members;

  /** Members of this generation that have not asked for their assignment. */
  final Set<String> unsynced = new HashSet<>();

  private final Map<String, Pending> pending = new HashMap<>();
  private final MemberBytes bytes = new MemberBytes();
  private final String groupId;
  private final List<Owed> owed = new ArrayList<>(1);
  private ClassicState state;
  private ClassicState previousState = ClassicState.DEAD;
  private long stateSinceMs;
  private int generation;
  private String protocolType;
  private String protocolName;
  private String leaderId;
  private Subscriptions subscriptions;
  private boolean endIsDecided;

  /** Somebody joined since the initial delay began. */
  boolean newMemberAdded;

  /** What is left of the initial rebalance after the present delay; -1 in any other rebalance. */
  long initialRemainingMs = -1;

  long joinDelayMs;
  long joinDeadlineMs;
  long syncDeadlineMs;

  private ClassicGroup(String groupId, ClassicState state, Header header) {
    this.groupId = groupId;
    this.state = state;
    members = new ClassicMembers(bytes);
    generation = header.generation();
    protocolType = header.protocolType();
    protocolName = header.protocolName();
    leaderId = header.leaderId();
    stateSinceMs = header.sinceMs();
  }

  /**
   * A group without members that nobody has named a protocol for, such as one that only commits
   * offsets.
   *
   * @param nowMs since when it is empty, in the machine's clock
   */
  public static ClassicGroup empty(String groupId, long nowMs) {
    return new ClassicGroup(groupId, ClassicState.EMPTY, new Header(0, null, null, null, nowMs));
  }

  /** A group as the log has it. */
  static ClassicGroup loaded(String groupId, Header header, List<ClassicMember> members) {
    ClassicGroup group =
        new ClassicGroup(
            groupId, members.isEmpty() ? ClassicState.EMPTY : ClassicState.STABLE, header);
    for (ClassicMember member : members) {
      if (group.members.find(member.memberId()) == null) {
        group.add(member);
      }
    }
    return group;
  }

  @Override
  public String groupId() {
    return groupId;
  }

  @Override
  public Kind kind() {
    return Kind.CLASSIC;
  }

  @Override
  public String stateName() {
    return state.text();
  }

  @Override
  public String protocolType() {
    return protocolType == null ? "" : protocolType;
  }

  @Override
  public boolean isEmpty() {
    return state == ClassicState.EMPTY;
  }

  /**
   * {@inheritDoc} -1 also when nobody ever joined, or the record did not say: then each offset
   * counts from its commit.
   */
  @Override
  public long emptySinceMs() {
    return isEmpty() && protocolType != null ? stateSinceMs : UNKNOWN_TIME_MS;
  }

  /**
   * False only when the topic is certainly not subscribed: without members, or in a stable group of
   * consumers none of which names it. While the group rebalances it may be anything.
   */
  @Override
  public boolean subscribes(String topic) {
    if (members.isEmpty()) {
      return false;
    }
    if (!CONSUMER_TYPE.equals(protocolType) || state != ClassicState.STABLE) {
      return true;
    }
    if (subscriptions == null) {
      subscriptions = Subscriptions.of(members.all(), protocolName);
    }
    return subscriptions.mayContain(topic);
  }

  @Override
  public Errors checkOffsetCommit(OffsetClient client) {
    boolean stranger =
        client.memberId().isEmpty()
            && client.groupInstanceId() == null
            && client.generationOrEpoch() < 0;
    if (client.generationOrEpoch() < 0 && isEmpty()) {
      return Errors.NONE;
    }
    if (stranger) {
      return Errors.UNKNOWN_MEMBER_ID;
    }
    Errors error = checkMember(client.memberId(), client.groupInstanceId());
    if (error == Errors.NONE && client.generationOrEpoch() != generation) {
      return Errors.ILLEGAL_GENERATION;
    }
    if (error == Errors.NONE && state == ClassicState.COMPLETING_REBALANCE) {
      return Errors.REBALANCE_IN_PROGRESS;
    }
    return error;
  }

  @Override
  public Errors checkOffsetFetch(OffsetClient client) {
    return Errors.NONE;
  }

  @Override
  public Errors checkDelete() {
    return isEmpty() ? Errors.NONE : Errors.NON_EMPTY_GROUP;
  }

  @Override
  public List<CoordinatorRecord> tombstones() {
    endIsDecided = isEmpty();
    return List.of(CoordinatorRecord.tombstone(new GroupMetadataKey().setGroup(groupId)));
  }

  @Override
  public MemberBytes memberBytes() {
    return bytes;
  }

  /** Members were there, or came, although the end of the empty group was decided before. */
  boolean outlivesItsTombstone() {
    return endIsDecided && !isEmpty();
  }

  /** Members, in no order. */
  public Collection<ClassicMember> members() {
    return members.all();
  }

  public int generation() {
    return generation;
  }

  /** The protocol of this generation, or null. */
  public String protocolName() {
    return protocolName;
  }

  /** The protocol type as it is told: null when nobody said. */
  String protocolTypeOrNull() {
    return protocolType;
  }

  /** The leader's member id, or null. */
  public String leaderId() {
    return leaderId;
  }

  boolean isLeader(String memberId) {
    return memberId.equals(leaderId);
  }

  ClassicState state() {
    return state;
  }

  long stateSinceMs() {
    return stateSinceMs;
  }

  /** The members gather after the group had none. */
  boolean isInitialRebalance() {
    return state == ClassicState.PREPARING_REBALANCE && previousState == ClassicState.EMPTY;
  }

  boolean allJoined() {
    return members.joining() == members.size() && pending.isEmpty();
  }

  void moveTo(ClassicState next, long nowMs) {
    Invariant.check(next.mayFollow(state), "group %s goes from %s to %s", groupId, state, next);
    previousState = state;
    state = next;
    stateSinceMs = nowMs;
    subscriptions = null;
  }

  /** Can a member with these protocols be in the group? */
  boolean supports(String type, List<ClassicProtocol> protocols) {
    if (isEmpty()) {
      return type != null && !type.isEmpty() && !protocols.isEmpty();
    }
    return protocolType != null && protocolType.equals(type) && members.support(protocols);
  }

  void add(ClassicMember member) {
    if (members.isEmpty()) {
      protocolType = member.identity.protocolType();
    }
    if (leaderId == null) {
      leaderId = member.memberId();
    }
    members.add(member);
    dropPending(member.memberId());
    subscriptions = null;
  }

  /** Members that were given an id and have yet to join with it. */
  Map<String, Pending> pending() {
    return Collections.unmodifiableMap(pending);
  }

  void addPending(String memberId, Pending given) {
    pending.put(memberId, given);
    bytes.add(given.bytes(memberId));
  }

  /** The one that was pending, or null. */
  Pending dropPending(String memberId) {
    Pending dropped = pending.remove(memberId);
    if (dropped != null) {
      bytes.add(-dropped.bytes(memberId));
    }
    return dropped;
  }

  /** Takes out a member or a pending one; who waited is still in it; null if there was none. */
  ClassicMember remove(String memberId) {
    ClassicMember removed = members.remove(memberId);
    if (isLeader(memberId)) {
      leaderId = members.firstId();
    }
    unsynced.remove(memberId);
    subscriptions = null;
    return removed;
  }

  /** Puts a static member's new id in place of the old one. */
  ClassicMember rename(ClassicMember old, String newId) {
    boolean led = isLeader(old.memberId());
    members.remove(old.memberId());
    ClassicMember renamed = old.withMemberId(newId);
    members.add(renamed);
    if (led) {
      leaderId = newId;
    }
    if (unsynced.remove(old.memberId())) {
      unsynced.add(newId);
    }
    return renamed;
  }

  void agree(ClassicMember member, ClassicMember.JoinTerms terms) {
    members.agree(member, terms);
    subscriptions = null;
  }

  /** Somebody that joins leads the next generation; false when nobody has joined. */
  boolean electJoinedLeader() {
    ClassicMember leader = leaderId == null ? null : members.find(leaderId);
    if (leader == null) {
      return false;
    }
    if (leader.joining != null) {
      return true;
    }
    ClassicMember joined = members.firstJoining();
    if (joined != null) {
      leaderId = joined.memberId();
    }
    return joined != null;
  }

  void nextGeneration(long nowMs) {
    generation++;
    unsynced.clear();
    protocolName = members.isEmpty() ? null : members.vote();
    Invariant.check(
        members.isEmpty() || protocolName != null, "group %s has nothing in common", groupId);
    moveTo(members.isEmpty() ? ClassicState.EMPTY : ClassicState.COMPLETING_REBALANCE, nowMs);
  }

  /** Is this a member, and the one it says it is? */
  Errors checkMember(String memberId, String groupInstanceId) {
    if (groupInstanceId != null) {
      String known = members.staticId(groupInstanceId);
      if (known == null) {
        return Errors.UNKNOWN_MEMBER_ID;
      }
      if (!known.equals(memberId)) {
        return Errors.FENCED_INSTANCE_ID;
      }
    }
    return members.find(memberId) == null ? Errors.UNKNOWN_MEMBER_ID : Errors.NONE;
  }

  void owe(Owed answer) {
    owed.add(answer);
  }

  void paid(Owed answer) {
    owed.remove(answer);
  }

  /** The answers to everybody who waits, when the group goes. */
  List<Answer> refuseAll(Errors error) {
    List<Answer> answers = new ArrayList<>();
    for (ClassicMember member : members.all()) {
      Waiting joining = members.releaseJoin(member);
      if (joining != null) {
        answers.add(
            new Answer(joining.token(), ClassicAnswers.joinError(member.memberId(), error)));
      }
      if (member.syncing != null) {
        answers.add(new Answer(member.syncing.token(), ClassicAnswers.syncError(error)));
        member.syncing = null;
      }
    }
    owed.forEach(each -> answers.add(new Answer(each.to(), each.refused().apply(error))));
    owed.clear();
    return answers;
  }
}
