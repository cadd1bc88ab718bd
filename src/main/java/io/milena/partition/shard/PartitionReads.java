package io.milena.partition.shard;

import io.milena.log.checkpoint.LeaderEpochs;
import io.milena.log.producer.AbortedTxn;
import io.milena.partition.PartitionMessages.AbortedTransaction;
import io.milena.partition.PartitionMessages.Isolation;
import io.milena.partition.PartitionMessages.PartitionRead;
import io.milena.partition.PartitionMessages.PartitionReadResult;
import io.milena.storage.PartitionLog;
import io.milena.storage.file.StorageException;
import io.milena.storage.segment.FileSlice;
import io.vertx.core.Future;
import java.util.List;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The read side of one partition: who may read how far (R24, R42), which reader's log diverges
 * (R26), and the slice of the log. Stateless.
 */
final class PartitionReads {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionReads.class);

  private PartitionReads() {}

  /**
   * How much one partition may still give.
   *
   * @param minOneBatch true when one batch may exceed {@code maxBytes}
   */
  record Budget(int maxBytes, boolean minOneBatch) {}

  /** Why the position can not be read, or null. */
  static Refusal refusal(Partition partition, PartitionRead part) {
    Refusal refusal = partition.refusal(part.topicId(), part.currentLeaderEpoch());
    if (refusal != null) {
      return refusal;
    }
    PartitionLog log = partition.log();
    boolean inside =
        part.fetchOffset() >= log.logStartOffset() && part.fetchOffset() <= log.logEndOffset();
    if (inside) {
      return null;
    }
    // A reader beyond the end may only have diverged: then it is told where, not that it is lost.
    boolean mayDiverge = part.fetchOffset() > log.logEndOffset() && part.lastFetchedEpoch() >= 0;
    return mayDiverge ? null : Refusal.of(Errors.OFFSET_OUT_OF_RANGE);
  }

  /** Reads; never fails, whatever goes wrong is in the result. */
  static Future<PartitionReadResult> read(
      Partition partition, PartitionRead part, Isolation isolation, Budget budget) {
    Refusal refusal = refusal(partition, part);
    if (refusal != null) {
      return Future.succeededFuture(refusal.toReadResult());
    }
    PartitionReadResult found = empty(partition);
    if (part.lastFetchedEpoch() >= 0) {
      PartitionReadResult diverging = diverging(partition, part, found);
      if (diverging != null) {
        return Future.succeededFuture(diverging);
      }
    }
    if (part.fetchOffset() > partition.log().logEndOffset()) {
      return Future.succeededFuture(Refusal.of(Errors.OFFSET_OUT_OF_RANGE).toReadResult());
    }
    long end = partition.visibleEnd(isolation);
    boolean nothing =
        part.fetchOffset() >= end || (budget.maxBytes() <= 0 && !budget.minOneBatch());
    if (nothing) {
      return Future.succeededFuture(found);
    }
    return partition
        .log()
        .read(part.fetchOffset(), end, budget.maxBytes(), budget.minOneBatch())
        .compose(slice -> withAborted(partition, part, isolation, with(found, slice, List.of())))
        .recover(failure -> Future.succeededFuture(failed(partition, failure).toReadResult()));
  }

  /** The offsets as they stand before the read, no records. */
  private static PartitionReadResult empty(Partition partition) {
    return new PartitionReadResult(
        Errors.NONE,
        partition.highWatermark(),
        partition.lastStableOffset(),
        partition.log().logStartOffset(),
        null,
        List.of(),
        -1,
        -1,
        -1,
        -1);
  }

  private static PartitionReadResult with(
      PartitionReadResult found, FileSlice slice, List<AbortedTransaction> aborted) {
    return new PartitionReadResult(
        found.error(),
        found.highWatermark(),
        found.lastStableOffset(),
        found.logStartOffset(),
        slice,
        aborted,
        -1,
        -1,
        -1,
        -1);
  }

  /** R26: null when the reader's log is a prefix of ours. */
  private static PartitionReadResult diverging(
      Partition partition, PartitionRead part, PartitionReadResult found) {
    LeaderEpochs.EpochEnd end =
        partition
            .log()
            .leaderEpochs()
            .endOffsetFor(part.lastFetchedEpoch(), partition.log().logEndOffset());
    if (end.equals(LeaderEpochs.EpochEnd.UNDEFINED)) {
      return Refusal.of(Errors.OFFSET_OUT_OF_RANGE).toReadResult();
    }
    if (end.epoch() == part.lastFetchedEpoch() && end.endOffset() >= part.fetchOffset()) {
      return null;
    }
    return new PartitionReadResult(
        Errors.NONE,
        found.highWatermark(),
        found.lastStableOffset(),
        found.logStartOffset(),
        null,
        List.of(),
        end.epoch(),
        end.endOffset(),
        -1,
        -1);
  }

  private static Future<PartitionReadResult> withAborted(
      Partition partition, PartitionRead part, Isolation isolation, PartitionReadResult found) {
    if (isolation != Isolation.READ_COMMITTED || found.records() == null) {
      return Future.succeededFuture(found);
    }
    return partition
        .log()
        .abortedTransactions(
            part.fetchOffset(), Math.min(found.lastStableOffset(), found.records().endOffset()))
        .map(aborted -> with(found, found.records(), toMessages(aborted)))
        .onFailure(failure -> found.records().release());
  }

  private static List<AbortedTransaction> toMessages(List<AbortedTxn> aborted) {
    return aborted.stream()
        .map(txn -> new AbortedTransaction(txn.producerId(), txn.firstOffset()))
        .toList();
  }

  private static Refusal failed(Partition partition, Throwable failure) {
    if (failure instanceof OffsetOutOfRangeException) {
      return Refusal.of(Errors.OFFSET_OUT_OF_RANGE);
    }
    if (failure instanceof StorageException) {
      return Refusal.of(Errors.KAFKA_STORAGE_ERROR);
    }
    LOG.error("read of {} failed unexpectedly", partition, failure);
    return Refusal.of(Errors.UNKNOWN_SERVER_ERROR);
  }
}
