package io.milena.api;

import io.vertx.core.Future;
import java.util.concurrent.Callable;

/**
 * The named executor {@code cpu}: work that would hold an event loop too long, such as
 * decompressing to validate (architecture §4). As many threads as cores.
 */
@FunctionalInterface
public interface CpuWork {
  /** Runs {@code work} there; the future completes on the caller's context. */
  <T> Future<T> run(Callable<T> work);
}
