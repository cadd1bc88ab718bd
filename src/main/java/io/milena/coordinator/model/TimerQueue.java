package io.milena.coordinator.model;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Timers by key, each with the time when it is due. Made for timers that are mostly put off before
 * they are due (every heartbeat moves a session's end): putting off costs no more than a hash
 * lookup, for the entry keeps its old place and is looked at again when that comes.
 *
 * <p>Always holds: at most one timer for a key; entries in the heap are at most twice the timers,
 * plus a few. Of one thread; pure.
 *
 * @param <K> keys, by {@code equals}
 */
public final class TimerQueue<K> {
  private static final int DEAD_ALLOWED = 64;

  private final Map<K, Entry<K>> live = new HashMap<>();
  private final PriorityQueue<Entry<K>> heap =
      new PriorityQueue<>(Comparator.comparingLong((Entry<K> entry) -> entry.placedMs));
  private int dead;

  private static final class Entry<K> {
    private final K key;

    /** Where it stands in the heap; not after {@code dueMs}. */
    private long placedMs;

    private long dueMs;
    private boolean cancelled;

    private Entry(K key, long dueMs) {
      this.key = key;
      this.placedMs = dueMs;
      this.dueMs = dueMs;
    }
  }

  /** Sets or moves the timer of a key. */
  public void set(K key, long dueMs) {
    Entry<K> entry = live.get(key);
    if (entry != null && dueMs >= entry.placedMs) {
      entry.dueMs = dueMs;
      return;
    }
    cancel(key);
    Entry<K> fresh = new Entry<>(key, dueMs);
    live.put(key, fresh);
    heap.add(fresh);
  }

  /** Takes the timer of a key away; nothing happens when there is none. */
  public void cancel(K key) {
    Entry<K> entry = live.remove(key);
    if (entry != null) {
      entry.cancelled = true;
      dead++;
      if (dead > live.size() + DEAD_ALLOWED) {
        heap.removeIf(one -> one.cancelled);
        dead = 0;
      }
    }
  }

  /** Takes out the timer that became due first; null when none is due. */
  public K pollDue(long nowMs) {
    Entry<K> first = first();
    if (first == null || first.dueMs > nowMs) {
      return null;
    }
    heap.poll();
    live.remove(first.key);
    return first.key;
  }

  /** When the next timer is due; {@code Long.MAX_VALUE} when there is none. */
  public long nextDueMs() {
    Entry<K> first = first();
    return first == null ? Long.MAX_VALUE : first.dueMs;
  }

  /** Takes every timer away. */
  public void clear() {
    live.clear();
    heap.clear();
    dead = 0;
  }

  /** Number of timers. */
  public int size() {
    return live.size();
  }

  /** The entry that is due first, at its true place. */
  private Entry<K> first() {
    for (Entry<K> first = heap.peek(); first != null; first = heap.peek()) {
      if (first.cancelled) {
        heap.poll();
        dead--;
      } else if (first.placedMs < first.dueMs) {
        heap.poll();
        first.placedMs = first.dueMs;
        heap.add(first);
      } else {
        return first;
      }
    }
    return null;
  }
}
