package io.milena.network;

import java.util.LinkedHashSet;
import java.util.concurrent.Executor;

/**
 * The request memory of one network loop ({@code queued.max.request.bytes} / N). Every byte of a
 * frame is charged before it is allocated and given back when its request is done. Whoever gets
 * nothing stops reading and is woken in the order of asking. Owned by one event loop.
 *
 * <p>Always holds: held bytes stay within the budget, but for at most one frame at a time that is
 * let through beyond it. That happens when only unfinished frames hold memory, which would
 * otherwise wait for each other for ever, and when a frame is larger than the whole budget.
 */
final class MemoryBudget {
  /** Somebody who reads frames. */
  interface Reader {
    /** Memory may have come free: ask again, or do not if it is no longer wanted. */
    void memoryFree();
  }

  private final long totalBytes;
  private final Executor loop;
  private final LinkedHashSet<Reader> waiting = new LinkedHashSet<>();
  private long partialBytes;
  private long requestBytes;
  private Reader beyond;
  private Reader served;
  private boolean servedRefused;
  private boolean wakeScheduled;

  /**
   * @param totalBytes that this loop may hold
   * @param loop runs the waking up, after what runs now
   */
  MemoryBudget(long totalBytes, Executor loop) {
    this.totalBytes = totalBytes;
    this.loop = loop;
  }

  /** Charges bytes of an unfinished or whole frame; false puts the reader in the queue. */
  boolean take(int bytes, Reader reader) {
    boolean itsTurn = waiting.isEmpty() || reader == served || reader == beyond;
    if (!itsTurn || !fits(bytes, reader)) {
      waiting.add(reader);
      servedRefused |= reader == served;
      return false;
    }
    waiting.remove(reader);
    if (reader == served) {
      served = null;
    }
    partialBytes += bytes;
    return true;
  }

  private boolean fits(int bytes, Reader reader) {
    if (partialBytes + requestBytes + bytes <= totalBytes || beyond == reader) {
      return true;
    }
    if (beyond == null && requestBytes == 0) {
      beyond = reader;
      return true;
    }
    return false;
  }

  /** The reader's frame is whole and becomes a request. */
  void becameRequest(int bytes, Reader reader) {
    partialBytes -= bytes;
    requestBytes += bytes;
    if (beyond == reader) {
      beyond = null;
    }
  }

  /** A request is done. */
  void requestDone(int bytes) {
    requestBytes -= bytes;
    scheduleWake();
  }

  /**
   * A reader goes away.
   *
   * @param unfinishedBytes that its unfinished frame holds
   */
  void leave(int unfinishedBytes, Reader reader) {
    partialBytes -= unfinishedBytes;
    waiting.remove(reader);
    if (beyond == reader) {
      beyond = null;
    }
    scheduleWake();
  }

  /** True when somebody had to stop reading. */
  boolean scarce() {
    return !waiting.isEmpty();
  }

  /** True when bytes for a promise, of which nearly nothing has come, do no harm. */
  boolean roomyFor(int bytes) {
    return partialBytes + requestBytes + bytes <= totalBytes / 2;
  }

  /**
   * True when somebody had to stop reading and most memory is held by unfinished frames: nobody but
   * their senders, or their end, brings it back.
   */
  boolean crowdedByFrames() {
    return scarce() && partialBytes > totalBytes / 2;
  }

  /** Bytes charged now. */
  long heldBytes() {
    return partialBytes + requestBytes;
  }

  private void scheduleWake() {
    if (!wakeScheduled && !waiting.isEmpty()) {
      wakeScheduled = true;
      loop.execute(this::wake);
    }
  }

  private void wake() {
    wakeScheduled = false;
    while (!waiting.isEmpty()) {
      Reader oldest = waiting.iterator().next();
      served = oldest;
      servedRefused = false;
      oldest.memoryFree();
      boolean didNotAsk = served == oldest && !servedRefused;
      served = null;
      if (servedRefused) {
        return;
      }
      if (didNotAsk) {
        waiting.remove(oldest);
      }
    }
  }
}
