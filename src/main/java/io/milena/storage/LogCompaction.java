package io.milena.storage;

import io.milena.log.compaction.CompactionPlan;
import io.milena.storage.compaction.CleanableSegment;
import io.milena.storage.compaction.CleanedSegment;
import io.milena.storage.compaction.CleaningSource;
import io.milena.storage.compaction.SegmentSwap;
import io.milena.storage.directory.Checkpoint;
import io.milena.storage.file.SegmentFiles;
import io.milena.storage.file.StorageException;
import io.milena.storage.segment.HeaderWalk;
import io.milena.storage.segment.Segment;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The part of one log that compaction deals with. Owned by the log's event loop; reading and
 * rewriting is done elsewhere, on files that never change, and only the swap is done here.
 *
 * <p>Always holds: a swap takes place only when the log still has the very segments that were read;
 * so a truncation, a retention or a deletion meanwhile costs the work, never data.
 */
public final class LogCompaction {
  private static final Logger LOG = LoggerFactory.getLogger(LogCompaction.class);

  private final LogParts parts;
  private final LogState state;
  private final LogAppender appender;
  private final LogReader reader;
  private final LogHousekeeping housekeeping;

  LogCompaction(
      LogParts parts,
      LogState state,
      LogAppender appender,
      LogReader reader,
      LogHousekeeping housekeeping) {
    this.parts = parts;
    this.state = state;
    this.appender = appender;
    this.reader = reader;
    this.housekeeping = housekeeping;
  }

  /** The segments that were read are no longer those of the log: nothing was changed. */
  public static final class SegmentsGone extends Exception {
    private static final long serialVersionUID = 1L;

    SegmentsGone(String message) {
      super(message, null, false, false);
    }
  }

  /** Takes over what cleaner-offset-checkpoint says; more than the log has is not believed. */
  void restore(long checkpointed) {
    state.cleanedTo = checkpointed;
    if (checkpointed > state.logEnd) {
      LOG.warn("{} was clean up to {}, beyond its end {}", state.tp, checkpointed, state.logEnd);
      state.cleanedTo = -1;
      parts
          .directories()
          .update(state.directory.index(), Checkpoint.CLEANER, Map.of(state.tp, -1L));
    }
  }

  /** First dirty offset as the last cleaning left it, -1 when there was none. */
  public long cleanedTo() {
    return state.cleanedTo;
  }

  /**
   * Another number means that the log was cut meanwhile, or is being cut: what was read of it may
   * be superseded by records that are gone, and what looks garbled need not be.
   */
  public long truncations() {
    return state.truncations;
  }

  // ---- looking ------------------------------------------------------------------------------

  /**
   * The log as {@link CompactionPlan} wants it: segments that are closed and on the disk.
   *
   * @param stableOffset last stable offset, at most the high watermark
   */
  public Future<CompactionPlan.LogView> look(long stableOffset) {
    Future<Void> largest =
        CompactionPlan.needsLargestTimestamps(state.config)
            ? reader.loadTimestamps()
            : Future.succeededFuture();
    return largest
        .compose(
            loaded ->
                CompactionPlan.needsFirstTimestamps(state.config)
                    ? loadFirstTimestamps()
                    : Future.succeededFuture())
        .map(loaded -> view(stableOffset));
  }

  private CompactionPlan.LogView view(long stableOffset) {
    List<Segment> closed = closed();
    List<CompactionPlan.Segment> segments = new ArrayList<>(closed.size());
    for (Segment segment : closed) {
      segments.add(
          new CompactionPlan.Segment(
              segment.baseOffset,
              segment.sizeBytes,
              segment.largestTimestampMs,
              segment.firstTimestampMs));
    }
    long closedEnd =
        closed.isEmpty() ? state.segments.firstKey() : endOf(closed.get(closed.size() - 1));
    return new CompactionPlan.LogView(
        segments, closedEnd, state.logStart, state.logEnd, state.cleanedTo, stableOffset);
  }

  /** Below the recovery point nothing is written any more, index files included. */
  private List<Segment> closed() {
    List<Segment> closed = new ArrayList<>();
    for (Segment segment : state.segments.values()) {
      if (segment == state.active || endOf(segment) > state.recoveryPoint) {
        break;
      }
      closed.add(segment);
    }
    return closed;
  }

  private long endOf(Segment segment) {
    return state.segments.higherKey(segment.baseOffset);
  }

  private Future<Void> loadFirstTimestamps() {
    List<Segment> unknown =
        closed().stream().filter(s -> s.firstTimestampMs == Segment.UNKNOWN).toList();
    if (unknown.isEmpty()) {
      return Future.succeededFuture();
    }
    List<Path> logs = unknown.stream().map(Segment::logFile).toList();
    return reader
        .byName(
            unknown,
            () -> {
              List<Long> found = new ArrayList<>(logs.size());
              for (Path log : logs) {
                found.add(firstTimestampMs(log));
              }
              return found;
            })
        .map(
            found -> {
              for (int i = 0; i < found.size(); i++) {
                unknown.get(i).firstTimestampMs = found.get(i);
              }
              return null;
            });
  }

  private static long firstTimestampMs(Path log) throws IOException {
    try (FileChannel channel = FileChannel.open(log, StandardOpenOption.READ)) {
      HeaderWalk walk = new HeaderWalk(channel, (int) channel.size());
      return walk.moveTo(0) ? walk.maxTimestampMs() : -1;
    }
  }

