package io.milena.log.batch;

import io.milena.log.CorruptFileException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.kafka.common.utils.internals.BufferSupplier;

/**
 * The records of one batch after another as plain bytes that can be walked more than once: where
 * they lie, or decompressed into memory that is used again. For compaction only. Not thread-safe.
 */
public final class PlainRecords {
  private static final int FIRST_BYTES = 64 * 1024;
  private static final int READ_BYTES = 16 * 1024;

  /** Share of the heap: a batch of 1 MB may promise a thousand times as much. */
  private static final int HEAP_SHARE = 8;

  private static final int BYTES_MAX = 1 << 30;

  private final BufferSupplier buffers = BufferSupplier.create();
  private final RecordCursor cursor = new RecordCursor();
  private final int maxBytes;
  private byte[] scratch = new byte[0];
  private ByteBuffer bytes;
  private int from;
  private int to;

  /** Takes batches as large as this process can afford. */
  public PlainRecords() {
    this((int) Math.min(BYTES_MAX, Runtime.getRuntime().maxMemory() / HEAP_SHARE));
  }

  /**
   * @param maxBytes a batch that becomes larger cannot be read, to the nearest {@link #READ_BYTES}
   */
  PlainRecords(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  /**
   * Takes the records of a batch of magic 2.
   *
   * @throws CorruptFileException when they cannot be decompressed
   */
  public void take(ByteBuffer buffer, BatchHeader batch) {
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
      if (filled > maxBytes) {
        throw corrupt(batch, "it becomes more than " + maxBytes + " bytes");
      }
      if (scratch.length - filled < READ_BYTES) {
        long wanted = Math.min(2L * scratch.length, (long) maxBytes + 2 * READ_BYTES);
        scratch = Arrays.copyOf(scratch, (int) Math.max(FIRST_BYTES, wanted));
      }
      int read = plain.read(scratch, filled, scratch.length - filled);
      if (read < 0) {
        return filled;
      }
      filled += read;
    }
  }

  /** What a batch may become. */
  int affordedBytes() {
    return maxBytes;
  }

  /** The plain bytes. */
  public ByteBuffer bytes() {
    return bytes;
  }

  /** A cursor before the first record; the same object each time. */
  public RecordCursor walk() {
    cursor.start(bytes, from, to);
    return cursor;
  }

  /**
   * Moves to the next record.
   *
   * @throws CorruptFileException when its framing is wrong
   */
  public void next(BatchHeader batch) {
    if (!cursor.next()) {
      throw corrupt(batch, cursor.problem());
    }
  }

  /** The exception for what is wrong with a batch; names its offset. */
  public static CorruptFileException corrupt(BatchHeader batch, String problem) {
    return new CorruptFileException("batch at offset " + batch.baseOffset() + ": " + problem);
  }
}
