package io.milena.api;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Keeps the first stage of one connection's Produce requests in order (architecture §4): a request
 * whose validation left the event loop must reach its shards before the next one of the same
 * connection does, or the pipelined batches of an idempotent producer would swap.
 *
 * <p>One per connection, owned by its event loop. The number of waiting requests is bounded by the
 * connection's own limit of requests in flight.
 */
public final class StageOne {
  private final Deque<Promise<Void>> waiting = new ArrayDeque<>();
  private boolean busy;

  /** True when a request is still on its way to its shards: the caller must {@link #enter}. */
  public boolean busy() {
    return busy;
  }

  /**
   * Asks for the turn. The future completes at once when nothing is under way, else when all that
   * entered earlier have left; whoever got it calls {@link #leave} exactly once.
   */
  public Future<Void> enter() {
    if (!busy) {
      busy = true;
      return Future.succeededFuture();
    }
    Promise<Void> turn = Promise.promise();
    waiting.add(turn);
    return turn.future();
  }

  /** Gives the turn to the next one, if any. */
  public void leave() {
    Promise<Void> next = waiting.poll();
    if (next == null) {
      busy = false;
    } else {
      next.complete();
    }
  }
}
