package io.milena.storage;

import io.milena.base.Backoff;
import io.milena.storage.file.AppendFile;
import io.milena.storage.file.SegmentFiles;
import io.milena.storage.file.StorageException;
import io.milena.storage.file.WholeFile;
import io.milena.storage.segment.Segment;
import io.milena.storage.segment.SegmentIndexes;
import io.milena.work.Attempt;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one log to the disk: group commit of {@code flush.messages} and {@code flush.ms}, closing
 * of rolled segments in the background, the recovery point. Keeps the handle of the active file.
 * Owned by the log's event loop.
 *
 * <p>Its steps run one after another, so no file is closed while it is flushed. The recovery point
 * rises only when all below it is on the disk, index files of closed segments included. A failed
 * fsync is final: the kernel may have dropped the pages, so the directory goes offline.
 */
final class LogFlusher {
  private static final Logger LOG = LoggerFactory.getLogger(LogFlusher.class);

  /**
   * Rolled segments of a log that may wait for the disk, each with an open file and its indexes in
   * memory; then the next roll waits, and appends behind it until their bound refuses them. A disk
   * that works closes a segment in some 10 ms, so this many outlast a pause of half a second even
   * in a log that rolls as fast as that; and a thousand such logs stay below the 100,000 open files
   * that Kafka advises to allow a broker.
   */
  static final int CLOSINGS_MAX = 64;

  private static final long FIRST_PAUSE_MS = 500;
  private static final long LONGEST_PAUSE_MS = 30_000;

  /** A rolled segment on its way to the disk. {@code file} null: nothing was written to it. */
  private record Closing(Segment segment, AppendFile file, long newBase, ByteBuffer snapshot) {}

  /** A step and who waits for it. */
  private record Step(Supplier<Future<Void>> work, Promise<Void> over) {}

  private final LogParts parts;
  private final LogState state;
  private final ArrayDeque<Closing> closings = new ArrayDeque<>();
  private final ArrayDeque<Step> steps = new ArrayDeque<>();
  private final Backoff pauseAfterFailure;
  private final Backoff pauseBeforeClosing;
  private RollListener rolls;
  private boolean stepping;
  private Promise<Void> nextFlush;
  private AppendFile file;
  private long unflushedMessages;
  private boolean timerArmed;
  private boolean closingTimerArmed;
  private boolean toldThatFull;
  private boolean epochsUnsynced;

  /** What is told to the one whose roll had to wait. */
  interface RollListener {
    /** {@link LogFlusher#mayRoll} is true again. */
    void mayRollAgain();

    /** Segments before it could not be closed; that is tried again, but it may take long. */
    void cannotRoll(Throwable cause);
  }

  LogFlusher(LogParts parts, LogState state) {
    this.parts = parts;
    this.state = state;
    this.pauseAfterFailure = new Backoff(FIRST_PAUSE_MS, LONGEST_PAUSE_MS, parts.random());
    this.pauseBeforeClosing = new Backoff(FIRST_PAUSE_MS, LONGEST_PAUSE_MS, parts.random());
  }

  /** The active file, null while it is not open. */
  AppendFile file() {
    return file;
  }

  void setFile(AppendFile file) {
    this.file = file;
  }

  void epochsSaved() {
    epochsUnsynced = true;
  }

  /**
   * Messages were written.
   *
   * @return null when they may be acknowledged at once, else when their flush is done
   */
  Future<Void> appended(long messages) {
    unflushedMessages += messages;
    if (unflushedMessages >= state.config.flushMessages()) {
      return flush();
    }
    if (state.config.flushMs() != Long.MAX_VALUE && !timerArmed) {
      flushIn(Math.max(1, state.config.flushMs()));
    }
    return null;
  }

  /** Until it succeeds: nobody may append again, and {@code flush.ms} is a promise. */
  private void flushIn(long pauseMs) {
    timerArmed = true;
    parts
        .vertx()
        .setTimer(
            pauseMs,
            id -> {
              timerArmed = false;
              if (state.closed == null && state.directory.online()) {
                flush()
                    .onSuccess(flushed -> pauseAfterFailure.reset())
                    .onFailure(this::flushInTimeFailed);
              }
            });
  }

  private void flushInTimeFailed(Throwable cause) {
    if (cause instanceof RejectedExecutionException) {
      return; // The process is going down.
    }
    LOG.warn("{} could not be flushed in time, will be tried again", state.folder, cause);
    if (!timerArmed) {
      flushIn(pauseAfterFailure.nextMs());
    }
  }

