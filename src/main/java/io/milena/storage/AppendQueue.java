package io.milena.storage;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * All that is going to change the active file of one log, in order: batches, and steps that need
 * the file for themselves. Bounded by the owner's staged bytes. Owned by the log's event loop.
 */
final class AppendQueue {
  /** Below it a batch goes out together with its neighbours. */
  private static final int GATHERED_BELOW_BYTES = 128 << 10;

  private final ArrayDeque<Work> work = new ArrayDeque<>();

  /** One entry. */
  sealed interface Work permits StagedAppend, Exclusive {}

  /** A step during which nothing is written. */
  record Exclusive(Runnable step) implements Work {}

  void add(Work next) {
    work.add(next);
  }

  /** The oldest, null without one. */
  Work peek() {
    return work.peek();
  }

  /** Takes the oldest away. */
  void poll() {
    work.poll();
  }

  /** Takes the batches at the head that go out with one write; the head is one. */
  List<StagedAppend> takeGroup() {
    StagedAppend head = (StagedAppend) work.poll();
    List<StagedAppend> group = new ArrayList<>(4);
    group.add(head);
    int bytes = head.sizeBytes;
    while (bytes < GATHERED_BELOW_BYTES || group.size() > 1) {
      boolean joins =
          work.peek() instanceof StagedAppend next
              && !next.rollDue()
              && next.sizeBytes < GATHERED_BELOW_BYTES
              && bytes + next.sizeBytes <= StagingBuffers.BYTES;
      if (!joins) {
        break;
      }
      StagedAppend next = (StagedAppend) work.poll();
      group.add(next);
      bytes += next.sizeBytes;
    }
    return group;
  }

  /** Takes all batches away and releases their bytes; the steps stay. */
  List<StagedAppend> takeBack() {
    List<StagedAppend> lost = new ArrayList<>();
    List<Work> kept = new ArrayList<>();
    for (Work one : work) {
      if (one instanceof StagedAppend staged) {
        staged.records.release();
        lost.add(staged);
      } else {
        kept.add(one);
      }
    }
    work.clear();
    work.addAll(kept);
    return lost;
  }
}
