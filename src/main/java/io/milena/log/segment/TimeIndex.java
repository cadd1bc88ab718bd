package io.milena.log.segment;

import io.milena.log.CorruptFileException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Sparse map from timestamps to offsets in one segment: the content of a {@code .timeindex} file,
 * as compact arrays. Owned by the segment's event loop.
 *
 * <pre>
 * entry: largest timestamp so far 8 | last offset of the batch that has it - base offset 4
 * </pre>
 *
 * Big endian, no checksum, entries end to end; Kafka preallocates its files, so zeros may follow.
 * An entry says: every record up to that offset is at most that old. The last entry of a closed
 * segment is its largest timestamp. A crash may leave a torn or stale tail: such a file is insane
 * and is rebuilt from the log.
 *
 * <p>Always holds: timestamps strictly rise, offsets do not fall.
 */
public final class TimeIndex {
  /** Size of one entry in bytes. */
  public static final int ENTRY_BYTES = 12;

  private static final int FIRST_CAPACITY = 16;

  private final long baseOffset;
  private long[] timestamps;
  private int[] relatives;
  private int entries;

  public TimeIndex(long baseOffset) {
    this(baseOffset, 0);
  }

  private TimeIndex(long baseOffset, int capacity) {
    this.baseOffset = baseOffset;
    this.timestamps = new long[capacity];
    this.relatives = new int[capacity];
  }

  /**
   * Reads a whole file.
   *
   * @param logEndOffset offset after the segment's last record: no entry may reach it
   * @throws CorruptFileException when it is insane; rebuild from the log
   */
  public static TimeIndex decode(long baseOffset, ByteBuffer file, long logEndOffset) {
    if (file.remaining() % ENTRY_BYTES != 0) {
      throw new CorruptFileException("time index of " + file.remaining() + " bytes");
    }
    int start = file.position();
    int count = file.remaining() / ENTRY_BYTES;
    while (count > 0 && isZero(file, start + (count - 1) * ENTRY_BYTES)) {
      count--;
    }
    TimeIndex index = new TimeIndex(baseOffset, count);
    for (int i = 0; i < count; i++) {
      long timestampMs = file.getLong(start + i * ENTRY_BYTES);
      int relative = file.getInt(start + i * ENTRY_BYTES + 8);
      boolean sane = relative >= 0 && baseOffset + relative < logEndOffset;
      if (!sane || !index.rises(timestampMs, relative)) {
        throw new CorruptFileException(
            "time index entry " + i + ": " + timestampMs + " at offset +" + relative);
      }
      index.add(timestampMs, relative);
    }
    return index;
  }

  private static boolean isZero(ByteBuffer file, int at) {
    return file.getLong(at) == 0 && file.getInt(at + 8) == 0;
  }

  /**
   * Adds an entry when {@code timestampMs} is above the last one; otherwise changes nothing.
   *
   * @param maxTimestampMs largest timestamp in the segment so far
   * @param offset last offset of the batch that has it; within 2^31-1 of the base
   * @return whether an entry was added
   */
  public boolean maybeAppend(long maxTimestampMs, long offset) {
    if (maxTimestampMs < 0 || maxTimestampMs <= lastTimestampMs()) {
      return false;
    }
    long relative = offset - baseOffset;
    if (relative < 0 || relative > Integer.MAX_VALUE || !rises(maxTimestampMs, (int) relative)) {
      throw new IllegalArgumentException(
          "timestamp " + maxTimestampMs + " at offset " + offset + " behind " + this);
    }
    add(maxTimestampMs, (int) relative);
    return true;
  }

  private boolean rises(long timestampMs, int relative) {
    return timestampMs >= 0
        && (entries == 0
            || (timestampMs > timestamps[entries - 1] && relative >= relatives[entries - 1]));
  }

  private void add(long timestampMs, int relative) {
    if (timestamps.length == entries) {
      int capacity = Math.max(FIRST_CAPACITY, entries + entries / 2);
      timestamps = Arrays.copyOf(timestamps, capacity);
      relatives = Arrays.copyOf(relatives, capacity);
    }
    timestamps[entries] = timestampMs;
    relatives[entries] = relative;
    entries++;
  }

  /**
   * Where to start looking for the first record at or after {@code timestampMs}: every record
   * before this offset is older. The base offset when there is no such entry.
   */
  public long offsetFor(long timestampMs) {
    int slot = floor(timestampMs - 1);
    return slot < 0 ? baseOffset : offsetAt(slot);
  }

  /** Number of the last entry whose timestamp is at or below {@code timestampMs}, -1 for none. */
  public int floor(long timestampMs) {
    int found = Arrays.binarySearch(timestamps, 0, entries, timestampMs);
    return found >= 0 ? found : -found - 2;
  }

  public long timestampAt(int entry) {
    return timestamps[entry];
  }

  public long offsetAt(int entry) {
    return baseOffset + relatives[entry];
  }

  /** Timestamp of the last entry, -1 when there is none. */
  public long lastTimestampMs() {
    return entries == 0 ? -1 : timestamps[entries - 1];
  }

  /** Offset of the last entry, the base offset when there is none. */
  public long lastOffset() {
    return entries == 0 ? baseOffset : offsetAt(entries - 1);
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
    while (entries > 0 && offsetAt(entries - 1) >= offset) {
      entries--;
    }
  }

  /**
   * True when a file of {@code segment.index.bytes} has no room but for the entry that is added
   * when the segment closes.
   */
  public boolean isFull(int segmentIndexBytes) {
    return entries >= segmentIndexBytes / ENTRY_BYTES - 1;
  }

  /** Bytes from entry number {@code from} on, as they stand in the file. */
  public ByteBuffer encode(int from) {
    ByteBuffer bytes = ByteBuffer.allocate((entries - from) * ENTRY_BYTES);
    for (int i = from; i < entries; i++) {
      bytes.putLong(timestamps[i]).putInt(relatives[i]);
    }
    return bytes.flip();
  }

  /** Gives spare memory back; for a segment that is closed. */
  public void trim() {
    timestamps = Arrays.copyOf(timestamps, entries);
    relatives = Arrays.copyOf(relatives, entries);
  }

  @Override
  public String toString() {
    return "TimeIndex(base " + baseOffset + ", " + entries + " entries)";
  }
}
