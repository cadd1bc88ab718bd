package io.milena.metrics;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.DoubleSupplier;

/**
 * Kafka's LogCleaner and LogCleanerManager: what the last looks and cleanings came to. Thread-safe;
 * written by the cleaners, read by whoever scrapes.
 */
public final class CleanerMeters {
  private static final String CLEANER = "kafka_log_logcleaner_";
  private static final String MANAGER = "kafka_log_logcleanermanager_";
  private static final double MS_PER_S = 1_000;
  private static final long NANOS_PER_MS = 1_000_000;

  private final List<String> logDirs;
  private final AtomicReference<Look> look = new AtomicReference<>(new Look(0, 0, 0));
  private final AtomicReference<Last> last = new AtomicReference<>(new Last(0, 0, 0));
  private final AtomicReference<Map<String, long[]>> setAside = new AtomicReference<>(Map.of());
  private final AtomicLong cleanings = new AtomicLong();

  private record Look(long atNs, double dirtyRatio, long overdueMs) {}

  private record Last(double seconds, double recopyPercent, double bufferPercent) {}

  /**
   * @param logDirs of this broker
   */
  public CleanerMeters(List<String> logDirs) {
    this.logDirs = List.copyOf(logDirs);
  }

  /** A cleaner looked for work. */
  public void looked(long nowNs, double maxDirtyRatio, long maxOverdueMs) {
    look.set(new Look(nowNs, maxDirtyRatio, maxOverdueMs));
  }

  /**
   * What cannot be cleaned.
   *
   * @param byLogDir number of partitions and their bytes
   */
  public void setAside(Map<String, long[]> byLogDir) {
    setAside.set(new HashMap<>(byLogDir));
  }

  /** A cleaning came to its end. */
  public void cleaned(double seconds, double recopyPercent, double bufferPercent) {
    last.set(new Last(seconds, recopyPercent, bufferPercent));
    cleanings.incrementAndGet();
  }

  /**
   * All series.
   *
   * @param nowNs monotonic time
   */
  public List<Meter> meters(java.util.function.LongSupplier nowNs) {
    List<Meter> meters = new ArrayList<>();
    gauge(
        meters,
        CLEANER + "cleaner_recopy_percent",
        "Share of what the last cleaning read that it wrote again",
        () -> last.get().recopyPercent());
    gauge(
        meters,
        CLEANER + "max_buffer_utilization_percent",
        "How full the last cleaning made its buffer for keys",
        () -> last.get().bufferPercent());
    gauge(
        meters,
        CLEANER + "max_clean_time_secs",
        "Seconds that the last cleaning took",
        () -> last.get().seconds());
    gauge(
        meters,
        CLEANER + "max_compaction_delay_secs",
        "Seconds by which max.compaction.lag.ms is over",
        () -> look.get().overdueMs() / MS_PER_S);
    gauge(
        meters,
        MANAGER + "max_dirty_percent",
        "Share of the dirtiest partition that is not compacted",
        () -> 100 * look.get().dirtyRatio());
    gauge(
        meters,
        MANAGER + "time_since_last_run_ms",
        "Milliseconds since a cleaner looked for work",
        () -> look.get().atNs() == 0 ? 0 : (nowNs.getAsLong() - look.get().atNs()) / NANOS_PER_MS);
    for (String logDir : logDirs) {
      Map<String, String> labels = Map.of("logDirectory", logDir);
      meters.add(
          Meter.gauge(
                  MANAGER + "uncleanable_partitions_count",
                  "Partitions that cannot be compacted",
                  () -> setAside(logDir, 0))
              .with(labels));
      meters.add(
          Meter.gauge(
                  MANAGER + "uncleanable_bytes",
                  "Bytes of partitions that cannot be compacted",
                  () -> setAside(logDir, 1))
              .with(labels));
    }
    meters.add(
        Meter.counter("milena_log_cleanings", "Cleanings that were finished", cleanings::get));
    return meters;
  }

  private static void gauge(List<Meter> meters, String name, String help, DoubleSupplier value) {
    meters.add(Meter.gauge(name, help, value));
  }

  private long setAside(String logDir, int what) {
    long[] sums = setAside.get().get(logDir);
    return sums == null ? 0 : sums[what];
  }
}
