package io.milena.controller.model;

import io.milena.metadata.PartitionImage;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;

/**
 * One thing to be written to ZooKeeper, in the words of the domain; the verticle turns it into
 * paths and JSON. All are carried out in order, each under the check of the controller epoch (R2).
 */
public sealed interface ZkWrite {
  /**
   * The topic's settings, its znode with assignment and id, and the parent of its partitions.
   *
   * @param replicas assigned brokers by partition number
   * @param configExists true when a settings znode of that name is there already
   */
  record CreateTopic(
      String topic,
      Uuid id,
      List<List<Integer>> replicas,
      Map<String, String> configs,
      boolean configExists)
      implements ZkWrite {}

  /**
   * New assignment or id of a topic.
   *
   * @param partitions all partitions, in order
   */
  record UpdateTopic(String topic, Uuid id, List<PartitionImage> partitions) implements ZkWrite {}

  /**
   * The parent of the partitions of a topic that a tool wrote without it; harmless when there.
   *
   * @param topic its name
   */
  record EnsurePartitionsParent(String topic) implements ZkWrite {}

  /** A partition's first state; becomes version 0. */
  record CreatePartition(String topic, PartitionImage partition) implements ZkWrite {}

  /**
   * A partition's next state, conditional on the version before {@code partition.partitionEpoch()}
   * (R11).
   *
   * @param recovering true after an unclean election (R14)
   */
  record UpdatePartition(String topic, PartitionImage partition, boolean recovering)
      implements ZkWrite {}

  /** The marker that a topic is being deleted: from here on the deletion is finished by anyone. */
  record MarkDeletion(String topic) implements ZkWrite {}

  /** Everything of a topic: state, settings, and last the deletion marker. */
  record RemoveTopic(String topic) implements ZkWrite {}

  /** A deletion marker for a topic that is not there, or that must not be deleted. */
  record RemoveMarker(String topic) implements ZkWrite {}

  /**
   * Dynamic settings of a topic, broker or group and, but for groups, which Kafka does not know,
   * the notice that they changed.
   *
   * @param configs the whole new map
   * @param exists true when the settings znode is there already
   */
  record SetConfig(ConfigEntity entity, Map<String, String> configs, boolean exists)
      implements ZkWrite {}

  /** The settings znode of a group that has no settings any more. */
  record RemoveGroupConfig(String groupId) implements ZkWrite {}
}
