package io.milena.partition.shard;

import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * Bytes of appends that a shard has taken but not written yet. At the bound further appends wait in
 * order of arrival, which keeps pipelined batches of one connection in order; they are answered
 * late, so listeners run out of budget and stop reading (architecture §10).
 */
final class StagedBudget {
  /** Requests that may wait; each holds request memory of a listener, which is bounded too. */
  private static final int MAX_WAITING = 100_000;

  private final long maxBytes;
  private final Consumer<AppendTask> start;
  private final ArrayDeque<AppendTask> waiting = new ArrayDeque<>();
  private long stagedBytes;
  private boolean admitting;

  /**
   * @param maxBytes a request larger than this is admitted alone
   * @param start begins an admitted task
   */
  StagedBudget(long maxBytes, Consumer<AppendTask> start) {
    this.maxBytes = maxBytes;
    this.start = start;
  }

  /**
   * Starts the task now or when there is room.
   *
   * @return false when even the queue is full: the task was not taken
   */
  boolean submit(AppendTask task) {
    if (waiting.isEmpty() && fits(task)) {
      admit(task);
      return true;
    }
    if (waiting.size() >= MAX_WAITING) {
      return false;
    }
    waiting.addLast(task);
    return true;
  }

  private boolean fits(AppendTask task) {
    return stagedBytes == 0 || stagedBytes + task.sizeBytes() <= maxBytes;
  }

  private void admit(AppendTask task) {
    stagedBytes += task.sizeBytes();
    start.accept(task);
  }

  /** These bytes are written, refused or lost. */
  void release(long bytes) {
    stagedBytes -= bytes;
    if (admitting) {
      return;
    }
    admitting = true;
    try {
      while (!waiting.isEmpty() && fits(waiting.peekFirst())) {
        admit(waiting.pollFirst());
      }
    } finally {
      admitting = false;
    }
  }

  /** Takes out everybody who waits: the shard stops. */
  void drain(Consumer<AppendTask> drained) {
    while (!waiting.isEmpty()) {
      drained.accept(waiting.pollFirst());
    }
  }

  long stagedBytes() {
    return stagedBytes;
  }

  int waiting() {
    return waiting.size();
  }
}
