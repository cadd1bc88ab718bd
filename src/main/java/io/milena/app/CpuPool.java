package io.milena.app;

import io.milena.api.CpuWork;
import io.milena.coordinator.BlockingWork;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.util.concurrent.Callable;

/** The named executor {@code cpu}, for the APIs and for the coordinators. */
record CpuPool(WorkerExecutor executor) implements CpuWork, BlockingWork {
  @Override
  public <T> Future<T> run(Callable<T> work) {
    return executor.executeBlocking(work, false);
  }
}
