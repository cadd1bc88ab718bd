package io.milena.storage;

import io.milena.log.producer.ProducerSnapshot;
import io.milena.log.segment.RetentionPolicy;
import io.milena.log.segment.SegmentView;
import io.milena.storage.directory.Checkpoint;
import io.milena.storage.directory.PartitionFolder;
import io.milena.storage.file.LogFiles;
import io.milena.storage.file.SegmentFiles;
import io.milena.storage.file.StorageException;
import io.milena.storage.file.WholeFile;
import io.milena.storage.recovery.LoadRequest;
import io.milena.storage.recovery.LoadedLog;
import io.milena.storage.recovery.LogLoader;
import io.milena.storage.segment.HeaderWalk;
import io.milena.storage.segment.Segment;
import io.milena.storage.segment.SegmentIndexes;
import io.milena.storage.segment.SegmentReplaced;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What makes a log shorter or ends it: retention, truncation, closing, deletion. Owned by the log's
 * event loop; everything that touches files runs in workers, everything that needs the active file
 * goes through the appender's queue.
 */
final class LogHousekeeping {
  private static final Logger LOG = LoggerFactory.getLogger(LogHousekeeping.class);
  private static final List<String> SUFFIXES =
      List.of(
          SegmentFiles.LOG,
          SegmentFiles.INDEX,
          SegmentFiles.TIME_INDEX,
          SegmentFiles.TXN_INDEX,
          SegmentFiles.SNAPSHOT);

  private final LogParts parts;
  private final LogState state;
  private final LogAppender appender;
  private final LogFlusher flusher;
  private final LogReader reader;

  LogHousekeeping(
      LogParts parts, LogState state, LogAppender appender, LogFlusher flusher, LogReader reader) {
    this.parts = parts;
    this.state = state;
    this.appender = appender;
    this.flusher = flusher;
    this.reader = reader;
  }

  // ---- retention ----------------------------------------------------------------------------

  /** See {@link PartitionLog#enforceRetention}. */
  Future<Integer> enforceRetention(long highWatermark) {
    if (state.closed != null || !state.directory.online()) {
      return Future.succeededFuture(0);
    }
    Future<Integer> enforced = planAndEnforce(highWatermark);
    // Compaction took a segment's place while it was looked at: the next round decides anew.
    return enforced.recover(
        e -> e instanceof SegmentReplaced ? Future.succeededFuture(0) : Future.failedFuture(e));
  }

  private Future<Integer> planAndEnforce(long highWatermark) {
    return reader
        .loadTimestamps()
        .compose(
            loaded -> {
              List<RetentionPolicy.Step> steps =
                  RetentionPolicy.plan(
                      new RetentionPolicy.LogView(
                          views(), state.logStart, state.logEnd, highWatermark),
                      state.config,
                      parts.clock().wallMs());
              return steps.isEmpty() ? Future.succeededFuture(0) : carryOut(steps);
            });
  }

  private List<SegmentView> views() {
    List<SegmentView> views = new ArrayList<>(state.segments.size());
    for (Segment segment : state.segments.values()) {
      long largest =
          segment == state.active
              ? segment.indexes.largestTimestampMs()
              : segment.largestTimestampMs;
      views.add(
          new SegmentView(
              segment.baseOffset, segment.sizeBytes, largest >= 0 ? largest : segment.createdMs));
    }
    return views;
  }

  private Future<Integer> carryOut(List<RetentionPolicy.Step> steps) {
    boolean roll = steps.stream().anyMatch(step -> step instanceof RetentionPolicy.Roll);
    Map<Long, Segment> decidedOn = new HashMap<>(state.segments);
    Future<Void> rolled = roll ? appender.exclusive(appender::rollNow) : Future.succeededFuture();
    return rolled.compose(
        done -> {
          List<Segment> gone = new ArrayList<>();
          for (RetentionPolicy.Step step : steps) {
            if (step instanceof RetentionPolicy.RaiseLogStart raise) {
              raiseLogStart(raise.offset());
            } else if (step instanceof RetentionPolicy.Delete delete) {
              leave(delete, decidedOn, gone);
            }
          }
          return removeLater(gone).map(gone.size());
        });
  }

  private void leave(
      RetentionPolicy.Delete delete, Map<Long, Segment> decidedOn, List<Segment> gone) {
    Segment segment = state.segments.get(delete.baseOffset());
    // The roll did not happen because records came meanwhile, or a compaction put several segments
    // into one: the next round decides anew.
    boolean asPlanned =
        segment != null
            && segment != state.active
            && !segment.moving
            && segment == decidedOn.get(delete.baseOffset());
    if (!asPlanned) {
      return;
    }
    LOG.info("{}: {} goes, {}", state.tp, segment, delete.reason());
    drop(segment);
    gone.add(segment);
  }

  private void drop(Segment segment) {
    state.segments.remove(segment.baseOffset);
    state.sizeBytes -= segment.sizeBytes;
    parts.cache().forget(segment);
    segment.removed = true;
  }

