package io.milena.storage;

import io.milena.storage.file.StorageException;

/**
 * Answer to one {@link OpenLog}: a log, or why there is none.
 *
 * @param log null when {@code error} is not
 * @param error null when {@code log} is not; its directory may be offline
 * @param checkpointedHighWatermark from replication-offset-checkpoint, clipped to [log start, log
 *     end]; the log start when there was none
 * @param created true when the log did not exist before
 * @param cutBelowHighWatermark true when recovery cut batches below the checkpointed high
 *     watermark: the log is dirty (R15)
 * @param damaged true when every directory was closed cleanly, yet this log is not as it was left:
 *     cut, garbled or gone. After an unclean stop nobody takes a log for whole and this is false
 */
public record OpenedLog(
    PartitionLog log,
    StorageException error,
    long checkpointedHighWatermark,
    boolean created,
    boolean cutBelowHighWatermark,
    boolean damaged) {

  static OpenedLog failed(StorageException error) {
    return new OpenedLog(null, error, -1, false, false, false);
  }
}
