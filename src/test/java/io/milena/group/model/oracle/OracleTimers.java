package io.milena.group.model.oracle;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRecord;
import org.apache.kafka.coordinator.common.runtime.CoordinatorTimer;

/** Kafka's timers, fired by the test in order of their deadline, then of their setting. */
final class OracleTimers implements CoordinatorTimer<CoordinatorRecord> {
  /** A timer that was set. */
  record Due(String key, long atMs, long number, TimeoutOperation<CoordinatorRecord> operation) {}

  private final OracleTime time;
  private final Map<String, Due> timers = new HashMap<>();
  private long settings;

  OracleTimers(OracleTime time) {
    this.time = time;
  }

  /** Timers whose keys are such never fire. */
  void forget(Predicate<String> keys) {
    timers.keySet().removeIf(keys);
  }

  /** Takes away and returns the next timer due at or before the time given, or null. */
  Due takeDue(long untilMs) {
    Due next =
        timers.values().stream()
            .filter(due -> due.atMs() <= untilMs)
            .min(Comparator.comparingLong(Due::atMs).thenComparingLong(Due::number))
            .orElse(null);
    if (next != null) {
      timers.remove(next.key());
    }
    return next;
  }

  @Override
  public void schedule(
      String key,
      long delay,
      TimeUnit unit,
      boolean retry,
      TimeoutOperation<CoordinatorRecord> operation) {
    long atMs = time.milliseconds() + unit.toMillis(delay);
    timers.put(key, new Due(key, atMs, settings++, operation));
  }

  @Override
  public void schedule(
      String key,
      long delay,
      TimeUnit unit,
      boolean retry,
      long retryBackoff,
      TimeoutOperation<CoordinatorRecord> operation) {
    schedule(key, delay, unit, retry, operation);
  }

  @Override
  public void scheduleIfAbsent(
      String key,
      long delay,
      TimeUnit unit,
      boolean retry,
      TimeoutOperation<CoordinatorRecord> operation) {
    if (!timers.containsKey(key)) {
      schedule(key, delay, unit, retry, operation);
    }
  }

  @Override
  public void cancel(String key) {
    timers.remove(key);
  }

  @Override
  public boolean isScheduled(String key) {
    return timers.containsKey(key);
  }
}
