package io.milena.base;

/** The two clocks of the broker. Thread-safe; handed in wherever time is needed. */
public interface Clock {
  /** Wall-clock time in milliseconds since the epoch: for timestamps in records and files only. */
  long wallMs();

  /** Monotonic time in nanoseconds from an arbitrary origin: for every deadline and timer (R10). */
  long monotonicNs();

  /** Monotonic time in milliseconds from an arbitrary origin. */
  default long monotonicMs() {
    return monotonicNs() / 1_000_000L;
  }

  /** The clocks of this machine. */
  static Clock system() {
    return SystemClock.INSTANCE;
  }
}
