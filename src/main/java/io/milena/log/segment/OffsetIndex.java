package io.milena.log.segment;

import io.milena.log.CorruptFileException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Sparse map from offsets to positions in one segment: the content of an {@code .index} file, as a
 * compact array. Owned by the segment's event loop.
 *
 * <pre>
 * entry: last offset of a batch - base offset 4 | position of that batch in the .log file 4
 * </pre>
 *
 * Big endian, no checksum, entries end to end; Kafka preallocates its files, so zeros may follow. A
 * crash may leave a torn or stale tail: such a file is insane and is rebuilt from the log.
 *
 * <p>Always holds: offsets and positions strictly rise.
 */
public final class OffsetIndex {
  /** Size of one entry in bytes. */
  public static final int ENTRY_BYTES = 8;

  private static final int FIRST_CAPACITY = 16;

  private final long baseOffset;
  private int[] pairs;
  private int entries;

  public OffsetIndex(long baseOffset) {
    this(baseOffset, 0);
  }

  private OffsetIndex(long baseOffset, int capacity) {
    this.baseOffset = baseOffset;
    this.pairs = new int[2 * capacity];
  }

  /**
   * Reads a whole file.
   *
   * @param logSizeBytes size of the .log file: no position may reach it
   * @throws CorruptFileException when it is insane; rebuild from the log
   */
  public static OffsetIndex decode(long baseOffset, ByteBuffer file, int logSizeBytes) {
    if (file.remaining() % ENTRY_BYTES != 0) {
      throw new CorruptFileException("offset index of " + file.remaining() + " bytes");
    }
    int start = file.position();
    int count = file.remaining() / ENTRY_BYTES;
    while (count > 0 && file.getLong(start + (count - 1) * ENTRY_BYTES) == 0) {
      count--;
    }
    OffsetIndex index = new OffsetIndex(baseOffset, count);
    for (int i = 0; i < count; i++) {
      int relative = file.getInt(start + i * ENTRY_BYTES);
      int position = file.getInt(start + i * ENTRY_BYTES + 4);
      boolean sane = relative >= 0 && position >= 0 && position < logSizeBytes;
      if (!sane || !index.rises(relative, position)) {
        throw new CorruptFileException(
            "offset index entry " + i + ": offset +" + relative + " at " + position);
      }
      index.add(relative, position);
    }
    return index;
  }

  /**
   * Adds an entry.
   *
   * @param lastOffset last offset of the batch at {@code position}; within 2^31-1 of the base
   */
  public void append(long lastOffset, int position) {
    long relative = lastOffset - baseOffset;
    if (relative < 0 || relative > Integer.MAX_VALUE || !rises((int) relative, position)) {
      throw new IllegalArgumentException(
          "offset " + lastOffset + " at " + position + " behind " + this);
    }
    add((int) relative, position);
  }

  private boolean rises(int relative, int position) {
    return entries == 0 || (relative > pairs[2 * entries - 2] && position > pairs[2 * entries - 1]);
  }

  private void add(int relative, int position) {
    if (pairs.length == 2 * entries) {
      pairs =
          Arrays.copyOf(pairs, Math.max(2 * FIRST_CAPACITY, pairs.length + pairs.length / 2 & ~1));
    }
    pairs[2 * entries] = relative;
    pairs[2 * entries + 1] = position;
    entries++;
  }

  /** Where to start reading for {@code offset}: no batch before this position contains it. */
  public int positionFor(long offset) {
    int slot = floor(offset);
    return slot < 0 ? 0 : positionAt(slot);
  }

  /** Number of the last entry whose offset is at or below {@code offset}, -1 for none. */
  public int floor(long offset) {
    int low = 0;
    int high = entries - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (offsetAt(middle) <= offset) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return high;
  }

  /** Last offset of the first indexed batch at or behind a position, -1 for none. */
  public long offsetBehind(int position) {
    int low = 0;
    int high = entries;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (positionAt(middle) < position) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low == entries ? -1 : offsetAt(low);
  }

  public long offsetAt(int entry) {
    return baseOffset + pairs[2 * entry];
  }

  public int positionAt(int entry) {
    return pairs[2 * entry + 1];
  }

  public int entries() {
    return entries;
  }

  /** Bytes of the entries in the file. */
  public int sizeBytes() {
    return entries * ENTRY_BYTES;
  }

  /** Drops every entry at or above {@code offset}. */
  public void truncateTo(long offset) {
    entries = floor(offset - 1) + 1;
  }

  /** True when a file of {@code segment.index.bytes} has no room for another entry. */
  public boolean isFull(int segmentIndexBytes) {
    return entries >= segmentIndexBytes / ENTRY_BYTES;
  }

  /** Bytes from entry number {@code from} on, as they stand in the file. */
  public ByteBuffer encode(int from) {
    ByteBuffer bytes = ByteBuffer.allocate((entries - from) * ENTRY_BYTES);
    bytes.asIntBuffer().put(pairs, 2 * from, 2 * (entries - from));
    return bytes;
  }

  /** Gives spare memory back; for a segment that is closed. */
  public void trim() {
    pairs = Arrays.copyOf(pairs, 2 * entries);
  }

  @Override
  public String toString() {
    return "OffsetIndex(base " + baseOffset + ", " + entries + " entries)";
  }
}
