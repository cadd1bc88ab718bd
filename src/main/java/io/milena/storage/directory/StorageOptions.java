package io.milena.storage.directory;

import java.nio.file.Path;
import java.util.List;

/**
 * What storage is told once.
 *
 * @param logDirs {@code log.dirs}, at least one
 * @param diskReserveBytes {@code milena.disk.reserve.bytes}; -1 = min(1 GiB, 2 % of the file
 *     system)
 * @param shards number of {@code LogStore}s that will share the directories
 * @param indexCacheBytes bound of the cached indexes of closed segments, all stores together
 * @param openSegmentsMax bound of the open read channels of segments, all stores together
 * @param highWatermarkCheckpointMs {@code replica.high.watermark.checkpoint.interval.ms}
 * @param recoveryPointCheckpointMs {@code log.flush.offset.checkpoint.interval.ms}
 * @param logStartCheckpointMs {@code log.flush.start.offset.checkpoint.interval.ms}
 * @param producerIdExpirationMs {@code producer.id.expiration.ms}
 */
public record StorageOptions(
    List<Path> logDirs,
    long diskReserveBytes,
    int shards,
    long indexCacheBytes,
    int openSegmentsMax,
    long highWatermarkCheckpointMs,
    long recoveryPointCheckpointMs,
    long logStartCheckpointMs,
    int producerIdExpirationMs) {

  public StorageOptions {
    logDirs = List.copyOf(logDirs);
    if (logDirs.isEmpty()) {
      throw new IllegalArgumentException("log.dirs names no directory");
    }
    if (shards < 1) {
      throw new IllegalArgumentException("shards must be positive: " + shards);
    }
  }

  /** Kafka's defaults, 32 MiB of indexes and 1,024 open segments. */
  public static StorageOptions defaults(List<Path> logDirs, int shards) {
    return new StorageOptions(
        logDirs, -1, shards, 32L << 20, 1024, 5_000, 60_000, 60_000, 86_400_000);
  }
}
