package io.milena.metrics;

import java.util.List;
import java.util.Map;

/**
 * How long work waits for one verticle and how long that takes for it. Fed by the verticle, read by
 * whoever scrapes. Thread-safe.
 */
public final class VerticleMeters {
  private final Map<String, String> labels;

  /** Nanoseconds from the question being sent, or put in the queue, to its turn. */
  private final Histogram queueAge = new Histogram();

  /** Nanoseconds that the verticle was busy with it. */
  private final Histogram handling = new Histogram();

  /**
   * @param verticle its name, e.g. {@code partition-0}
   */
  public VerticleMeters(String verticle) {
    this.labels = Map.of("verticle", verticle);
  }

  /** One piece of work is done; three times of one monotonic clock. */
  public void handled(long queuedNs, long startedNs, long endedNs) {
    queueAge.record(startedNs - queuedNs);
    handling.record(endedNs - startedNs);
  }

  void turn() {
    queueAge.turn();
    handling.turn();
  }

  void addTo(List<Meter> meters) {
    Meter.histogram(
        meters,
        Meter.named("milena_verticle_queue_seconds", "Waiting for the verticle", labels),
        queueAge,
        Meter.SECONDS);
    Meter.histogram(
        meters,
        Meter.named("milena_verticle_handling_seconds", "The verticle at work", labels),
        handling,
        Meter.SECONDS);
  }
}
