package io.milena.app.assembly;

import io.vertx.core.Future;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How the main thread waits while the broker is put together or taken apart: with a deadline. */
final class Waiting {
  private static final Logger LOG = LoggerFactory.getLogger(Waiting.class);

  private Waiting() {}

  /** The value of {@code future}; a {@link StartFailure} when it failed or took too long. */
  static <T> T on(String what, Future<T> future, long limitMs) {
    return on(what, future.toCompletionStage().toCompletableFuture(), limitMs);
  }

  /**
   * The value of {@code future}, however long it takes, with a line in the log each {@code tellMs}:
   * for the recovery of logs, whose time the operator's disks decide. A process that gave up here
   * would begin from the start again and again.
   */
  static <T> T patiently(String what, Future<T> future, long tellMs) {
    CompletableFuture<T> result = future.toCompletionStage().toCompletableFuture();
    for (long waitedMs = tellMs; true; waitedMs += tellMs) {
      try {
        return result.get(tellMs, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        LOG.info("Still {}, {} s now", what, waitedMs / 1000);
      } catch (ExecutionException e) {
        return on(what, result, tellMs); // done: fails at once, in our words
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new StartFailure(what + " was interrupted.", e);
      }
    }
  }

  /** As {@link #on(String, Future, long)}. */
  static <T> T on(String what, CompletableFuture<T> future, long limitMs) {
    try {
      return future.get(limitMs, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      if (cause instanceof StartFailure failure) {
        throw failure;
      }
      throw new StartFailure(what + ": " + Sentence.of(cause), cause);
    } catch (TimeoutException e) {
      throw new StartFailure(what + " took more than " + limitMs / 1000 + " s.", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartFailure(what + " was interrupted.", e);
    }
  }

  /** Runs {@code work} on a thread of its own, named and daemon. */
  static <T> CompletableFuture<T> beside(String name, Supplier<T> work) {
    Executor thread =
        task -> {
          Thread own = new Thread(task, name);
          own.setDaemon(true);
          own.start();
        };
    return CompletableFuture.supplyAsync(work, thread);
  }
}
