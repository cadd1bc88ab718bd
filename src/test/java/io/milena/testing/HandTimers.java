package io.milena.testing;

import io.milena.coordinator.model.Timer;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Timers by key that nothing but a test fires: in the order of their deadlines, those of one
 * deadline in the order in which they were set.
 */
public final class HandTimers {
  /**
   * A timer that was set.
   *
   * @param number counts settings
   */
  public record Due(Object key, long atMs, long number) {}

  private final Map<Object, Due> timers = new HashMap<>();
  private long settings;

  /** Sets the timer of a key, or sets it anew. */
  public void set(Object key, long atMs) {
    timers.put(key, new Due(key, atMs, settings++));
  }

  /** Does what a decision wants of timers. */
  public void set(List<Timer> changes) {
    for (Timer timer : changes) {
      if (timer.dueMs() == Timer.CANCEL) {
        cancel(timer.key());
      } else {
        set(timer.key(), timer.dueMs());
      }
    }
  }

  /** The key's timer, if it has one, will not fire. */
  public void cancel(Object key) {
    timers.remove(key);
  }

  /** No timer will fire. */
  public void clear() {
    timers.clear();
  }

  /** Takes away and returns the next timer that is due at this time or before it; null for none. */
  public Due takeDue(long untilMs) {
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

  /** When the first is due; {@code Long.MAX_VALUE} when none is set. */
  public long firstMs() {
    return timers.values().stream().mapToLong(Due::atMs).min().orElse(Long.MAX_VALUE);
  }

  /** The keys of all timers that are set. */
  public Set<Object> keys() {
    return Collections.unmodifiableSet(timers.keySet());
  }
}
