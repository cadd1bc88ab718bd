package io.milena.metadata;

import java.util.Collection;
import java.util.Map;

/**
 * A number that two brokers compare to see that they hold the same image (R9): the sum of a hash of
 * each partition's topic id, leader epoch and partition epoch, of each broker's id and epoch, and
 * of the settings of topics and groups. Independent of order; not cryptographic, for everybody who
 * computes it is one of us. Pure.
 */
public final class ImageDigest {
  private ImageDigest() {}

  /** The digest of these brokers, topics, and settings of groups by group id. */
  public static long of(
      Collection<BrokerImage> brokers,
      Collection<TopicImage> topics,
      Map<String, Map<String, String>> groupConfigs) {
    long sum = 0;
    for (BrokerImage broker : brokers) {
      sum += mix(broker.epoch() * 31 + broker.id() + (broker.fenced() ? 7 : 0));
    }
    for (TopicImage topic : topics) {
      long id = topic.id().getMostSignificantBits() ^ topic.id().getLeastSignificantBits();
      sum += mix(id + topic.configs().hashCode());
      for (PartitionImage partition : topic.partitions()) {
        sum += mix(id * 31 + partition.partition() * 0x1_0000_0001L + step(partition));
      }
    }
    for (Map.Entry<String, Map<String, String>> group : groupConfigs.entrySet()) {
      sum += mix(group.getKey().hashCode() * 31L + group.getValue().hashCode());
    }
    return sum;
  }

  /** The digest of an image. */
  public static long of(ClusterImage image) {
    return of(image.brokers().values(), image.topics().values(), image.groupConfigs());
  }

  private static long step(PartitionImage partition) {
    return ((long) partition.leaderEpoch() << 40) ^ ((long) partition.partitionEpoch() << 8);
  }

  /** Finaliser of SplitMix64: spreads every bit over all bits. */
  private static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
