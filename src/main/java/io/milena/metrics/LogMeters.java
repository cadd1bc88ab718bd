package io.milena.metrics;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What the logs of this broker do, all together. Thread-safe. */
public final class LogMeters {
  private static final String FLUSH = "kafka_log_logflushstats_logflushrateandtimems";

  private final LongAdder writes = new LongAdder();
  private final LongAdder appends = new LongAdder();
  private final LongAdder writtenBytes = new LongAdder();
  private final LongAdder coldReads = new LongAdder();
  private final LongAdder slowRegions = new LongAdder();
  private final Histogram flushes = new Histogram();

  /**
   * A write to a segment file is done.
   *
   * @param together appends that went out with it
   */
  public void wrote(int together, long bytes) {
    writes.increment();
    appends.add(together);
    writtenBytes.add(bytes);
  }

  /**
   * A worker found a range that a reader wants.
   *
   * @param slow true when it was not in the page cache
   */
  public void readCold(boolean slow) {
    coldReads.increment();
    if (slow) {
      slowRegions.increment();
    }
  }

  /** An fsync of a segment file is done. */
  public void flushed(long tookNs) {
    flushes.record(tookNs);
  }

  void turn() {
    flushes.turn();
  }

  void addTo(List<Meter> meters) {
    meters.add(Meter.counter("milena_log_writes", "Writes to segment files", writes::sum));
    meters.add(
        Meter.counter("milena_log_appends", "Appends that these writes carried", appends::sum));
    meters.add(
        Meter.counter(
            "milena_log_written_bytes", "Bytes written to segment files", writtenBytes::sum));
    meters.add(
        Meter.gauge(
            "milena_log_write_coalescing",
            "Appends per write since the start",
            () -> appends.sum() / (double) Math.max(1, writes.sum())));
    meters.add(
        Meter.counter(
            "milena_log_cold_reads",
            "Ranges that a worker looked for, away from the log end",
            coldReads::sum));
    meters.add(
        Meter.counter(
            "milena_log_slow_regions",
            "Ranges that had to come from the disk, not from the page cache",
            slowRegions::sum));
    Meter.histogram(
        meters,
        Meter.named(FLUSH, "Milliseconds that fsyncs of segment files took", Map.of()),
        flushes,
        Meter.MILLISECONDS);
  }
}
