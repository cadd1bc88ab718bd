package io.milena.log;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.kafka.common.utils.internals.BufferSupplier;

/**
 * The records of one batch after another as plain bytes that can be walked more than once: where
 * they lie, or decompressed into memory that is used again. For compaction only. Not thread-safe.
 */
final class PlainRecords {
  private static final int FIRST_BYTES = 64 * 1024;
  private static final int READ_BYTES = 16 * 1024;

  /** What an honest batch never becomes; see {@link BatchValidator} for what is let in. */
  private static final int BYTES_MAX = 1 << 30;

  private final BufferSupplier buffers = BufferSupplier.create();
  private final RecordCursor cursor = new RecordCursor();
  private byte[] scratch = new byte[0];
  private ByteBuffer bytes;
  private int from;
  private int to;

  /**
   * Takes the records of a batch of magic 2.
   *
   * @throws CorruptFileException when they cannot be decompressed
   */
  void take(ByteBuffer buffer, BatchHeader batch) {
    int start = batch.position() + BatchHeader.SIZE_BYTES;
    int end = batch.position() + batch.sizeBytes();
    if (batch.codecId() == Codec.NONE) {
      bytes = buffer;
      from = start;
      to = end;
      return;
    }
    if (!Codec.isKnown(batch.codecId())) {
      throw corrupt(batch, "compression codec " + batch.codecId());
    }
    ByteBuffer payload = buffer.duplicate().limit(end).position(start).slice();
    if (Codec.claimedBytes(batch.codecId(), payload) < 0) {
      throw corrupt(batch, "its compressed size is a lie");
    }
    try (InputStream plain = Codec.decompress(batch.codecId(), payload, buffers)) {
      to = readAll(plain, batch);
    } catch (CorruptFileException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw corrupt(batch, "it cannot be decompressed: " + e);
    }
    from = 0;
    bytes = ByteBuffer.wrap(scratch);
  }

  private int readAll(InputStream plain, BatchHeader batch) throws IOException {
    int filled = 0;
    while (true) {
      if (scratch.length - filled < READ_BYTES) {
        if (filled > BYTES_MAX) {
          throw corrupt(batch, "it becomes more than " + BYTES_MAX + " bytes");
        }
        scratch = Arrays.copyOf(scratch, Math.max(FIRST_BYTES, 2 * scratch.length));
      }
      int read = plain.read(scratch, filled, scratch.length - filled);
      if (read < 0) {
        return filled;
      }
      filled += read;
    }
  }

  /** The plain bytes. */
  ByteBuffer bytes() {
    return bytes;
  }

  /** A cursor before the first record; the same object each time. */
  RecordCursor walk() {
    cursor.start(bytes, from, to);
    return cursor;
  }

  /**
   * Moves to the next record.
   *
   * @throws CorruptFileException when its framing is wrong
   */
  void next(BatchHeader batch) {
    if (!cursor.next()) {
      throw corrupt(batch, cursor.problem());
    }
  }

  static CorruptFileException corrupt(BatchHeader batch, String problem) {
    return new CorruptFileException("batch at offset " + batch.baseOffset() + ": " + problem);
  }

  /** Gives up the memory that one large batch took. */
  void trim() {
    scratch = new byte[0];
    bytes = null;
  }
}
