package io.milena.group.model.consumer.topics;

import io.milena.metadata.BrokerImage;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.PartitionImage;
import io.milena.metadata.TopicImage;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

/**
 * A number for what a group sees of its topics: ids, names, numbers of partitions and the racks of
 * their replicas. When it changes a new assignment is due (KIP-1101). Not Kafka's function: a group
 * that was written by Kafka gets one assignment more, which changes nothing.
 *
 * <p>Hashes of topics are kept until the topic or a rack changes. A broker that is gone keeps the
 * rack it was last seen in, for else each restart would shake every group.
 */
public final class TopicHashes {
  /** More topics than this are forgotten at once: the cache is for those that groups subscribe. */
  private static final int MAX_CACHED = 20_000;

  private record Cached(TopicImage topic, long hash) {}

  private final Map<String, Cached> cache = new HashMap<>();
  private final Map<Integer, String> racks = new HashMap<>();
  private Map<Integer, BrokerImage> brokers = Map.of();

  /**
   * Of these topics as the image has them; of those that it has. Order does not matter.
   *
   * @return 0 when it has none of them
   */
  public long of(Collection<String> names, ClusterImage image) {
    learnRacks(image);
    long sum = 0;
    for (String name : names) {
      TopicImage topic = image.topic(name);
      if (topic != null) {
        sum += hash(topic);
      }
    }
    return sum;
  }

  private void learnRacks(ClusterImage image) {
    if (brokers == image.brokers()) {
      return;
    }
    brokers = image.brokers();
    for (BrokerImage broker : brokers.values()) {
      String before = racks.put(broker.id(), broker.rack() == null ? "" : broker.rack());
      if (before == null ? broker.rack() != null : !before.equals(racks.get(broker.id()))) {
        cache.clear();
      }
    }
  }

  private long hash(TopicImage topic) {
    Cached cached = cache.get(topic.name());
    if (cached != null && cached.topic() == topic) {
      return cached.hash();
    }
    if (cache.size() >= MAX_CACHED) {
      cache.clear();
    }
    long hash = compute(topic);
    cache.put(topic.name(), new Cached(topic, hash));
    return hash;
  }

  private long compute(TopicImage topic) {
    long hash = mix(topic.id().getMostSignificantBits());
    hash = mix(hash ^ topic.id().getLeastSignificantBits());
    hash = mix(hash, topic.name());
    for (PartitionImage partition : topic.partitions()) {
      hash = mix(hash + partition.partition());
      TreeSet<String> sorted = new TreeSet<>();
      partition.replicas().forEach(id -> sorted.add(racks.getOrDefault(id, "")));
      for (String rack : sorted) {
        hash = mix(hash, rack);
      }
    }
    return hash;
  }

  private static long mix(long hash, String text) {
    long mixed = mix(hash + text.length());
    for (int i = 0; i < text.length(); i++) {
      mixed = mixed * 31 + text.charAt(i);
    }
    return mix(mixed);
  }

  /** Spreads every bit over all (the finalizer of SplitMix64). */
  private static long mix(long value) {
    long mixed = value + 0x9E3779B97F4A7C15L;
    mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }
}
