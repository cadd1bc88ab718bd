package io.milena.metadata;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Cuts a delta into parts that fit a message (R53) and puts them together again. The first part has
 * everything but the topics and most settings of groups; a topic too large for one part continues
 * in the next, where it appears again with its further partitions. Pure.
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
    List<Map<String, Map<String, String>>> groups = groups(delta.groupConfigs(), maxBytes / 2);
    int bytes = headBytes(delta) + groupBytes(groups.get(0));
    for (TopicImage topic : delta.topics()) {
      int from = 0;
      int fixed = fixedBytes(topic);
      do {
        int room = (maxBytes - bytes - fixed) / partitionBytes(topic);
        if (room <= 0 && !(topics.isEmpty() && bytes == 0)) {
          parts.add(
              parts.isEmpty()
                  ? with(delta, topics, groups.get(0))
                  : further(delta, topics, Map.of()));
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
      parts.add(
          parts.isEmpty() ? with(delta, topics, groups.get(0)) : further(delta, topics, Map.of()));
    }
    groups.stream().skip(1).forEach(more -> parts.add(further(delta, List.of(), more)));
    return parts;
  }

  /** The settings of groups in pieces of about that size, at least one. */
  private static List<Map<String, Map<String, String>>> groups(
      Map<String, Map<String, String>> all, int maxBytes) {
    List<Map<String, Map<String, String>>> pieces = new ArrayList<>();
    Map<String, Map<String, String>> piece = new HashMap<>();
    int bytes = 0;
    for (Map.Entry<String, Map<String, String>> group : all.entrySet()) {
      int more = groupBytes(Map.of(group.getKey(), group.getValue()));
      if (bytes + more > maxBytes && !piece.isEmpty()) {
        pieces.add(piece);
        piece = new HashMap<>();
        bytes = 0;
      }
      piece.put(group.getKey(), group.getValue());
      bytes += more;
    }
    pieces.add(piece);
    return pieces;
  }

  /** What {@link #split} was given. */
  public static ImageDelta join(List<ImageDelta> parts) {
    ImageDelta head = parts.get(0);
    if (parts.size() == 1) {
      return head;
    }
    List<TopicImage> topics = new ArrayList<>();
    Map<String, Map<String, String>> groups = new HashMap<>();
    for (ImageDelta part : parts) {
      groups.putAll(part.groupConfigs());
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
    return with(head, topics, groups);
  }

  /** A part that is not the first. */
  private static ImageDelta further(
      ImageDelta whole, List<TopicImage> topics, Map<String, Map<String, String>> groupConfigs) {
    return new ImageDelta(
        whole.clusterId(),
        whole.controllerId(),
        whole.controllerEpoch(),
        whole.number(),
        whole.snapshot(),
        List.of(),
        List.of(),
        topics,
        List.of(),
        Map.of(),
        groupConfigs);
  }

  private static ImageDelta with(
      ImageDelta head, List<TopicImage> topics, Map<String, Map<String, String>> groupConfigs) {
    return new ImageDelta(
        head.clusterId(),
        head.controllerId(),
        head.controllerEpoch(),
        head.number(),
        head.snapshot(),
        head.brokers(),
        head.brokersGone(),
        topics,
        head.topicsGone(),
        head.brokerConfigs(),
        groupConfigs);
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

  private static int groupBytes(Map<String, Map<String, String>> groups) {
    int bytes = 0;
    for (Map.Entry<String, Map<String, String>> group : groups.entrySet()) {
      bytes += 3 * group.getKey().length() + 8 + configBytes(group.getValue());
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
