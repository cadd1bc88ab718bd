package io.milena.log.compaction;

import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * The newest offset of each key in the dirty part of a log, in bounded memory: {@code
 * log.cleaner.dedupe.buffer.size}. Keys are kept as their MD5, as in Kafka: 128 bits make an
 * accidental collision, which would lose a record, negligible, and nobody can choose a key that
 * takes another's place.
 *
 * <p>An open-addressed table of three longs a slot: digest, digest, offset + 1 (0: free). It starts
 * small and doubles up to its bound, for most dirty parts are small. Not thread-safe.
 */
public final class CompactionMap {
  /** Bytes of one slot. */
  public static final int SLOT_BYTES = 24;

  private static final int LONGS = 3;
  private static final int FIRST_SLOTS = 1 << 12;
  private static final int SLOTS_MAX = (Integer.MAX_VALUE - 8) / LONGS;
  private static final double GROW_AT = 0.75;
  private static final int DIGEST_BYTES = 16;

  private final MessageDigest md5;
  private final byte[] digest = new byte[DIGEST_BYTES];
  private final ByteBuffer digestLongs = ByteBuffer.wrap(digest);
  private final int slotsMax;
  private final int entriesMax;
  private byte[] key = new byte[256];
  private long[] table;
  private int slots;
  private int entries;
  private long latestOffset = -1;

  /**
   * @param memoryBytes bound of the table
   * @param loadFactor {@code log.cleaner.io.buffer.load.factor}: how full the bound may get
   */
  public CompactionMap(long memoryBytes, double loadFactor) {
    try {
      md5 = MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has MD5", e);
    }
    slotsMax = (int) Math.max(2, Math.min(SLOTS_MAX, memoryBytes / SLOT_BYTES));
    entriesMax = (int) Math.max(1, Math.min(slotsMax - 1, slotsMax * loadFactor));
    slots = Math.min(slotsMax, FIRST_SLOTS);
    table = new long[LONGS * slots];
  }

  /** True when no other key fits. */
  public boolean full() {
    return entries >= entriesMax;
  }

  public int entries() {
    return entries;
  }

  /** How much of what it may hold it holds, 0 to 1. */
  public double utilization() {
    return (double) entries / entriesMax;
  }

  /** Everything up to this offset was looked at; -1 when nothing was. */
  public long latestOffset() {
    return latestOffset;
  }

  void lookedAt(long offset) {
    latestOffset = Math.max(latestOffset, offset);
  }

  /** The log has no more records below {@code offset}: a gap at the end of a segment. */
  public void lookedAtAllBelow(long offset) {
    lookedAt(offset - 1);
  }

  /**
   * Notes that the key has a record at {@code offset}, which is above all it was put with before.
   *
   * @throws IllegalStateException when it is a new key and the map is full
   */
  void put(ByteBuffer buffer, int keyAt, int keyBytes, long offset) {
    hash(buffer, keyAt, keyBytes);
    long high = digestLongs.getLong(0);
    long low = digestLongs.getLong(8);
    int at = find(high, low);
    if (table[at + 2] == 0) {
      if (full()) {
        throw new IllegalStateException("map is full");
      }
      if (slots < slotsMax && entries + 1 > slots * GROW_AT) {
        grow();
        at = find(high, low);
      }
      table[at] = high;
      table[at + 1] = low;
      entries++;
    }
    table[at + 2] = offset + 1;
  }

  /** Newest offset of the key, -1 when it has none in the dirty part. */
  long get(ByteBuffer buffer, int keyAt, int keyBytes) {
    hash(buffer, keyAt, keyBytes);
    return table[find(digestLongs.getLong(0), digestLongs.getLong(8)) + 2] - 1;
  }

  private void hash(ByteBuffer buffer, int keyAt, int keyBytes) {
    if (key.length < keyBytes) {
      key = new byte[Math.max(keyBytes, 2 * key.length)];
    }
    buffer.get(keyAt, key, 0, keyBytes);
    md5.update(key, 0, keyBytes);
    try {
      md5.digest(digest, 0, DIGEST_BYTES);
    } catch (DigestException e) {
      throw new IllegalStateException("an MD5 has 16 bytes", e);
    }
  }

  /** Index of the key's slot, or of the free one where it belongs. */
  private int find(long high, long low) {
    int slot = (int) Math.floorMod(high, (long) slots);
    while (true) {
      int at = LONGS * slot;
      if (table[at + 2] == 0 || (table[at] == high && table[at + 1] == low)) {
        return at;
      }
      slot = slot + 1 == slots ? 0 : slot + 1;
    }
  }

  private void grow() {
    long[] old = table;
    slots = (int) Math.min(slotsMax, 2L * slots);
    table = new long[LONGS * slots];
    for (int from = 0; from < old.length; from += LONGS) {
      if (old[from + 2] != 0) {
        int to = find(old[from], old[from + 1]);
        System.arraycopy(old, from, table, to, LONGS);
      }
    }
  }

  /** Forgets everything, keeps the memory. */
  public void clear() {
    Arrays.fill(table, 0);
    entries = 0;
    latestOffset = -1;
  }
}
