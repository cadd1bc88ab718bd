package io.milena.api;

import io.milena.log.batch.BatchHeader;
import io.milena.log.batch.BatchValidator;
import io.milena.metadata.ClusterImage;
import io.milena.partition.PartitionMessages.PartitionAppendResult;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.BatchIndexAndErrorMessage;
import org.apache.kafka.common.message.ProduceResponseData.LeaderIdAndEpoch;
import org.apache.kafka.common.message.ProduceResponseData.NodeEndpoint;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.message.ProduceResponseData.TopicProduceResponse;
import org.apache.kafka.common.protocol.Errors;

/** The answer of one Produce request. Owned by its {@link ProduceJob}. */
final class ProduceAnswers {
  private static final long UNKNOWN = -1;
  private static final int SUMMARY_ERRORS = 10;

  private final short version;
  private final LeaderHints hints;
  private final ProduceResponseData response = new ProduceResponseData();
  private boolean failed;

  ProduceAnswers(ApiRequest request, ClusterImage image) {
    this.version = request.apiVersion();
    this.hints = new LeaderHints(image, request.connection().listener());
  }

  /** Opens the answers of a topic. */
  TopicProduceResponse addTopic(ProduceRequestReader.Topic topic) {
    TopicProduceResponse told = new TopicProduceResponse().setTopicId(topic.id());
    if (topic.name() != null) {
      told.setName(topic.name());
    }
    told.setPartitionResponses(new ArrayList<>(topic.partitions().size()));
    response.responses().add(told);
    return told;
  }

  /** Opens the answer of a partition, to be filled by one of the methods below. */
  PartitionProduceResponse addPartition(TopicProduceResponse topic, int partition) {
    PartitionProduceResponse answer =
        new PartitionProduceResponse()
            .setIndex(partition)
            .setBaseOffset(UNKNOWN)
            .setRecordErrors(List.of());
    topic.partitionResponses().add(answer);
    return answer;
  }

  /**
   * @param message null for the error's own text
   */
  void refuse(PartitionProduceResponse answer, Errors error, String message) {
    failed = true;
    Errors told =
        error == Errors.KAFKA_STORAGE_ERROR && version < ProduceApi.FIRST_WITH_STORAGE_ERROR
            ? Errors.NOT_LEADER_OR_FOLLOWER
            : error;
    answer.setErrorCode(told.code()).setErrorMessage(message);
  }

  void refuse(PartitionProduceResponse answer, BatchValidator.Refused refused) {
    refuse(answer, refused.error(), refused.message());
    if (!refused.recordErrors().isEmpty()) {
      List<BatchIndexAndErrorMessage> records = new ArrayList<>(refused.recordErrors().size());
      for (BatchValidator.RecordError record : refused.recordErrors()) {
        records.add(
            new BatchIndexAndErrorMessage()
                .setBatchIndex(record.index())
                .setBatchIndexErrorMessage(record.message()));
      }
      answer.setRecordErrors(records);
    }
  }

  /** What the shard made of a partition; {@code first} is the first of its batches. */
  void take(ProducePart part, PartitionAppendResult result, BatchHeader first) {
    if (result.error() != Errors.NONE) {
      refuse(part.answer, result.error(), result.message());
      nameLeader(part, result);
      return;
    }
    part.answer
        .setBaseOffset(result.baseOffset())
        .setLogStartOffset(result.logStartOffset())
        .setLogAppendTimeMs(first.isLogAppendTime() ? first.maxTimestampMs() : UNKNOWN);
  }

  boolean failed() {
    return failed;
  }

  /** The whole answer; every partition was filled. */
  ProduceResponseData finish() {
    hints.addEndpoints(
        response.nodeEndpoints(),
        (id, host, port, rack) ->
            new NodeEndpoint().setNodeId(id).setHost(host).setPort(port).setRack(rack));
    return response;
  }

  /** The first errors, for the log. */
  String summary() {
    List<String> errors = new ArrayList<>();
    for (TopicProduceResponse topic : response.responses()) {
      for (PartitionProduceResponse partition : topic.partitionResponses()) {
        if (partition.errorCode() != Errors.NONE.code() && errors.size() < SUMMARY_ERRORS) {
          errors.add(
              topic.name() + "-" + partition.index() + " " + Errors.forCode(partition.errorCode()));
        }
      }
    }
    return String.join(", ", errors);
  }

  private void nameLeader(ProducePart part, PartitionAppendResult result) {
    if (result.error() != Errors.NOT_LEADER_OR_FOLLOWER || version < ProduceApi.FIRST_WITH_LEADER) {
      return;
    }
    LeaderHints.Leader leader =
        hints.leader(part.topic.name(), part.partition(), result.leaderId(), result.leaderEpoch());
    part.answer.setCurrentLeader(
        new LeaderIdAndEpoch().setLeaderId(leader.id()).setLeaderEpoch(leader.epoch()));
  }
}
