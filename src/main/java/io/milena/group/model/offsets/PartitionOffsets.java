package io.milena.group.model.offsets;

import java.util.Arrays;

/**
 * The committed offsets of one group in one topic, by partition, ascending: two arrays side by side
 * (12 bytes a partition beside the offset itself), because brokers keep 100,000 of them.
 */
final class PartitionOffsets {
  private int[] partitions = new int[1];
  private CommittedOffset[] offsets = new CommittedOffset[1];
  private int size;

  int size() {
    return size;
  }

  /** Number of the partition at {@code index}, from 0 to {@link #size()} exclusive. */
  int partition(int index) {
    return partitions[index];
  }

  /** What is committed for {@link #partition} of the same index. */
  CommittedOffset offset(int index) {
    return offsets[index];
  }

  /** What is committed for a partition, or null. */
  CommittedOffset find(int partition) {
    int index = indexOf(partition);
    return index < 0 ? null : offsets[index];
  }

  /** Puts an offset; true when the partition had none. */
  boolean put(int partition, CommittedOffset offset) {
    int index = indexOf(partition);
    if (index >= 0) {
      offsets[index] = offset;
      return false;
    }
    int at = -index - 1;
    if (size == partitions.length) {
      int room = size + Math.max(1, size / 2);
      partitions = Arrays.copyOf(partitions, room);
      offsets = Arrays.copyOf(offsets, room);
    }
    System.arraycopy(partitions, at, partitions, at + 1, size - at);
    System.arraycopy(offsets, at, offsets, at + 1, size - at);
    partitions[at] = partition;
    offsets[at] = offset;
    size++;
    return true;
  }

  /** Takes an offset away; false when there is none. */
  boolean remove(int partition) {
    int at = indexOf(partition);
    if (at < 0) {
      return false;
    }
    System.arraycopy(partitions, at + 1, partitions, at, size - at - 1);
    System.arraycopy(offsets, at + 1, offsets, at, size - at - 1);
    size--;
    offsets[size] = null;
    return true;
  }

  private int indexOf(int partition) {
    return Arrays.binarySearch(partitions, 0, size, partition);
  }
}
