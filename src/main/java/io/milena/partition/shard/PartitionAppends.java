package io.milena.partition.shard;

import io.milena.log.batch.BatchHeader;
import io.milena.log.producer.ProducerStates;
import io.milena.log.producer.ProducerStates.Duplicate;
import io.milena.log.producer.ProducerStates.Reject;
import io.milena.partition.PartitionMessages.Origin;
import io.milena.partition.PartitionMessages.PartitionAppend;
import io.milena.replication.AckWaiters;
import io.milena.storage.PartitionLog;
import io.milena.storage.file.StorageException;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Future;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The write side of one partition: checks, stamps, stages, and answers when the batch is written
 * (acks 0 and 1) or committed (acks=all). A batch's answer counts only in the leader epoch in which
 * it was appended (R23).
 */
final class PartitionAppends {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionAppends.class);

  /** Requests that may wait for one partition's high watermark; further ones are refused. */
  private static final int MAX_WAITING_FOR_COMMIT = 10_000;

  /** A batch that the log has staged, with all who want to know how it ends. */
  private static final class InFlight {
    private final AppendToken original;
    private final int leaderEpoch;
    private List<AppendToken> repeats = List.of();

    private InFlight(AppendToken original, int leaderEpoch) {
      this.original = original;
      this.leaderEpoch = leaderEpoch;
    }

    private void addRepeat(AppendToken repeat) {
      if (repeats.isEmpty()) {
        repeats = new ArrayList<>(2);
      }
      repeats.add(repeat);
    }
  }

  private final Partition partition;
  private final PartitionLog log;
  private final StagedBudget budget;
  private final ArrayDeque<InFlight> inFlight = new ArrayDeque<>();
  private final AckWaiters<AppendToken> committed = new AckWaiters<>(MAX_WAITING_FOR_COMMIT);

  PartitionAppends(Partition partition, PartitionLog log, StagedBudget budget) {
    this.partition = partition;
    this.log = log;
    this.budget = budget;
  }

  /**
   * Appends part {@code index} of the task; its buffer is released in every case. What a bug throws
   * goes on to the caller, who settles the part.
   */
  void append(AppendTask task, int index) {
    PartitionAppend part = task.part(index);
    ProducerStates.Check check;
    Refusal refusal;
    try {
      refusal = refusal(task, part);
      check = refusal == null ? check(part) : null;
    } catch (RuntimeException | Error bug) {
      dropBuffer(part.records());
      throw bug;
    }
    if (refusal != null) {
      refuse(task, index, refusal);
    } else if (check instanceof Reject reject) {
      refuse(task, index, Refusal.of(reject.error(), reject.message()));
    } else if (check instanceof Duplicate duplicate) {
      dropBuffer(part.records());
      long end = duplicate.lastOffset() + 1;
      repeat(new AppendToken(task, index, this, duplicate.baseOffset(), end));
    } else {
      stage(task, index, part);
    }
  }

  /** R33-R35: the first verdict that is not "accept" stands for the whole part. */
  private ProducerStates.Check check(PartitionAppend part) {
    boolean heldRecords = log.stagedEndOffset() > 0;
    ProducerStates.Check check = null;
    for (BatchHeader batch : part.batches()) {
      check = log.producers().check(batch, heldRecords);
      if (!(check instanceof ProducerStates.Accept)) {
        return check;
      }
    }
    return check;
  }

  private Refusal refusal(AppendTask task, PartitionAppend part) {
    Refusal refusal = partition.refusal(part.topicId(), Errors.UNKNOWN_TOPIC_ID);
    if (refusal == null && part.currentLeaderEpoch() >= 0) {
      refusal = partition.refusal(null, part.currentLeaderEpoch());
    }
    if (refusal != null) {
      return refusal;
    }
    if (!log.writable()) {
      return Refusal.of(Errors.KAFKA_STORAGE_ERROR);
    }
    if (part.batches().isEmpty()) {
      return Refusal.of(Errors.INVALID_RECORD, "no batch");
    }
    if (task.request().acks() != AppendToken.ACKS_ALL) {
      return null;
    }
    return partition.leader().enoughInSync() && !committed.isFull()
        ? null
        : Refusal.of(Errors.NOT_ENOUGH_REPLICAS);
  }

  private void refuse(AppendTask task, int index, Refusal refusal) {
    dropBuffer(task.part(index).records());
    task.settle(index, refusal.toAppendResult(log.logStartOffset()));
  }

  private void dropBuffer(ByteBuf records) {
    int bytes = records.readableBytes();
    records.release();
    budget.release(bytes);
  }

  /** The batch is in the log already, or on its way there (R34). */
  private void repeat(AppendToken token) {
    if (token.endOffset() <= log.logEndOffset()) {
      written(token, partition.leader().leaderEpoch());
      return;
    }
    Iterator<InFlight> newestFirst = inFlight.descendingIterator();
    while (newestFirst.hasNext()) {
      InFlight candidate = newestFirst.next();
      if (candidate.original.baseOffset() <= token.baseOffset()
          && token.endOffset() <= candidate.original.endOffset()) {
        candidate.addRepeat(token);
        return;
      }
    }
    token.fail(Refusal.of(Errors.KAFKA_STORAGE_ERROR), log.logStartOffset());
  }

  private void stage(AppendTask task, int index, PartitionAppend part) {
    ByteBuf records = part.records();
    int bytes = records.readableBytes();
    int leaderEpoch = partition.leader().leaderEpoch();
    long baseOffset = log.stagedEndOffset();
    List<BatchHeader> stamped;
    try {
      stamped = stamp(records, part.batches(), baseOffset, leaderEpoch);
    } catch (RuntimeException | Error bug) {
      dropBuffer(records);
      throw bug;
    }
    long endOffset = stamped.get(stamped.size() - 1).nextOffset();
    InFlight staged =
        new InFlight(new AppendToken(task, index, this, baseOffset, endOffset), leaderEpoch);
    inFlight.addLast(staged);
    Future<Void> appending;
    try {
      appending = log.append(records, stamped);
    } catch (RuntimeException | Error bug) {
      // Nothing ends that never began: a repeat would find it here and wait for ever.
      inFlight.remove(staged);
      budget.release(bytes);
      throw bug;
    }
    appending.onComplete(
        written -> {
          inFlight.remove(staged);
          budget.release(bytes);
          if (written.succeeded()) {
            written(staged);
          } else {
            lost(staged, written.cause());
          }
        });
  }

  private static List<BatchHeader> stamp(
      ByteBuf records, List<BatchHeader> batches, long baseOffset, int leaderEpoch) {
    ByteBuffer bytes = records.nioBuffer();
    if (batches.size() == 1) {
      return List.of(batches.get(0).stamp(bytes, baseOffset, leaderEpoch));
    }
    List<BatchHeader> stamped = new ArrayList<>(batches.size());
    long next = baseOffset;
    for (BatchHeader batch : batches) {
      BatchHeader header = batch.stamp(bytes, next, leaderEpoch);
      stamped.add(header);
      next = header.nextOffset();
    }
    return stamped;
  }

  private void written(InFlight done) {
    partition.logGrew();
    written(done.original, done.leaderEpoch);
    for (AppendToken repeat : done.repeats) {
      written(repeat, done.leaderEpoch);
    }
  }

  private void written(AppendToken token, int leaderEpoch) {
    if (!token.wantsCommit()) {
      token.succeed(log.logStartOffset());
    } else if (!partition.leadsIn(leaderEpoch)) {
      token.fail(Refusal.notLeader(partition.image()), log.logStartOffset());
    } else if (token.endOffset() <= partition.highWatermark()) {
      succeedCommitted(token);
    } else {
      committed.add(token.endOffset(), token);
      token.task().park(token);
    }
  }

  private void succeedCommitted(AppendToken token) {
    // A coordinator goes by the high watermark alone: what is below it is what the next one loads.
    boolean coordinator = token.task().request().origin() == Origin.COORDINATOR;
    if (coordinator || partition.leader().enoughInSync()) {
      token.succeed(log.logStartOffset());
    } else {
      token.fail(Refusal.of(Errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND), log.logStartOffset());
    }
  }

  private void lost(InFlight lost, Throwable cause) {
    if (!(cause instanceof StorageException)) {
      LOG.error("append to {} failed unexpectedly", partition.name(), cause);
    }
    Refusal refusal = Refusal.of(Errors.KAFKA_STORAGE_ERROR);
    lost.original.fail(refusal, log.logStartOffset());
    lost.repeats.forEach(repeat -> repeat.fail(refusal, log.logStartOffset()));
  }

  /** The high watermark rose: whoever waited for it is answered. */
  void committedUpTo(long highWatermark) {
    committed.release(highWatermark, this::succeedCommitted);
  }

  /** This leader epoch is over: nobody will learn any more whether his batch was committed. */
  void leadershipLost() {
    Refusal refusal = Refusal.notLeader(partition.image());
    committed.drain(token -> token.fail(refusal, log.logStartOffset()));
  }

  /** The partition goes. */
  void stop(Refusal refusal) {
    committed.drain(token -> token.fail(refusal, log.logStartOffset()));
  }

  /** The deadline of a token that waits for the high watermark came first. */
  void giveUp(AppendToken token, Errors error) {
    committed.remove(token);
    token.fail(Refusal.of(error), log.logStartOffset());
  }
}
