package io.milena.partition.shard;

import io.milena.partition.PartitionMessages.PartitionAppendResult;
import org.apache.kafka.common.protocol.Errors;

/**
 * One partition's part of an {@link AppendTask} after its batch has a place in the log.
 *
 * @param baseOffset what the producer is told: offset of its first record, or of the batch that it
 *     repeats (R34)
 * @param endOffset offset after its last record; committed when the high watermark is there
 */
record AppendToken(
    AppendTask task, int index, PartitionAppends partition, long baseOffset, long endOffset) {
  static final short ACKS_ALL = -1;

  boolean wantsCommit() {
    return task.request().acks() == ACKS_ALL;
  }

  void succeed(long logStartOffset) {
    task.settle(
        index, new PartitionAppendResult(Errors.NONE, baseOffset, logStartOffset, null, -1, -1));
  }

  void fail(Refusal refusal, long logStartOffset) {
    task.settle(index, refusal.toAppendResult(logStartOffset));
  }

  /** Its time is up. */
  void giveUp(Errors error) {
    partition.giveUp(this, error);
  }
}
