package io.milena.storage;

import io.milena.base.Clock;
import io.milena.base.RandomSource;
import io.milena.metrics.LogMeters;
import io.milena.storage.directory.LogDirectories;
import io.milena.storage.directory.StorageOptions;
import io.milena.storage.file.LogFiles;
import io.milena.storage.file.StorageWorkers;
import io.milena.storage.segment.SegmentCache;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.concurrent.Callable;

/**
 * What all logs of one store use. Owned by the store's event loop.
 *
 * @param options as given to the store
 * @param staging where small batches are gathered
 * @param cache indexes and read channels of the store's segments
 * @param meters of all logs of the broker
 */
record LogParts(
    Vertx vertx,
    LogDirectories directories,
    WorkerExecutor executor,
    LogFiles files,
    SegmentCache cache,
    StagingBuffers staging,
    StorageOptions options,
    Clock clock,
    RandomSource random,
    LogMeters meters) {

  /** Runs blocking work off the loop; completes on this store's context. */
  <T> Future<T> work(Callable<T> blocking) {
    return StorageWorkers.run(executor, blocking);
  }
}
