package io.milena.api;

import io.milena.base.Clock;
import io.milena.config.TopicConfig;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.TopicImage;
import io.milena.partition.PartitionClient;
import io.milena.partition.PartitionMessages.DeleteRecords;
import io.milena.partition.PartitionMessages.DeleteRecordsReply;
import io.milena.partition.PartitionMessages.PartitionDeleteRecords;
import io.milena.partition.PartitionMessages.PartitionDeleteRecordsResult;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResult;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsTopicResult;
import org.apache.kafka.common.protocol.Errors;

/** DeleteRecords 0-2: moves log start offsets (KIP-107). Stateless, shared. */
public final class DeleteRecordsApi implements ApiHandler {
  private static final long NO_LOW_WATERMARK = -1;

  private final Supplier<ClusterImage> images;
  private final PartitionClient partitions;
  private final TopicConfigView configs;
  private final Clock clock;

  public DeleteRecordsApi(
      Supplier<ClusterImage> images,
      PartitionClient partitions,
      TopicConfigView configs,
      Clock clock) {
    this.images = images;
    this.partitions = partitions;
    this.configs = configs;
    this.clock = clock;
  }

  @Override
  public short apiKey() {
    return SupportedApis.DELETE_RECORDS;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    DeleteRecordsRequestData data = request.decode(DeleteRecordsRequestData::new);
    ClusterImage image = images.get();
    DeleteRecordsResponseData response = new DeleteRecordsResponseData();
    List<PartitionDeleteRecords> asked = new ArrayList<>();
    List<DeleteRecordsPartitionResult> answers = new ArrayList<>();
    for (DeleteRecordsTopic topic : data.topics()) {
      DeleteRecordsTopicResult told = new DeleteRecordsTopicResult().setName(topic.name());
      TopicImage known = image.topic(topic.name());
      for (DeleteRecordsPartition part : topic.partitions()) {
        DeleteRecordsPartitionResult answer =
            new DeleteRecordsPartitionResult()
                .setPartitionIndex(part.partitionIndex())
                .setLowWatermark(NO_LOW_WATERMARK);
        told.partitions().add(answer);
        Errors refusal = refusal(image, known, part.partitionIndex());
        answer.setErrorCode(refusal.code());
        if (refusal == Errors.NONE) {
          answers.add(answer);
          asked.add(new PartitionDeleteRecords(topic.name(), part.partitionIndex(), part.offset()));
        }
      }
      response.topics().add(told);
    }
    long deadlineNs =
        clock.monotonicNs() + TimeUnit.MILLISECONDS.toNanos(Math.max(0, data.timeoutMs()));
    return ask(asked, deadlineNs)
        .map(
            results -> {
              for (int i = 0; i < answers.size(); i++) {
                answers
                    .get(i)
                    .setErrorCode(results.get(i).error().code())
                    .setLowWatermark(results.get(i).lowWatermark());
              }
              return ApiResponse.of(response);
            });
  }

  private Errors refusal(ClusterImage image, TopicImage topic, int partition) {
    if (topic == null || topic.partition(partition) == null) {
      return Errors.UNKNOWN_TOPIC_OR_PARTITION;
    }
    if (Topic.isInternal(topic.name())) {
      return Errors.INVALID_TOPIC_EXCEPTION;
    }
    TopicConfig config = configs.config(image, topic);
    return config.compact() && !config.delete() ? Errors.POLICY_VIOLATION : Errors.NONE;
  }

  private Future<List<PartitionDeleteRecordsResult>> ask(
      List<PartitionDeleteRecords> asked, long deadlineNs) {
    return ByShard.gather(
        ByShard.split(
            asked, partitions.shards(), p -> partitions.shardOf(p.topic(), p.partition())),
        (shard, parts) ->
            partitions
                .deleteRecords(shard, new DeleteRecords(parts, deadlineNs))
                .map(DeleteRecordsReply::results),
        (part, error) -> new PartitionDeleteRecordsResult(error, NO_LOW_WATERMARK));
  }
}
