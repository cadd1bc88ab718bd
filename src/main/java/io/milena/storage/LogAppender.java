package io.milena.storage;

import io.milena.base.Invariant;
import io.milena.log.CorruptFileException;
import io.milena.log.batch.BatchHeader;
import io.milena.log.producer.ProducerSnapshot;
import io.milena.storage.file.NoRoom;
import io.milena.storage.file.StorageException;
import io.milena.work.Attempt;
import io.netty.buffer.ByteBuf;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The writing side of one log: stages batches, writes them one write at a time, rolls, and mends
 * the log after a failed write. Owned by the log's event loop.
 *
 * <p>All that changes the active file stands in one {@link AppendQueue} and is done in order:
 * appends, and steps that need the file for themselves ({@link #exclusive}). While a write runs,
 * batches gather; small ones go out together (group commit).
 *
 * <p>After a failed or short write everything staged is taken back and the file is cut to the last
 * acknowledged byte. A full disk heals when room returns; a second other failure in a row, or a
 * failed repair, takes the directory offline (F11, F12).
 */
final class LogAppender {
  private static final Logger LOG = LoggerFactory.getLogger(LogAppender.class);
  private static final int FAILURES_MAX = 2;

  private final LogParts parts;
  private final LogState state;
  private final LogFlusher flusher;
  private final ActiveFile file;
  private final EpochFile epochs;
  private final StagedSegment stagedSegment;
  private final AppendQueue queue = new AppendQueue();
  private boolean busy;
  private int failuresInRow;
  private int rewinds;

  LogAppender(LogParts parts, LogState state, LogFlusher flusher) {
    this.parts = parts;
    this.state = state;
    this.flusher = flusher;
    file = new ActiveFile(parts, state, flusher);
    epochs = new EpochFile(parts, state);
    stagedSegment = new StagedSegment(parts, state);
    stageAsWritten();
    flusher.setRollListener(new Rolls());
  }

  // ---- staging ------------------------------------------------------------------------------

  /** See {@link PartitionLog#append}. */
  Future<Void> append(ByteBuf records, List<BatchHeader> batches) {
    StagedAppend staged = new StagedAppend(records, batches);
    StorageException refused = refusal(staged.sizeBytes);
    if (refused != null) {
      records.release();
      return Future.failedFuture(refused);
    }
    try {
      stage(staged);
    } catch (CorruptFileException e) {
      unstage(staged);
      return Future.failedFuture(new StorageException("A control batch is garbled", e));
    } catch (RuntimeException bug) {
      unstage(staged);
      throw bug;
    }
    queue.add(staged);
    pump();
    return staged.promise.future();
  }

  /** It was not staged: the log is as before. */
  private void unstage(StagedAppend staged) {
    state.producers.rollbackTo(state.stagedEnd);
    staged.records.release();
  }

  private void stage(StagedAppend staged) {
    Invariant.check(
        staged.firstOffset() >= state.stagedEnd,
        "%s: append at %d below the staged end %d",
        state.tp,
        staged.firstOffset(),
        state.stagedEnd);
    boolean roll = stagedSegment.rollsBefore(staged);
    ByteBuffer snapshot = roll ? ProducerSnapshot.encode(state.producers.active()) : null;
    staged.foldInto(state.producers);
    if (roll) {
      staged.rollBefore(snapshot);
      stagedSegment.startAt(staged.firstOffset());
    }
    stagedSegment.add(staged);
    epochs.assign(staged.batches);
    state.stagedEnd = staged.nextOffset();
  }

  private StorageException refusal(int sizeBytes) {
    if (state.closed != null) {
      return state.closed;
    }
    if (state.refusal != null) {
      return state.refusal;
    }
    if (rewinds > 0) {
      return new StorageException(state.tp + " is being truncated");
    }
    return state.directory.takeRoom(sizeBytes)
        ? null
        : new StorageException(
            "Log directory "
                + state.directory
                + " has no room left above its reserve (milena.disk.reserve.bytes)");
  }

  /** True when the active segment, with all that is staged, has outlived {@code segment.ms}. */
  boolean expired(long nowMs) {
    return stagedSegment.expired(nowMs);
  }

  /** What is staged is what is written. */
  private void stageAsWritten() {
    state.stagedEnd = state.logEnd;
    stagedSegment.setAsWritten();
  }

  /** See {@link PartitionLog#beginEpoch}. The file is written before the epoch's first batch. */
  void beginEpoch(int epoch) {
    if (epochs.begin(epoch)) {
      pump();
    }
  }

  // ---- the queue ----------------------------------------------------------------------------

  /** Runs a step when what was staged before it is written; nothing is written meanwhile. */
  <T> Future<T> exclusive(Supplier<Future<T>> step) {
    Promise<T> promise = Promise.promise();
    queue.add(
        new AppendQueue.Exclusive(
            () -> {
              busy = true;
              Attempt.of(step)
                  .onComplete(
                      result -> {
                        promise.handle(result);
                        done();
                      });
            }));
    pump();
    return promise.future();
  }

  /**
   * As {@link #exclusive}; appends are refused until it is done, for their offsets would change.
   */
  <T> Future<T> rewind(Supplier<Future<T>> step) {
    rewinds++;
    return exclusive(step)
        .onComplete(
            done -> {
              rewinds--;
              stageAsWritten();
            });
  }

  private void pump() {
    if (busy) {
      return;
    }
    AppendQueue.Work head = queue.peek();
    if (epochs.saveDue(head instanceof StagedAppend)) {
      saveEpochs();
    } else if (head instanceof AppendQueue.Exclusive exclusive) {
      queue.poll();
      exclusive.step().run();
    } else if (head instanceof StagedAppend staged) {
      StorageException over = over();
      if (over != null) {
        giveUp(List.of(), over);
      } else if (staged.rollDue()) {
        // Not busy while it waits: what ends the log or its directory takes back what stands here.
        if (flusher.mayRoll()) {
          rollFor(staged);
        }
      } else if (!file.isOpen()) {
        alone(file::open, () -> {});
      } else {
        write();
      }
    }
  }

  /** Why nothing that is staged is written any more, null while it is. */
  private StorageException over() {
    if (state.closed != null) {
      return state.closed;
    }
    return state.directory.online() ? null : offline();
  }

  private StorageException offline() {
    return new StorageException("Log directory " + state.directory + " is offline");
  }

  private void done() {
    busy = false;
    pump();
  }

  /** Nothing else is begun until a step is over; what is staged is lost when it fails. */
  private void alone(Supplier<Future<Void>> step, Runnable onSuccess) {
    busy = true;
    Attempt.of(step)
        .onComplete(
            over -> {
              if (over.failed()) {
                failed(over.cause(), List.of());
              } else {
                onSuccess.run();
                done();
              }
            });
  }

  private void saveEpochs() {
    alone(epochs::save, flusher::epochsSaved);
  }

  private void rollFor(StagedAppend staged) {
    alone(
        () -> file.roll(staged.firstOffset(), staged.snapshot()),
        () -> {
          staged.rolled();
          epochs.rolled();
        });
  }

  /**
   * Rolls at the log end, now or not at all, for housekeeping asks again; only within {@link
   * #exclusive}.
   */
  Future<Void> rollNow() {
    boolean nothingStaged = state.logEnd == state.stagedEnd;
    if (state.active.sizeBytes == 0 || !nothingStaged || !flusher.mayRoll()) {
      return Future.succeededFuture();
    }
    return file.roll(state.logEnd, ProducerSnapshot.encode(state.producers.active()))
        .onSuccess(
            rolled -> {
              epochs.rolled();
              stageAsWritten();
            });
  }

  // ---- writing ------------------------------------------------------------------------------

  private void write() {
    busy = true;
    List<StagedAppend> group = queue.takeGroup();
    ByteBuf bytes;
    try {
      bytes = parts.staging().gather(group);
    } catch (RuntimeException | OutOfMemoryError e) {
      // Direct memory is used up, which passes: it must not keep this log busy for ever.
      group.forEach(staged -> staged.records.release());
      failed(e, group);
      return;
    }
    Attempt.of(() -> flusher.file().write(bytes, state.active.sizeBytes))
        .onComplete(result -> written(result, group, bytes));
  }

  private void written(AsyncResult<Void> result, List<StagedAppend> group, ByteBuf bytes) {
    parts.staging().give(bytes);
    if (result.failed()) {
      failed(result.cause(), group);
      return;
    }
    failuresInRow = 0;
    long bytesBefore = state.sizeBytes;
    long before = state.logEnd;
    try {
      group.forEach(state::take);
    } catch (RuntimeException bug) {
      broken(bug, group);
      return;
    }
    parts.meters().wrote(group.size(), state.sizeBytes - bytesBefore);
    state.producers.confirm(state.logEnd);
    Future<Void> durable = flusher.appended(state.logEnd - before);
    done();
    if (durable == null) {
      group.forEach(staged -> staged.promise.complete());
    } else {
      durable.onComplete(flushed -> group.forEach(staged -> staged.promise.handle(flushed)));
    }
  }

  // ---- failing ------------------------------------------------------------------------------

  /** Nothing of what was staged stays; {@code busy} until the file is mended. */
  private void failed(Throwable cause, List<StagedAppend> inFlight) {
    StorageException error =
        new StorageException("Writing to " + state.active.logFile() + " failed: " + cause, cause);
    LOG.warn("{}: taking back what was staged", error.getMessage());
    state.refusal = error;
    boolean fatal = false;
    if (NoRoom.isCauseOf(cause)) {
      state.directory.noRoom();
    } else if (!(cause instanceof OutOfMemoryError)) {
      fatal = ++failuresInRow >= FAILURES_MAX;
    }
    List<StagedAppend> lost = takeBack(inFlight);
    boolean giveUp = fatal;
    flusher
        .exclusive(file::mend)
        .onComplete(
            mended -> {
              if (mended.failed() || giveUp) {
                parts.directories().fail(state.directory.index(), error);
              } else if (state.directory.online()) {
                state.refusal = null;
              }
              done();
            });
    lost.forEach(staged -> staged.promise.fail(error));
  }

  /** Those in flight and all that are staged behind them: the log is as it is written. */
  private List<StagedAppend> takeBack(List<StagedAppend> inFlight) {
    List<StagedAppend> lost = new ArrayList<>(inFlight);
    lost.addAll(queue.takeBack());
    state.producers.rollbackTo(state.logEnd);
    epochs.takeBack();
    stageAsWritten();
    return lost;
  }

  /** What is on the disk cannot be taken in: nothing more is appended until a start recovers it. */
  private void broken(RuntimeException bug, List<StagedAppend> group) {
    StorageException error = new StorageException(state.tp + " is broken: " + bug, bug);
    LOG.error("{} refuses appends until the next start", state.tp, bug);
    state.refusal = error;
    busy = false;
    giveUp(group, error);
  }

  /** What is staged fails; steps that stood behind it go on. */
  private void giveUp(List<StagedAppend> inFlight, StorageException error) {
    List<StagedAppend> lost = takeBack(inFlight);
    pump();
    lost.forEach(staged -> staged.promise.fail(error));
  }

  /** The directory is offline: what is queued fails once nothing is under way, what comes does. */
  void directoryFailed() {
    state.refusal = offline();
    if (!busy) {
      giveUp(List.of(), state.refusal);
    }
  }

  /** For an append that waits for its roll. */
  private final class Rolls implements LogFlusher.RollListener {
    @Override
    public void mayRollAgain() {
      pump();
    }

    /** Nobody waits for ever: who appends is told, and a close that stands behind goes on. */
    @Override
    public void cannotRoll(Throwable cause) {
      boolean waits = !busy && queue.peek() instanceof StagedAppend head && head.rollDue();
      if (waits) {
        String what = "Rolled segments of " + state.tp + " cannot be closed: ";
        giveUp(List.of(), new StorageException(what + cause, cause));
      }
    }
  }
}
