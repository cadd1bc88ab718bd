package io.milena.metadata;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Cuts a delta into parts that fit a message (R53) and puts them together again. The first part has
 * everything but the topics; a topic too large for one part continues in the next, where it appears
 * again with its further partitions. Pure.
 */
public final class ImageParts {
  /** A generous estimate of what a partition takes in CBOR, field names included. */
  static final int PARTITION_BYTES = 160;

  private static final int TOPIC_BYTES = 200;

  private ImageParts() {}

  /**
   * The parts, at least one.
   *
   * @param maxBytes estimated size of a part
   */
  public static List<ImageDelta> split(ImageDelta delta, int maxBytes) {
    List<ImageDelta> parts = new ArrayList<>();
    List<TopicImage> topics = new ArrayList<>();
    int bytes = headBytes(delta);
    for (TopicImage topic : delta.topics()) {
      int from = 0;
      int fixed = fixedBytes(topic);
      do {
        int room = (maxBytes - bytes - fixed) / partitionBytes(topic);
        if (room <= 0 && !(topics.isEmpty() && bytes == 0)) {
          parts.add(part(delta, parts.isEmpty(), topics));
          topics = new ArrayList<>();
          bytes = 0;
          continue;
        }
        int to = Math.min(topic.partitions().size(), from + Math.max(1, room));
        topics.add(
            new TopicImage(
                topic.name(), topic.id(), topic.partitions().subList(from, to), topic.configs()));
        bytes += fixed + (to - from) * partitionBytes(topic);
        from = to;
      } while (from < topic.partitions().size());
    }
    if (!topics.isEmpty() || parts.isEmpty()) {
      parts.add(part(delta, parts.isEmpty(), topics));
    }
    return parts;
  }

  /** What {@link #split} was given. */
  public static ImageDelta join(List<ImageDelta> parts) {
    ImageDelta head = parts.get(0);
    if (parts.size() == 1) {
      return head;
    }
    List<TopicImage> topics = new ArrayList<>();
    for (ImageDelta part : parts) {
      for (TopicImage piece : part.topics()) {
        TopicImage last = topics.isEmpty() ? null : topics.get(topics.size() - 1);
        if (last != null && last.name().equals(piece.name())) {
          List<PartitionImage> partitions = new ArrayList<>(last.partitions());
          partitions.addAll(piece.partitions());
          topics.set(
              topics.size() - 1,
              new TopicImage(last.name(), last.id(), partitions, last.configs()));
        } else {
          topics.add(piece);
        }
      }
    }
    return with(head, head.brokers(), head.brokersGone(), topics, head.topicsGone());
  }

  private static ImageDelta part(ImageDelta whole, boolean first, List<TopicImage> topics) {
    return first
        ? with(whole, whole.brokers(), whole.brokersGone(), topics, whole.topicsGone())
        : new ImageDelta(
            whole.clusterId(),
            whole.controllerId(),
            whole.controllerEpoch(),
            whole.number(),
            whole.snapshot(),
            List.of(),
            List.of(),
            topics,
            List.of(),
            Map.of());
  }

  private static ImageDelta with(
      ImageDelta head,
      List<BrokerImage> brokers,
      List<Integer> brokersGone,
      List<TopicImage> topics,
      List<String> topicsGone) {
    return new ImageDelta(
        head.clusterId(),
        head.controllerId(),
        head.controllerEpoch(),
        head.number(),
        head.snapshot(),
        brokers,
        brokersGone,
        topics,
        topicsGone,
        head.brokerConfigs());
  }

  private static int headBytes(ImageDelta delta) {
    int bytes = TOPIC_BYTES + 500 * delta.brokers().size() + 10 * delta.brokersGone().size();
    for (String gone : delta.topicsGone()) {
      bytes += gone.length() + 4;
    }
    for (Map<String, String> config : delta.brokerConfigs().values()) {
      bytes += configBytes(config);
    }
    return bytes;
  }

  private static int fixedBytes(TopicImage topic) {
    return TOPIC_BYTES + topic.name().length() + configBytes(topic.configs());
  }

  private static int configBytes(Map<String, String> config) {
    int bytes = 8;
    for (Map.Entry<String, String> entry : config.entrySet()) {
      bytes += entry.getKey().length() + 3 * entry.getValue().length() + 8;
    }
    return bytes;
  }

  private static int partitionBytes(TopicImage topic) {
    int replicas = topic.partitions().isEmpty() ? 1 : topic.partitions().get(0).replicas().size();
    return PARTITION_BYTES + 10 * replicas;
  }
}
