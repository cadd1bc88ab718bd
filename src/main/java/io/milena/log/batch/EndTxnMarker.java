package io.milena.log.batch;

import io.milena.log.CorruptFileException;
import java.nio.ByteBuffer;

/**
 * The end of a transaction, read from the only record of a control batch.
 *
 * <pre>
 * key: version 2 | type 2 (0 abort, 1 commit; others are Raft's)
 * value: version 2 | coordinatorEpoch 4
 * </pre>
 *
 * @param committed commit or abort
 * @param coordinatorEpoch epoch of the transaction coordinator that wrote it
 * @param timestampMs timestamp of the record
 */
public record EndTxnMarker(boolean committed, int coordinatorEpoch, long timestampMs) {
  private static final short ABORT = 0;
  private static final short COMMIT = 1;

  /**
   * Reads the marker of the control batch at {@code header.position()}; null for a control batch
   * that is empty (compaction leaves such) or holds another type of control record.
   *
   * @throws CorruptFileException when the record's framing is wrong
   */
  public static EndTxnMarker read(ByteBuffer buffer, BatchHeader header) {
    if (header.recordCount() <= 0) {
      return null;
    }
    RecordCursor cursor = new RecordCursor();
    cursor.start(
        buffer, header.position() + BatchHeader.SIZE_BYTES, header.position() + header.sizeBytes());
    if (!cursor.next()) {
      throw new CorruptFileException(
          "control batch at offset " + header.baseOffset() + ": " + cursor.problem());
    }
    if (cursor.keyBytes() < 4) {
      throw new CorruptFileException(
          "control record of " + cursor.keyBytes() + " key bytes at " + header.baseOffset());
    }
    short type = buffer.getShort(cursor.keyAt() + 2);
    if (type != ABORT && type != COMMIT) {
      return null;
    }
    if (cursor.valueBytes() < 6) {
      throw new CorruptFileException(
          "end of transaction of " + cursor.valueBytes() + " bytes at " + header.baseOffset());
    }
    long timestampMs =
        header.isLogAppendTime()
            ? header.maxTimestampMs()
            : header.baseTimestampMs() + cursor.timestampDelta();
    return new EndTxnMarker(type == COMMIT, buffer.getInt(cursor.valueAt() + 2), timestampMs);
  }
}
