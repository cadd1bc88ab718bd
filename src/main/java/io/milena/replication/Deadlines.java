package io.milena.replication;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Everything that must have happened by some moment, ordered by it: one timer of the owner serves
 * all. Time is monotonic (R10).
 *
 * @param <T> what is due
 */
public final class Deadlines<T> {
  /** A scheduled deadline; hold it to {@link #cancel} it. */
  public record Due(long deadlineNs, long sequence) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      // Differences, because monotonic time may overflow.
      long earlierNs = deadlineNs - other.deadlineNs;
      return earlierNs != 0 ? Long.signum(earlierNs) : Long.compare(sequence, other.sequence);
    }
  }

  private final TreeMap<Due, T> due = new TreeMap<>();
  private long sequence;

  public Due schedule(long deadlineNs, T what) {
    Due key = new Due(deadlineNs, sequence++);
    due.put(key, what);
    return key;
  }

  /** Nothing happens when it is over or cancelled already. */
  public void cancel(Due key) {
    due.remove(key);
  }

  /** Hands out, in order, and forgets what is due at {@code nowNs}. */
  public void expire(long nowNs, Consumer<T> expired) {
    while (!due.isEmpty()) {
      Map.Entry<Due, T> first = due.firstEntry();
      if (first.getKey().deadlineNs() - nowNs > 0) {
        return;
      }
      due.pollFirstEntry();
      expired.accept(first.getValue());
    }
  }

  public boolean isEmpty() {
    return due.isEmpty();
  }

  /** The next deadline; only when not empty. */
  public long nextNs() {
    return due.firstKey().deadlineNs();
  }

  public int size() {
    return due.size();
  }
}
