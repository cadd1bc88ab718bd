package io.milena.storage;

import io.milena.log.batch.BatchHeader;
import io.milena.storage.file.SegmentFiles;
import io.milena.storage.file.WholeFile;
import io.vertx.core.Future;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * The leader epochs of one log and whether their file says the same. The appender writes it before
 * the first batch of an epoch. Owned by the log's event loop.
 */
final class EpochFile {
  private final LogParts parts;
  private final LogState state;
  private boolean unsaved;
  private boolean saveFailed;

  EpochFile(LogParts parts, LogState state) {
    this.parts = parts;
    this.state = state;
  }

  /** An epoch starts at the staged end; false when that is known. */
  boolean begin(int epoch) {
    boolean fresh = state.epochs.assign(epoch, state.stagedEnd);
    unsaved |= fresh;
    return fresh;
  }

  /** Batches are being staged. */
  void assign(List<BatchHeader> batches) {
    for (BatchHeader batch : batches) {
      if (batch.leaderEpoch() > state.epochs.latestEpoch()) {
        unsaved |= state.epochs.assign(batch.leaderEpoch(), batch.baseOffset());
      }
    }
  }

  /** From now on a recovery would not find the epochs by itself. */
  void rolled() {
    unsaved |= !state.epochFileExists && !state.epochs.isEmpty();
  }

  /** Only what is written counts; the latest epoch stays, it has begun. */
  void takeBack() {
    int epoch = state.epochs.latestEpoch();
    if (state.epochs.dropBeyond(state.logEnd)) {
      state.epochs.assign(epoch, state.logEnd);
      unsaved = true;
    }
  }

  /** After a failure it waits for the next batch: the disk is not asked in a circle. */
  boolean saveDue(boolean batchWaits) {
    return unsaved
        && (!saveFailed || batchWaits)
        && !state.epochFileNeedless()
        && state.closed == null;
  }

  /** Not synced here: R30 wants it in background batches; one that a crash tore is rebuilt. */
  Future<Void> save() {
    byte[] content = state.epochs.encode();
    Path file = state.folder.resolve(SegmentFiles.EPOCHS);
    unsaved = false;
    return parts
        .<Void>work(
            () -> {
              WholeFile.replaceUnsafely(file, ByteBuffer.wrap(content));
              return null;
            })
        .onComplete(
            saved -> {
              saveFailed = saved.failed();
              unsaved |= saved.failed();
              state.epochFileExists |= saved.succeeded();
            });
  }
}
