package io.milena.storage.segment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.CloseableIterator;

/** Finds a record by its timestamp inside one segment. Blocking: storage workers only. */
public final class TimestampSearch {
  public static final TimestampedOffset NOT_FOUND = new TimestampedOffset(-1, -1, -1);

  private TimestampSearch() {}

  /**
   * First record with a timestamp of at least {@code timestampMs}, at or above {@code minOffset},
   * below {@code end}.
   *
   * @param from position of a batch: those before it are all older
   * @param sizeBytes bytes of whole batches in the file
   */
  public static TimestampedOffset firstAt(
      FileChannel channel, int from, int sizeBytes, long timestampMs, long minOffset, long end)
      throws IOException {
    HeaderWalk walk = new HeaderWalk(channel, sizeBytes);
    for (boolean more = walk.moveTo(from); more; more = walk.next()) {
      boolean candidate = walk.maxTimestampMs() >= timestampMs && walk.lastOffset() >= minOffset;
      if (candidate) {
        TimestampedOffset found = inBatch(channel, walk, timestampMs, minOffset);
        if (found.offset() >= 0) {
          return found.offset() < end ? found : NOT_FOUND;
        }
      }
    }
    return NOT_FOUND;
  }

  private static TimestampedOffset inBatch(
      FileChannel channel, HeaderWalk walk, long timestampMs, long minOffset) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(walk.sizeBytes());
    while (bytes.hasRemaining()
        && channel.read(bytes, (long) walk.position() + bytes.position()) >= 0) {
      continue;
    }
    bytes.flip();
    for (MutableRecordBatch batch : MemoryRecords.readableRecords(bytes).batches()) {
      // Values are skipped: a small batch may hold one that becomes larger than the heap.
      try (CloseableIterator<Record> records =
          batch.skipKeyValueIterator(BufferSupplier.NO_CACHING)) {
        while (records.hasNext()) {
          Record record = records.next();
          if (record.timestamp() >= timestampMs && record.offset() >= minOffset) {
            return new TimestampedOffset(
                record.offset(), record.timestamp(), batch.partitionLeaderEpoch());
          }
        }
      }
    }
    return NOT_FOUND;
  }
}
