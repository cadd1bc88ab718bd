package io.milena.node;

import io.milena.config.TopicConfig;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.PartitionImage;
import io.milena.metadata.TopicImage;
import io.milena.partition.PartitionMessages.BecomePartition;
import io.milena.partition.PartitionMessages.StopPartition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;

/**
 * What must be done so that the local partitions are what the image says (D6). Compares the image
 * with what was carried out so far, not with the last image alone, so what failed is ordered again.
 * Same image, nothing failed: no orders. Orders are carried out in this order: stop, become,
 * configure. Pure; owned by the node.
 */
final class Reconciler {
  private final int brokerId;
  private final BiFunction<ClusterImage, TopicImage, TopicConfig> configs;

  /** Local partitions by topic; what each was told last. */
  private final Map<String, LocalTopic> local = new HashMap<>();

  private Map<Integer, Map<String, String>> brokerConfigs = Map.of();
  private boolean somethingFailed;

  /** What a partition was told; ordered by leader epoch, then partition epoch (R9). */
  private record Told(int leaderEpoch, int partitionEpoch) {}

  private static final class LocalTopic {
    private TopicImage seen;
    private Uuid id = Uuid.ZERO_UUID;
    private final Map<Integer, Told> partitions = new HashMap<>();

    /** Its settings could not be told last time; they are in the next orders. */
    private boolean untold;
  }

  /**
   * @param configure new effective settings by topic, for partitions that are otherwise unchanged
   * @param undecided topics for which a bug let only a part of the orders be made, or none; the
   *     rest comes with the next ones
   */
  record Orders(
      List<StopPartition> stop,
      List<BecomePartition> become,
      Map<String, TopicConfig> configure,
      Map<String, Throwable> undecided) {
    Orders() {
      this(new ArrayList<>(), new ArrayList<>(), new HashMap<>(), new HashMap<>());
    }

    boolean isEmpty() {
      return stop.isEmpty() && become.isEmpty() && configure.isEmpty();
    }
  }

  /**
   * @param configs effective settings of a topic under an image
   */
  Reconciler(int brokerId, BiFunction<ClusterImage, TopicImage, TopicConfig> configs) {
    this.brokerId = brokerId;
    this.configs = configs;
  }

  /** True when something ordered was not carried out: reconcile again after a while. */
  boolean somethingFailed() {
    return somethingFailed;
  }

  /** Partition numbers of a local topic. */
  List<Integer> partitions(String topic) {
    LocalTopic here = local.get(topic);
    return here == null ? List.of() : List.copyOf(here.partitions.keySet());
  }

  /** Orders that lead from what is to what the image says. */
  @SuppressWarnings("ReferenceEquality") // images are immutable: the same object is the same state
  Orders orders(ClusterImage image) {
    Orders orders = new Orders();
    boolean newBrokerConfigs = !image.brokerConfigs().equals(brokerConfigs);
    brokerConfigs = image.brokerConfigs();
    boolean again = somethingFailed;
    somethingFailed = true; // until all of them are made
    stopGone(image, orders);
    for (TopicImage topic : image.topics().values()) {
      LocalTopic here = local.get(topic.name());
      if (here != null && here.seen == topic && !newBrokerConfigs && !again) {
        continue;
      }
      try {
        reconcile(image, topic, newBrokerConfigs, orders);
      } catch (RuntimeException | Error bug) {
        // One topic's trouble must cost neither the others their orders nor itself the next try.
        local.get(topic.name()).untold = true;
        orders.undecided().put(topic.name(), bug);
      }
    }
    somethingFailed = !orders.undecided().isEmpty();
    return orders;
  }

  /**
   * Carried out, or not: then it is ordered again with the next {@link #orders}. A partition that
   * waits for a higher leader epoch is here, is to be stopped one day, and hears of nothing less.
   */
  void became(BecomePartition part, Errors error) {
    if (error != Errors.NONE && error != Errors.ELIGIBLE_LEADERS_NOT_AVAILABLE) {
      somethingFailed = true;
      LocalTopic here = local.get(part.topic());
      if (here != null) {
        here.partitions.remove(part.image().partition());
      }
    }
  }

  private void stopGone(ClusterImage image, Orders orders) {
    local
        .entrySet()
        .removeIf(
            entry -> {
              TopicImage now = image.topic(entry.getKey());
              LocalTopic here = entry.getValue();
              boolean gone =
                  now == null || (!here.id.equals(Uuid.ZERO_UUID) && !here.id.equals(now.id()));
              if (gone) {
                here.partitions
                    .keySet()
                    .forEach(p -> orders.stop().add(new StopPartition(entry.getKey(), p, true)));
              }
              return gone;
            });
  }

  private void reconcile(
      ClusterImage image, TopicImage topic, boolean newBrokerConfigs, Orders orders) {
    LocalTopic here = local.computeIfAbsent(topic.name(), t -> new LocalTopic());
    boolean newConfigs =
        here.untold
            || (here.seen != null
                && (newBrokerConfigs || !here.seen.configs().equals(topic.configs())));
    boolean hadPartitions = !here.partitions.isEmpty();
    TopicConfig config = null;
    for (PartitionImage partition : topic.partitions()) {
      int p = partition.partition();
      if (!partition.replicas().contains(brokerId)) {
        if (here.partitions.remove(p) != null) {
          orders.stop().add(new StopPartition(topic.name(), p, true));
        }
        continue;
      }
      Told told = here.partitions.get(p);
      if (partition.leaderEpoch() < 0 || !newer(partition, told)) {
        continue;
      }
      config = config == null ? configs.apply(image, topic) : config;
      here.partitions.put(p, new Told(partition.leaderEpoch(), partition.partitionEpoch()));
      orders
          .become()
          .add(new BecomePartition(topic.name(), topic.id(), partition, brokerId, config));
    }
    if (newConfigs && hadPartitions) {
      orders.configure().put(topic.name(), config == null ? configs.apply(image, topic) : config);
    }
    here.untold = false;
    here.seen = topic;
    here.id = topic.id();
  }

  private static boolean newer(PartitionImage partition, Told told) {
    return told == null
        || partition.leaderEpoch() > told.leaderEpoch()
        || (partition.leaderEpoch() == told.leaderEpoch()
            && partition.partitionEpoch() > told.partitionEpoch());
  }
}
