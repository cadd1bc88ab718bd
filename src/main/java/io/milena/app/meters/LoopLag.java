package io.milena.app.meters;

import io.milena.base.Clock;
import io.milena.metrics.Histogram;
import io.milena.metrics.Meter;
import io.milena.metrics.Metrics;
import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * How late the event loops are: a small task on each, ten times a second, notes by how much it came
 * after its time. A loop that is busy or blocked shows here before any client complains; an idle
 * one is up to a millisecond late by the coarseness of its timer. Each probe is its loop's own.
 */
final class LoopLag {
  private static final long EVERY_NS = TimeUnit.MILLISECONDS.toNanos(100);

  private final EventExecutor loop;
  private final Histogram lag;
  private final Clock clock;
  private long dueNs;

  private LoopLag(EventExecutor loop, Histogram lag, Clock clock) {
    this.loop = loop;
    this.lag = lag;
    this.clock = clock;
  }

  /** Starts a probe on every event loop; they end with their loops. */
  static void watch(Vertx vertx, Metrics metrics, Clock clock) {
    List<Meter> meters = new ArrayList<>();
    int number = 0;
    for (EventExecutor loop : ((VertxInternal) vertx).nettyEventLoopGroup()) {
      Histogram lag = metrics.histogram();
      Meter.histogram(
          meters,
          Meter.named(
              "milena_eventloop_lag_seconds",
              "By how much a timer of the event loop is late",
              Map.of("loop", Integer.toString(number++))),
          lag,
          Meter.SECONDS);
      new LoopLag(loop, lag, clock).again();
    }
    metrics.add(meters);
  }

  private void again() {
    dueNs = clock.monotonicNs() + EVERY_NS;
    loop.schedule(this::due, EVERY_NS, TimeUnit.NANOSECONDS);
  }

  private void due() {
    lag.record(clock.monotonicNs() - dueNs);
    if (!loop.isShuttingDown()) {
      again();
    }
  }
}
