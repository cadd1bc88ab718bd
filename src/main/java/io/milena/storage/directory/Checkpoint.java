package io.milena.storage.directory;

/** The checkpoint files of a log directory that Milena writes. */
public enum Checkpoint {
  /** Offset below which everything is on the disk. */
  RECOVERY_POINT("recovery-point-offset-checkpoint"),
  /** Log start offsets that are above the first segment's base offset. */
  LOG_START("log-start-offset-checkpoint"),
  HIGH_WATERMARK("replication-offset-checkpoint"),
  /** First dirty offsets of compacted logs. */
  CLEANER("cleaner-offset-checkpoint");

  private final String fileName;

  Checkpoint(String fileName) {
    this.fileName = fileName;
  }

  String fileName() {
    return fileName;
  }
}
