package io.milena.log.compaction;

import io.milena.log.CorruptFileException;
import io.milena.log.batch.BatchHeader;
import io.milena.log.batch.EndTxnMarker;
import io.milena.log.producer.AbortedTxn;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which transactions a walk over a log is inside of: tells the batches that were aborted, and the
 * markers whose transaction has no batch left. Fed with every batch in order, over a part of a log
 * in which every transaction has ended (all of it is below the last stable offset).
 */
public final class TxnCleaning {
  private final List<AbortedTxn> aborted;
  private int nextAborted;

  /** Aborted transactions under way by producer, and whether a batch of them was seen. */
  private final Map<Long, Aborted> open = new HashMap<>();

  /** Producers with a batch of a committed transaction since their last marker. */
  private final Set<Long> committed = new HashSet<>();

  /** Aborted transactions whose batches and marker were seen since {@link #takeSeen()}. */
  private final List<AbortedTxn> seen = new ArrayList<>();

  private static final class Aborted {
    final AbortedTxn txn;
    boolean batchSeen;

    Aborted(AbortedTxn txn) {
      this.txn = txn;
    }
  }

  /**
   * @param aborted what the transaction indexes say of the part that is walked
   */
  public TxnCleaning(List<AbortedTxn> aborted) {
    this.aborted = new ArrayList<>(aborted);
    this.aborted.sort(Comparator.comparingLong(AbortedTxn::firstOffset));
  }

  private void enter(long lastOffset) {
    while (nextAborted < aborted.size() && aborted.get(nextAborted).firstOffset() <= lastOffset) {
      AbortedTxn txn = aborted.get(nextAborted++);
      Aborted before = open.get(txn.producerId());
      if (before == null || before.txn.lastOffset() < txn.firstOffset()) {
        open.put(txn.producerId(), new Aborted(txn));
      }
    }
  }

  /**
   * A data batch.
   *
   * @return true when it belongs to an aborted transaction
   */
  boolean onBatch(BatchHeader batch) {
    enter(batch.lastOffset());
    if (!batch.isTransactional()) {
      return false;
    }
    Aborted txn = open.get(batch.producerId());
    if (txn != null && batch.baseOffset() > txn.txn.lastOffset()) {
      // Its marker is gone: what follows must never be taken for aborted.
      open.remove(batch.producerId());
      txn = null;
    }
    if (txn == null) {
      committed.add(batch.producerId());
      return false;
    }
    txn.batchSeen = true;
    return true;
  }

  /**
   * A control batch.
   *
   * @return true when nothing of its transaction was seen, so that it is needed no longer
   * @throws CorruptFileException when it cannot be read
   */
  boolean onMarker(ByteBuffer buffer, BatchHeader batch) {
    enter(batch.lastOffset());
    if (batch.recordCount() <= 0) {
      return true;
    }
    EndTxnMarker marker = EndTxnMarker.read(buffer, batch);
    if (marker == null) {
      return false;
    }
    if (marker.committed()) {
      return !committed.remove(batch.producerId());
    }
    Aborted txn = open.remove(batch.producerId());
    boolean needed = txn != null && txn.batchSeen;
    if (needed) {
      seen.add(txn.txn);
    }
    return !needed;
  }

  /**
   * The aborted transactions whose marker was seen, and stays, since the last call: the transaction
   * index of the segment that was written meanwhile.
   */
  public List<AbortedTxn> takeSeen() {
    List<AbortedTxn> taken = List.copyOf(seen);
    seen.clear();
    return taken;
  }
}
