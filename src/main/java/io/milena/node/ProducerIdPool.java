package io.milena.node;

import io.milena.base.Backoff;
import io.milena.base.RandomSource;
import io.milena.work.Attempt;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.CoordinatorLoadInProgressException;
import org.apache.kafka.common.message.AllocateProducerIdsResponseData;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Producer ids of this broker: a block in use and the next one, fetched before the first is used
 * up, so that InitProducerId does not wait for ZooKeeper. Owned by the node's context.
 */
final class ProducerIdPool {
  private static final Logger LOG = LoggerFactory.getLogger(ProducerIdPool.class);
  private static final int MAX_WAITING = 1_000;
  private static final long WAIT_LIMIT_MS = 5_000;
  private static final long FIRST_PAUSE_MS = 50;
  private static final long LONGEST_PAUSE_MS = 2_000;

  private final Vertx vertx;
  private final Supplier<Future<AllocateProducerIdsResponseData>> source;
  private final Backoff pause;
  private final Deque<Promise<Long>> waiting = new ArrayDeque<>();
  private final Promise<Void> held = Promise.promise();
  private long next;
  private long end;
  private long reserveStart;
  private long reserveEnd;
  private boolean fetching;
  private boolean closed;

  /**
   * @param source asks the controller for a block
   */
  ProducerIdPool(
      Vertx vertx, Supplier<Future<AllocateProducerIdsResponseData>> source, RandomSource random) {
    this.vertx = vertx;
    this.source = source;
    this.pause = new Backoff(FIRST_PAUSE_MS, LONGEST_PAUSE_MS, random);
  }

  /** Completes when a first block is there. */
  Future<Void> held() {
    return held.future();
  }

  /** Fetches until there is a block in reserve. */
  void fill() {
    if (fetching || closed || reserveEnd > reserveStart) {
      return;
    }
    fetching = true;
    Attempt.of("Asking for producer ids", source)
        .onComplete(
            result -> {
              fetching = false;
              if (result.failed()) {
                LOG.debug("No block of producer ids yet", result.cause());
                vertx.setTimer(pause.nextMs(), t -> fill());
                return;
              }
              pause.reset();
              reserveStart = result.result().producerIdStart();
              reserveEnd = reserveStart + result.result().producerIdLen();
              serve();
            });
  }

  /** The next id, at once or when a block came. */
  Future<Long> next() {
    if (waiting.isEmpty() && left()) {
      long id = take();
      return Future.succeededFuture(id);
    }
    if (waiting.size() >= MAX_WAITING) {
      return Future.failedFuture(tooLate());
    }
    Promise<Long> promise = Promise.promise();
    waiting.add(promise);
    vertx.setTimer(WAIT_LIMIT_MS, t -> promise.tryFail(tooLate()));
    fill();
    return promise.future();
  }

  void close() {
    closed = true;
    waiting.forEach(p -> p.tryFail(tooLate()));
    waiting.clear();
  }

  private void serve() {
    if (left()) {
      held.tryComplete();
    }
    while (!waiting.isEmpty() && left()) {
      Promise<Long> promise = waiting.poll();
      if (!promise.future().isComplete()) {
        promise.complete(take());
      }
    }
  }

  /** True when there is an id; moves on to the block in reserve. */
  private boolean left() {
    if (next == end && reserveEnd > reserveStart) {
      next = reserveStart;
      end = reserveEnd;
      reserveStart = 0;
      reserveEnd = 0;
    }
    return next < end;
  }

  private long take() {
    long id = next++;
    // half a block ahead, so that an unused broker writes ZooKeeper only once
    if (reserveEnd == reserveStart && end - next < 500) {
      fill();
    }
    return id;
  }

  private static RuntimeException tooLate() {
    return new CoordinatorLoadInProgressException("No block of producer ids yet.");
  }
}
