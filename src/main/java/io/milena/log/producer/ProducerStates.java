package io.milena.log.producer;

import io.milena.log.CorruptFileException;
import io.milena.log.batch.BatchHeader;
import io.milena.log.batch.EndTxnMarker;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.protocol.Errors;

/**
 * Idempotence and transaction state per producer, a fold over the log (R33-R36). Owned by the log's
 * event loop.
 *
 * <p>Always holds: the state is that of folding every batch up to {@link #endOffset()}; {@link
 * #apply} is the only way in, for appends, replication and replay alike. What was applied can be
 * taken back with {@link #rollbackTo} until it is {@link #confirm}ed.
 */
public final class ProducerStates {
  /** The verdict on a batch a client wants to append. */
  public sealed interface Check permits Accept, Duplicate, Reject {}

  /** Append it. */
  public record Accept() implements Check {
    static final Accept INSTANCE = new Accept();
  }

  /** It was appended before: answer with the old offset and timestamp, append nothing. */
  public record Duplicate(long baseOffset, long lastOffset, long timestampMs) implements Check {}

  /** Refuse it. */
  public record Reject(Errors error, String message) implements Check {}

  /**
   * A transaction that ended.
   *
   * @param lastOffset offset of its marker
   * @param lastStableOffset the last stable offset at that moment, high watermark aside
   */
  public record CompletedTxn(
      long producerId, long firstOffset, long lastOffset, boolean aborted, long lastStableOffset) {
    /** The entry for the transaction index; only for an aborted one. */
    public AbortedTxn toAbortedTxn() {
      return new AbortedTxn(producerId, firstOffset, lastOffset, lastStableOffset);
    }
  }

  private record Undo(
      long endOffset, long producerId, ProducerState before, long endOffsetBefore) {}

  private final Map<Long, ProducerState> producers = new HashMap<>();

  /** Open transactions: first offset to producer id. */
  private final TreeMap<Long, Long> openTxns = new TreeMap<>();

  /** Ended transactions whose marker may lie above the high watermark: first to last offset. */
  private final TreeMap<Long, Long> unreplicatedTxns = new TreeMap<>();

  /** One entry per batch applied since the last confirm; bounded by the writes in flight. */
  private final ArrayDeque<Undo> undos = new ArrayDeque<>();

  private long endOffset;

  /**
   * Judges a batch of a client (R34, R35); changes nothing.
   *
   * @param logEverHeldRecords whether the log ever held a record (its end offset is above 0)
   */
  public Check check(BatchHeader batch, boolean logEverHeldRecords) {
    if (!batch.hasProducerId()) {
      return Accept.INSTANCE;
    }
    ProducerState state = producers.get(batch.producerId());
    if (state == null || state.epoch() < 0) {
      return batch.baseSequence() == 0 || logEverHeldRecords
          ? Accept.INSTANCE
          : outOfOrder(batch, "the first batch of an empty log starts at sequence 0");
    }
    if (batch.producerEpoch() < state.epoch()) {
      return new Reject(
          Errors.INVALID_PRODUCER_EPOCH,
          "producer "
              + batch.producerId()
              + " has epoch "
              + state.epoch()
              + ", batch says "
              + batch.producerEpoch());
    }
    ProducerState.Batch duplicate = state.duplicateOf(batch);
    if (duplicate != null) {
      return new Duplicate(duplicate.baseOffset(), duplicate.lastOffset(), duplicate.timestampMs());
    }
    return checkNew(batch, state);
  }

  private static Check checkNew(BatchHeader batch, ProducerState state) {
    if (state.inTransaction() && !batch.isTransactional()) {
      return new Reject(
          Errors.INVALID_TXN_STATE,
          "producer "
              + batch.producerId()
              + " has an open transaction since offset "
              + state.txnFirstOffset());
    }
    if (batch.producerEpoch() != state.epoch()) {
      return batch.baseSequence() == 0
          ? Accept.INSTANCE
          : outOfOrder(batch, "a new epoch starts at sequence 0");
    }
    int last = state.lastSequence();
    int expected = last == Integer.MAX_VALUE ? 0 : last + 1;
    return batch.baseSequence() == expected
        ? Accept.INSTANCE
        : outOfOrder(batch, "expected " + expected);
  }

  private static Reject outOfOrder(BatchHeader batch, String rule) {
    return new Reject(
        Errors.OUT_OF_ORDER_SEQUENCE_NUMBER,
        "producer "
            + batch.producerId()
            + ", epoch "
            + batch.producerEpoch()
            + ": sequence "
            + batch.baseSequence()
            + "; "
            + rule);
  }

  /**
   * Folds one batch in, without judging it (R34: followers and replay apply).
   *
   * @param batch header as it stands in the log, offsets stamped
   * @param buffer holds the batch at {@code batch.position()}; read for control batches only
   * @return the transaction it ended, null for none
   * @throws CorruptFileException when a control batch cannot be read; nothing is changed then
   */
  public CompletedTxn apply(BatchHeader batch, ByteBuffer buffer) {
    CompletedTxn completed = null;
    if (batch.hasProducerId()) {
      ProducerState before = producers.get(batch.producerId());
      ProducerState state = before == null ? ProducerState.first(batch.producerId()) : before;
      ProducerState after = state;
      if (!batch.isControl()) {
        after = state.afterData(batch);
      } else {
        EndTxnMarker marker = EndTxnMarker.read(buffer, batch);
        if (marker != null) {
          after = state.afterMarker(batch, marker);
          completed = completed(state, batch, marker);
        }
      }
      if (after != state) {
        undos.addLast(new Undo(batch.nextOffset(), batch.producerId(), before, endOffset));
        put(state, after);
      }
    }
    if (completed != null) {
      unreplicatedTxns.put(completed.firstOffset(), completed.lastOffset());
    }
    endOffset = Math.max(endOffset, batch.nextOffset());
    return completed;
  }

