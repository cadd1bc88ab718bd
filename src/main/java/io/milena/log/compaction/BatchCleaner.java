package io.milena.log.compaction;

import io.milena.config.TopicConfig;
import io.milena.log.CorruptFileException;
import io.milena.log.batch.BatchHeader;
import io.milena.log.batch.PlainRecords;
import io.milena.log.batch.Recompressor;
import io.milena.log.batch.RecordCursor;
import java.nio.ByteBuffer;
import java.util.Map;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecords.RecordFilter;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.BufferSupplier;

/**
 * Second pass of a compaction: decides batch by batch what stays of a log. Not thread-safe.
 *
 * <ul>
 *   <li>A record stays when no newer one has its key. A tombstone stays until the delete horizon of
 *       its batch: {@code delete.retention.ms} after the round that first found it to be the last
 *       word on its key (KIP-534).
 *   <li>Records of aborted transactions go. A marker stays while a batch of its transaction is
 *       there, and from then on until its delete horizon.
 *   <li>The last batch of each known producer, the last marker of one that has no batch, and the
 *       last batch of the new segment stay at least as empty batches: they carry the sequence, the
 *       epoch, the end offset.
 *   <li>Base offset, last offset, sequence, epoch, codec and timestamps of a batch stay as they
 *       are; its bytes are touched only when something was removed or a horizon has to be set.
 * </ul>
 */
public final class BatchCleaner {
  /** What becomes of a batch. */
  public enum Fate {
    /** It stays as it is. */
    KEPT,
    /** It goes. */
    DROPPED,
    /** {@link #rewritten()} takes its place. */
    REWRITTEN
  }

  /**
   * What a producer did last, as far as the log has it.
   *
   * @param dataOffset last offset of its last data batch, -1 when none is known
   * @param epoch its newest epoch
   */
  public record LastOfProducer(long dataOffset, short epoch) {}

  /**
   * What holds for the whole round.
   *
   * @param newest filled by {@link KeyIndexer}
   * @param txns fresh, over all that is cleaned
   * @param producers by id
   * @param nowMs wall-clock time of the round
   */
  public record Round(
      CompactionMap newest,
      TxnCleaning txns,
      Map<Long, LastOfProducer> producers,
      TopicConfig topic,
      long nowMs) {}

  private static final int LENGTH_AT = 8;
  private static final int CRC_AT = 17;
  private static final int ATTRIBUTES_AT = 21;
  private static final int BASE_TIMESTAMP_AT = 27;
  private static final int MAX_TIMESTAMP_AT = 35;
  private static final int COUNT_AT = 57;
  private static final int CODEC = 0x07;
  private static final int DELETE_HORIZON = 0x40;

  private final Round round;
  private final PlainRecords records = new PlainRecords();
  private final KeptRecords kept = new KeptRecords();
  private final BufferSupplier buffers = BufferSupplier.create();
  private ByteBuffer rewritten;
  private long readRecords;
  private long keptRecords;
  private long keylessRecords;

  public BatchCleaner(Round round) {
    this.round = round;
  }

  /**
   * Decides on the next batch.
   *
   * @param last true for the last batch of the segments that become one
   * @param legacyTombstonesStay for messages of magic 0 and 1, which have no delete horizon:
   *     whether their segment is younger than {@code delete.retention.ms}
   * @throws CorruptFileException when the batch cannot be read
   */
  public Fate clean(
      ByteBuffer buffer, BatchHeader batch, boolean last, boolean legacyTombstonesStay) {
    rewritten = null;
    readRecords += Math.max(0, batch.recordCount());
    boolean noLongerNeeded =
        batch.isControl() ? round.txns().onMarker(buffer, batch) : round.txns().onBatch(batch);
    if (batch.magic() < 2) {
      return cleanLegacy(buffer, batch, legacyTombstonesStay);
    }
    boolean emptyStays = last || isLastOfProducer(batch);
    boolean horizonPassed = batch.hasDeleteHorizon() && batch.baseTimestampMs() <= round.nowMs();
    if (batch.recordCount() <= 0) {
      return emptyStays ? Fate.KEPT : Fate.DROPPED;
    }
    if (batch.isControl()) {
      return cleanMarker(buffer, batch, noLongerNeeded, horizonPassed, emptyStays);
    }
    if (noLongerNeeded) {
      return emptied(buffer, batch, emptyStays);
    }
    if (batch.baseOffset() > round.newest().latestOffset()) {
      keptRecords += batch.recordCount();
      return Fate.KEPT;
    }
    return cleanRecords(buffer, batch, horizonPassed, emptyStays);
  }

