package io.milena.storage.directory;

import java.util.UUID;
import org.apache.kafka.common.TopicPartition;

/**
 * Names of partition folders.
 *
 * <pre>
 * live      topic-partition                       the partition is what follows the last dash
 * others    topic-partition.uniqueId-delete       being removed
 *           topic-partition.uniqueId-stray        put aside for the operator
 *           topic-partition.uniqueId-future       Kafka was moving it between directories
 * </pre>
 *
 * uniqueId is 32 hex digits. The topic is cut where a name would pass 255 bytes, so only live names
 * can be read back.
 */
public final class PartitionFolder {
  public static final String DELETE_SUFFIX = "-delete";
  public static final String STRAY_SUFFIX = "-stray";
  static final String FUTURE_SUFFIX = "-future";
  private static final int MAX_NAME_BYTES = 255;

  private PartitionFolder() {}

  public static String nameOf(TopicPartition tp) {
    return tp.topic() + "-" + tp.partition();
  }

  /** A fresh name under which the folder waits for removal or for the operator. */
  public static String putAside(TopicPartition tp, String suffix) {
    String unique = UUID.randomUUID().toString().replace("-", "");
    String tail = "-" + tp.partition() + "." + unique + suffix;
    int topicBytes = Math.min(tp.topic().length(), MAX_NAME_BYTES - tail.length());
    return tp.topic().substring(0, topicBytes) + tail;
  }

  static boolean isPutAside(String name) {
    return name.endsWith(DELETE_SUFFIX)
        || name.endsWith(STRAY_SUFFIX)
        || name.endsWith(FUTURE_SUFFIX);
  }

  /** The partition of a live folder, or null when the name is none. */
  static TopicPartition parse(String name) {
    int dash = name.lastIndexOf('-');
    if (dash <= 0 || dash == name.length() - 1 || name.length() - dash > 11) {
      return null;
    }
    for (int i = dash + 1; i < name.length(); i++) {
      if (name.charAt(i) < '0' || name.charAt(i) > '9') {
        return null;
      }
    }
    long partition = Long.parseLong(name.substring(dash + 1));
    return partition > Integer.MAX_VALUE
        ? null
        : new TopicPartition(name.substring(0, dash), (int) partition);
  }
}
