package io.milena.metrics;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * Times in nanoseconds, or sizes in bytes, counted in buckets that grow by a quarter of a power of
 * two, so a quantile is off by at most a quarter. Recording is one atomic increment and one adder.
 * Thread-safe.
 *
 * <p>Quantiles are those since the last but one {@link #turn()}, so that an old peak is forgotten;
 * count and sum are those since the start.
 */
public final class Histogram {
  private static final int STEPS = 4;
  private static final int BUCKETS = 64 * STEPS;
  private static final long[] NOTHING = new long[BUCKETS];

  private final LongAdder sum = new LongAdder();
  private final AtomicLongArray counts = new AtomicLongArray(BUCKETS);
  private volatile long[] lastTurn = NOTHING;
  private volatile long[] turnBefore = NOTHING;

  /** Counts one value; negative ones count as 0. */
  public void record(long value) {
    long counted = Math.max(value, 0);
    sum.add(counted);
    counts.incrementAndGet(bucket(counted));
  }

  private static int bucket(long value) {
    if (value < STEPS) {
      return (int) value;
    }
    int power = 63 - Long.numberOfLeadingZeros(value);
    int step = (int) (value >>> (power - 2)) & (STEPS - 1);
    return power * STEPS + step;
  }

  private static double middle(int bucket) {
    if (bucket < STEPS) {
      return bucket;
    }
    double low = Math.scalb(1.0, bucket / STEPS);
    return low + low / STEPS * (bucket % STEPS + 0.5);
  }

  /** How many were counted since the start. */
  public long count() {
    long total = 0;
    for (int i = 0; i < BUCKETS; i++) {
      total += counts.get(i);
    }
    return total;
  }

  /** Sum of all since the start. */
  public long sum() {
    return sum.sum();
  }

  /** Forgets, for the quantiles, what was counted before the last turn. */
  public void turn() {
    long[] now = new long[BUCKETS];
    for (int i = 0; i < BUCKETS; i++) {
      now[i] = counts.get(i);
    }
    turnBefore = lastTurn;
    lastTurn = now;
  }

  /** The {@code q}-quantile, 1 for the largest; 0 when nothing was counted lately. */
  public double quantile(double q) {
    long[] before = turnBefore;
    long[] lately = new long[BUCKETS];
    long total = 0;
    for (int i = 0; i < BUCKETS; i++) {
      lately[i] = counts.get(i) - before[i];
      total += lately[i];
    }
    if (total == 0) {
      return 0;
    }
    long rank = Math.max(1, (long) Math.ceil(q * total));
    long seen = 0;
    int bucket = 0;
    while (bucket < BUCKETS - 1 && seen + lately[bucket] < rank) {
      seen += lately[bucket];
      bucket++;
    }
    return middle(bucket);
  }
}
