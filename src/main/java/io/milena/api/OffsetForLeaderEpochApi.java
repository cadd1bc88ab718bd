package io.milena.api;

import io.milena.metadata.ClusterImage;
import io.milena.partition.PartitionClient;
import io.milena.partition.PartitionMessages.EpochEnd;
import io.milena.partition.PartitionMessages.EpochEndReply;
import io.milena.partition.PartitionMessages.PartitionEpochEnd;
import io.milena.partition.PartitionMessages.PartitionEpochEndResult;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.EpochEndOffset;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.OffsetForLeaderTopicResult;
import org.apache.kafka.common.protocol.Errors;

/** OffsetForLeaderEpoch 2-4: where an epoch ended, for truncation (KIP-101, KIP-320, R30). */
public final class OffsetForLeaderEpochApi implements ApiHandler {
  private final Supplier<ClusterImage> images;
  private final PartitionClient partitions;

  public OffsetForLeaderEpochApi(Supplier<ClusterImage> images, PartitionClient partitions) {
    this.images = images;
    this.partitions = partitions;
  }

  @Override
  public short apiKey() {
    return SupportedApis.OFFSET_FOR_LEADER_EPOCH;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    OffsetForLeaderEpochRequestData data = request.decode(OffsetForLeaderEpochRequestData::new);
    ClusterImage image = images.get();
    OffsetForLeaderEpochResponseData response = new OffsetForLeaderEpochResponseData();
    List<PartitionEpochEnd> asked = new ArrayList<>();
    List<EpochEndOffset> answers = new ArrayList<>();
    for (OffsetForLeaderTopic topic : data.topics()) {
      OffsetForLeaderTopicResult told = new OffsetForLeaderTopicResult().setTopic(topic.topic());
      for (OffsetForLeaderPartition part : topic.partitions()) {
        EpochEndOffset answer = new EpochEndOffset().setPartition(part.partition());
        told.partitions().add(answer);
        if (image.partition(topic.topic(), part.partition()) == null) {
          answer.setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
        } else {
          answers.add(answer);
          asked.add(
              new PartitionEpochEnd(
                  topic.topic(), part.partition(), part.currentLeaderEpoch(), part.leaderEpoch()));
        }
      }
      response.topics().add(told);
    }
    return ask(asked)
        .map(
            results -> {
              for (int i = 0; i < answers.size(); i++) {
                PartitionEpochEndResult result = results.get(i);
                answers
                    .get(i)
                    .setErrorCode(result.error().code())
                    .setLeaderEpoch(result.leaderEpoch())
                    .setEndOffset(result.endOffset());
              }
              return ApiResponse.of(response);
            });
  }

  private Future<List<PartitionEpochEndResult>> ask(List<PartitionEpochEnd> asked) {
    return ByShard.gather(
        ByShard.split(
            asked, partitions.shards(), p -> partitions.shardOf(p.topic(), p.partition())),
        (shard, parts) ->
            partitions.epochEnd(shard, new EpochEnd(parts)).map(EpochEndReply::results),
        (part, error) -> new PartitionEpochEndResult(error, -1, -1));
  }
}
