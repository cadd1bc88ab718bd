package io.milena.app.cli;

import io.milena.base.Clock;
import java.util.Locale;

/**
 * Tells on standard error, once a second, how a long piece of work goes on. Says nothing about work
 * that is done within a second. Used by one thread.
 */
final class Progress {
  private static final long EVERY_NS = 1_000_000_000L;
  private static final double MB = 1e6;

  private final String verb;
  private final long startedNs = Clock.system().monotonicNs();
  private long toldNs = startedNs;
  private long records;
  private long bytes;
  private boolean told;

  Progress(String verb) {
    this.verb = verb;
  }

  /** One more record of that size. */
  void add(int sizeBytes) {
    records++;
    bytes += sizeBytes;
    if ((records & 0xFF) == 0) {
      tell();
    }
  }

  private void tell() {
    long nowNs = Clock.system().monotonicNs();
    if (nowNs - toldNs >= EVERY_NS) {
      toldNs = nowNs;
      told = true;
      System.err.print("\r" + line(nowNs));
    }
  }

  /** The last word; answers the number of records. */
  long done() {
    System.err.println((told ? "\r" : "") + line(Clock.system().monotonicNs()));
    return records;
  }

  private String line(long nowNs) {
    double seconds = Math.max(1e-3, (nowNs - startedNs) / 1e9);
    return String.format(
        Locale.ROOT,
        "%s %,d records, %.1f MB in %.1f s (%.1f MB/s)",
        verb,
        records,
        bytes / MB,
        seconds,
        bytes / MB / seconds);
  }
}