  private CompletedTxn completed(ProducerState state, BatchHeader batch, EndTxnMarker marker) {
    if (!state.inTransaction()) {
      return null;
    }
    long stable = batch.baseOffset() + 1;
    for (Map.Entry<Long, Long> open : openTxns.entrySet()) {
      if (open.getValue() != batch.producerId()) {
        stable = open.getKey();
        break;
      }
    }
    return new CompletedTxn(
        batch.producerId(),
        state.txnFirstOffset(),
        batch.baseOffset(),
        !marker.committed(),
        stable);
  }

  private void put(ProducerState before, ProducerState after) {
    if (before.txnFirstOffset() != after.txnFirstOffset()) {
      openTxns.remove(before.txnFirstOffset());
      if (after.inTransaction()) {
        openTxns.put(after.txnFirstOffset(), after.producerId());
      }
    }
    producers.put(after.producerId(), after);
  }

  /** Everything below {@code writtenEndOffset} is in the log: it cannot be rolled back any more. */
  public void confirm(long writtenEndOffset) {
    while (!undos.isEmpty() && undos.peekFirst().endOffset() <= writtenEndOffset) {
      undos.removeFirst();
    }
  }

  /**
   * Takes back every batch that reaches above {@code writtenEndOffset}: their write failed. Not for
   * truncation below what was confirmed: there, {@link #clear} and fold again (R36).
   */
  public void rollbackTo(long writtenEndOffset) {
    while (!undos.isEmpty() && undos.peekLast().endOffset() > writtenEndOffset) {
      Undo undo = undos.removeLast();
      ProducerState now = producers.get(undo.producerId());
      ProducerState before = undo.before();
      put(now, before == null ? ProducerState.first(undo.producerId()) : before);
      if (before == null) {
        producers.remove(undo.producerId());
      }
    }
    unreplicatedTxns.values().removeIf(lastOffset -> lastOffset >= writtenEndOffset);
    endOffset = Math.min(endOffset, writtenEndOffset);
  }

  /**
   * First offset that a read_committed reader must not pass: the start of the oldest transaction
   * that is open, or whose marker is not below the high watermark; -1 when there is none (R42).
   */
  public long firstUnstableOffset() {
    long open = openTxns.isEmpty() ? Long.MAX_VALUE : openTxns.firstKey();
    long unreplicated = unreplicatedTxns.isEmpty() ? Long.MAX_VALUE : unreplicatedTxns.firstKey();
    long first = Math.min(open, unreplicated);
    return first == Long.MAX_VALUE ? -1 : first;
  }

  /** The high watermark rose: transactions whose marker is below it are stable. */
  public void onHighWatermark(long highWatermark) {
    if (!unreplicatedTxns.isEmpty()) {
      unreplicatedTxns.values().removeIf(lastOffset -> lastOffset < highWatermark);
    }
  }

  /** Last stable offset (R42): {@code highWatermark} unless a transaction is in the way. */
  public long lastStableOffset(long highWatermark) {
    long firstUnstable = firstUnstableOffset();
    return firstUnstable < 0 ? highWatermark : Math.min(highWatermark, firstUnstable);
  }

  /**
   * Forgets producers without an open transaction whose last batch is at least {@code
   * producer.id.expiration.ms} old (R35). Those with an unconfirmed batch stay.
   *
   * @return how many were forgotten
   */
  public int removeExpired(long nowMs, long expirationMs) {
    Set<Long> unconfirmed = new HashSet<>();
    undos.forEach(undo -> unconfirmed.add(undo.producerId()));
    int before = producers.size();
    producers
        .values()
        .removeIf(
            state ->
                expired(state, nowMs, expirationMs) && !unconfirmed.contains(state.producerId()));
    return before - producers.size();
  }

  private static boolean expired(ProducerState state, long nowMs, long expirationMs) {
    return !state.inTransaction() && nowMs - state.lastTimestampMs() >= expirationMs;
  }

  /** State of one producer, null when it is not known. */
  public ProducerState get(long producerId) {
    return producers.get(producerId);
  }

  /** A view of all producers: for DescribeProducers. */
  public Collection<ProducerState> active() {
    return Collections.unmodifiableCollection(producers.values());
  }

  public int size() {
    return producers.size();
  }

  /** Offset up to which batches are folded in. */
  public long endOffset() {
    return endOffset;
  }

  /** Forgets everything; the fold starts anew at {@code offset}. */
  public void clear(long offset) {
    producers.clear();
    openTxns.clear();
    unreplicatedTxns.clear();
    undos.clear();
    endOffset = offset;
  }

  /** Replaces the state by a snapshot's that was taken at {@code offset}; expired ones stay out. */
  public void restore(
      long offset, Iterable<ProducerState> snapshot, long nowMs, long expirationMs) {
    clear(offset);
    for (ProducerState state : snapshot) {
      if (!expired(state, nowMs, expirationMs)) {
        put(ProducerState.first(state.producerId()), state);
      }
    }
  }
}
