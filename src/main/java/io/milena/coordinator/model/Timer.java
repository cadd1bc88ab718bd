package io.milena.coordinator.model;

import java.util.Objects;

/**
 * Sets, moves or cancels a timer of a machine. When it is due the runtime calls {@link
 * CoordinatorMachine#timer} with the key, once.
 *
 * @param key names the timer, by {@code equals}; a later request for the same key replaces this one
 * @param dueMs time in the machine's clock; {@link #CANCEL} takes the timer away
 */
public record Timer(Object key, long dueMs) {
  /** Value of {@code dueMs} that cancels. */
  public static final long CANCEL = -1;

  public Timer {
    Objects.requireNonNull(key, "key");
  }

  public static Timer cancel(Object key) {
    return new Timer(key, CANCEL);
  }
}
