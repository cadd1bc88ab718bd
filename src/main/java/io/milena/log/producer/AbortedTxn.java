package io.milena.log.producer;

import io.milena.log.CorruptFileException;
import java.nio.ByteBuffer;

/**
 * One entry of a {@code .txnindex} file: an aborted transaction, so that read_committed readers can
 * leave its records out.
 *
 * <pre>
 * version 2 (=0) | producerId 8 | firstOffset 8 | lastOffset 8 | lastStableOffset 8  = 34 bytes
 * </pre>
 *
 * Big endian, no checksum.
 *
 * @param firstOffset first record of the transaction
 * @param lastOffset offset of its abort marker
 * @param lastStableOffset last stable offset when the marker was written
 */
public record AbortedTxn(
    long producerId, long firstOffset, long lastOffset, long lastStableOffset) {
  /** Size of one entry in bytes. */
  public static final int SIZE_BYTES = 34;

  private static final short VERSION = 0;

  /** Writes the entry at the buffer's position. */
  public void write(ByteBuffer buffer) {
    buffer.putShort(VERSION);
    buffer.putLong(producerId);
    buffer.putLong(firstOffset);
    buffer.putLong(lastOffset);
    buffer.putLong(lastStableOffset);
  }

  /**
   * Reads the entry at the buffer's position, where {@link #SIZE_BYTES} bytes are left.
   *
   * @throws CorruptFileException for a version that is not known
   */
  public static AbortedTxn read(ByteBuffer buffer) {
    short version = buffer.getShort();
    if (version != VERSION) {
      throw new CorruptFileException("aborted transaction of version " + version);
    }
    return new AbortedTxn(buffer.getLong(), buffer.getLong(), buffer.getLong(), buffer.getLong());
  }
}
