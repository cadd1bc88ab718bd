package io.milena.group.model.consumer.state;

import io.milena.coordinator.model.CoordinatorRecord;
import io.milena.group.model.Group;
import io.milena.group.model.MemberBytes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;

/**
 * A group of the consumer protocol (KIP-848). Everything here but {@link #memory()} is what
 * committed records say; only {@link GroupLog} changes it. Of the owner's thread.
 */
public final class ConsumerGroup implements Group {
  /** The protocol type of every group of this kind. */
  public static final String PROTOCOL_TYPE = "consumer";

  /** OffsetCommit from this version on knows member epochs. */
  private static final short FIRST_COMMIT_WITH_EPOCHS = 9;

  private final String groupId;
  private final Map<String, Member> members = new HashMap<>();
  private final Map<String, String> staticMembers = new HashMap<>();
  private final Map<String, Map<Uuid, Set<Integer>>> targets = new HashMap<>();
  private final Subscriptions subscriptions = new Subscriptions();
  private final PartitionHolders holders = new PartitionHolders();
  private final Tally<String> assignors = new Tally<>();
  private final ClassicTally classic = new ClassicTally();
  private final GroupMemory memory = new GroupMemory();
  private final MemberBytes bytes = new MemberBytes();
  private int epoch = 1;
  private long metadataHash;
  private int targetEpoch = 1;
  private long targetTimestampMs;
  private boolean legacyMetadata;
  private long emptySinceMs;

  /**
   * @param nowMs since when it is empty
   */
  public ConsumerGroup(String groupId, long nowMs) {
    this.groupId = groupId;
    this.emptySinceMs = nowMs;
  }

  @Override
  public String groupId() {
    return groupId;
  }

  @Override
  public Kind kind() {
    return Kind.CONSUMER;
  }

  @Override
  public String protocolType() {
    return PROTOCOL_TYPE;
  }

  /** Empty, Assigning (a target is due), Reconciling (members are on their way) or Stable. */
  @Override
  public String stateName() {
    if (members.isEmpty()) {
      return "Empty";
    }
    if (epoch > targetEpoch) {
      return "Assigning";
    }
    return members.values().stream().allMatch(m -> m.current().reconciledTo(targetEpoch))
        ? "Stable"
        : "Reconciling";
  }

  @Override
  public boolean isEmpty() {
    return members.isEmpty();
  }

  @Override
  public long emptySinceMs() {
    return emptySinceMs;
  }

  @Override
  public boolean subscribes(String topic) {
    return subscriptions.topicNames().contains(topic);
  }

  /** The group epoch. */
  public int epoch() {
    return epoch;
  }

  /** Of the subscribed topics, when the epoch last rose. */
  public long metadataHash() {
    return metadataHash;
  }

  /** The group epoch for which targets were computed. */
  public int targetEpoch() {
    return targetEpoch;
  }

  /** When targets were computed; 0 when the next may be at once. */
  public long targetTimestampMs() {
    return targetTimestampMs;
  }

  /** A new target is due. */
  public boolean awaitsTarget() {
    return epoch > targetEpoch;
  }

  /** Kafka up to 4.0 left a record of type 4; it is to be removed. */
  public boolean hasLegacyMetadata() {
    return legacyMetadata;
  }

  /** The member, or null. */
  public Member member(String memberId) {
    return members.get(memberId);
  }

  /** The static member of that instance id, or null. */
  public Member staticMember(String instanceId) {
    String memberId = instanceId == null ? null : staticMembers.get(instanceId);
    return memberId == null ? null : members.get(memberId);
  }

  /** By member id. */
  public Map<String, Member> members() {
    return Collections.unmodifiableMap(members);
  }

  /** What the member is to have, by topic id; empty for one without a target. */
  public Map<Uuid, Set<Integer>> target(String memberId) {
    return targets.getOrDefault(memberId, Map.of());
  }

  /** As {@link #target}, or null when nothing is on record. */
  Map<Uuid, Set<Integer>> targetOrNull(String memberId) {
    return targets.get(memberId);
  }

  /** The member that holds the partition, or null. */
  public String holder(Uuid topic, int partition) {
    return holders.holder(topic, partition);
  }

  public Subscriptions subscriptions() {
    return subscriptions;
  }

  /** Members of the classic protocol. */
  public ClassicTally classic() {
    return classic;
  }

  /** Not on record: deadlines and the like. */
  public GroupMemory memory() {
    return memory;
  }

  /**
   * The assignor that most members ask for once {@code gone}, which may be null, became {@code
   * come}.
   */
  public Optional<String> preferredAssignor(Member gone, Member come) {
    Tally<String> counts = assignors.copy();
    if (gone != null) {
      removeAssignor(counts, gone);
    }
    addAssignor(counts, come);
    return favourite(counts);
  }

  /** The assignor that most members ask for. */
  public Optional<String> preferredAssignor() {
    return favourite(assignors);
  }

