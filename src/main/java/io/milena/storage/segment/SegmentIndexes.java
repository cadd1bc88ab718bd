package io.milena.storage.segment;

import io.milena.log.batch.BatchHeader;
import io.milena.log.producer.AbortedTxn;
import io.milena.log.producer.TxnIndex;
import io.milena.log.segment.OffsetIndex;
import io.milena.log.segment.TimeIndex;
import io.milena.storage.file.SegmentFiles;
import io.milena.storage.file.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The three indexes of one segment and the largest timestamp they were fed with. Grown batch by
 * batch by the owner of the active segment or by a recovery; never changed once the segment is
 * closed.
 */
public final class SegmentIndexes {
  private static final int OBJECT_BYTES = 256;

  final long baseOffset;
  public final OffsetIndex offsets;
  public final TimeIndex times;
  public final TxnIndex txns;
  private int lastIndexedPosition;
  private boolean firstKnown;
  private long firstTimestampMs = -1;
  private long largestTimestampMs = -1;
  private long largestTimestampOffset = -1;

  public SegmentIndexes(long baseOffset) {
    this(
        baseOffset,
        new OffsetIndex(baseOffset),
        new TimeIndex(baseOffset),
        new TxnIndex(baseOffset));
  }

  public SegmentIndexes(long baseOffset, OffsetIndex offsets, TimeIndex times, TxnIndex txns) {
    this.baseOffset = baseOffset;
    this.offsets = offsets;
    this.times = times;
    this.txns = txns;
    if (offsets.entries() > 0) {
      lastIndexedPosition = offsets.positionAt(offsets.entries() - 1);
    }
    if (times.entries() > 0) {
      largestTimestampMs = times.lastTimestampMs();
      largestTimestampOffset = times.lastOffset();
    }
  }

  /**
   * Takes a batch in that lies at {@code position}: an entry after each {@code
   * index.interval.bytes} and none for the first batch.
   */
  public void add(BatchHeader batch, int position, int indexIntervalBytes) {
    note(batch);
    if (position - lastIndexedPosition > indexIntervalBytes) {
      offsets.append(batch.lastOffset(), position);
      times.maybeAppend(largestTimestampMs, largestTimestampOffset);
      lastIndexedPosition = position;
    }
  }

  /** Takes only the timestamps of a batch in: its index entry, if any, is there already. */
  public void note(BatchHeader batch) {
    if (!firstKnown) {
      setFirstTimestampMs(batch.maxTimestampMs());
    }
    if (batch.maxTimestampMs() > largestTimestampMs) {
      largestTimestampMs = batch.maxTimestampMs();
      largestTimestampOffset = batch.lastOffset();
    }
  }

  public void add(AbortedTxn aborted) {
    txns.append(aborted);
  }

  /** The segment gets no more batches: the last time entry, spare memory given back. */
  public void close() {
    times.maybeAppend(largestTimestampMs, largestTimestampOffset);
    offsets.trim();
    times.trim();
  }

  /** Largest timestamp of the first batch, -1 when not known. */
  public long firstTimestampMs() {
    return firstTimestampMs;
  }

  public void setFirstTimestampMs(long timestampMs) {
    firstKnown = true;
    firstTimestampMs = timestampMs;
  }

  /** -1 when no record has one. */
  public long largestTimestampMs() {
    return largestTimestampMs;
  }

  /** Last offset of the first batch that has the largest timestamp, -1 when there is none. */
  long largestTimestampOffset() {
    return largestTimestampOffset;
  }

  /** Position of the last indexed batch: everything before it is known. */
  public int lastIndexedPosition() {
    return lastIndexedPosition;
  }

  /** What the cache counts. */
  long memoryBytes() {
    return OBJECT_BYTES + offsets.sizeBytes() + times.sizeBytes() + 48L * txns.entries().size();
  }

  /** True when an entry stands for an offset that the log does not have: not of this log. */
  public boolean reach(long logEndOffset) {
    return (times.entries() > 0 && times.lastOffset() >= logEndOffset)
        || (offsets.entries() > 0 && offsets.offsetAt(offsets.entries() - 1) >= logEndOffset);
  }

  /** Writes the files of the segment anew; blocking. No .txnindex without aborted transactions. */
  public void write(Path folder) throws IOException {
    WholeFile.writeUnsafely(
        SegmentFiles.path(folder, baseOffset, SegmentFiles.INDEX), offsets.encode(0));
    WholeFile.writeUnsafely(
        SegmentFiles.path(folder, baseOffset, SegmentFiles.TIME_INDEX), times.encode(0));
    Path txnFile = SegmentFiles.path(folder, baseOffset, SegmentFiles.TXN_INDEX);
    if (txns.entries().isEmpty()) {
      Files.deleteIfExists(txnFile);
    } else {
      // The others are made anew from the log; below the recovery point nobody would miss this one.
      WholeFile.writeSynced(txnFile, txns.encode(0));
    }
  }
}
