package io.milena.log.producer;

import io.milena.log.CorruptFileException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The format of {@code .snapshot} files: producer state at the offset that is the file's name.
 *
 * <pre>
 * version 2 (=1) | crc 4 (CRC-32C of all that follows) | number of entries 4 | entries
 * entry: producerId 8 | epoch 2 | lastSequence 4 | lastOffset 8 | offsetDelta 4 | timestamp 8 |
 *        coordinatorEpoch 4 | currentTxnFirstOffset 8 (-1 none)                        = 46 bytes
 * </pre>
 *
 * Big endian. Only the newest batch of a producer is kept (lastOffset -1: none). Taken on roll and
 * clean stop; one with a bad CRC is ignored and the fold starts at an older one (R36).
 */
public final class ProducerSnapshot {
  private static final short VERSION = 1;
  private static final int CRC_AT = 2;
  private static final int ENTRIES_AT = 6;
  private static final int ENTRY_BYTES = 46;

  private ProducerSnapshot() {}

  /** The content of the file. */
  public static ByteBuffer encode(Collection<ProducerState> producers) {
    ByteBuffer file = ByteBuffer.allocate(ENTRIES_AT + 4 + producers.size() * ENTRY_BYTES);
    file.putShort(VERSION).putInt(0).putInt(producers.size());
    for (ProducerState state : producers) {
      ProducerState.Batch last = state.batches().last();
      file.putLong(state.producerId()).putShort(state.epoch());
      file.putInt(last == null ? -1 : last.lastSequence());
      file.putLong(last == null ? -1 : last.lastOffset());
      file.putInt(last == null ? 0 : last.offsetDelta());
      file.putLong(state.lastTimestampMs()).putInt(state.coordinatorEpoch());
      file.putLong(state.txnFirstOffset());
    }
    file.flip();
    file.putInt(CRC_AT, crcOf(file));
    return file;
  }

  /**
   * Reads a whole file.
   *
   * @throws CorruptFileException when it is none or its CRC is wrong
   */
  public static List<ProducerState> decode(ByteBuffer file) {
    try {
      ByteBuffer bytes = file.slice();
      short version = bytes.getShort();
      int crc = bytes.getInt();
      int count = bytes.getInt();
      boolean sane =
          version == VERSION && count >= 0 && bytes.remaining() == (long) count * ENTRY_BYTES;
      if (!sane) {
        throw new CorruptFileException(
            "producer snapshot of version "
                + version
                + ", "
                + count
                + " entries, "
                + file.remaining()
                + " bytes");
      }
      int actual = crcOf(bytes);
      if (actual != crc) {
        throw new CorruptFileException("producer snapshot with CRC " + actual + ", not " + crc);
      }
      List<ProducerState> producers = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        producers.add(readEntry(bytes));
      }
      return producers;
    } catch (BufferUnderflowException tooShort) {
      throw new CorruptFileException("producer snapshot of " + file.remaining() + " bytes");
    }
  }

  private static ProducerState readEntry(ByteBuffer bytes) {
    long producerId = bytes.getLong();
    short epoch = bytes.getShort();
    int lastSequence = bytes.getInt();
    long lastOffset = bytes.getLong();
    int offsetDelta = bytes.getInt();
    long timestampMs = bytes.getLong();
    int coordinatorEpoch = bytes.getInt();
    long txnFirstOffset = bytes.getLong();
    ProducerState.Batches batches = ProducerState.Batches.NONE;
    if (lastOffset >= 0) {
      batches =
          batches.with(new ProducerState.Batch(lastSequence, lastOffset, offsetDelta, timestampMs));
    }
    return new ProducerState(
        producerId,
        epoch,
        batches,
        coordinatorEpoch,
        timestampMs,
        txnFirstOffset < 0 ? -1 : txnFirstOffset);
  }

  private static int crcOf(ByteBuffer file) {
    CRC32C crc = new CRC32C();
    crc.update(file.duplicate().position(ENTRIES_AT));
    return (int) crc.getValue();
  }
}
