package io.milena.log.batch;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Walks whole batches in a buffer and checks each: for recovery, replication, lookups. Knows magic
 * 2, and the message sets of magic 0 and 1 that old directories hold (read and served, never
 * written). Not thread-safe; one per owner.
 *
 * <pre>
 * magic 0 and 1: offset 8 | size 4 | crc 4 (CRC-32 of the rest) | magic 1 | attributes 1 |
 *                timestamp 8 (magic 1 only) | key length 4, key | value length 4, value
 * </pre>
 *
 * Such a message becomes a header whose base and last offset are the message's: for a compressed
 * one that is its last record's. Its record count is 1, or -1 when compressed.
 */
public final class BatchScanner {
  /** Why a scan ended. */
  public enum Stop {
    /** The buffer ends with a whole batch. */
    END,
    /** The last batch goes on behind the buffer; see {@link Result#neededBytes}. */
    INCOMPLETE,
    /** What follows is no batch; see {@link Result#problem}. */
    CORRUPT
  }

  /**
   * @param endPosition position in the buffer behind the last good batch
   * @param neededBytes bytes from {@code endPosition} that the next batch takes, as far as known; 0
   *     at the end
   * @param problem what is wrong, null when nothing is
   */
  public record Result(Stop stop, int endPosition, int neededBytes, String problem) {}

  private static final int MIN_LEGACY_BYTES = 26;
  private static final int MAGIC_AT = 16;
  private static final int CRC_AT = 17;
  private static final int CRC_FROM = 21;
  private static final int LEGACY_CRC_AT = 12;

  private final CRC32C crc32c = new CRC32C();
  private final java.util.zip.CRC32 crc32 = new java.util.zip.CRC32();
  private final boolean checkCrc;

  /**
   * @param checkCrc false where the bytes were checked before and only headers are wanted
   */
  public BatchScanner(boolean checkCrc) {
    this.checkCrc = checkCrc;
  }

  /**
   * Walks the batches between the buffer's position and limit, neither of which changes, and adds
   * their headers to {@code found}. Offsets must rise from batch to batch, and be at least {@code
   * minOffset}.
   */
  public Result scan(ByteBuffer buffer, long minOffset, List<BatchHeader> found) {
    int at = buffer.position();
    int limit = buffer.limit();
    long nextOffset = minOffset;
    while (at < limit) {
      int left = limit - at;
      if (left < CRC_AT) {
        return new Result(Stop.INCOMPLETE, at, CRC_AT, null);
      }
      int length = buffer.getInt(at + 8);
      byte magic = buffer.get(at + MAGIC_AT);
      String problem = lengthProblem(length, magic);
      if (problem != null) {
        return new Result(Stop.CORRUPT, at, 0, problem);
      }
      int size = length + BatchHeader.LOG_OVERHEAD_BYTES;
      if (size > left) {
        return new Result(Stop.INCOMPLETE, at, size, null);
      }
      BatchHeader header = magic == 2 ? BatchHeader.read(buffer, at) : legacy(buffer, at);
      problem = headerProblem(buffer, header, nextOffset);
      if (problem != null) {
        return new Result(Stop.CORRUPT, at, 0, problem);
      }
      found.add(header);
      nextOffset = header.nextOffset();
      at += size;
    }
    return new Result(Stop.END, at, 0, null);
  }

  private static String lengthProblem(int length, byte magic) {
    if (magic < 0 || magic > 2) {
      return "magic " + magic;
    }
    int min =
        (magic == 2 ? BatchHeader.SIZE_BYTES : MIN_LEGACY_BYTES + 8 * magic)
            - BatchHeader.LOG_OVERHEAD_BYTES;
    boolean sane = length >= min && length <= Integer.MAX_VALUE - BatchHeader.LOG_OVERHEAD_BYTES;
    return sane ? null : "length " + length;
  }

  private String headerProblem(ByteBuffer buffer, BatchHeader header, long minOffset) {
    if (checkCrc && !crcMatches(buffer, header)) {
      return "wrong CRC at offset " + header.baseOffset();
    }
    if (header.baseOffset() < minOffset) {
      return "offset " + header.baseOffset() + " where at least " + minOffset + " is due";
    }
    boolean deltaSane = header.lastOffsetDelta() >= 0 && header.lastOffset() >= 0;
    return deltaSane ? null : "last offset delta " + header.lastOffsetDelta();
  }

  private boolean crcMatches(ByteBuffer buffer, BatchHeader header) {
    int at = header.position();
    if (header.magic() == 2) {
      crc32c.reset();
      crc32c.update(buffer.slice(at + CRC_FROM, header.sizeBytes() - CRC_FROM));
      return (int) crc32c.getValue() == buffer.getInt(at + CRC_AT);
    }
    crc32.reset();
    crc32.update(buffer.slice(at + MAGIC_AT, header.sizeBytes() - MAGIC_AT));
    return (int) crc32.getValue() == buffer.getInt(at + LEGACY_CRC_AT);
  }

  private static BatchHeader legacy(ByteBuffer buffer, int at) {
    byte magic = buffer.get(at + MAGIC_AT);
    short attributes = (short) (buffer.get(at + MAGIC_AT + 1) & (magic == 0 ? 0x07 : 0x0f));
    long timestampMs = magic == 0 ? -1 : buffer.getLong(at + MAGIC_AT + 2);
    return new BatchHeader(
        at,
        buffer.getInt(at + 8) + BatchHeader.LOG_OVERHEAD_BYTES,
        buffer.getLong(at),
        -1,
        magic,
        attributes,
        0,
        timestampMs,
        timestampMs,
        -1,
        (short) -1,
        -1,
        (attributes & 0x07) == 0 ? 1 : -1);
  }
}
