package io.milena.work;

import io.vertx.core.Future;
import java.util.concurrent.Callable;

/**
 * Work that would hold an event loop too long: decompressing to validate, reading an internal log
 * and decoding it.
 */
@FunctionalInterface
public interface CpuWork {
  /** Runs {@code work} elsewhere; the future completes on the caller's context. */
  <T> Future<T> run(Callable<T> work);
}
