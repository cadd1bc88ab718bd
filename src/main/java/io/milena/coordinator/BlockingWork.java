package io.milena.coordinator;

import io.vertx.core.Future;
import java.util.concurrent.Callable;

/**
 * A named executor for what would hold an event loop too long: reading a log and decompressing it.
 */
@FunctionalInterface
public interface BlockingWork {
  /** Runs {@code work} there; the future completes on the caller's context. */
  <T> Future<T> run(Callable<T> work);
}
