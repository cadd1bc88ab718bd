package io.milena.storage;

import io.milena.config.TopicConfig;
import io.milena.log.batch.BatchHeader;
import io.milena.log.checkpoint.LeaderEpochs;
import io.milena.log.producer.ProducerStates;
import io.milena.storage.directory.LogDirectory;
import io.milena.storage.file.StorageException;
import io.milena.storage.recovery.LoadedLog;
import io.milena.storage.segment.RecentBatches;
import io.milena.storage.segment.Segment;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * What the parts of one log share. Owned by the log's event loop: appender, reader and housekeeping
 * are its only users.
 *
 * <p>Always holds: the last of {@link #segments} is {@link #active}; log start ≤ log end ≤ staged
 * end; recovery point ≤ log end.
 */
final class LogState {
  final TopicPartition tp;
  final Uuid topicId;
  final LogDirectory directory;
  final TreeMap<Long, Segment> segments = new TreeMap<>();
  final RecentBatches recent = new RecentBatches();
  Path folder;
  TopicConfig config;
  Segment active;
  LeaderEpochs epochs;

  /** False while nothing but {@link LoadedLog#impliedByBatches} had to be kept. */
  boolean epochFileExists;

  ProducerStates producers;
  long logStart;
  long logEnd;
  long stagedEnd;
  long recoveryPoint;

  /** True when a segment reached the disk since its recovery point was last handed over. */
  boolean segmentClosed;

  long sizeBytes;

  /** First dirty offset as the last compaction left it, -1 when there was none. */
  long cleanedTo = -1;

  /** Rises when a truncation begins and when it is over. */
  long truncations;

  /** The swap of compacted segments that is under way, or the last one. */
  Future<Void> swap = Future.succeededFuture();

  /** Why appends are refused, or null. */
  StorageException refusal;

  /** Why everything is refused, or null: the log is closed or deleted. */
  StorageException closed;

  LogState(
      TopicPartition tp,
      LogDirectory directory,
      Path folder,
      TopicConfig config,
      LoadedLog loaded) {
    this.tp = tp;
    this.topicId = loaded.topicId();
    this.directory = directory;
    this.folder = folder;
    this.config = config;
    take(loaded);
  }

  /** Takes over what was loaded from the files, all of it. */
  void take(LoadedLog loaded) {
    segments.clear();
    sizeBytes = 0;
    for (Segment segment : loaded.segments()) {
      segments.put(segment.baseOffset, segment);
      sizeBytes += segment.sizeBytes;
    }
    active = segments.lastEntry().getValue();
    epochs = loaded.epochs();
    epochFileExists = loaded.epochFileExists();
    producers = loaded.producers();
    logStart = loaded.logStartOffset();
    logEnd = loaded.logEndOffset();
    stagedEnd = logEnd;
    recoveryPoint = loaded.recoveryPoint();
    recent.reset(logEnd, active.sizeBytes);
  }

  /** Takes in batches that were written behind the others of the active segment. */
  void take(StagedAppend written) {
    int start = active.sizeBytes;
    for (BatchHeader batch : written.batches) {
      int position = start + batch.position();
      active.indexes.add(batch, position, config.indexIntervalBytes());
      recent.add(batch.lastOffset(), position, batch.sizeBytes());
    }
    written.aborted().forEach(active.indexes::add);
    active.sizeBytes += written.sizeBytes;
    sizeBytes += written.sizeBytes;
    logEnd = written.nextOffset();
    active.nextOffset = logEnd;
  }

  /**
   * True while a recovery finds the epochs in the only segment, which it reads anyway. From the
   * first roll on it would have to read all of them, so then the file is written.
   */
  boolean epochFileNeedless() {
    return !epochFileExists && segments.size() == 1 && LoadedLog.impliedByBatches(epochs, logStart);
  }

  /** The segment that may hold an offset. */
  Segment segmentOf(long offset) {
    var floor = segments.floorEntry(offset);
    return floor == null ? segments.firstEntry().getValue() : floor.getValue();
  }

  /** Value for log-start-offset-checkpoint: -1 when the first segment's name says it. */
  long logStartToCheckpoint() {
    return logStart > segments.firstKey() ? logStart : -1;
  }
}
