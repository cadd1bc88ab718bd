package io.milena.work;

import io.vertx.core.Future;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How something begins that says by a flag that it is under way: what the beginning throws must not
 * leave the flag set for ever, but take the way of every other failure, which clears it. Stateless;
 * the step runs at once on the caller's thread.
 */
public final class Attempt {
  private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);

  private Attempt() {}

  /**
   * The future stands for everything that goes wrong, what is thrown included; telling it is the
   * caller's.
   */
  public static <T> Future<T> of(Supplier<Future<T>> step) {
    return of(step, thrown -> {});
  }

  /**
   * As {@link #of(Supplier)}, where what is thrown can only be a bug of ours: told with one ERROR
   * line.
   *
   * @param what for the log line, as the subject of "failed before it began"
   */
  public static <T> Future<T> of(String what, Supplier<Future<T>> step) {
    return of(step, bug -> LOG.error("{} failed before it began", what, bug));
  }

  private static <T> Future<T> of(Supplier<Future<T>> step, Consumer<Throwable> onThrown) {
    try {
      return step.get();
    } catch (RuntimeException | Error thrown) {
      onThrown.accept(thrown);
      return Future.failedFuture(thrown);
    }
  }
}
