package io.milena.group.model.oracle;

import io.milena.testing.HandTimers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRecord;
import org.apache.kafka.coordinator.common.runtime.CoordinatorTimer;

/** Kafka's timers, fired by the test in order of their deadline, then of their setting. */
final class OracleTimers implements CoordinatorTimer<CoordinatorRecord> {
  /** A timer that was set. */
  record Due(long atMs, TimeoutOperation<CoordinatorRecord> operation) {}

  private final OracleTime time;
  private final HandTimers timers = new HandTimers();
  private final Map<String, TimeoutOperation<CoordinatorRecord>> operations = new HashMap<>();

  OracleTimers(OracleTime time) {
    this.time = time;
  }

  /** Timers whose keys are such never fire. */
  void forget(Predicate<String> keys) {
    List.copyOf(operations.keySet()).stream().filter(keys).forEach(this::cancel);
  }

  /** Takes away and returns the next timer due at or before the time given, or null. */
  Due takeDue(long untilMs) {
    HandTimers.Due next = timers.takeDue(untilMs);
    return next == null ? null : new Due(next.atMs(), operations.remove(next.key()));
  }

  @Override
  public void schedule(
      String key,
      long delay,
      TimeUnit unit,
      boolean retry,
      TimeoutOperation<CoordinatorRecord> operation) {
    timers.set(key, time.milliseconds() + unit.toMillis(delay));
    operations.put(key, operation);
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
    if (!isScheduled(key)) {
      schedule(key, delay, unit, retry, operation);
    }
  }

  @Override
  public void cancel(String key) {
    timers.cancel(key);
    operations.remove(key);
  }

  @Override
  public boolean isScheduled(String key) {
    return operations.containsKey(key);
  }
}
