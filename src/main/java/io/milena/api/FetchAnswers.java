package io.milena.api;

import io.milena.metadata.ClusterImage;
import io.milena.partition.PartitionMessages.AbortedTransaction;
import io.milena.partition.PartitionMessages.PartitionReadResult;
import io.milena.storage.segment.FileSlice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.EpochEndOffset;
import org.apache.kafka.common.message.FetchResponseData.LeaderIdAndEpoch;
import org.apache.kafka.common.message.FetchResponseData.NodeEndpoint;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;

/** The answers of one Fetch request, one per position. Owned by its {@link FetchJob}. */
final class FetchAnswers {
  private static final short FIRST_WITH_STORAGE_ERROR = 6;
  private static final short FIRST_WITH_DIVERGING_EPOCH = 12;
  private static final short FIRST_WITH_ENDPOINTS = 16;
  private static final long UNKNOWN = -1;

  private final short version;
  private final LeaderHints hints;
  private final List<FetchPosition> positions;
  private final PartitionData[] answers;
  private boolean refused;

  FetchAnswers(short version, ClusterImage image, String listener, List<FetchPosition> positions) {
    this.version = version;
    this.hints = new LeaderHints(image, listener);
    this.positions = positions;
    this.answers = new PartitionData[positions.size()];
  }

  /** Answers a position that is not read at all. */
  void refuse(int index, Errors error) {
    answers[index] = failed(index, error);
    refused = true;
  }

  /** True when a position was refused: the client is told at once. */
  boolean refused() {
    return refused;
  }

  /**
   * Answers a position.
   *
   * @param records what is sent of the result's records, null for none
   */
  void put(int index, String topic, PartitionReadResult result, FileSlice records) {
    if (result.error() != Errors.NONE) {
      answers[index] = failed(index, result.error());
      nameLeader(answers[index], topic, result);
      return;
    }
    PartitionData data =
        new PartitionData()
            .setPartitionIndex(positions.get(index).key().partition())
            .setHighWatermark(result.highWatermark())
            .setLastStableOffset(result.lastStableOffset())
            .setLogStartOffset(result.logStartOffset())
            .setAbortedTransactions(aborted(result.abortedTransactions()))
            .setRecords(records == null ? MemoryRecords.EMPTY : records);
    if (result.divergingEpoch() >= 0 && version >= FIRST_WITH_DIVERGING_EPOCH) {
      data.setDivergingEpoch(
          new EpochEndOffset()
              .setEpoch(result.divergingEpoch())
              .setEndOffset(result.divergingEndOffset()));
    }
    answers[index] = data;
  }

  List<PartitionData> all() {
    return Arrays.asList(answers);
  }

  /** Adds the endpoints of the leaders that were named. */
  FetchResponseData addEndpoints(FetchResponseData response) {
    hints.addEndpoints(
        response.nodeEndpoints(),
        (id, host, port, rack) ->
            new NodeEndpoint().setNodeId(id).setHost(host).setPort(port).setRack(rack));
    return response;
  }

  private PartitionData failed(int index, Errors failure) {
    Errors error =
        failure == Errors.KAFKA_STORAGE_ERROR && version < FIRST_WITH_STORAGE_ERROR
            ? Errors.NOT_LEADER_OR_FOLLOWER
            : failure;
    return new PartitionData()
        .setPartitionIndex(positions.get(index).key().partition())
        .setErrorCode(error.code())
        .setHighWatermark(UNKNOWN)
        .setLastStableOffset(UNKNOWN)
        .setLogStartOffset(UNKNOWN)
        .setRecords(MemoryRecords.EMPTY);
  }

  private void nameLeader(PartitionData data, String topic, PartitionReadResult result) {
    boolean wrongLeader =
        result.error() == Errors.NOT_LEADER_OR_FOLLOWER
            || result.error() == Errors.FENCED_LEADER_EPOCH;
    if (!wrongLeader || version < FIRST_WITH_ENDPOINTS) {
      return;
    }
    LeaderHints.Leader leader =
        hints.leader(topic, data.partitionIndex(), result.leaderId(), result.leaderEpoch());
    data.setCurrentLeader(
        new LeaderIdAndEpoch().setLeaderId(leader.id()).setLeaderEpoch(leader.epoch()));
  }

  private static List<FetchResponseData.AbortedTransaction> aborted(
      List<AbortedTransaction> transactions) {
    if (transactions.isEmpty()) {
      return List.of();
    }
    List<FetchResponseData.AbortedTransaction> told = new ArrayList<>(transactions.size());
    for (AbortedTransaction transaction : transactions) {
      told.add(
          new FetchResponseData.AbortedTransaction()
              .setProducerId(transaction.producerId())
              .setFirstOffset(transaction.firstOffset()));
    }
    return told;
  }
}