  private boolean isLastOfProducer(BatchHeader batch) {
    LastOfProducer producer =
        batch.hasProducerId() ? round.producers().get(batch.producerId()) : null;
    if (producer == null) {
      return false;
    }
    return producer.dataOffset() >= 0
        ? batch.lastOffset() == producer.dataOffset()
        : batch.isControl() && batch.producerEpoch() == producer.epoch();
  }

  private Fate cleanMarker(
      ByteBuffer buffer,
      BatchHeader batch,
      boolean noLongerNeeded,
      boolean horizonPassed,
      boolean emptyStays) {
    if (noLongerNeeded && horizonPassed) {
      return emptied(buffer, batch, emptyStays);
    }
    keptRecords += batch.recordCount();
    if (!noLongerNeeded || batch.hasDeleteHorizon()) {
      return Fate.KEPT;
    }
    records.take(buffer, batch);
    kept.clear();
    RecordCursor record = records.walk();
    for (int i = 0; i < batch.recordCount(); i++) {
      records.next(batch);
      kept.add(record, batch.baseTimestampMs() + record.timestampDelta());
    }
    return rewrite(buffer, batch, true);
  }

  private Fate cleanRecords(
      ByteBuffer buffer, BatchHeader batch, boolean horizonPassed, boolean emptyStays) {
    records.take(buffer, batch);
    kept.clear();
    boolean tombstones = false;
    RecordCursor record = records.walk();
    for (int i = 0; i < batch.recordCount(); i++) {
      records.next(batch);
      if (stays(batch, record, horizonPassed)) {
        kept.add(record, batch.baseTimestampMs() + record.timestampDelta());
        tombstones |= record.valueBytes() < 0;
      }
    }
    if (!record.atEnd()) {
      throw PlainRecords.corrupt(batch, "bytes behind its last record");
    }
    keptRecords += kept.count();
    if (kept.count() == 0) {
      return emptied(buffer, batch, emptyStays);
    }
    boolean horizonDue = tombstones && !batch.hasDeleteHorizon();
    return kept.count() == batch.recordCount() && !horizonDue
        ? Fate.KEPT
        : rewrite(buffer, batch, horizonDue);
  }

  private boolean stays(BatchHeader batch, RecordCursor record, boolean horizonPassed) {
    if (record.keyBytes() < 0) {
      keylessRecords++;
      return false;
    }
    long offset = batch.baseOffset() + record.offsetDelta();
    long newest = round.newest().get(records.bytes(), record.keyAt(), record.keyBytes());
    return offset >= newest && (record.valueBytes() >= 0 || !horizonPassed);
  }

  // ---- writing ------------------------------------------------------------------------------

  /** Only the header stays, when it has to. */
  private Fate emptied(ByteBuffer buffer, BatchHeader batch, boolean emptyStays) {
    if (!emptyStays) {
      return Fate.DROPPED;
    }
    ByteBuffer empty = ByteBuffer.allocate(BatchHeader.SIZE_BYTES);
    empty.put(0, buffer, batch.position(), BatchHeader.SIZE_BYTES);
    empty.putInt(LENGTH_AT, BatchHeader.SIZE_BYTES - BatchHeader.LOG_OVERHEAD_BYTES);
    empty.putShort(ATTRIBUTES_AT, (short) (batch.attributes() & ~(CODEC | DELETE_HORIZON)));
    empty.putLong(BASE_TIMESTAMP_AT, -1);
    empty.putInt(COUNT_AT, 0);
    rewritten = sealed(empty);
    return Fate.REWRITTEN;
  }

