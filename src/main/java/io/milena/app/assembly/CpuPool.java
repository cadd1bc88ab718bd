package io.milena.app.assembly;

import io.milena.work.CpuWork;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.util.concurrent.Callable;

/** The named executor {@code cpu}: as many threads as cores (architecture §4). Thread-safe. */
record CpuPool(WorkerExecutor executor) implements CpuWork {
  @Override
  public <T> Future<T> run(Callable<T> work) {
    return executor.executeBlocking(work, false);
  }
}
