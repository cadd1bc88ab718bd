package io.milena.log.checkpoint;

import io.milena.log.CorruptFileException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * One offset per partition as text: the format of {@code recovery-point-offset-checkpoint}, {@code
 * log-start-offset-checkpoint}, {@code replication-offset-checkpoint} and {@code
 * cleaner-offset-checkpoint}.
 *
 * <pre>
 * 0
 * number of entries
 * topic partition offset
 * </pre>
 *
 * UTF-8, a newline after each line; replaced as a whole by rename, so a crash leaves the old or the
 * new content.
 */
public final class OffsetCheckpoint {
  private OffsetCheckpoint() {}

  /** The content of the file, in the map's order. */
  public static byte[] encode(Map<TopicPartition, Long> offsets) {
    List<Map.Entry<TopicPartition, Long>> entries = new ArrayList<>(offsets.entrySet());
    return CheckpointText.encode(
        entries.size(),
        (line, text) -> {
          TopicPartition partition = entries.get(line).getKey();
          text.append(partition.topic()).append(' ').append(partition.partition());
          text.append(' ').append(entries.get(line).getValue());
        });
  }

  /**
   * Reads the content of a file.
   *
   * @throws CorruptFileException when it is none
   */
  public static Map<TopicPartition, Long> decode(byte[] file) {
    List<String[]> lines = CheckpointText.decode(file, 3);
    Map<TopicPartition, Long> offsets = new LinkedHashMap<>(2 * lines.size());
    for (String[] fields : lines) {
      int partition = (int) CheckpointText.number(fields[1], Integer.MAX_VALUE);
      long offset = CheckpointText.number(fields[2], Long.MAX_VALUE);
      if (offsets.put(new TopicPartition(fields[0], partition), offset) != null) {
        throw new CorruptFileException(fields[0] + "-" + partition + " twice");
      }
    }
    return offsets;
  }
}
