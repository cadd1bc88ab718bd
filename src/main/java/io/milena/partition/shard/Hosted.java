package io.milena.partition.shard;

import io.milena.metadata.ClusterImage;
import io.milena.metadata.PartitionImage;
import io.milena.metadata.TopicImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;

/**
 * The partitions of one shard by topic and number. Looked up for each partition of each request, so
 * no key is made for it.
 */
final class Hosted {
  private final Map<String, Partition[]> byTopic = new HashMap<>();
  private final Set<TopicPartition> offline = new HashSet<>();
  private final Supplier<ClusterImage> image;

  Hosted(Supplier<ClusterImage> image) {
    this.image = image;
  }

  /** The partition, or null when it is not served here. */
  Partition find(String topic, int partition) {
    Partition[] partitions = byTopic.get(topic);
    return partitions != null && partition >= 0 && partition < partitions.length
        ? partitions[partition]
        : null;
  }

  /** Why {@link #find} found nothing. */
  Refusal missing(String topic, int partition, Uuid topicId) {
    if (!offline.isEmpty() && offline.contains(new TopicPartition(topic, partition))) {
      return Refusal.of(Errors.KAFKA_STORAGE_ERROR);
    }
    ClusterImage cluster = image.get();
    TopicImage known = cluster == null ? null : cluster.topic(topic);
    PartitionImage elsewhere = known == null ? null : known.partition(partition);
    if (elsewhere == null) {
      return Refusal.of(Errors.UNKNOWN_TOPIC_OR_PARTITION);
    }
    if (isSet(topicId) && !topicId.equals(known.id())) {
      return Refusal.of(Errors.UNKNOWN_TOPIC_ID);
    }
    return Refusal.notLeader(elsewhere);
  }

  static boolean isSet(Uuid topicId) {
    return topicId != null && !topicId.equals(Uuid.ZERO_UUID);
  }

  void put(Partition partition) {
    int number = partition.name().partition();
    Partition[] partitions = byTopic.getOrDefault(partition.name().topic(), new Partition[0]);
    if (number >= partitions.length) {
      partitions = Arrays.copyOf(partitions, number + 1);
    }
    partitions[number] = partition;
    byTopic.put(partition.name().topic(), partitions);
    offline.remove(partition.name());
  }

  /** The log could not be opened: asked for, the partition answers KAFKA_STORAGE_ERROR. */
  void putOffline(TopicPartition name) {
    remove(name);
    offline.add(name);
  }

  void remove(TopicPartition name) {
    offline.remove(name);
    Partition[] partitions = byTopic.get(name.topic());
    if (partitions == null || name.partition() >= partitions.length) {
      return;
    }
    partitions[name.partition()] = null;
    if (Arrays.stream(partitions).allMatch(p -> p == null)) {
      byTopic.remove(name.topic());
    }
  }

  /** Partitions that are not served because their log could not be opened. */
  int offline() {
    return offline.size();
  }

  List<Partition> ofTopic(String topic) {
    Partition[] partitions = byTopic.get(topic);
    return partitions == null
        ? List.of()
        : Arrays.stream(partitions).filter(p -> p != null).toList();
  }

  List<Partition> all() {
    List<Partition> all = new ArrayList<>();
    for (Partition[] partitions : byTopic.values()) {
      for (Partition partition : partitions) {
        if (partition != null) {
          all.add(partition);
        }
      }
    }
    return all;
  }
}
