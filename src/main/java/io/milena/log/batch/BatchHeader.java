package io.milena.log.batch;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * The fixed header of one record batch (magic 2), read out of a buffer once and passed along.
 *
 * <pre>
 * baseOffset 8 | batchLength 4 | partitionLeaderEpoch 4 | magic 1 | crc 4 | attributes 2 |
 * lastOffsetDelta 4 | baseTimestamp 8 | maxTimestamp 8 | producerId 8 | producerEpoch 2 |
 * baseSequence 4 | recordCount 4                                                = 61 bytes
 * </pre>
 *
 * Big endian. The CRC-32C covers attributes to the end of the batch, so base offset and leader
 * epoch may be stamped without computing it again.
 *
 * @param position where the batch starts in its buffer
 * @param sizeBytes whole size of the batch, header included (batchLength + 12)
 */
public record BatchHeader(
    int position,
    int sizeBytes,
    long baseOffset,
    int leaderEpoch,
    byte magic,
    short attributes,
    int lastOffsetDelta,
    long baseTimestampMs,
    long maxTimestampMs,
    long producerId,
    short producerEpoch,
    int baseSequence,
    int recordCount) {
  /** Size of the header of a magic-2 batch in bytes. */
  public static final int SIZE_BYTES = 61;

  /** Bytes before and including batchLength. */
  public static final int LOG_OVERHEAD_BYTES = 12;

  private static final int LEADER_EPOCH_AT = 12;
  private static final int TRANSACTIONAL = 0x10;
  private static final int CONTROL = 0x20;
  private static final int CODEC = 0x07;
  private static final int LOG_APPEND_TIME = 0x08;
  private static final int DELETE_HORIZON = 0x40;

  /** Reads the header at {@code position}; the caller has checked that 61 bytes are there. */
  public static BatchHeader read(ByteBuffer buffer, int position) {
    return new BatchHeader(
        position,
        buffer.getInt(position + 8) + LOG_OVERHEAD_BYTES,
        buffer.getLong(position),
        buffer.getInt(position + LEADER_EPOCH_AT),
        buffer.get(position + 16),
        buffer.getShort(position + 21),
        buffer.getInt(position + 23),
        buffer.getLong(position + 27),
        buffer.getLong(position + 35),
        buffer.getLong(position + 43),
        buffer.getShort(position + 51),
        buffer.getInt(position + 53),
        buffer.getInt(position + 57));
  }

  /**
   * Writes base offset and leader epoch into the batch at {@link #position()} of {@code buffer} and
   * returns the header as it now stands. Neither is covered by the CRC.
   */
  public BatchHeader stamp(ByteBuffer buffer, long newBaseOffset, int newLeaderEpoch) {
    buffer.putLong(position, newBaseOffset);
    buffer.putInt(position + LEADER_EPOCH_AT, newLeaderEpoch);
    return new BatchHeader(
        position,
        sizeBytes,
        newBaseOffset,
        newLeaderEpoch,
        magic,
        attributes,
        lastOffsetDelta,
        baseTimestampMs,
        maxTimestampMs,
        producerId,
        producerEpoch,
        baseSequence,
        recordCount);
  }

  /** Offset of the last record. */
  public long lastOffset() {
    return baseOffset + lastOffsetDelta;
  }

  /** Offset after the last record. */
  public long nextOffset() {
    return lastOffset() + 1;
  }

  /** Sequence number of the last record, wrapping from 2^31-1 to 0 (R34); -1 without a producer. */
  public int lastSequence() {
    if (baseSequence < 0) {
      return -1;
    }
    long last = (long) baseSequence + lastOffsetDelta;
    return last > Integer.MAX_VALUE ? (int) (last - Integer.MAX_VALUE - 1) : (int) last;
  }

  public boolean hasProducerId() {
    return producerId >= 0;
  }

  public boolean isTransactional() {
    return (attributes & TRANSACTIONAL) != 0;
  }

  public boolean isControl() {
    return (attributes & CONTROL) != 0;
  }

  public boolean isLogAppendTime() {
    return (attributes & LOG_APPEND_TIME) != 0;
  }

  /**
   * True when {@link #baseTimestampMs} is the batch's delete horizon (KIP-534): the wall-clock time
   * from which compaction may take its tombstones, or its transaction marker, away.
   */
  public boolean hasDeleteHorizon() {
    return magic == 2 && (attributes & DELETE_HORIZON) != 0;
  }

  /** Id of the compression codec: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
  public int codecId() {
    return attributes & CODEC;
  }

  /** The largest timestamp of all these batches, -1 when none has one. */
  public static long maxTimestampMs(List<BatchHeader> batches) {
    long max = -1;
    for (BatchHeader batch : batches) {
      max = Math.max(max, batch.maxTimestampMs());
    }
    return max;
  }
}
