package io.milena.group.model.consumer.state;

import io.milena.coordinator.model.CoordinatorRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupCurrentMemberAssignmentKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupCurrentMemberAssignmentValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMetadataValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupPartitionMetadataKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupRegularExpressionKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupRegularExpressionValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMemberKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMemberValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMetadataKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMetadataValue;

/**
 * The records of consumer groups: key types 3, 5, 6, 7, 8 and 16 of {@code __consumer_offsets}, all
 * in value version 0, which is flexible. Reading is here too, so that each form has one home.
 */
public final class GroupRecords {
  private static final short VERSION = 0;

  private GroupRecords() {}

  private static CoordinatorRecord record(ApiMessage key, ApiMessage value) {
    return new CoordinatorRecord(key, value, VERSION);
  }

  /** Type 3: the group epoch. */
  public static CoordinatorRecord epoch(String groupId, int epoch, long metadataHash) {
    return record(
        new ConsumerGroupMetadataKey().setGroupId(groupId),
        new ConsumerGroupMetadataValue().setEpoch(epoch).setMetadataHash(metadataHash));
  }

  /** Takes away what Kafka up to 4.0 wrote with type 4. */
  public static CoordinatorRecord noLegacyMetadata(String groupId) {
    return CoordinatorRecord.tombstone(new ConsumerGroupPartitionMetadataKey().setGroupId(groupId));
  }

  /** Type 5: what a member said of itself. */
  public static CoordinatorRecord member(String groupId, Member member) {
    Registration said = member.registration();
    return record(
        new ConsumerGroupMemberMetadataKey().setGroupId(groupId).setMemberId(member.id()),
        new ConsumerGroupMemberMetadataValue()
            .setInstanceId(said.instanceId())
            .setRackId(said.rackId())
            .setClientId(said.clientId())
            .setClientHost(said.clientHost())
            .setSubscribedTopicNames(sorted(said.topics()))
            .setSubscribedTopicRegex(said.regex())
            .setRebalanceTimeoutMs(said.rebalanceTimeoutMs())
            .setServerAssignor(said.assignor())
            .setClassicMemberMetadata(said.classic()));
  }

  static Registration read(ConsumerGroupMemberMetadataValue value) {
    return new Registration(
        value.instanceId(),
        value.rackId(),
        value.rebalanceTimeoutMs(),
        value.clientId(),
        value.clientHost(),
        Set.copyOf(value.subscribedTopicNames()),
        value.subscribedTopicRegex(),
        value.serverAssignor(),
        value.classicMemberMetadata());
  }

  /** Type 6: the epoch for which targets were computed. */
  public static CoordinatorRecord targetEpoch(String groupId, int epoch, long timestampMs) {
    return record(
        new ConsumerGroupTargetAssignmentMetadataKey().setGroupId(groupId),
        new ConsumerGroupTargetAssignmentMetadataValue()
            .setAssignmentEpoch(epoch)
            .setAssignmentTimestamp(timestampMs));
  }

  /** Type 7: what a member is to have. */
  public static CoordinatorRecord target(
      String groupId, String memberId, Map<Uuid, Set<Integer>> target) {
    List<ConsumerGroupTargetAssignmentMemberValue.TopicPartition> topics = new ArrayList<>();
    target.forEach(
        (topic, partitions) ->
            topics.add(
                new ConsumerGroupTargetAssignmentMemberValue.TopicPartition()
                    .setTopicId(topic)
                    .setPartitions(sorted(partitions))));
    return record(
        new ConsumerGroupTargetAssignmentMemberKey().setGroupId(groupId).setMemberId(memberId),
        new ConsumerGroupTargetAssignmentMemberValue().setTopicPartitions(topics));
  }

  static Map<Uuid, Set<Integer>> read(ConsumerGroupTargetAssignmentMemberValue value) {
    Map<Uuid, Set<Integer>> target = new HashMap<>();
    value.topicPartitions().forEach(t -> target.put(t.topicId(), new HashSet<>(t.partitions())));
    return Collections.unmodifiableMap(target);
  }

  /** Type 8: what a member has. */
  public static CoordinatorRecord current(String groupId, Member member) {
    CurrentAssignment current = member.current();
    return record(
        new ConsumerGroupCurrentMemberAssignmentKey().setGroupId(groupId).setMemberId(member.id()),
        new ConsumerGroupCurrentMemberAssignmentValue()
            .setMemberEpoch(current.epoch())
            .setPreviousMemberEpoch(current.previousEpoch())
            .setState(current.state().code())
            .setAssignedPartitions(write(current.assigned()))
            .setPartitionsPendingRevocation(write(current.revoking())));
  }

