package io.milena.group.model.consumer;

import io.milena.coordinator.model.CoordinatorRecord;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupCurrentMemberAssignmentValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMetadataValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupRegularExpressionValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMemberValue;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue;
import org.apache.kafka.coordinator.group.generated.OffsetCommitValue;

/**
 * Records as texts in which what may differ does not show: orders within, hashes, versions of
 * images.
 */
final class RecordText {
  private RecordText() {}

  /** Of one step or several, in an order of their own. */
  static List<String> of(List<CoordinatorRecord> records) {
    return records.stream()
        .map(r -> r.key() + " -> " + (r.value() == null ? "gone" : value(r.value())))
        .sorted()
        .toList();
  }

  private static String value(ApiMessage value) {
    if (value instanceof ConsumerGroupMetadataValue v) {
      return "epoch " + v.epoch();
    }
    if (value instanceof ConsumerGroupTargetAssignmentMemberValue v) {
      Map<String, TreeSet<Integer>> topics = new TreeMap<>();
      v.topicPartitions()
          .forEach(t -> topics.put(t.topicId().toString(), new TreeSet<>(t.partitions())));
      return "target " + topics;
    }
    if (value instanceof ConsumerGroupCurrentMemberAssignmentValue v) {
      return "current "
          + v.memberEpoch()
          + " after "
          + v.previousMemberEpoch()
          + " state "
          + v.state()
          + " has "
          + partitions(v.assignedPartitions())
          + " gives back "
          + partitions(v.partitionsPendingRevocation());
    }
    if (value instanceof ConsumerGroupRegularExpressionValue v) {
      return "regex " + v.topics() + " at " + v.timestamp();
    }
    if (value instanceof GroupMetadataValue v) {
      return "classic "
          + v.generation()
          + " "
          + v.protocol()
          + " since "
          + v.currentStateTimestamp()
          + " "
          + v.members().stream().map(RecordText::member).sorted().toList();
    }
    if (value instanceof OffsetCommitValue v) {
      return "offset " + v.offset() + " at " + v.commitTimestamp();
    }
    if (value instanceof ConsumerGroupMemberMetadataValue v) {
      TreeSet<String> topics = new TreeSet<>(v.subscribedTopicNames());
      return v.duplicate().setSubscribedTopicNames(List.copyOf(topics)).toString();
    }
    return value.toString();
  }

  private static String member(GroupMetadataValue.MemberMetadata member) {
    Map<String, TreeSet<Integer>> has = new TreeMap<>();
    if (member.assignment().length > 0) {
      ConsumerProtocol.deserializeAssignment(ByteBuffer.wrap(member.assignment()))
          .partitions()
          .forEach(tp -> has.computeIfAbsent(tp.topic(), t -> new TreeSet<>()).add(tp.partition()));
    }
    return member.duplicate().setAssignment(new byte[0]) + " has " + has;
  }

  private static String partitions(
      List<ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions> list) {
    Map<String, TreeMap<Integer, Integer>> topics = new TreeMap<>();
    list.forEach(
        t -> {
          TreeMap<Integer, Integer> epochs = new TreeMap<>();
          for (int i = 0; i < t.partitions().size(); i++) {
            epochs.put(t.partitions().get(i), t.assignmentEpochs().get(i));
          }
          topics.put(t.topicId().toString(), epochs);
        });
    return topics.toString();
  }
}
