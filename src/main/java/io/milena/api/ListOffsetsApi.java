package io.milena.api;

import io.milena.metadata.ClusterImage;
import io.milena.partition.PartitionClient;
import io.milena.partition.PartitionMessages.Isolation;
import io.milena.partition.PartitionMessages.ListOffsets;
import io.milena.partition.PartitionMessages.ListOffsetsReply;
import io.milena.partition.PartitionMessages.PartitionListOffsets;
import io.milena.partition.PartitionMessages.PartitionListOffsetsResult;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsTopicResponse;
import org.apache.kafka.common.protocol.Errors;

/** ListOffsets 1-11: offsets by timestamp or special value. Stateless, shared. */
public final class ListOffsetsApi implements ApiHandler {
  private static final short FIRST_WITH_LEADER_EPOCH = 4;
  private static final short FIRST_WITH_NOT_AVAILABLE = 5;
  private static final int CONSUMER = -1;

  /** First versions that know the special values -1 to -6, in this order. */
  private static final short[] SPECIAL_SINCE = {1, 1, 7, 8, 9, 11};

  private final Supplier<ClusterImage> images;
  private final PartitionClient partitions;

  public ListOffsetsApi(Supplier<ClusterImage> images, PartitionClient partitions) {
    this.images = images;
    this.partitions = partitions;
  }

  @Override
  public short apiKey() {
    return SupportedApis.LIST_OFFSETS;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    ListOffsetsRequestData data = request.decode(ListOffsetsRequestData::new);
    short version = request.apiVersion();
    ClusterImage image = images.get();
    ListOffsetsResponseData response = new ListOffsetsResponseData();
    List<PartitionListOffsets> asked = new ArrayList<>();
    List<ListOffsetsPartitionResponse> answers = new ArrayList<>();
    Set<PartitionId> seen = new HashSet<>();
    for (ListOffsetsTopic topic : data.topics()) {
      ListOffsetsTopicResponse told = new ListOffsetsTopicResponse().setName(topic.name());
      response.topics().add(told);
      for (ListOffsetsPartition part : topic.partitions()) {
        ListOffsetsPartitionResponse answer =
            new ListOffsetsPartitionResponse().setPartitionIndex(part.partitionIndex());
        told.partitions().add(answer);
        boolean repeated = !seen.add(new PartitionId(topic.name(), part.partitionIndex()));
        Errors refusal = refusal(image, topic.name(), part, version, repeated);
        answer.setErrorCode(refusal.code());
        if (refusal == Errors.NONE) {
          answers.add(answer);
          asked.add(
              new PartitionListOffsets(
                  topic.name(),
                  part.partitionIndex(),
                  part.currentLeaderEpoch(),
                  part.timestamp()));
        }
      }
    }
    return ask(asked, isolation(data))
        .map(
            results -> {
              for (int i = 0; i < answers.size(); i++) {
                fill(answers.get(i), results.get(i), version);
              }
              return ApiResponse.of(response);
            });
  }

  private record PartitionId(String topic, int partition) {}

  private Future<List<PartitionListOffsetsResult>> ask(
      List<PartitionListOffsets> asked, Isolation isolation) {
    return ByShard.gather(
        ByShard.split(
            asked, partitions.shards(), p -> partitions.shardOf(p.topic(), p.partition())),
        (shard, parts) ->
            partitions
                .listOffsets(shard, new ListOffsets(parts, isolation))
                .map(ListOffsetsReply::results),
        (part, error) -> new PartitionListOffsetsResult(error, -1, -1, -1));
  }

  private static Isolation isolation(ListOffsetsRequestData data) {
    if (data.replicaId() != CONSUMER) {
      return Isolation.LOG_END;
    }
    return data.isolationLevel() == 1 ? Isolation.READ_COMMITTED : Isolation.READ_UNCOMMITTED;
  }

  private static Errors refusal(
      ClusterImage image,
      String topic,
      ListOffsetsPartition part,
      short version,
      boolean repeated) {
    if (repeated) {
      return Errors.INVALID_REQUEST;
    }
    if (part.timestamp() < 0) {
      long special = -part.timestamp() - 1;
      if (special < 0
          || special >= SPECIAL_SINCE.length
          || version < SPECIAL_SINCE[(int) special]) {
        return Errors.UNSUPPORTED_VERSION;
      }
    }
    return image.partition(topic, part.partitionIndex()) == null
        ? Errors.UNKNOWN_TOPIC_OR_PARTITION
        : Errors.NONE;
  }

  private static void fill(
      ListOffsetsPartitionResponse answer, PartitionListOffsetsResult result, short version) {
    Errors error = result.error();
    if (error == Errors.OFFSET_NOT_AVAILABLE && version < FIRST_WITH_NOT_AVAILABLE) {
      error = Errors.LEADER_NOT_AVAILABLE;
    }
    answer.setErrorCode(error.code());
    if (error != Errors.NONE) {
      return;
    }
    answer.setOffset(result.offset()).setTimestamp(result.timestampMs());
    if (version >= FIRST_WITH_LEADER_EPOCH) {
      answer.setLeaderEpoch(result.leaderEpoch());
    }
  }
}
