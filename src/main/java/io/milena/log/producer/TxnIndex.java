package io.milena.log.producer;

import io.milena.log.CorruptFileException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The aborted transactions of one segment, in the order of their markers: the content of a {@code
 * .txnindex} file ({@link AbortedTxn} entries end to end). Owned by the segment's event loop.
 *
 * <p>Always holds: last offsets strictly rise and are at or above the segment's base offset.
 */
public final class TxnIndex {
  private final long baseOffset;
  private final List<AbortedTxn> entries = new ArrayList<>();

  public TxnIndex(long baseOffset) {
    this.baseOffset = baseOffset;
  }

  /**
   * Reads a whole file.
   *
   * @throws CorruptFileException when the size or the order is wrong; rebuild from the log
   */
  public static TxnIndex decode(long baseOffset, ByteBuffer file) {
    if (file.remaining() % AbortedTxn.SIZE_BYTES != 0) {
      throw new CorruptFileException("transaction index of " + file.remaining() + " bytes");
    }
    TxnIndex index = new TxnIndex(baseOffset);
    while (file.hasRemaining()) {
      AbortedTxn entry = AbortedTxn.read(file);
      if (!index.fits(entry)) {
        throw new CorruptFileException("transaction index out of order at " + entry);
      }
      index.entries.add(entry);
    }
    return index;
  }

  /** Adds an entry; its marker lies behind those of all others. */
  public void append(AbortedTxn entry) {
    if (!fits(entry)) {
      throw new IllegalArgumentException("transaction index out of order at " + entry);
    }
    entries.add(entry);
  }

  private boolean fits(AbortedTxn entry) {
    return entry.lastOffset() >= baseOffset
        && entry.firstOffset() <= entry.lastOffset()
        && (entries.isEmpty() || entry.lastOffset() > entries.get(entries.size() - 1).lastOffset());
  }

  /**
   * Adds to {@code found} what overlaps {@code [from, toExclusive)}. True when no later segment can
   * hold more of it, so that the search may stop here.
   */
  public boolean collect(long from, long toExclusive, List<AbortedTxn> found) {
    for (AbortedTxn entry : entries) {
      if (entry.lastOffset() >= from && entry.firstOffset() < toExclusive) {
        found.add(entry);
      }
      if (entry.lastStableOffset() >= toExclusive) {
        return true;
      }
    }
    return false;
  }

  /** Drops every entry whose marker is at or above {@code offset}. */
  public void truncateTo(long offset) {
    entries.removeIf(entry -> entry.lastOffset() >= offset);
  }

  public List<AbortedTxn> entries() {
    return Collections.unmodifiableList(entries);
  }

  /** Bytes from entry number {@code from} on, as they stand in the file. */
  public ByteBuffer encode(int from) {
    ByteBuffer bytes = ByteBuffer.allocate((entries.size() - from) * AbortedTxn.SIZE_BYTES);
    for (int i = from; i < entries.size(); i++) {
      entries.get(i).write(bytes);
    }
    return bytes.flip();
  }
}
