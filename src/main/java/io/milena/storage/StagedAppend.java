package io.milena.storage;

import io.milena.log.CorruptFileException;
import io.milena.log.batch.BatchHeader;
import io.milena.log.producer.AbortedTxn;
import io.milena.log.producer.ProducerStates;
import io.milena.log.producer.ProducerStates.CompletedTxn;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Promise;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Batches on their way into the log, and who waits for them. Owned by the log's event loop, as is
 * the buffer until it is written or given up.
 */
final class StagedAppend implements AppendQueue.Work {
  final ByteBuf records;
  final List<BatchHeader> batches;
  final int sizeBytes;
  final Promise<Void> promise = Promise.promise();

  /** Transactions that end with these batches and were aborted. */
  private List<AbortedTxn> aborted = List.of();

  /** Base offset of the segment that starts with these batches; -1 when none does. */
  private long rollTo = -1;

  /** Producer state before these batches, for the new segment; null without one. */
  private ByteBuffer snapshot;

  StagedAppend(ByteBuf records, List<BatchHeader> batches) {
    this.records = records;
    this.batches = batches;
    this.sizeBytes = records.readableBytes();
  }

  /** A new segment is to start before them. */
  void rollBefore(ByteBuffer producersThen) {
    rollTo = firstOffset();
    snapshot = producersThen;
  }

  /** The new segment is there. */
  void rolled() {
    rollTo = -1;
    snapshot = null;
  }

  boolean rollDue() {
    return rollTo >= 0;
  }

  ByteBuffer snapshot() {
    return snapshot;
  }

  long firstOffset() {
    return batches.get(0).baseOffset();
  }

  long nextOffset() {
    return batches.get(batches.size() - 1).nextOffset();
  }

  /**
   * Applies them to the producer state and keeps what they abort.
   *
   * @throws CorruptFileException when a control batch is garbled
   */
  void foldInto(ProducerStates producers) {
    ByteBuffer bytes = null;
    for (BatchHeader batch : batches) {
      if (batch.isControl() && bytes == null) {
        bytes = records.nioBuffer();
      }
      CompletedTxn completed = producers.apply(batch, bytes);
      if (completed != null && completed.aborted()) {
        if (aborted.isEmpty()) {
          aborted = new ArrayList<>(1);
        }
        aborted.add(completed.toAbortedTxn());
      }
    }
  }

  List<AbortedTxn> aborted() {
    return aborted;
  }
}