  /** One fsync for all who ask before it starts. */
  Future<Void> flush() {
    if (nextFlush != null) {
      return nextFlush.future();
    }
    Promise<Void> promise = Promise.promise();
    nextFlush = promise;
    exclusive(
            () -> {
              nextFlush = null;
              return flushNow();
            })
        .onComplete(promise);
    return promise.future();
  }

  /** Runs a step when those before it are done, whatever came of them. */
  Future<Void> exclusive(Supplier<Future<Void>> work) {
    Step step = new Step(work, Promise.promise());
    steps.add(step);
    if (!stepping) {
      stepping = true;
      runSteps();
    }
    return step.over().future();
  }

  /** A loop, not a chain of futures: thousands may wait behind a slow one, and would nest. */
  private void runSteps() {
    for (Step step = steps.poll(); step != null; step = steps.poll()) {
      Future<Void> done = Attempt.of(step.work());
      if (!done.isComplete()) {
        Promise<Void> over = step.over();
        done.onComplete(
            result -> {
              over.handle(result);
              runSteps();
            });
        return;
      }
      step.over().handle(done);
    }
    stepping = false;
  }

  private Future<Void> flushNow() {
    long target = state.logEnd;
    unflushedMessages = 0;
    // What was active may be rolled while the first steps run; then the last one flushes it, as it
    // tells whether all that was rolled is closed: the active file is flushed in every case.
    return closeSegments()
        .transform(closed -> flushActive())
        .compose(flushed -> closeSegments())
        .onSuccess(done -> state.recoveryPoint = Math.max(state.recoveryPoint, target));
  }

  private Future<Void> flushActive() {
    if (file == null && state.recoveryPoint >= state.logEnd) {
      return Future.succeededFuture();
    }
    Future<Void> flushed =
        timed(() -> file == null ? syncByName(state.active.logFile()) : file.flush());
    // A log that was started anew has no such file any more; the next one will be told.
    boolean epochs = epochsUnsynced && state.epochFileExists;
    epochsUnsynced = false;
    Path epochFile = state.folder.resolve(SegmentFiles.EPOCHS);
    return flushed
        .compose(done -> epochs ? syncByName(epochFile) : Future.succeededFuture())
        .onFailure(this::flushFailed);
  }

  private Future<Void> timed(Supplier<Future<Void>> fsync) {
    long startedNs = parts.clock().monotonicNs();
    return fsync
        .get()
        .onSuccess(done -> parts.meters().flushed(parts.clock().monotonicNs() - startedNs));
  }

  /** A failed write took the handle away; what was written before it must reach the disk. */
  private Future<Void> syncByName(Path file) {
    return parts.work(
        () -> {
          parts.files().sync(file);
          return null;
        });
  }

  private void flushFailed(Throwable cause) {
    if (cause instanceof RejectedExecutionException) {
      return; // The process is going down; the disk said nothing.
    }
    parts
        .directories()
        .fail(
            state.directory.index(),
            new StorageException("fsync of " + state.active.logFile() + " failed", cause));
  }

  /** A segment was rolled: its files are written and synced in the background. */
  void segmentClosed(Segment segment, AppendFile segmentFile, long newBase, ByteBuffer snapshot) {
    closings.add(new Closing(segment, segmentFile, newBase, snapshot));
    if (!mayRoll() && !toldThatFull) {
      toldThatFull = true;
      LOG.warn("{}: {} rolled segments wait for the disk", state.folder, closings.size());
    }
    exclusive(this::closeSegments).onFailure(e -> closingFailed(segment.logFile(), e));
  }

  /** False while {@link #CLOSINGS_MAX} rolled segments wait for the disk. */
  boolean mayRoll() {
    return closings.size() < CLOSINGS_MAX;
  }

  void setRollListener(RollListener listener) {
    rolls = listener;
  }

  /** The next roll tries again; while that has to wait itself, time does. */
  private void closingFailed(Path log, Throwable cause) {
    LOG.warn("{} could not be closed, will be tried again", log, cause);
    boolean goingDown = cause instanceof RejectedExecutionException;
    if (mayRoll() || goingDown) {
      return;
    }
    if (!closingTimerArmed) {
      closingTimerArmed = true;
      parts.vertx().setTimer(pauseBeforeClosing.nextMs(), id -> closeAgain(log));
    }
    rolls.cannotRoll(cause);
  }