  private static Optional<String> favourite(Tally<String> counts) {
    return counts.counts().entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey);
  }

  /**
   * Strict: only the member's very epoch. Kafka 4.4 allows older ones for partitions that the
   * member got before: {@link #checkOffsetCommit(OffsetClient, Uuid, int)}.
   */
  @Override
  public Errors checkOffsetCommit(OffsetClient client) {
    if (client.generationOrEpoch() < 0 && members.isEmpty()) {
      return Errors.NONE;
    }
    Member member = members.get(client.memberId());
    if (member == null) {
      return Errors.UNKNOWN_MEMBER_ID;
    }
    if (!member.isClassic() && client.apiVersion() < FIRST_COMMIT_WITH_EPOCHS) {
      return Errors.UNSUPPORTED_VERSION;
    }
    return client.generationOrEpoch() == member.current().epoch() ? Errors.NONE : stale(member);
  }

  /** As Kafka 4.4: an epoch from the one in which the member got the partition on will do. */
  @Override
  public Errors checkOffsetCommit(OffsetClient client, Uuid topicId, int partition) {
    Errors strict = checkOffsetCommit(client);
    if (strict != Errors.STALE_MEMBER_EPOCH && strict != Errors.ILLEGAL_GENERATION) {
      return strict;
    }
    CurrentAssignment current = members.get(client.memberId()).current();
    Integer since = current.assignmentEpoch(topicId, partition);
    boolean allowed =
        since != null
            && client.generationOrEpoch() < current.epoch()
            && client.generationOrEpoch() >= since;
    return allowed ? Errors.NONE : strict;
  }

  @Override
  public Errors checkOffsetFetch(OffsetClient client) {
    if (client.memberId() == null && client.generationOrEpoch() < 0) {
      return Errors.NONE;
    }
    Member member = members.get(client.memberId());
    if (member == null) {
      return Errors.UNKNOWN_MEMBER_ID;
    }
    return client.generationOrEpoch() == member.current().epoch() ? Errors.NONE : stale(member);
  }

  private static Errors stale(Member member) {
    return member.isClassic() ? Errors.ILLEGAL_GENERATION : Errors.STALE_MEMBER_EPOCH;
  }

  @Override
  public Errors checkDelete() {
    return members.isEmpty() ? Errors.NONE : Errors.NON_EMPTY_GROUP;
  }

  @Override
  public List<CoordinatorRecord> tombstones() {
    return GroupRecords.tombstones(groupId, members.keySet(), subscriptions.resolved().keySet());
  }

  @Override
  public MemberBytes memberBytes() {
    return bytes;
  }

  /**
   * As {@link #tombstones()} when {@code come} took the place of {@code gone} in this very step.
   */
  public List<CoordinatorRecord> tombstones(String gone, String come) {
    List<String> ids = new ArrayList<>(members.keySet());
    ids.replaceAll(id -> id.equals(gone) ? come : id);
    return GroupRecords.tombstones(groupId, ids, subscriptions.resolved().keySet());
  }

  void putMember(Member member) {
    Member old = members.put(member.id(), member);
    if (old != null) {
      forget(old);
    }
    bytes.add(member.bytes());
    subscriptions.add(member);
    holders.add(member);
    classic.add(member);
    addAssignor(assignors, member);
    if (member.registration().instanceId() != null) {
      staticMembers.put(member.registration().instanceId(), member.id());
    }
    emptySinceMs = -1;
  }

  void removeMember(String memberId, long nowMs) {
    Member old = members.remove(memberId);
    if (old != null) {
      forget(old);
      memory.forget(memberId);
    }
    if (members.isEmpty() && emptySinceMs < 0) {
      emptySinceMs = nowMs;
    }
  }

  private void forget(Member old) {
    bytes.add(-old.bytes());
    subscriptions.remove(old);
    holders.remove(old);
    classic.remove(old);
    removeAssignor(assignors, old);
    if (old.registration().instanceId() != null) {
      staticMembers.remove(old.registration().instanceId(), old.id());
    }
  }

  private static void addAssignor(Tally<String> counts, Member member) {
    if (member.registration().assignor() != null) {
      counts.add(member.registration().assignor());
    }
  }

  private static void removeAssignor(Tally<String> counts, Member member) {
    if (member.registration().assignor() != null) {
      counts.remove(member.registration().assignor());
    }
  }

  void putTarget(String memberId, Map<Uuid, Set<Integer>> target) {
    Map<Uuid, Set<Integer>> old = targets.put(memberId, target);
    bytes.add(MemberBytes.ofPartitions(target));
    forgetTarget(old);
  }

  void removeTarget(String memberId) {
    forgetTarget(targets.remove(memberId));
  }

  private void forgetTarget(Map<Uuid, Set<Integer>> old) {
    if (old != null) {
      bytes.add(-MemberBytes.ofPartitions(old));
    }
  }

  void resolve(String regex, ResolvedRegex to) {
    forgetRegex(regex);
    subscriptions.resolve(regex, to);
    bytes.add(to.bytes(regex));
  }

  void forgetRegex(String regex) {
    ResolvedRegex old = subscriptions.resolved().get(regex);
    if (old != null) {
      subscriptions.forget(regex);
      bytes.add(-old.bytes(regex));
    }
  }

  void setEpoch(int newEpoch, long newMetadataHash) {
    epoch = newEpoch;
    metadataHash = newMetadataHash;
  }

  void setTargetEpoch(int newTargetEpoch, long timestampMs) {
    targetEpoch = newTargetEpoch;
    targetTimestampMs = timestampMs;
  }

  void setLegacyMetadata(boolean present) {
    legacyMetadata = present;
  }
}