  private Fate rewrite(ByteBuffer buffer, BatchHeader batch, boolean horizonDue) {
    Recompressor writer = new Recompressor(batch.codecId(), round.topic(), batch.sizeBytes());
    long baseMs =
        horizonDue
            ? round.nowMs() + Math.max(0, round.topic().deleteRetentionMs())
            : batch.baseTimestampMs();
    if (horizonDue) {
      kept.writeRelativeTo(baseMs, records.bytes(), writer.sink());
    } else {
      kept.write(records.bytes(), writer.sink());
    }
    ByteBuffer built = writer.finish(buffer, batch);
    if (horizonDue) {
      built.putShort(ATTRIBUTES_AT, (short) (built.getShort(ATTRIBUTES_AT) | DELETE_HORIZON));
      built.putLong(BASE_TIMESTAMP_AT, baseMs);
    }
    if (!batch.isLogAppendTime()) {
      built.putLong(MAX_TIMESTAMP_AT, kept.maxTimestampMs());
    }
    built.putInt(COUNT_AT, kept.count());
    rewritten = sealed(built);
    return Fate.REWRITTEN;
  }

  private static ByteBuffer sealed(ByteBuffer batch) {
    java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
    crc.update(batch.slice(ATTRIBUTES_AT, batch.limit() - ATTRIBUTES_AT));
    return batch.putInt(CRC_AT, (int) crc.getValue());
  }

  // ---- magic 0 and 1 ------------------------------------------------------------------------

  /** Only a taken-over log has such; Kafka's own filter writes them in their own magic. */
  private Fate cleanLegacy(ByteBuffer buffer, BatchHeader batch, boolean tombstonesStay) {
    int[] counts = new int[2];
    RecordFilter filter =
        new RecordFilter(round.nowMs(), round.topic().deleteRetentionMs()) {
          @Override
          protected BatchRetentionResult checkBatchRetention(RecordBatch each) {
            return new BatchRetentionResult(BatchRetention.DELETE_EMPTY, false);
          }

          @Override
          protected boolean shouldRetainRecord(RecordBatch each, Record record) {
            counts[0]++;
            boolean stays = staysLegacy(record, tombstonesStay);
            counts[1] += stays ? 1 : 0;
            return stays;
          }
        };
    MemoryRecords original = KeyIndexer.legacy(buffer, batch);
    ByteBuffer target = ByteBuffer.allocate(2 * batch.sizeBytes());
    ByteBuffer output =
        original.filterTo(filter, target, buffers, Integer.MAX_VALUE).outputBuffer();
    keptRecords += counts[1];
    if (counts[1] == counts[0]) {
      return Fate.KEPT;
    }
    if (counts[1] == 0) {
      return Fate.DROPPED;
    }
    rewritten = output.flip();
    return Fate.REWRITTEN;
  }

  private boolean staysLegacy(Record record, boolean tombstonesStay) {
    if (record.offset() > round.newest().latestOffset()) {
      return true;
    }
    if (!record.hasKey()) {
      keylessRecords++;
      return false;
    }
    ByteBuffer key = record.key();
    long newest = round.newest().get(key, key.position(), key.remaining());
    return record.offset() >= newest && (record.hasValue() || tombstonesStay);
  }

  // ---- outcome ------------------------------------------------------------------------------

  /** The batches (more than one only for magic 0 and 1) that replace the last one, from 0 on. */
  public ByteBuffer rewritten() {
    return rewritten;
  }

  public long readRecords() {
    return readRecords;
  }

  public long keptRecords() {
    return keptRecords;
  }

  /** Records without a key that went: they were written before the topic was compacted. */
  public long keylessRecords() {
    return keylessRecords;
  }
}