  private void closeAgain(Path log) {
    closingTimerArmed = false;
    if (state.closed == null && state.directory.online()) {
      exclusive(this::closeSegments)
          .onSuccess(closed -> pauseBeforeClosing.reset())
          .onFailure(e -> closingFailed(log, e));
    }
  }

  /** Closes rolled segments in order; one that cannot be written stays for the next time. */
  private Future<Void> closeSegments() {
    Promise<Void> allClosed = Promise.promise();
    closeSegments(allClosed);
    return allClosed.future();
  }

  /** As {@link #runSteps} no chain: what waits here would nest. */
  private void closeSegments(Promise<Void> allClosed) {
    for (Closing closing = closings.peek(); closing != null; closing = closings.peek()) {
      Closing next = closing;
      Future<Void> done = Attempt.of(() -> closeSegment(next));
      if (!done.isComplete()) {
        done.onComplete(
            result -> {
              if (closed(next, result, allClosed)) {
                closeSegments(allClosed);
              }
            });
        return;
      }
      if (!closed(next, done, allClosed)) {
        return;
      }
    }
    allClosed.complete();
  }

  /** False when that was the end. */
  private boolean closed(Closing closing, AsyncResult<Void> result, Promise<Void> allClosed) {
    if (result.failed()) {
      allClosed.fail(result.cause());
      return false;
    }
    boolean full = !mayRoll();
    closings.poll();
    toldThatFull &= !closings.isEmpty();
    state.recoveryPoint = Math.max(state.recoveryPoint, closing.newBase());
    state.segmentClosed = true;
    if (full) {
      rolls.mayRollAgain();
    }
    return true;
  }

  private Future<Void> closeSegment(Closing closing) {
    Segment segment = closing.segment();
    return flushClosed(closing)
        .compose(done -> segment.removed ? Future.succeededFuture() : writeFiles(closing))
        .compose(done -> closing.file() == null ? Future.succeededFuture() : closing.file().close())
        .onSuccess(
            done -> {
              SegmentIndexes indexes = segment.indexes;
              segment.indexes = null;
              if (indexes != null) {
                parts.cache().install(segment, indexes);
              }
            });
  }

  private Future<Void> flushClosed(Closing closing) {
    Segment segment = closing.segment();
    boolean onDisk = closing.file() == null && state.recoveryPoint >= closing.newBase();
    if (segment.removed || onDisk) {
      return Future.succeededFuture();
    }
    Future<Void> flushed =
        timed(
            () -> closing.file() == null ? syncByName(segment.logFile()) : closing.file().flush());
    return flushed.recover(
        failure -> {
          if (segment.removed) {
            return Future.succeededFuture(); // Retention renamed it meanwhile.
          }
          flushFailed(failure);
          return Future.failedFuture(failure);
        });
  }

  private Future<Void> writeFiles(Closing closing) {
    SegmentIndexes indexes = closing.segment().indexes;
    Path folder = state.folder;
    return parts.work(
        () -> {
          indexes.write(folder);
          writeSnapshot(folder, closing.newBase(), closing.snapshot());
          WholeFile.syncDirectory(folder);
          return null;
        });
  }

  static void writeSnapshot(Path folder, long offset, ByteBuffer content) throws IOException {
    Path snapshot = SegmentFiles.path(folder, offset, SegmentFiles.SNAPSHOT);
    if (!Files.exists(snapshot)) {
      WholeFile.writeUnsafely(snapshot, content.duplicate());
    }
  }

  /** Waits for all steps, then gives all files back to the system: the log ends. */
  Future<Void> closeFiles() {
    return exclusive(() -> closeActive().eventually(this::forgetClosings));
  }

  /** Gives the active file back to the system; only within {@link #exclusive}. */
  Future<Void> closeActive() {
    AppendFile open = file;
    file = null;
    return open == null ? Future.succeededFuture() : open.close();
  }

  /**
   * The rolled segments that could not be closed are none of this log any more, or are on the disk
   * in another way; only within {@link #exclusive}.
   */
  Future<Void> forgetClosings() {
    List<Future<Void>> closed = new ArrayList<>(closings.size());
    for (Closing closing : closings) {
      if (closing.file() != null) {
        closed.add(closing.file().close());
      }
    }
    closings.clear();
    toldThatFull = false;
    return Future.join(closed)
        .onFailure(e -> LOG.warn("A file in {} could not be closed", state.folder, e))
        .<Void>mapEmpty()
        .otherwiseEmpty();
  }
}
