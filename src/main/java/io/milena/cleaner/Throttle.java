package io.milena.cleaner;

/**
 * Keeps one cleaner below its share of {@code log.cleaner.io.max.bytes.per.second}: says how long
 * to wait after some bytes. Pure; owned by its cleaner.
 */
final class Throttle {
  private static final double NANOS_PER_S = 1e9;
  private static final long NANOS_PER_MS = 1_000_000;

  private final double nanosPerByte;
  private double earnedNs;

  /**
   * @param bytesPerSecond positive
   * @param nowNs monotonic time
   */
  Throttle(double bytesPerSecond, long nowNs) {
    this.nanosPerByte = NANOS_PER_S / bytesPerSecond;
    this.earnedNs = nowNs;
  }

  /** Milliseconds to wait now that {@code bytes} more were read or written; 0 to go on at once. */
  long pauseMs(long bytes, long nowNs) {
    // What was not used is lost: a pause earns no burst.
    earnedNs = Math.max(earnedNs, nowNs - NANOS_PER_MS) + bytes * nanosPerByte;
    double aheadNs = earnedNs - nowNs;
    return aheadNs < NANOS_PER_MS ? 0 : (long) Math.min(Long.MAX_VALUE, aheadNs / NANOS_PER_MS);
  }
}
