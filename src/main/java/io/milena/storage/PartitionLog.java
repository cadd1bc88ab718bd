package io.milena.storage;

import io.milena.config.TopicConfig;
import io.milena.log.batch.BatchHeader;
import io.milena.storage.directory.LogDirectory;
import io.milena.storage.segment.FileSlice;
import io.milena.storage.segment.TimestampedOffset;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Future;
import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * The log of one partition on this broker: segments, indexes, epochs, producer state. Owned by one
 * event loop, which alone calls it and on which every future completes.
 *
 * <p>Always holds: log start ≤ high watermark (kept by the owner) ≤ {@link #logEndOffset()} ≤
 * {@link #stagedEndOffset()}; at most one write is in flight; a batch is visible to reads only when
 * its write completed; a failed write leaves the log as it was before it.
 */
public interface PartitionLog {
  TopicPartition topicPartition();

  Uuid topicId();

  /** The log directory (not the partition's folder) this log lives in. */
  LogDirectory directory();

  /** First offset a reader may ask for; only rises (R32). */
  long logStartOffset();

  /** Offset after the last written record. */
  long logEndOffset();

  /** Offset that the next staged batch gets; above {@link #logEndOffset()} while writes run. */
  long stagedEndOffset();

  /** Bytes of all live segments. */
  long sizeBytes();

  /** Number of live segments. */
  int segments();

  /** Bytes between two offsets that a reader could get, as far as known without I/O. */
  long bytesBetween(long fromOffset, long toOffsetExclusive);

  /** False after damage: every append is refused with KAFKA_STORAGE_ERROR, reads go on. */
  boolean writable();

  /** Epoch cache, staged appends included (R30). Do not keep it: a truncation replaces it. */
  io.milena.log.checkpoint.LeaderEpochs leaderEpochs();

  /** Producer state, staged appends included (R33). Do not keep it: a truncation replaces it. */
  io.milena.log.producer.ProducerStates producers();

  /** Records that {@code epoch} starts at {@link #stagedEndOffset()} (R21, R30). */
  void beginEpoch(int epoch);

  /**
   * Stages batches whose offsets and epoch are stamped, rising from {@link #stagedEndOffset()} on;
   * offsets may be missing, as in what a leader has compacted (R28). Updates producer state, and
   * writes them with the next write. Completes when the write did; then {@link #logEndOffset()}
   * covers them. Fails with a {@code StorageException} after a failed write: nothing of it stays,
   * staged ends fall back.
   *
   * @param records ownership passes; released in every case
   */
  Future<Void> append(ByteBuf records, List<BatchHeader> batches);

  /**
   * Bytes from the batch that contains {@code startOffset}, whole batches only where they fit, up
   * to {@code endOffsetExclusive} and {@code maxBytes}; at least one whole batch when {@code
   * minOneBatch}. The slice is null when there is nothing. Fails with {@code
   * OffsetOutOfRangeException} outside [log start, log end]. Usually complete at once for readers
   * near the log end; others wait for a worker that finds and touches the range.
   */
  Future<FileSlice> read(
      long startOffset, long endOffsetExclusive, int maxBytes, boolean minOneBatch);

  /** First record with timestamp ≥ {@code timestampMs}, below {@code endOffsetExclusive}. */
  Future<TimestampedOffset> offsetForTimestamp(long timestampMs, long endOffsetExclusive);

  /** The record with the largest timestamp. */
  Future<TimestampedOffset> offsetOfMaxTimestamp();

  /** Aborted transactions that overlap [from, to). */
  Future<List<io.milena.log.producer.AbortedTxn>> abortedTransactions(long from, long toExclusive);

  /** Raises the log start offset (DeleteRecords, retention); lower values change nothing. */
  Future<Void> advanceLogStart(long newLogStartOffset);

  /** Removes everything from {@code offset} on (follower truncation, R27). */
  Future<Void> truncateTo(long offset);

  /** Removes everything and starts anew at {@code offset}. */
  Future<Void> truncateFullyAt(long offset);

  /**
   * Retention: rolls and deletes whole segments as the policy says, never at or above {@code
   * highWatermark}. Completes with the number of segments removed.
   */
  Future<Integer> enforceRetention(long highWatermark);

  /** Rolls an expired active segment, expires producers; called from the owner's timer. */
  Future<Void> housekeep();

  /** fsync of everything written so far; moves the recovery point. */
  Future<Void> flush();

  /** Offset below which everything is on the disk. */
  long recoveryPoint();

  /** The part of the log that compaction deals with. */
  LogCompaction compaction();

  void configure(TopicConfig config);

  /** Closes; with {@code clean} everything is flushed and a producer snapshot is taken. */
  Future<Void> close(boolean clean);

  /** Renames the folder to {@code -delete} and removes it after {@code file.delete.delay.ms}. */
  Future<Void> delete();
}