  private void raiseLogStart(long offset) {
    state.logStart = Math.max(state.logStart, Math.min(offset, state.logEnd));
    state.epochs.truncateFromStart(state.logStart);
  }

  /** See {@link PartitionLog#advanceLogStart}. */
  Future<Void> advanceLogStart(long newLogStartOffset) {
    if (newLogStartOffset <= state.logStart) {
      return Future.succeededFuture();
    }
    if (newLogStartOffset > state.logEnd) {
      return Future.failedFuture(
          new IllegalArgumentException(
              "log start " + newLogStartOffset + " above the log end " + state.logEnd));
    }
    raiseLogStart(newLogStartOffset);
    return parts
        .directories()
        .updateNow(
            state.directory.index(), Checkpoint.LOG_START, state.tp, state.logStartToCheckpoint());
  }

  /** Renames the files to .deleted now and removes them after {@code file.delete.delay.ms}. */
  private Future<Void> removeLater(List<Segment> gone) {
    if (gone.isEmpty()) {
      return Future.succeededFuture();
    }
    Path folder = state.folder;
    return parts
        .work(
            () -> {
              List<Path> renamed = new ArrayList<>();
              for (Segment segment : gone) {
                markDeleted(folder, segment.baseOffset, renamed);
              }
              return renamed;
            })
        .onSuccess(this::removeFilesLater)
        .onFailure(e -> LOG.warn("Files of {} could not be renamed", state.tp, e))
        .mapEmpty();
  }

  /** Removes files after {@code file.delete.delay.ms}. */
  void removeFilesLater(List<Path> files) {
    parts.vertx().setTimer(Math.max(1, state.config.fileDeleteDelayMs()), id -> remove(files));
  }

  private static void markDeleted(Path folder, long baseOffset, List<Path> renamed)
      throws IOException {
    for (String suffix : SUFFIXES) {
      Path file = SegmentFiles.path(folder, baseOffset, suffix);
      Path deleted = folder.resolve(file.getFileName() + SegmentFiles.DELETED);
      try {
        Files.move(file, deleted, StandardCopyOption.ATOMIC_MOVE);
        renamed.add(deleted);
      } catch (NoSuchFileException e) {
        LOG.trace("{} is not there", file, e);
      }
    }
  }

  private void remove(List<Path> files) {
    parts
        .work(
            () -> {
              for (Path file : files) {
                Files.deleteIfExists(file);
              }
              return null;
            })
        .onFailure(e -> LOG.warn("Deleted files of {} could not be removed", state.tp, e));
  }

  // ---- truncation ---------------------------------------------------------------------------

  /** See {@link PartitionLog#truncateTo}. */
  Future<Void> truncateTo(long offset) {
    return appender.rewind(
        () -> {
          if (offset >= state.logEnd) {
            return Future.succeededFuture();
          }
          if (offset < state.segments.firstKey()) {
            return reload(offset, true);
          }
          return reload(offset, false);
        });
  }

  /** See {@link PartitionLog#truncateFullyAt}. */
  Future<Void> truncateFullyAt(long offset) {
    return appender.rewind(() -> reload(offset, true));
  }

  private Future<Void> reload(long offset, boolean fully) {
    List<Segment> all = List.copyOf(state.segments.values());
    Segment floor = state.segmentOf(offset);
    LoadRequest request =
        new LoadRequest(
            state.folder,
            state.topicId,
            state.config,
            // The cut segment is read like after a crash, so its aborted transactions are found.
            false,
            true,
            Math.min(offset, state.recoveryPoint),
            fully ? offset : Math.min(state.logStart, offset),
            -1,
            parts.options().producerIdExpirationMs(),
            parts.random(),
            parts.clock().wallMs());
    int floorBytes = floor.sizeBytes;
    state.truncations++;
    // One step of the flusher: a flush meanwhile would ask for files that are being cut.
    return flusher
        .exclusive(
            () ->
                flusher
                    .closeActive()
                    .compose(closed -> forget(all))
                    .compose(
                        closed ->
                            parts.work(
                                () -> {
                                  Truncation.cut(
                                      request.folder(),
                                      parts.files(),
                                      offset,
                                      fully,
                                      floorBytes,
                                      floor.baseOffset);
                                  return new LogLoader(request).load();
                                }))
                    .compose(loaded -> flusher.forgetClosings().map(gone -> takeReloaded(loaded))))
        .compose(done -> dirtyFrom(offset))
        .onComplete(done -> state.truncations++);
  }

  /** What is left of the log: the loader has brought all of it above the recovery point to disk. */
  private Void takeReloaded(LoadedLog loaded) {
    long recovered = Math.min(state.recoveryPoint, loaded.logEndOffset());
    state.take(loaded);
    state.recoveryPoint = recovered;
    return null;
  }

  /** What was clean up to an offset that is gone is so no longer. */
  private Future<Void> dirtyFrom(long offset) {
    if (state.cleanedTo <= offset) {
      return Future.succeededFuture();
    }
    state.cleanedTo = offset;
    return parts
        .directories()
        .updateNow(state.directory.index(), Checkpoint.CLEANER, state.tp, offset);
  }

