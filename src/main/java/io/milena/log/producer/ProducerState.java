package io.milena.log.producer;

import io.milena.log.batch.BatchHeader;
import io.milena.log.batch.EndTxnMarker;
import java.util.Arrays;

/**
 * What a log remembers of one producer (R33). Immutable.
 *
 * @param producerId its id
 * @param epoch its newest epoch, -1 when none was seen
 * @param batches the newest batches of that epoch, oldest first, at most {@link #MAX_BATCHES}
 * @param coordinatorEpoch epoch of the coordinator that wrote the last marker, -1 for none
 * @param lastTimestampMs largest timestamp of the last batch, or timestamp of the last marker
 * @param txnFirstOffset first offset of its open transaction, -1 for none
 */
public record ProducerState(
    long producerId,
    short epoch,
    Batches batches,
    int coordinatorEpoch,
    long lastTimestampMs,
    long txnFirstOffset) {
  /** Batches that are remembered to recognise a retry (R34). */
  public static final int MAX_BATCHES = 5;

  /** One appended batch. */
  public record Batch(int lastSequence, long lastOffset, int offsetDelta, long timestampMs) {
    /** Sequence of the first record, wrapping below 0 to 2^31-1. */
    public int firstSequence() {
      long first = (long) lastSequence - offsetDelta;
      return (int) (first < 0 ? first + Integer.MAX_VALUE + 1 : first);
    }

    public long baseOffset() {
      return lastOffset - offsetDelta;
    }
  }

  /** A short immutable row of batches, oldest first. */
  public static final class Batches {
    static final Batches NONE = new Batches(new Batch[0]);
    private final Batch[] row;

    private Batches(Batch[] row) {
      this.row = row;
    }

    Batches with(Batch batch) {
      int kept = Math.min(row.length, MAX_BATCHES - 1);
      Batch[] longer = Arrays.copyOfRange(row, row.length - kept, row.length + 1);
      longer[kept] = batch;
      return new Batches(longer);
    }

    /** The newest batch, null when there is none. */
    public Batch last() {
      return row.length == 0 ? null : row[row.length - 1];
    }

    public int size() {
      return row.length;
    }

    /** Batch number {@code index}, counted from the oldest. */
    public Batch get(int index) {
      return row[index];
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Batches that && Arrays.equals(row, that.row);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(row);
    }

    @Override
    public String toString() {
      return Arrays.toString(row);
    }
  }

  static ProducerState first(long producerId) {
    return new ProducerState(producerId, (short) -1, Batches.NONE, -1, -1, -1);
  }

  public boolean inTransaction() {
    return txnFirstOffset >= 0;
  }

  /** Sequence number of the last record, -1 when no batch is known. */
  public int lastSequence() {
    Batch last = batches.last();
    return last == null ? -1 : last.lastSequence();
  }

  /** The remembered batch with the same epoch and sequences, null when there is none. */
  Batch duplicateOf(BatchHeader header) {
    if (header.producerEpoch() != epoch) {
      return null;
    }
    for (int i = 0; i < batches.size(); i++) {
      Batch batch = batches.get(i);
      if (batch.firstSequence() == header.baseSequence()
          && batch.lastSequence() == header.lastSequence()) {
        return batch;
      }
    }
    return null;
  }

  ProducerState afterData(BatchHeader header) {
    Batch batch =
        new Batch(
            header.lastSequence(),
            header.lastOffset(),
            header.lastOffsetDelta(),
            header.maxTimestampMs());
    Batches before = header.producerEpoch() == epoch ? batches : Batches.NONE;
    long txnFirst =
        header.isTransactional() && !inTransaction() ? header.baseOffset() : txnFirstOffset;
    return new ProducerState(
        producerId,
        header.producerEpoch(),
        before.with(batch),
        coordinatorEpoch,
        header.maxTimestampMs(),
        txnFirst);
  }

  ProducerState afterMarker(BatchHeader header, EndTxnMarker marker) {
    return new ProducerState(
        producerId,
        header.producerEpoch(),
        header.producerEpoch() == epoch ? batches : Batches.NONE,
        marker.coordinatorEpoch(),
        marker.timestampMs(),
        -1);
  }
}
