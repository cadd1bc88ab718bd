package io.milena.storage;

import io.milena.base.Invariant;
import io.milena.log.CorruptFileException;
import io.milena.log.batch.BatchHeader;
import io.milena.log.producer.AbortedTxn;
import io.milena.log.producer.ProducerSnapshot;
import io.milena.log.producer.ProducerStates.CompletedTxn;
import io.milena.log.segment.RollPolicy;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The writing side of one log: stages batches, writes them one write at a time, rolls, and mends
 * the log after a failed write. Owned by the log's event loop.
 *
 * <p>All that changes the active file stands in one queue and is done in order: appends, and steps
 * that need the file for themselves ({@link #exclusive}). While a write runs, batches gather; small
 * ones go out together (group commit). The queue is bounded by the owner's staged bytes.
 *
 * <p>After a failed or short write everything staged is taken back and the file is cut to the last
 * acknowledged byte. A full disk heals when room returns; a second other failure in a row, or a
 * failed repair, takes the directory offline (F11, F12).
 */
final class LogAppender {
  private static final Logger LOG = LoggerFactory.getLogger(LogAppender.class);
  private static final int GATHERED_BELOW_BYTES = 128 << 10;
  private static final int FAILURES_MAX = 2;

  private sealed interface Work permits Staged, Exclusive {}

  /** Batches on their way. {@code rollTo} ≥ 0: a new segment starts before them. */
  private static final class Staged implements Work {
    final ByteBuf records;
    final List<BatchHeader> batches;
    final int sizeBytes;
    final Promise<Void> promise = Promise.promise();
    List<AbortedTxn> aborted = List.of();
    long rollTo = -1;
    ByteBuffer snapshot;

    Staged(ByteBuf records, List<BatchHeader> batches) {
      this.records = records;
      this.batches = batches;
      this.sizeBytes = records.readableBytes();
    }
  }

  private record Exclusive(Runnable step) implements Work {}

  private final LogParts parts;
  private final LogState state;
  private final LogFlusher flusher;
  private final ArrayDeque<Work> queue = new ArrayDeque<>();
  private boolean busy;
  private boolean epochsUnsaved;
  private boolean epochSaveFailed;
  private int failuresInRow;
  private int rewinds;
  private Path rollingTo;

  /** The active segment as it will be when all that is staged is written. */
  private long stagedBase;

  private int stagedBytes;
  private long stagedFirstTimestampMs;
  private long stagedCreatedMs;
  private long stagedJitterMs;

  LogAppender(LogParts parts, LogState state, LogFlusher flusher) {
    this.parts = parts;
    this.state = state;
    this.flusher = flusher;
    stageAsWritten();
  }

  // ---- staging ------------------------------------------------------------------------------

  /** See {@link PartitionLog#append}. */
  Future<Void> append(ByteBuf records, List<BatchHeader> batches) {
    Staged staged = new Staged(records, batches);
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
  private void unstage(Staged staged) {
    state.producers.rollbackTo(state.stagedEnd);
    staged.records.release();
  }

  private void stage(Staged staged) {
    List<BatchHeader> batches = staged.batches;
    BatchHeader first = batches.get(0);
    BatchHeader last = batches.get(batches.size() - 1);
    Invariant.check(
        first.baseOffset() >= state.stagedEnd,
        "%s: append at %d below the staged end %d",
        state.tp,
        first.baseOffset(),
        state.stagedEnd);
    long maxTimestampMs = BatchHeader.maxTimestampMs(batches);
    boolean roll = rollsBefore(staged.sizeBytes, last.lastOffset(), maxTimestampMs);
    ByteBuffer snapshot = roll ? ProducerSnapshot.encode(state.producers.active()) : null;
    fold(staged);
    if (roll) {
      staged.rollTo = first.baseOffset();
      staged.snapshot = snapshot;
      stageNewSegment(first.baseOffset());
    }
    if (stagedBytes == 0) {
      stagedFirstTimestampMs = first.maxTimestampMs();
    }
    stagedBytes += staged.sizeBytes;
    assignEpochs(batches);
    state.stagedEnd = last.nextOffset();
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

  private boolean rollsBefore(int sizeBytes, long lastOffset, long maxTimestampMs) {
    return RollPolicy.shouldRoll(
        stagedSegment(),
        new RollPolicy.Append(sizeBytes, lastOffset, maxTimestampMs),
        state.config,
        parts.clock().wallMs());
  }

  private RollPolicy.ActiveSegment stagedSegment() {
    boolean active = stagedBase == state.active.baseOffset;
    return new RollPolicy.ActiveSegment(
        stagedBase,
        stagedBytes,
        stagedFirstTimestampMs,
        stagedCreatedMs,
        stagedJitterMs,
        active ? state.active.indexes.offsets.entries() : 0,
        active ? state.active.indexes.times.entries() : 0);
  }

  /** True when the active segment, with all that is staged, has outlived {@code segment.ms}. */
  boolean expired(long nowMs) {
    return nowMs - stagedCreatedMs > state.config.maxSegmentMs() - stagedJitterMs
        && RollPolicy.expired(stagedSegment(), state.config, nowMs);
  }

  private void fold(Staged staged) {
    ByteBuffer bytes = null;
    for (BatchHeader batch : staged.batches) {
      if (batch.isControl() && bytes == null) {
        bytes = staged.records.nioBuffer();
      }
      CompletedTxn completed = state.producers.apply(batch, bytes);
      if (completed != null && completed.aborted()) {
        if (staged.aborted.isEmpty()) {
          staged.aborted = new ArrayList<>(1);
        }
        staged.aborted.add(completed.toAbortedTxn());
      }
    }
  }

  private void assignEpochs(List<BatchHeader> batches) {
    for (BatchHeader batch : batches) {
      if (batch.leaderEpoch() > state.epochs.latestEpoch()) {
        epochsUnsaved |= state.epochs.assign(batch.leaderEpoch(), batch.baseOffset());
      }
    }
  }

  private void stageNewSegment(long baseOffset) {
    stagedBase = baseOffset;
    stagedBytes = 0;
    stagedFirstTimestampMs = -1;
    stagedCreatedMs = parts.clock().wallMs();
    stagedJitterMs = RollPolicy.jitterMs(state.config, parts.random());
  }

  /** What is staged is what is written. */
  private void stageAsWritten() {
    state.stagedEnd = state.logEnd;
    stagedBase = state.active.baseOffset;
    stagedBytes = state.active.sizeBytes;
    stagedFirstTimestampMs = state.active.indexes.firstTimestampMs();
    stagedCreatedMs = state.active.createdMs;
    stagedJitterMs = state.active.jitterMs;
  }

  /** See {@link PartitionLog#beginEpoch}. The file is written before the epoch's first batch. */
  void beginEpoch(int epoch) {
    if (state.epochs.assign(epoch, state.stagedEnd)) {
      epochsUnsaved = true;
      pump();
    }
  }

  // ---- the queue ----------------------------------------------------------------------------

  /** Runs a step when what was staged before it is written; nothing is written meanwhile. */
  <T> Future<T> exclusive(Supplier<Future<T>> step) {
    Promise<T> promise = Promise.promise();
    queue.add(
        new Exclusive(
            () -> {
              busy = true;
              StorageWorkers.attempt(step)
                  .onComplete(
                      result -> {
                        promise.handle(result);
                        busy = false;
                        pump();
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
    Work head = queue.peek();
    boolean saveDue =
        epochsUnsaved && (!epochSaveFailed || head instanceof Staged) && !state.epochFileNeedless();
    if (saveDue && state.closed == null) {
      saveEpochs();
    } else if (head instanceof Exclusive exclusive) {
      queue.poll();
      exclusive.step().run();
    } else if (head instanceof Staged staged) {
      if (staged.rollTo >= 0) {
        rollFor(staged);
      } else if (flusher.file() == null) {
        openActive();
      } else {
        write();
      }
    }
  }

  /** Not synced here: R30 wants it in background batches; one that a crash tore is rebuilt. */
  private void saveEpochs() {
    byte[] content = state.epochs.encode();
    Path file = state.folder.resolve(SegmentFiles.EPOCHS);
    busy = true;
    epochsUnsaved = false;
    parts
        .work(
            () -> {
              WholeFile.replaceUnsafely(file, ByteBuffer.wrap(content));
              return null;
            })
        .onComplete(
            saved -> {
              epochSaveFailed = saved.failed();
              if (saved.failed()) {
                epochsUnsaved = true;
                failed(saved.cause(), List.of());
              } else {
                state.epochFileExists = true;
                flusher.epochsSaved();
                done();
              }
            });
  }

  private void openActive() {
    busy = true;
    StorageWorkers.attempt(() -> parts.files().open(state.active.logFile()))
        .onComplete(
            opened -> {
              if (opened.failed()) {
                failed(opened.cause(), List.of());
              } else {
                flusher.setFile(opened.result());
                done();
              }
            });
  }

  private void done() {
    busy = false;
    pump();
  }

  // ---- rolling ------------------------------------------------------------------------------

  private void rollFor(Staged staged) {
    busy = true;
    StorageWorkers.attempt(() -> roll(staged.rollTo, staged.snapshot))
        .onComplete(
            rolled -> {
              if (rolled.failed()) {
                failed(rolled.cause(), List.of());
              } else {
                staged.rollTo = -1;
                staged.snapshot = null;
                done();
              }
            });
  }

  /** Rolls at the log end; only within {@link #exclusive} and with nothing staged behind. */
  Future<Void> rollNow() {
    if (state.active.sizeBytes == 0 || state.logEnd != state.stagedEnd) {
      return Future.succeededFuture();
    }
    return roll(state.logEnd, ProducerSnapshot.encode(state.producers.active()))
        .onSuccess(rolled -> stageAsWritten());
  }

  private Future<Void> roll(long newBase, ByteBuffer snapshot) {
    Segment next =
        new Segment(
            newBase,
            state.folder,
            parts.clock().wallMs(),
            RollPolicy.jitterMs(state.config, parts.random()));
    next.indexes = new SegmentIndexes(newBase);
    rollingTo = next.logFile();
    return parts
        .files()
        .open(rollingTo)
        .map(
            file -> {
              rollingTo = null;
              Segment old = state.active;
              AppendFile oldFile = flusher.file();
              old.indexes.close();
              old.largestTimestampMs = old.indexes.largestTimestampMs();
              state.segments.put(newBase, next);
              state.active = next;
              epochsUnsaved |= !state.epochFileExists && !state.epochs.isEmpty();
              state.recent.reset(newBase, 0);
              flusher.setFile(file);
              flusher.segmentClosed(old, oldFile, newBase, snapshot);
              return null;
            });
  }

  // ---- writing ------------------------------------------------------------------------------

  private void write() {
    busy = true;
    List<Staged> group = takeGroup();
    ByteBuf bytes;
    try {
      bytes = gather(group);
    } catch (RuntimeException | OutOfMemoryError e) {
      // Direct memory is used up, which passes: it must not keep this log busy for ever.
      group.forEach(staged -> staged.records.release());
      failed(e, group);
      return;
    }
    StorageWorkers.attempt(() -> flusher.file().write(bytes, state.active.sizeBytes))
        .onComplete(result -> written(result, group, bytes));
  }

  private List<Staged> takeGroup() {
    Staged head = (Staged) queue.poll();
    List<Staged> group = new ArrayList<>(4);
    group.add(head);
    int bytes = head.sizeBytes;
    while (bytes < GATHERED_BELOW_BYTES || group.size() > 1) {
      boolean joins =
          queue.peek() instanceof Staged next
              && next.rollTo < 0
              && next.sizeBytes < GATHERED_BELOW_BYTES
              && bytes + next.sizeBytes <= StagingBuffers.BYTES;
      if (!joins) {
        break;
      }
      Staged next = (Staged) queue.poll();
      group.add(next);
      bytes += next.sizeBytes;
    }
    return group;
  }

  /** One direct buffer: the batch's own, or one with all of them. Throws before it releases. */
  private ByteBuf gather(List<Staged> group) {
    ByteBuf first = group.get(0).records;
    boolean asItIs = first.isDirect() && first.nioBufferCount() == 1;
    if (group.size() == 1 && (asItIs || first.readableBytes() > StagingBuffers.BYTES)) {
      return asItIs ? first : directCopy(first);
    }
    int bytes = 0;
    for (Staged staged : group) {
      bytes += staged.sizeBytes;
    }
    ByteBuf together = parts.staging().take(bytes);
    for (Staged staged : group) {
      together.writeBytes(staged.records, staged.records.readerIndex(), staged.sizeBytes);
    }
    group.forEach(staged -> staged.records.release());
    return together;
  }

  private static ByteBuf directCopy(ByteBuf records) {
    int bytes = records.readableBytes();
    ByteBuf copy = ByteBufAllocator.DEFAULT.directBuffer(bytes, bytes).writeBytes(records);
    records.release();
    return copy;
  }

  private void written(AsyncResult<Void> result, List<Staged> group, ByteBuf bytes) {
    parts.staging().give(bytes);
    if (result.failed()) {
      failed(result.cause(), group);
      return;
    }
    failuresInRow = 0;
    long bytesBefore = state.sizeBytes;
    long before = state.logEnd;
    try {
      group.forEach(this::takeIn);
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

  private void takeIn(Staged staged) {
    Segment active = state.active;
    int start = active.sizeBytes;
    for (BatchHeader batch : staged.batches) {
      int position = start + batch.position();
      active.indexes.add(batch, position, state.config.indexIntervalBytes());
      state.recent.add(batch.lastOffset(), position, batch.sizeBytes());
    }
    for (AbortedTxn aborted : staged.aborted) {
      active.indexes.add(aborted);
    }
    active.sizeBytes += staged.sizeBytes;
    state.sizeBytes += staged.sizeBytes;
    state.logEnd = staged.batches.get(staged.batches.size() - 1).nextOffset();
    active.nextOffset = state.logEnd;
  }

  // ---- failing ------------------------------------------------------------------------------

  /** Nothing of what was staged stays; {@code busy} until the file is mended. */
  private void failed(Throwable cause, List<Staged> inFlight) {
    StorageException error =
        new StorageException("Writing to " + state.active.logFile() + " failed: " + cause, cause);
    LOG.warn("{}: taking back what was staged", error.getMessage());
    state.refusal = error;
    List<Staged> lost = new ArrayList<>(inFlight);
    boolean fatal = false;
    if (NoRoom.isCauseOf(cause)) {
      state.directory.noRoom();
    } else if (!(cause instanceof OutOfMemoryError)) {
      fatal = ++failuresInRow >= FAILURES_MAX;
    }
    takeBack(lost);
    boolean giveUp = fatal;
    flusher
        .exclusive(this::mend)
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

  private void takeBack(List<Staged> lost) {
    List<Work> kept = new ArrayList<>();
    for (Work work : queue) {
      if (work instanceof Staged staged) {
        staged.records.release();
        lost.add(staged);
      } else {
        kept.add(work);
      }
    }
    queue.clear();
    queue.addAll(kept);
    state.producers.rollbackTo(state.logEnd);
    int epoch = state.epochs.latestEpoch();
    if (state.epochs.dropBeyond(state.logEnd)) {
      state.epochs.assign(epoch, state.logEnd);
      epochsUnsaved = true;
    }
    stageAsWritten();
  }

  /** What is on the disk cannot be taken in: nothing more is appended until a start recovers it. */
  private void broken(RuntimeException bug, List<Staged> group) {
    StorageException error = new StorageException(state.tp + " is broken: " + bug, bug);
    LOG.error("{} refuses appends until the next start", state.tp, bug);
    state.refusal = error;
    List<Staged> lost = new ArrayList<>(group);
    takeBack(lost);
    done();
    lost.forEach(staged -> staged.promise.fail(error));
  }

  /** Cuts the file to what was acknowledged; it is opened again by the next write. */
  private Future<Void> mend() {
    AppendFile broken = flusher.file();
    flusher.setFile(null);
    Path half = rollingTo;
    rollingTo = null;
    Path log = state.active.logFile();
    long sizeBytes = state.active.sizeBytes;
    Future<Void> closed = broken == null ? Future.succeededFuture() : broken.close();
    return closed
        .otherwiseEmpty()
        .compose(
            nothing ->
                parts.work(
                    () -> {
                      if (half != null) {
                        Files.deleteIfExists(half);
                      }
                      parts.files().truncate(log, sizeBytes);
                      return null;
                    }));
  }

  /** The directory is offline: what is queued fails, what comes is refused. */
  void directoryFailed(StorageException error) {
    state.refusal = error;
    if (!busy) {
      List<Staged> lost = new ArrayList<>();
      takeBack(lost);
      lost.forEach(staged -> staged.promise.fail(error));
    }
  }
}
