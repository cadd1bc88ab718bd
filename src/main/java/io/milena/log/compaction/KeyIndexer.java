package io.milena.log.compaction;

import io.milena.log.CorruptFileException;
import io.milena.log.batch.BatchHeader;
import io.milena.log.batch.PlainRecords;
import io.milena.log.batch.RecordCursor;
import java.nio.ByteBuffer;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;

/**
 * First pass of a compaction: fills a {@link CompactionMap} from the dirty part of a log, batch by
 * batch. Aborted transactions leave no trace in it. Not thread-safe.
 */
public final class KeyIndexer {
  private final CompactionMap map;
  private final TxnCleaning txns;
  private final long firstDirtyOffset;
  private final PlainRecords records = new PlainRecords();
  private long indexed;

  /**
   * @param map empty
   * @param txns not used elsewhere
   * @param firstDirtyOffset records below it are clean
   */
  public KeyIndexer(CompactionMap map, TxnCleaning txns, long firstDirtyOffset) {
    this.map = map;
    this.txns = txns;
    this.firstDirtyOffset = firstDirtyOffset;
  }

  /**
   * Takes the next batch in.
   *
   * @return false when the map is full: the batch and all behind it wait for another round
   * @throws CorruptFileException when the batch cannot be read
   */
  public boolean add(ByteBuffer buffer, BatchHeader batch) {
    if (batch.isControl()) {
      txns.onMarker(buffer, batch);
    } else if (!txns.onBatch(batch) && batch.lastOffset() >= firstDirtyOffset) {
      boolean whole = batch.magic() < 2 ? addLegacy(buffer, batch) : addRecords(buffer, batch);
      if (!whole) {
        return false;
      }
    }
    if (batch.lastOffset() >= firstDirtyOffset) {
      map.lookedAt(batch.lastOffset());
    }
    return true;
  }

  private boolean addRecords(ByteBuffer buffer, BatchHeader batch) {
    records.take(buffer, batch);
    RecordCursor record = records.walk();
    for (int i = 0; i < batch.recordCount(); i++) {
      records.next(batch);
      long offset = batch.baseOffset() + record.offsetDelta();
      if (record.keyBytes() >= 0 && offset >= firstDirtyOffset) {
        if (map.full()) {
          return false;
        }
        map.put(records.bytes(), record.keyAt(), record.keyBytes(), offset);
      }
      indexed++;
    }
    return true;
  }

  /**
   * Message sets of magic 0 and 1, which only a taken-over log has, are read by Kafka's classes.
   */
  private boolean addLegacy(ByteBuffer buffer, BatchHeader batch) {
    for (RecordBatch each : legacy(buffer, batch).batches()) {
      for (Record record : each) {
        if (record.hasKey() && record.offset() >= firstDirtyOffset) {
          if (map.full()) {
            return false;
          }
          ByteBuffer key = record.key();
          map.put(key, key.position(), key.remaining(), record.offset());
        }
        indexed++;
      }
    }
    return true;
  }

  static MemoryRecords legacy(ByteBuffer buffer, BatchHeader batch) {
    return MemoryRecords.readableRecords(
        buffer
            .duplicate()
            .limit(batch.position() + batch.sizeBytes())
            .position(batch.position())
            .slice());
  }

  /** Records that were looked at. */
  public long indexedRecords() {
    return indexed;
  }
}
