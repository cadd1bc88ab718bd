package io.milena.base;

/**
 * Exponential backoff with jitter for one thing that is retried. Owned by the one who retries; not
 * thread-safe.
 */
public final class Backoff {
  private final long initialMs;
  private final long maxMs;
  private final RandomSource random;
  private int failures;

  /**
   * @param initialMs first pause, positive
   * @param maxMs largest pause, at least {@code initialMs}
   */
  public Backoff(long initialMs, long maxMs, RandomSource random) {
    if (initialMs <= 0 || maxMs < initialMs) {
      throw new IllegalArgumentException("backoff from " + initialMs + " to " + maxMs + " ms");
    }
    this.initialMs = initialMs;
    this.maxMs = maxMs;
    this.random = random;
  }

  /** The next pause in milliseconds: doubles with each call, ±20 %, never above the maximum. */
  public long nextMs() {
    long pauseMs = Math.min(maxMs, initialMs << Math.min(failures, 30));
    if (pauseMs <= 0) {
      pauseMs = maxMs;
    }
    failures++;
    long fifthMs = pauseMs / 5;
    long jitteredMs =
        fifthMs == 0
            ? pauseMs
            : pauseMs - fifthMs + random.nextInt((int) Math.min(2 * fifthMs, 1 << 20));
    return Math.max(1, Math.min(maxMs, jitteredMs));
  }

  /** Starts over after a success. */
  public void reset() {
    failures = 0;
  }
}
