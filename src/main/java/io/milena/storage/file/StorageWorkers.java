package io.milena.storage.file;

import io.milena.work.Attempt;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/**
 * The named executor for blocking file work that Vert.x's asynchronous file API has no call for.
 */
public final class StorageWorkers {
  private static final String NAME = "storage";
  private static final int THREADS_MAX = 4;
  private static final long WARN_AFTER_S = 60;

  private StorageWorkers() {}

  /** The shared executor of this Vert.x instance; each caller closes its own handle. */
  public static WorkerExecutor executor(Vertx vertx) {
    int threads = Math.min(THREADS_MAX, 2 * Runtime.getRuntime().availableProcessors());
    return vertx.createSharedWorkerExecutor(NAME, threads, WARN_AFTER_S, TimeUnit.SECONDS);
  }

  /** Runs off the loop, unordered; completes on the caller's context. */
  public static <T> Future<T> run(WorkerExecutor executor, Callable<T> blocking) {
    return Attempt.of(() -> executor.executeBlocking(blocking, false));
  }
}
