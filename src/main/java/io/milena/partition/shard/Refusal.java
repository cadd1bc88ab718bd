package io.milena.partition.shard;

import io.milena.metadata.PartitionImage;
import io.milena.partition.PartitionMessages.PartitionAppendResult;
import io.milena.partition.PartitionMessages.PartitionReadResult;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;

/**
 * Why a partition does not do what it was asked: a value, never thrown.
 *
 * @param leaderId current leader when that is the reason, else -1
 * @param leaderEpoch its epoch, else -1
 * @param message for the client, or null
 */
record Refusal(Errors error, int leaderId, int leaderEpoch, String message) {
  static Refusal of(Errors error) {
    return new Refusal(error, -1, -1, null);
  }

  static Refusal of(Errors error, String message) {
    return new Refusal(error, -1, -1, message);
  }

  /** Somebody else leads, or nobody. */
  static Refusal notLeader(PartitionImage image) {
    return new Refusal(Errors.NOT_LEADER_OR_FOLLOWER, image.leader(), image.leaderEpoch(), null);
  }

  PartitionAppendResult toAppendResult(long logStartOffset) {
    return new PartitionAppendResult(error, -1, logStartOffset, message, leaderId, leaderEpoch);
  }

  PartitionReadResult toReadResult() {
    return new PartitionReadResult(
        error, -1, -1, -1, null, List.of(), -1, -1, leaderId, leaderEpoch);
  }
}
