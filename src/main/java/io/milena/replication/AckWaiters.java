package io.milena.replication;

import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * Those who wait until one partition is committed up to an offset (acks=all, R23), in order of
 * their offsets. Deadlines are kept by the owner, who removes a token when its time is up.
 *
 * @param <T> token: whoever waits
 */
public final class AckWaiters<T> {
  private record Waiting<T>(long endOffset, T token) {}

  private final ArrayDeque<Waiting<T>> waiting = new ArrayDeque<>(2);
  private final int capacity;

  /**
   * @param capacity above it {@link #isFull()} tells the owner to refuse
   */
  public AckWaiters(int capacity) {
    this.capacity = capacity;
  }

  /** Registers {@code token} until the high watermark reaches {@code endOffset}. */
  public void add(long endOffset, T token) {
    if (waiting.isEmpty() || waiting.peekLast().endOffset() <= endOffset) {
      waiting.addLast(new Waiting<>(endOffset, token));
      return;
    }
    // Somebody repeats a batch whose original still waits: it belongs before the younger ones.
    ArrayDeque<Waiting<T>> younger = new ArrayDeque<>();
    while (!waiting.isEmpty() && waiting.peekLast().endOffset() > endOffset) {
      younger.addFirst(waiting.pollLast());
    }
    waiting.addLast(new Waiting<>(endOffset, token));
    waiting.addAll(younger);
  }

  /** Hands out, in order, and forgets every token whose offset is reached. */
  public void release(long highWatermark, Consumer<T> released) {
    while (!waiting.isEmpty() && waiting.peekFirst().endOffset() <= highWatermark) {
      released.accept(waiting.pollFirst().token());
    }
  }

  /** Forgets {@code token}; nothing happens when it does not wait. */
  public void remove(T token) {
    waiting.removeIf(w -> w.token() == token);
  }

  /** Hands out and forgets all, in order: leadership is lost or the partition goes. */
  public void drain(Consumer<T> drained) {
    while (!waiting.isEmpty()) {
      drained.accept(waiting.pollFirst().token());
    }
  }

  public boolean isFull() {
    return waiting.size() >= capacity;
  }

  public int size() {
    return waiting.size();
  }
}