  // ---- cleaning -----------------------------------------------------------------------------

  /**
   * What a cleaning reads: all closed segments that end at or below {@code firstUncleanableOffset}.
   */
  public Future<CleaningSource> begin(long firstUncleanableOffset) {
    List<Segment> segments =
        closed().stream().filter(s -> endOf(s) <= firstUncleanableOffset).toList();
    List<Long> ends = segments.stream().map(this::endOf).toList();
    long from = state.segments.firstKey();
    return reader
        .byName(
            segments,
            () -> {
              List<CleanableSegment> found = new ArrayList<>(segments.size());
              for (int i = 0; i < segments.size(); i++) {
                found.add(describe(segments.get(i), ends.get(i)));
              }
              return found;
            })
        .compose(
            found ->
                reader
                    .abortedTransactions(from, firstUncleanableOffset)
                    .map(
                        aborted ->
                            new CleaningSource(
                                state.folder, found, aborted, state.directory.roomBytes())));
  }

  /** In a worker; base, folder and size of a closed segment never change. */
  private static CleanableSegment describe(Segment segment, long endOffset) throws IOException {
    return new CleanableSegment(
        segment,
        segment.logFile(),
        segment.baseOffset,
        endOffset,
        segment.sizeBytes,
        sizeOf(SegmentFiles.path(segment.folder, segment.baseOffset, SegmentFiles.INDEX)),
        sizeOf(SegmentFiles.path(segment.folder, segment.baseOffset, SegmentFiles.TIME_INDEX)),
        Files.getLastModifiedTime(segment.logFile()).toMillis());
  }

  private static long sizeOf(Path index) throws IOException {
    try {
      return Files.size(index);
    } catch (NoSuchFileException e) {
      LOG.debug("{} is missing; it is rebuilt when it is needed", index, e);
      return 0;
    }
  }

  /** Everything below {@code offset} is clean; completes when that is on the disk. */
  public Future<Void> cleanedTo(long offset) {
    if (offset > state.logEnd || state.closed != null) {
      return Future.succeededFuture();
    }
    state.cleanedTo = offset;
    return parts
        .directories()
        .updateNow(state.directory.index(), Checkpoint.CLEANER, state.tp, offset);
  }

  // ---- the swap -----------------------------------------------------------------------------

  /**
   * Puts a compacted segment into the place of those it was made of. Nothing is appended while the
   * files are renamed. Readers that have slices of the old ones go on; files are removed after
   * {@code file.delete.delay.ms}.
   *
   * <p>Fails with {@link SegmentsGone} when the log has changed, with a {@code StorageException}
   * otherwise; a swap that ended half-way takes the directory offline, the next start finishes it.
   */
  public Future<Void> swap(List<CleanableSegment> old, CleanedSegment.Written cleaned) {
    return appender.exclusive(() -> swapNow(old, cleaned));
  }

  private Future<Void> swapNow(List<CleanableSegment> old, CleanedSegment.Written cleaned) {
    if (state.closed != null || !state.directory.online()) {
      return Future.failedFuture(new SegmentsGone(state.tp + " is closed or offline"));
    }
    List<Segment> segments = new ArrayList<>(old.size());
    for (CleanableSegment one : old) {
      Segment segment = state.segments.get(one.baseOffset());
      if (segment == null || segment != one.identity()) {
        return Future.failedFuture(
            new SegmentsGone("segment " + one.baseOffset() + " of " + state.tp + " is another"));
      }
      segments.add(segment);
    }
    segments.forEach(segment -> segment.moving = true);
    Promise<Void> over = Promise.promise();
    state.swap = over.future();
    List<Future<Void>> unused = segments.stream().map(Segment::whenUnused).toList();
    List<Long> bases = segments.stream().map(segment -> segment.baseOffset).toList();
    Path folder = state.folder;
    return Future.all(unused)
        .compose(quiet -> parts.work(() -> SegmentSwap.run(folder, cleaned.baseOffset(), bases)))
        .onSuccess(deleted -> install(segments, cleaned, deleted))
        .onFailure(this::swapFailed)
        .recover(
            e ->
                Future.failedFuture(
                    new StorageException("Compacted segments of " + state.tp + ": " + e, e)))
        .onComplete(
            done -> {
              segments.forEach(segment -> segment.moving = false);
              over.complete();
            })
        .mapEmpty();
  }

  private void install(List<Segment> old, CleanedSegment.Written cleaned, List<Path> deleted) {
    Segment last = old.get(old.size() - 1);
    Segment compacted =
        new Segment(cleaned.baseOffset(), state.folder, last.createdMs, last.jitterMs);
    compacted.sizeBytes = cleaned.sizeBytes();
    compacted.nextOffset = last.nextOffset;
    compacted.largestTimestampMs = cleaned.largestTimestampMs();
    for (Segment segment : old) {
      state.segments.remove(segment.baseOffset);
      state.sizeBytes -= segment.sizeBytes;
      segment.removed = true;
      segment.replaced = true;
      parts.cache().forget(segment);
    }
    state.segments.put(compacted.baseOffset, compacted);
    state.sizeBytes += compacted.sizeBytes;
    housekeeping.removeFilesLater(deleted);
  }

  private void swapFailed(Throwable cause) {
    if (cause instanceof SegmentSwap.NotBegun) {
      return;
    }
    parts
        .directories()
        .fail(
            state.directory.index(),
            new StorageException("A swap in " + state.folder + " ended half-way", cause));
  }
}