  private Future<Void> forget(List<Segment> all) {
    for (Segment segment : all) {
      parts.cache().forget(segment);
    }
    return Future.succeededFuture();
  }

  // ---- the end ------------------------------------------------------------------------------

  /** See {@link PartitionLog#close}. */
  Future<Void> close(boolean clean) {
    return appender
        .exclusive(
            () -> {
              if (state.closed != null) {
                return Future.succeededFuture();
              }
              Future<Void> saved = clean ? saveOrderly() : Future.succeededFuture();
              return saved.eventually(flusher::closeFiles);
            })
        .eventually(
            () -> {
              state.closed = new StorageException(state.tp + " is closed");
              return forget(List.copyOf(state.segments.values()));
            });
  }

  /** When it cannot be saved, the directory gets no clean-shutdown marker. */
  private Future<Void> saveOrderly() {
    boolean possible = state.directory.online() && state.refusal == null;
    Future<Void> saved =
        possible
            ? saveAll()
            : Future.failedFuture(new StorageException("its directory is out of order"));
    return saved.recover(
        e -> {
          LOG.warn("{} will be recovered at the next start: it could not be saved", state.tp, e);
          parts.directories().spoilClean(state.directory.index());
          return Future.succeededFuture();
        });
  }

  /** Everything on the disk, with the files Kafka expects of a log that was closed cleanly. */
  private Future<Void> saveAll() {
    Segment active = state.active;
    long end = state.logEnd;
    Path folder = state.folder;
    active.indexes.close();
    SegmentIndexes indexes = active.indexes;
    // Without one, a log that never rolled has never had a producer.
    boolean needless = state.producers.size() == 0 && state.segments.size() == 1;
    ByteBuffer snapshot =
        end == state.logStart || needless
            ? null
            : ProducerSnapshot.encode(state.producers.active());
    byte[] epochs = state.epochFileExists || state.epochs.isEmpty() ? null : state.epochs.encode();
    return flusher
        .flush()
        .compose(
            flushed ->
                parts.work(
                    () -> {
                      indexes.write(folder);
                      if (snapshot != null) {
                        LogFlusher.writeSnapshot(folder, end, snapshot);
                      }
                      if (epochs != null) {
                        WholeFile.writeUnsafely(
                            folder.resolve(SegmentFiles.EPOCHS), ByteBuffer.wrap(epochs));
                      }
                      return null;
                    }));
  }

  /** See {@link PartitionLog#delete}. */
  Future<Void> delete() {
    Path folder = state.folder;
    Path aside =
        folder.resolveSibling(PartitionFolder.putAside(state.tp, PartitionFolder.DELETE_SUFFIX));
    return close(false)
        .compose(
            closed ->
                parts.work(
                    () -> {
                      Files.move(folder, aside, StandardCopyOption.ATOMIC_MOVE);
                      return null;
                    }))
        .compose(moved -> parts.directories().forget(state.directory.index(), state.tp))
        .onSuccess(
            forgotten ->
                parts
                    .vertx()
                    .setTimer(
                        Math.max(1, state.config.fileDeleteDelayMs()),
                        id -> parts.directories().removeTree(aside)));
  }

  /** Cuts files before a reload; blocking. */
  private static final class Truncation {
    private Truncation() {}

    static void cut(
        Path folder, LogFiles files, long offset, boolean fully, int floorBytes, long floorBase)
        throws IOException {
      List<Path> doomed = new ArrayList<>();
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
        for (Path entry : entries) {
          String name = entry.getFileName().toString();
          for (String suffix : SUFFIXES) {
            long base = SegmentFiles.baseOffset(name, suffix);
            boolean snapshot = suffix.equals(SegmentFiles.SNAPSHOT);
            boolean beyond = fully || (snapshot ? base > offset : base > floorBase);
            boolean staleIndex = base == floorBase && !snapshot && !suffix.equals(SegmentFiles.LOG);
            if (base >= 0 && (beyond || staleIndex)) {
              doomed.add(entry);
            }
          }
        }
      }
      for (Path file : doomed) {
        Files.deleteIfExists(file);
      }
      if (fully) {
        Files.deleteIfExists(folder.resolve(SegmentFiles.EPOCHS));
        return;
      }
      Path log = SegmentFiles.path(folder, floorBase, SegmentFiles.LOG);
      files.truncate(log, positionOf(log, floorBytes, offset));
    }

    private static int positionOf(Path log, int sizeBytes, long offset) throws IOException {
      try (FileChannel channel = FileChannel.open(log, StandardOpenOption.READ)) {
        HeaderWalk walk = new HeaderWalk(channel, sizeBytes);
        boolean more = walk.moveTo(0);
        while (more && walk.lastOffset() < offset) {
          more = walk.next();
        }
        return more ? walk.position() : sizeBytes;
      }
    }
  }
}
