package io.milena.metadata;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;

/**
 * One topic.
 *
 * @param name checked topic name
 * @param id topic id; {@code Uuid.ZERO_UUID} for a topic written before topic ids
 * @param partitions in order of their numbers, without gaps
 * @param configs topic-level settings as {@code /config/topics/T} holds them
 */
public record TopicImage(
    String name, Uuid id, List<PartitionImage> partitions, Map<String, String> configs) {
  public TopicImage {
    partitions = partitions == null ? List.of() : List.copyOf(partitions);
    configs = configs == null ? Map.of() : Map.copyOf(configs);
  }

  /** The partition of that number, or null. */
  public PartitionImage partition(int partition) {
    return partition >= 0 && partition < partitions.size() ? partitions.get(partition) : null;
  }
}
