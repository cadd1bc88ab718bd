package io.milena.log.checkpoint;

import io.milena.log.CorruptFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The leader epoch cache of one log (R30): which epoch started at which offset. Owned by the log's
 * event loop.
 *
 * <p>Always holds: epochs strictly rise, start offsets do not fall.
 *
 * <p>Its file {@code leader-epoch-checkpoint} is text: {@code 0}, the number of entries, then one
 * line {@code epoch startOffset} per entry; replaced as a whole by rename. If lost it is rebuilt
 * from the epochs of the batches.
 */
public final class LeaderEpochs {
  /** Stands for an epoch that is not known. */
  public static final int UNDEFINED_EPOCH = -1;

  /** Stands for an end offset that is not known. */
  public static final long UNDEFINED_OFFSET = -1;

  /** An epoch and the offset its first record has or would have. */
  public record Entry(int epoch, long startOffset) {}

  /** An epoch and the offset after its last record; both undefined when nothing was found. */
  public record EpochEnd(int epoch, long endOffset) {
    /** Nothing found. */
    public static final EpochEnd UNDEFINED = new EpochEnd(UNDEFINED_EPOCH, UNDEFINED_OFFSET);
  }

  private int[] epochs = new int[4];
  private long[] starts = new long[4];
  private int entries;

  /**
   * Records that {@code epoch} starts at {@code startOffset}. What contradicts it (an epoch not
   * lower, a start not lower) is dropped, as in Kafka; the same epoch again, at the same or a
   * higher offset, changes nothing.
   *
   * @return whether anything changed, so that the file has to be written
   */
  public boolean assign(int epoch, long startOffset) {
    if (epoch < 0 || startOffset < 0) {
      throw new IllegalArgumentException("epoch " + epoch + " at offset " + startOffset);
    }
    if (entries > 0 && epoch == epochs[entries - 1] && startOffset >= starts[entries - 1]) {
      return false;
    }
    while (entries > 0 && (epochs[entries - 1] >= epoch || starts[entries - 1] >= startOffset)) {
      entries--;
    }
    add(epoch, startOffset);
    return true;
  }

  private void add(int epoch, long startOffset) {
    if (entries == epochs.length) {
      epochs = Arrays.copyOf(epochs, 2 * entries);
      starts = Arrays.copyOf(starts, 2 * entries);
    }
    epochs[entries] = epoch;
    starts[entries] = startOffset;
    entries++;
  }

  /** The newest epoch, {@link #UNDEFINED_EPOCH} when there is none. */
  public int latestEpoch() {
    return entries == 0 ? UNDEFINED_EPOCH : epochs[entries - 1];
  }

  /** Start of the newest epoch, {@link #UNDEFINED_OFFSET} when there is none. */
  public long latestStartOffset() {
    return entries == 0 ? UNDEFINED_OFFSET : starts[entries - 1];
  }

  /** The newest epoch below {@code epoch}, {@link #UNDEFINED_EPOCH} when there is none (R27). */
  public int previousEpoch(int epoch) {
    int slot = floor(epoch - 1);
    return slot < 0 ? UNDEFINED_EPOCH : epochs[slot];
  }

  /** True when {@code epoch} itself is recorded. */
  public boolean contains(int epoch) {
    int slot = floor(epoch);
    return slot >= 0 && epochs[slot] == epoch;
  }

  /** The epoch of the record at {@code offset}, {@link #UNDEFINED_EPOCH} below the first entry. */
  public int epochFor(long offset) {
    int slot = entries - 1;
    while (slot >= 0 && starts[slot] > offset) {
      slot--;
    }
    return slot < 0 ? UNDEFINED_EPOCH : epochs[slot];
  }

  /**
   * The largest epoch at or below the requested one and the offset where it ended: what
   * OffsetForLeaderEpoch answers and what R26 and R27 compare. The newest epoch ends at {@code
   * logEndOffset}. An epoch below all known ones ends where the first known one starts; one above
   * all known ones is undefined.
   */
  public EpochEnd endOffsetFor(int requestedEpoch, long logEndOffset) {
    if (requestedEpoch == UNDEFINED_EPOCH || requestedEpoch > latestEpoch()) {
      return EpochEnd.UNDEFINED;
    }
    int slot = floor(requestedEpoch);
    if (slot < 0) {
      return new EpochEnd(requestedEpoch, starts[0]);
    }
    return new EpochEnd(epochs[slot], slot == entries - 1 ? logEndOffset : starts[slot + 1]);
  }

  private int floor(int epoch) {
    int found = Arrays.binarySearch(epochs, 0, entries, epoch);
    return found >= 0 ? found : -found - 2;
  }

  /**
   * Drops every epoch that starts at or above {@code endOffset}: the log was cut there (R27).
   *
   * @return whether anything changed
   */
  public boolean truncateFromEnd(long endOffset) {
    return dropWhere(endOffset);
  }

  /**
   * Drops every epoch that starts above {@code logEndOffset}: what a crash left behind. An epoch
   * that starts right there has no record yet and survives (R30).
   *
   * @return whether anything changed
   */
  public boolean dropBeyond(long logEndOffset) {
    return dropWhere(logEndOffset + 1);
  }

  private boolean dropWhere(long firstDroppedStart) {
    int before = entries;
    while (entries > 0 && starts[entries - 1] >= firstDroppedStart) {
      entries--;
    }
    return entries != before;
  }

  /**
   * Drops every epoch that ended at or below {@code startOffset}; the one that contains it starts
   * there from now on.
   *
   * @return whether anything changed
   */
  public boolean truncateFromStart(long startOffset) {
    int last = entries - 1;
    while (last >= 0 && starts[last] > startOffset) {
      last--;
    }
    if (last < 0 || (last == 0 && starts[0] == startOffset)) {
      return false;
    }
    System.arraycopy(epochs, last, epochs, 0, entries - last);
    System.arraycopy(starts, last, starts, 0, entries - last);
    entries -= last;
    starts[0] = startOffset;
    return true;
  }

  /** Forgets everything. */
  public void clear() {
    entries = 0;
  }

  public boolean isEmpty() {
    return entries == 0;
  }

  /** A copy of all entries in order. */
  public List<Entry> entries() {
    List<Entry> copy = new ArrayList<>(entries);
    for (int i = 0; i < entries; i++) {
      copy.add(new Entry(epochs[i], starts[i]));
    }
    return copy;
  }

  /** A copy that changes independently. */
  public LeaderEpochs copy() {
    LeaderEpochs copy = new LeaderEpochs();
    copy.epochs = epochs.clone();
    copy.starts = starts.clone();
    copy.entries = entries;
    return copy;
  }

  /** The content of the file. */
  public byte[] encode() {
    return CheckpointText.encode(
        entries, (line, text) -> text.append(epochs[line]).append(' ').append(starts[line]));
  }

  /**
   * Reads the content of a file.
   *
   * @throws CorruptFileException when it is none; rebuild from the batches
   */
  public static LeaderEpochs decode(byte[] file) {
    LeaderEpochs result = new LeaderEpochs();
    for (String[] fields : CheckpointText.decode(file, 2)) {
      int epoch = (int) CheckpointText.number(fields[0], Integer.MAX_VALUE);
      long start = CheckpointText.number(fields[1], Long.MAX_VALUE);
      boolean rises =
          result.entries == 0
              || (epoch > result.latestEpoch() && start >= result.latestStartOffset());
      if (!rises) {
        throw new CorruptFileException("epoch " + epoch + " at " + start + " out of order");
      }
      result.add(epoch, start);
    }
    return result;
  }

  @Override
  public String toString() {
    return "LeaderEpochs" + entries();
  }
}
