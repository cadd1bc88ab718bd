package io.milena.storage;

import io.milena.config.TopicConfig;
import io.milena.log.batch.BatchHeader;
import io.milena.log.checkpoint.LeaderEpochs;
import io.milena.log.producer.AbortedTxn;
import io.milena.log.producer.ProducerStates;
import io.milena.storage.directory.LogDirectory;
import io.milena.storage.recovery.LoadedLog;
import io.milena.storage.segment.FileSlice;
import io.milena.storage.segment.TimestampedOffset;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/** The log of one partition in segment files; hands each call to the part that does it. */
final class SegmentedLog implements PartitionLog {
  private final LogParts parts;
  private final LogState state;
  private final LogAppender appender;
  private final LogFlusher flusher;
  private final LogReader reader;
  private final LogHousekeeping housekeeping;
  private final LogCompaction compaction;
  private final Runnable onGone;
  private long checkpointedRecoveryPoint = -1;
  private long checkpointedLogStart = Long.MIN_VALUE;

  /**
   * @param onGone called when the log was closed or deleted
   */
  SegmentedLog(
      LogParts parts,
      TopicPartition tp,
      LogDirectory directory,
      Path folder,
      TopicConfig config,
      LoadedLog loaded,
      Runnable onGone) {
    this.parts = parts;
    this.onGone = onGone;
    state = new LogState(tp, directory, folder, config, loaded);
    flusher = new LogFlusher(parts, state);
    appender = new LogAppender(parts, state, flusher);
    reader = new LogReader(parts, state);
    housekeeping = new LogHousekeeping(parts, state, appender, flusher, reader);
    compaction = new LogCompaction(parts, state, appender, reader, housekeeping);
  }

  @Override
  public TopicPartition topicPartition() {
    return state.tp;
  }

  @Override
  public Uuid topicId() {
    return state.topicId;
  }

  @Override
  public LogDirectory directory() {
    return state.directory;
  }

  @Override
  public long logStartOffset() {
    return state.logStart;
  }

  @Override
  public long logEndOffset() {
    return state.logEnd;
  }

  @Override
  public long stagedEndOffset() {
    return state.stagedEnd;
  }

  @Override
  public long sizeBytes() {
    return state.sizeBytes;
  }

  @Override
  public int segments() {
    return state.segments.size();
  }

  @Override
  public long bytesBetween(long fromOffset, long toOffsetExclusive) {
    return reader.bytesBetween(fromOffset, toOffsetExclusive);
  }

  @Override
  public boolean writable() {
    return state.closed == null && state.refusal == null && state.directory.online();
  }

  @Override
  public LeaderEpochs leaderEpochs() {
    return state.epochs;
  }

  @Override
  public ProducerStates producers() {
    return state.producers;
  }

  @Override
  public void beginEpoch(int epoch) {
    appender.beginEpoch(epoch);
  }

  @Override
  public Future<Void> append(ByteBuf records, List<BatchHeader> batches) {
    return appender.append(records, batches);
  }

  @Override
  public Future<FileSlice> read(
      long startOffset, long endOffsetExclusive, int maxBytes, boolean minOneBatch) {
    return reader.read(startOffset, endOffsetExclusive, maxBytes, minOneBatch);
  }

  @Override
  public Future<TimestampedOffset> offsetForTimestamp(long timestampMs, long endOffsetExclusive) {
    return reader.offsetForTimestamp(timestampMs, endOffsetExclusive);
  }

  @Override
  public Future<TimestampedOffset> offsetOfMaxTimestamp() {
    return reader.offsetOfMaxTimestamp();
  }

  @Override
  public Future<List<AbortedTxn>> abortedTransactions(long from, long toExclusive) {
    return reader.abortedTransactions(from, toExclusive);
  }

  @Override
  public Future<Void> advanceLogStart(long newLogStartOffset) {
    return housekeeping.advanceLogStart(newLogStartOffset);
  }

  @Override
  public Future<Void> truncateTo(long offset) {
    return housekeeping.truncateTo(offset);
  }

  @Override
  public Future<Void> truncateFullyAt(long offset) {
    return housekeeping.truncateFullyAt(offset);
  }

  @Override
  public Future<Integer> enforceRetention(long highWatermark) {
    return housekeeping.enforceRetention(highWatermark);
  }

  @Override
  public Future<Void> housekeep() {
    long nowMs = parts.clock().wallMs();
    state.producers.removeExpired(nowMs, parts.options().producerIdExpirationMs());
    return writable() && appender.expired(nowMs)
        ? appender.exclusive(appender::rollNow)
        : Future.succeededFuture();
  }

  @Override
  public Future<Void> flush() {
    return flusher.flush();
  }

  @Override
  public long recoveryPoint() {
    return state.recoveryPoint;
  }

  @Override
  public LogCompaction compaction() {
    return compaction;
  }

  @Override
  public void configure(TopicConfig config) {
    state.config = config;
  }

  @Override
  public Future<Void> close(boolean clean) {
    return housekeeping.close(clean).onSuccess(closed -> onGone.run());
  }

  @Override
  public Future<Void> delete() {
    return housekeeping.delete().onComplete(deleted -> onGone.run());
  }

  /** The directory went offline. */
  void directoryFailed() {
    appender.directoryFailed();
  }

  /**
   * Adds what changed since the last call to the checkpoints of this log's directory.
   *
   * @return true when a whole segment reached the disk since: worth writing down soon
   */
  boolean checkpoint(
      Map<TopicPartition, Long> recoveryPoints, Map<TopicPartition, Long> logStarts) {
    if (state.recoveryPoint != checkpointedRecoveryPoint) {
      checkpointedRecoveryPoint = state.recoveryPoint;
      recoveryPoints.put(state.tp, state.recoveryPoint);
    }
    long logStart = state.logStartToCheckpoint();
    if (logStart != checkpointedLogStart) {
      checkpointedLogStart = logStart;
      logStarts.put(state.tp, logStart);
    }
    boolean soon = state.segmentClosed;
    state.segmentClosed = false;
    return soon;
  }
}
