package io.milena.testing;

import io.milena.metadata.BrokerImage;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.ImageDelta;
import io.milena.metadata.PartitionImage;
import io.milena.metadata.TopicImage;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;

/**
 * The next change of a cluster's image, by controller 1 in its epoch 1. A story names what it
 * changes; all else stays.
 */
public final class ImageChange {
  private static final int CONTROLLER = 1;

  private final ClusterImage before;
  private boolean whole;
  private List<BrokerImage> brokers = List.of();
  private List<TopicImage> topics = List.of();
  private List<String> topicsGone = List.of();
  private Map<Integer, Map<String, String>> brokerConfigs = Map.of();
  private Map<String, Map<String, String>> groupConfigs = Map.of();

  private ImageChange(ClusterImage before) {
    this.before = before;
  }

  /** A change of this image, empty so far. */
  public static ImageChange of(ClusterImage before) {
    return new ImageChange(before);
  }

  /** A topic whose partitions broker 1 leads, their only replica, in epoch 0. */
  public static TopicImage topic(String name, Uuid id, int partitions) {
    List<PartitionImage> list =
        IntStream.range(0, partitions)
            .mapToObj(
                p -> new PartitionImage(p, List.of(1), List.of(1), 1, 0, 0, List.of(), List.of()))
            .toList();
    return new TopicImage(name, id, list, Map.of());
  }

  /** What the change does not name is gone. */
  public ImageChange whole() {
    whole = true;
    return this;
  }

  /** Brokers that come or change. */
  public ImageChange brokers(List<BrokerImage> changed) {
    brokers = changed;
    return this;
  }

  /** Topics that come or change, each whole. */
  public ImageChange topics(List<TopicImage> changed) {
    topics = changed;
    return this;
  }

  /** Names of topics that go. */
  public ImageChange topicsGone(List<String> names) {
    topicsGone = names;
    return this;
  }

  /** Dynamic settings by broker id. */
  public ImageChange brokerConfigs(Map<Integer, Map<String, String>> changed) {
    brokerConfigs = changed;
    return this;
  }

  /** Settings by group id. */
  public ImageChange groupConfigs(Map<String, Map<String, String>> changed) {
    groupConfigs = changed;
    return this;
  }

  /** The image after the change. */
  public ClusterImage image() {
    return before.with(
        new ImageDelta(
            before.clusterId(),
            CONTROLLER,
            1,
            before.number() + 1,
            whole,
            brokers,
            List.of(),
            topics,
            topicsGone,
            brokerConfigs,
            groupConfigs));
  }
}
