package io.milena.bus;

import io.vertx.core.Future;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a verticle begins something that says by a flag that it is under way: what the beginning
 * throws must not leave the flag set for ever, but take the way of every other failure, which
 * clears it and tries again after a while. Stateless.
 */
public final class Attempt {
  private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);

  private Attempt() {}

  /**
   * Calls {@code step} at once. The future stands for everything that goes wrong: what is thrown is
   * a bug of ours, told with one ERROR line, and fails it.
   *
   * @param what for the log line, as the subject of "failed before it began"
   */
  public static <T> Future<T> of(String what, Supplier<Future<T>> step) {
    try {
      return step.get();
    } catch (RuntimeException | Error bug) {
      LOG.error("{} failed before it began", what, bug);
      return Future.failedFuture(bug);
    }
  }
}
