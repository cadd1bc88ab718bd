package io.milena.metrics;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * Times in nanoseconds, counted in buckets that grow by a quarter of a power of two, so a quantile
 * is off by at most a quarter. Recording is one atomic increment and two adders. Thread-safe.
 *
 * <p>Quantiles are those since the last but one {@link #turn()}, so that an old peak is forgotten.
 */
public final class Histogram {
  private static final int STEPS = 4;
  private static final int BUCKETS = 64 * STEPS;

  private final LongAdder count = new LongAdder();
  private final LongAdder sumNs = new LongAdder();
  private volatile AtomicLongArray current = new AtomicLongArray(BUCKETS);
  private volatile AtomicLongArray previous = new AtomicLongArray(BUCKETS);

  /** Counts one time; negative ones count as 0. */
  public void record(long ns) {
    count.increment();
    sumNs.add(ns);
    current.incrementAndGet(bucket(Math.max(ns, 0)));
  }

  private static int bucket(long ns) {
    if (ns < STEPS) {
      return (int) ns;
    }
    int power = 63 - Long.numberOfLeadingZeros(ns);
    int step = (int) (ns >>> (power - 2)) & (STEPS - 1);
    return power * STEPS + step;
  }

  private static double middleNs(int bucket) {
    if (bucket < STEPS) {
      return bucket;
    }
    double low = Math.scalb(1.0, bucket / STEPS);
    return low + low / STEPS * (bucket % STEPS + 0.5);
  }

  /** How many were counted since the start. */
  public long count() {
    return count.sum();
  }

  /** Sum of all since the start, in nanoseconds. */
  public long sumNs() {
    return sumNs.sum();
  }

  /** Forgets, for the quantiles, what was counted before the last turn. */
  public void turn() {
    previous = current;
    current = new AtomicLongArray(BUCKETS);
  }

  /** The {@code q}-quantile in nanoseconds, 0 when nothing was counted lately. */
  public double quantileNs(double q) {
    AtomicLongArray now = current;
    AtomicLongArray before = previous;
    long total = 0;
    for (int i = 0; i < BUCKETS; i++) {
      total += now.get(i) + before.get(i);
    }
    if (total == 0) {
      return 0;
    }
    long rank = Math.max(1, (long) Math.ceil(q * total));
    long seen = 0;
    for (int i = 0; i < BUCKETS; i++) {
      seen += now.get(i) + before.get(i);
      if (seen >= rank) {
        return middleNs(i);
      }
    }
    return middleNs(BUCKETS - 1);
  }
}
