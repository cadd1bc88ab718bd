package io.milena.group.model.oracle;

import java.time.Duration;
import java.util.function.Supplier;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.Timer;

/** Kafka's view of a clock that only a test moves. */
final class OracleTime implements Time {
  private long nowMs;

  OracleTime(long nowMs) {
    this.nowMs = nowMs;
  }

  void set(long newMs) {
    if (newMs < nowMs) {
      throw new IllegalArgumentException("time goes back from " + nowMs + " to " + newMs);
    }
    nowMs = newMs;
  }

  @Override
  public long milliseconds() {
    return nowMs;
  }

  @Override
  public long nanoseconds() {
    return nowMs * 1_000_000L;
  }

  @Override
  public long hiResClockMs() {
    return nowMs;
  }

  @Override
  public void sleep(long ms) {
    throw new UnsupportedOperationException("a shard never sleeps");
  }

  @Override
  public void waitObject(Object obj, Supplier<Boolean> condition, long deadlineMs) {
    throw new UnsupportedOperationException("a shard never waits");
  }

  @Override
  public Timer timer(long timeoutMs) {
    throw new UnsupportedOperationException("a shard has its own timers");
  }

  @Override
  public Timer timer(Duration timeout) {
    return timer(timeout.toMillis());
  }
}