  private static List<ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions> write(
      Map<Uuid, Map<Integer, Integer>> partitions) {
    List<ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions> topics = new ArrayList<>();
    partitions.forEach(
        (topic, epochs) -> {
          List<Integer> numbers = sorted(epochs.keySet());
          topics.add(
              new ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions()
                  .setTopicId(topic)
                  .setPartitions(numbers)
                  .setAssignmentEpochs(numbers.stream().map(epochs::get).toList()));
        });
    return topics;
  }

  static CurrentAssignment read(ConsumerGroupCurrentMemberAssignmentValue value) {
    return new CurrentAssignment(
        value.memberEpoch(),
        value.previousMemberEpoch(),
        MemberState.of(value.state()),
        read(value.assignedPartitions(), value.memberEpoch()),
        read(value.partitionsPendingRevocation(), value.memberEpoch()));
  }

  /** Before Kafka 4.3 partitions had no epochs of their own; the member's stands for them. */
  private static Map<Uuid, Map<Integer, Integer>> read(
      List<ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions> topics, int memberEpoch) {
    Map<Uuid, Map<Integer, Integer>> partitions = new HashMap<>();
    for (ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions topic : topics) {
      List<Integer> epochs = topic.assignmentEpochs();
      boolean known = epochs != null && epochs.size() == topic.partitions().size();
      Map<Integer, Integer> byPartition = new HashMap<>();
      for (int i = 0; i < topic.partitions().size(); i++) {
        byPartition.put(
            topic.partitions().get(i), known ? epochs.get(i) : Math.max(memberEpoch, 0));
      }
      partitions.put(topic.topicId(), byPartition);
    }
    return Collections.unmodifiableMap(partitions);
  }

  /** Type 16: a resolved expression. */
  public static CoordinatorRecord regex(String groupId, String regex, ResolvedRegex resolved) {
    return record(
        new ConsumerGroupRegularExpressionKey().setGroupId(groupId).setRegularExpression(regex),
        new ConsumerGroupRegularExpressionValue()
            .setTopics(sorted(resolved.topics()))
            .setVersion(resolved.version())
            .setTimestamp(resolved.timestampMs()));
  }

  /** Nobody subscribes the expression any more. */
  public static CoordinatorRecord noRegex(String groupId, String regex) {
    return CoordinatorRecord.tombstone(
        new ConsumerGroupRegularExpressionKey().setGroupId(groupId).setRegularExpression(regex));
  }

  /** The member is gone. */
  public static List<CoordinatorRecord> noMember(String groupId, String memberId) {
    return List.of(
        noCurrent(groupId, memberId), noTarget(groupId, memberId), noSaid(groupId, memberId));
  }

  private static CoordinatorRecord noCurrent(String groupId, String memberId) {
    return CoordinatorRecord.tombstone(
        new ConsumerGroupCurrentMemberAssignmentKey().setGroupId(groupId).setMemberId(memberId));
  }

  private static CoordinatorRecord noTarget(String groupId, String memberId) {
    return CoordinatorRecord.tombstone(
        new ConsumerGroupTargetAssignmentMemberKey().setGroupId(groupId).setMemberId(memberId));
  }

  private static CoordinatorRecord noSaid(String groupId, String memberId) {
    return CoordinatorRecord.tombstone(
        new ConsumerGroupMemberMetadataKey().setGroupId(groupId).setMemberId(memberId));
  }

  /** Everything of a group; the order is the one in which Kafka's loader wants it. */
  static List<CoordinatorRecord> tombstones(
      String groupId, Collection<String> memberIds, Collection<String> regexes) {
    List<CoordinatorRecord> records = new ArrayList<>();
    memberIds.forEach(id -> records.add(noCurrent(groupId, id)));
    memberIds.forEach(id -> records.add(noTarget(groupId, id)));
    records.add(
        CoordinatorRecord.tombstone(
            new ConsumerGroupTargetAssignmentMetadataKey().setGroupId(groupId)));
    memberIds.forEach(id -> records.add(noSaid(groupId, id)));
    regexes.forEach(regex -> records.add(noRegex(groupId, regex)));
    records.add(noLegacyMetadata(groupId));
    records.add(CoordinatorRecord.tombstone(new ConsumerGroupMetadataKey().setGroupId(groupId)));
    return records;
  }

  private static <T extends Comparable<T>> List<T> sorted(Collection<T> values) {
    List<T> list = new ArrayList<>(values);
    Collections.sort(list);
    return list;
  }
}
