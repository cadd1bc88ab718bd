package io.milena.group.model.consumer;

import io.milena.group.model.consumer.check.Refused;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.TopicImage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData.TopicPartitions;
import org.apache.kafka.common.message.ConsumerProtocolAssignment;
import org.apache.kafka.common.message.ConsumerProtocolSubscription;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.types.SchemaException;

/**
 * What consumers of the classic protocol put into JoinGroup and SyncGroup: subscriptions and
 * assignments, by topic name, in versions of their own. A broker looks into them only here.
 */
final class EmbeddedProtocol {
  private EmbeddedProtocol() {}

  /** INCONSISTENT_GROUP_PROTOCOL when the bytes are no subscription. */
  static ConsumerProtocolSubscription subscription(byte[] metadata) {
    try {
      return ConsumerProtocol.deserializeConsumerProtocolSubscription(ByteBuffer.wrap(metadata));
    } catch (SchemaException e) {
      throw new Refused(
          Errors.INCONSISTENT_GROUP_PROTOCOL, "The subscription is malformed: " + e.getMessage());
    }
  }

  /** INCONSISTENT_GROUP_PROTOCOL when the bytes are no assignment. */
  static ConsumerProtocolAssignment assignment(byte[] bytes) {
    try {
      return ConsumerProtocol.deserializeConsumerProtocolAssignment(ByteBuffer.wrap(bytes));
    } catch (SchemaException e) {
      throw new Refused(
          Errors.INCONSISTENT_GROUP_PROTOCOL, "The assignment is malformed: " + e.getMessage());
    }
  }

  /** Partitions by topic id; topics that do not exist are left out. */
  static Map<Uuid, Set<Integer>> partitions(
      ConsumerProtocolAssignment assignment, ClusterImage image) {
    Map<Uuid, Set<Integer>> partitions = new HashMap<>();
    assignment
        .assignedPartitions()
        .forEach(
            named -> {
              TopicImage topic = image.topic(named.topic());
              if (topic != null) {
                partitions.put(topic.id(), new HashSet<>(named.partitions()));
              }
            });
    return partitions;
  }

  /** What the member says it holds. */
  static List<TopicPartitions> owned(
      ConsumerProtocolSubscription subscription, ClusterImage image) {
    List<TopicPartitions> owned = new ArrayList<>();
    subscription
        .ownedPartitions()
        .forEach(
            named -> {
              TopicImage topic = image.topic(named.topic());
              if (topic != null) {
                owned.add(
                    new TopicPartitions().setTopicId(topic.id()).setPartitions(named.partitions()));
              }
            });
    return owned;
  }

  /**
   * An assignment as bytes.
   *
   * @param likeMetadata a subscription of the member: its version is the one it can read
   */
  static byte[] assignmentBytes(
      Map<Uuid, ? extends Set<Integer>> partitions, ClusterImage image, byte[] likeMetadata) {
    ConsumerProtocolAssignment assignment = new ConsumerProtocolAssignment();
    partitions.forEach(
        (topicId, numbers) -> {
          TopicImage topic = image.topic(topicId);
          if (topic != null) {
            assignment
                .assignedPartitions()
                .add(
                    new ConsumerProtocolAssignment.TopicPartition()
                        .setTopic(topic.name())
                        .setPartitions(numbers.stream().sorted().toList()));
          }
        });
    ByteBuffer bytes =
        ConsumerProtocol.serializeAssignment(
            assignment, ConsumerProtocol.deserializeVersion(ByteBuffer.wrap(likeMetadata)));
    byte[] array = new byte[bytes.remaining()];
    bytes.get(array);
    return array;
  }
}
