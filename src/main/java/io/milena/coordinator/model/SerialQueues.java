package io.milena.coordinator.model;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/**
 * Steps that wait for an earlier step with the same key, first come first served, bounded for each
 * key and in all. Of one thread; pure.
 *
 * @param <S> steps
 */
public final class SerialQueues<S> {
  private final int maxPerKey;
  private final int maxInAll;
  private final Map<Object, ArrayDeque<S>> waitingByHeldKey = new HashMap<>();
  private int waiting;

  /** Bounds of those that wait; holders are not counted. */
  public SerialQueues(int maxPerKey, int maxInAll) {
    this.maxPerKey = maxPerKey;
    this.maxInAll = maxInAll;
  }

  /** Takes the key; false when somebody holds it. */
  public boolean enter(Object key) {
    return waitingByHeldKey.putIfAbsent(key, new ArrayDeque<>(0)) == null;
  }

  /** Waits for a key that is held; false when too many wait already. */
  public boolean park(Object key, S step) {
    ArrayDeque<S> queue = waitingByHeldKey.get(key);
    if (queue.size() >= maxPerKey || waiting >= maxInAll) {
      return false;
    }
    queue.addLast(step);
    waiting++;
    return true;
  }

  /** Gives the key back; the step that holds it from now on, or null. */
  public S release(Object key) {
    ArrayDeque<S> queue = waitingByHeldKey.get(key);
    S next = queue.pollFirst();
    if (next == null) {
      waitingByHeldKey.remove(key);
    } else {
      waiting--;
    }
    return next;
  }

  /** Steps that wait. */
  public int waiting() {
    return waiting;
  }

  /** Keys that are held. */
  public int held() {
    return waitingByHeldKey.size();
  }
}
