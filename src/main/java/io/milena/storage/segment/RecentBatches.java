package io.milena.storage.segment;

import java.util.Arrays;

/**
 * Where the newest batches of the active segment lie, so that readers near the log end are answered
 * without a look into the file. A ring of at most {@value #CAPACITY_MAX} batches; owned by the
 * log's event loop.
 */
public final class RecentBatches {
  private static final int CAPACITY_MAX = 1024;
  private static final int CAPACITY_FIRST = 8;

  private long[] lastOffsets = new long[CAPACITY_FIRST];
  private int[] positions = new int[CAPACITY_FIRST];
  private int head;
  private int count;
  private long coveredFrom;
  private int endPosition;

  /**
   * Forgets all; the next batch has an offset of at least {@code offset} and lies at the position.
   */
  public void reset(long offset, int position) {
    head = 0;
    count = 0;
    coveredFrom = offset;
    endPosition = position;
  }

  public void add(long lastOffset, int position, int sizeBytes) {
    if (count == positions.length && !grow()) {
      coveredFrom = lastOffsets[head] + 1;
      head = (head + 1) % positions.length;
      count--;
    }
    int slot = (head + count) % positions.length;
    lastOffsets[slot] = lastOffset;
    positions[slot] = position;
    count++;
    endPosition = position + sizeBytes;
  }

  private boolean grow() {
    if (positions.length == CAPACITY_MAX) {
      return false;
    }
    int capacity = Math.min(CAPACITY_MAX, positions.length * 4);
    // Growth happens only before anything was dropped, so the ring starts at slot 0.
    lastOffsets = Arrays.copyOf(lastOffsets, capacity);
    positions = Arrays.copyOf(positions, capacity);
    return true;
  }

  /** True when the batch that contains {@code offset} is among these. */
  public boolean covers(long offset) {
    return count > 0 && offset >= coveredFrom && offset <= lastOffsetAt(count - 1);
  }

  /** Position of the batch that contains {@code offset}, which is covered. */
  public int positionOf(long offset) {
    return positionAt(slotOf(offset));
  }

  /**
   * Bytes of whole batches from the one that contains {@code offset} (covered), all below {@code
   * endOffset}, at most {@code maxBytes}; the first batch whatever its size when {@code
   * minOneBatch}.
   */
  public int length(long offset, long endOffset, int maxBytes, boolean minOneBatch) {
    int first = slotOf(offset);
    int from = positionAt(first);
    int low = first;
    int high = count;
    // Invariant: batches before low fit, those from high on do not.
    while (low < high) {
      int middle = (low + high) >>> 1;
      boolean fits = lastOffsetAt(middle) < endOffset && (long) endOf(middle) - from <= maxBytes;
      if (fits) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    if (low == first && minOneBatch && lastOffsetAt(first) < endOffset) {
      low++;
    }
    return low == first ? 0 : endOf(low - 1) - from;
  }

  private int slotOf(long offset) {
    int low = 0;
    int high = count - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (lastOffsetAt(middle) < offset) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private long lastOffsetAt(int index) {
    return lastOffsets[(head + index) % positions.length];
  }

  private int positionAt(int index) {
    return positions[(head + index) % positions.length];
  }

  private int endOf(int index) {
    return index == count - 1 ? endPosition : positionAt(index + 1);
  }
}
