package io.milena.log.checkpoint;

import io.milena.log.CorruptFileException;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.Uuid;

/**
 * The file {@code partition.metadata} of a partition's folder: which topic it belongs to.
 *
 * <pre>
 * version: 0
 * topic_id: 22 characters of base64
 * </pre>
 *
 * UTF-8, no newline at the end; written once by rename.
 */
public final class PartitionMetadataFile {
  /** Its name. */
  public static final String NAME = "partition.metadata";

  private static final String VERSION = "version:";
  private static final String TOPIC_ID = "topic_id:";

  private PartitionMetadataFile() {}

  /** The content of the file. */
  public static byte[] encode(Uuid topicId) {
    return ("version: 0\ntopic_id: " + topicId).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads the content of a file.
   *
   * @throws CorruptFileException when it is none or holds the zero id
   */
  public static Uuid decode(byte[] file) {
    String[] lines = new String(file, StandardCharsets.UTF_8).trim().split("\r?\n");
    boolean known =
        lines.length == 2
            && lines[0].startsWith(VERSION)
            && lines[0].substring(VERSION.length()).trim().equals("0")
            && lines[1].startsWith(TOPIC_ID);
    if (!known) {
      throw new CorruptFileException("no partition.metadata of version 0");
    }
    try {
      Uuid topicId = Uuid.fromString(lines[1].substring(TOPIC_ID.length()).trim());
      if (!topicId.equals(Uuid.ZERO_UUID)) {
        return topicId;
      }
    } catch (IllegalArgumentException notBase64) {
      throw new CorruptFileException("partition.metadata: " + notBase64.getMessage());
    }
    throw new CorruptFileException("partition.metadata with the zero topic id");
  }
}
