package io.milena.controller.model;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Who is heard from. A broker silent for {@code timeoutMs} is to be fenced; one that speaks again
 * is free. A controller that itself stalled gives everybody a fresh period (compare R18), and its
 * own broker is never fenced: if this code runs, that process lives. Pure; monotonic time only
 * (R10).
 */
public final class Liveness {
  private final int ownId;
  private final long timeoutMs;
  private final Map<Integer, Long> heardMs = new HashMap<>();
  private final Set<Integer> silent = new HashSet<>();
  private long lastTickMs;

  /**
   * @param ownId broker id of this controller
   * @param timeoutMs silence after which a broker is fenced
   */
  public Liveness(int ownId, long timeoutMs, long nowMs) {
    this.ownId = ownId;
    this.timeoutMs = timeoutMs;
    this.lastTickMs = nowMs;
  }

  /** A broker registered or bounced: its time starts now. */
  public void registered(int id, long nowMs) {
    heardMs.put(id, nowMs);
    silent.remove(id);
  }

  /** A broker's registration is gone. */
  public void gone(int id) {
    heardMs.remove(id);
    silent.remove(id);
  }

  /**
   * A heartbeat came.
   *
   * @return true when the broker was silent before and is to be unfenced
   */
  public boolean heard(int id, long nowMs) {
    if (!heardMs.containsKey(id)) {
      return false;
    }
    heardMs.put(id, nowMs);
    return silent.remove(id);
  }

  /** Brokers that fell silent since the last call; call it a few times per timeout. */
  public Set<Integer> tick(long nowMs) {
    boolean stalled = nowMs - lastTickMs > timeoutMs / 2;
    lastTickMs = nowMs;
    Set<Integer> fallen = new HashSet<>();
    for (Map.Entry<Integer, Long> entry : heardMs.entrySet()) {
      int id = entry.getKey();
      if (stalled) {
        entry.setValue(nowMs);
      } else if (id != ownId && nowMs - entry.getValue() > timeoutMs && silent.add(id)) {
        fallen.add(id);
      }
    }
    return fallen;
  }
}
