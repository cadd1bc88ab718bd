package io.milena.api;

import io.milena.metadata.ClusterImage;
import io.milena.partition.PartitionClient;
import io.milena.partition.PartitionMessages.ActiveProducer;
import io.milena.partition.PartitionMessages.DescribeProducers;
import io.milena.partition.PartitionMessages.DescribeProducersReply;
import io.milena.partition.PartitionMessages.PartitionName;
import io.milena.partition.PartitionMessages.PartitionProducers;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.common.message.DescribeProducersRequestData;
import org.apache.kafka.common.message.DescribeProducersRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeProducersResponseData;
import org.apache.kafka.common.message.DescribeProducersResponseData.PartitionResponse;
import org.apache.kafka.common.message.DescribeProducersResponseData.ProducerState;
import org.apache.kafka.common.message.DescribeProducersResponseData.TopicResponse;
import org.apache.kafka.common.protocol.Errors;

/** DescribeProducers 0: who writes to a partition with a producer id (KIP-664). */
public final class DescribeProducersApi implements ApiHandler {
  private final Supplier<ClusterImage> images;
  private final PartitionClient partitions;

  public DescribeProducersApi(Supplier<ClusterImage> images, PartitionClient partitions) {
    this.images = images;
    this.partitions = partitions;
  }

  @Override
  public short apiKey() {
    return SupportedApis.DESCRIBE_PRODUCERS;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    DescribeProducersRequestData data = request.decode(DescribeProducersRequestData::new);
    ClusterImage image = images.get();
    DescribeProducersResponseData response = new DescribeProducersResponseData();
    List<PartitionName> asked = new ArrayList<>();
    List<PartitionResponse> answers = new ArrayList<>();
    for (TopicRequest topic : data.topics()) {
      TopicResponse told = new TopicResponse().setName(topic.name());
      for (int partition : topic.partitionIndexes()) {
        PartitionResponse answer = new PartitionResponse().setPartitionIndex(partition);
        told.partitions().add(answer);
        if (image.partition(topic.name(), partition) == null) {
          refuse(answer, Errors.UNKNOWN_TOPIC_OR_PARTITION);
        } else {
          answers.add(answer);
          asked.add(new PartitionName(topic.name(), partition));
        }
      }
      response.topics().add(told);
    }
    return ask(asked)
        .map(
            results -> {
              for (int i = 0; i < answers.size(); i++) {
                fill(answers.get(i), results.get(i));
              }
              return ApiResponse.of(response);
            });
  }

  private Future<List<PartitionProducers>> ask(List<PartitionName> asked) {
    return ByShard.gather(
        ByShard.split(
            asked, partitions.shards(), p -> partitions.shardOf(p.topic(), p.partition())),
        (shard, parts) ->
            partitions
                .describeProducers(shard, new DescribeProducers(parts))
                .map(DescribeProducersReply::results),
        (part, error) -> new PartitionProducers(error, List.of()));
  }

  private static void fill(PartitionResponse answer, PartitionProducers result) {
    if (result.error() != Errors.NONE) {
      refuse(answer, result.error());
      return;
    }
    for (ActiveProducer producer : result.producers()) {
      answer
          .activeProducers()
          .add(
              new ProducerState()
                  .setProducerId(producer.producerId())
                  .setProducerEpoch(producer.producerEpoch())
                  .setLastSequence(producer.lastSequence())
                  .setLastTimestamp(producer.lastTimestampMs())
                  .setCoordinatorEpoch(producer.coordinatorEpoch())
                  .setCurrentTxnStartOffset(producer.currentTransactionStartOffset()));
    }
  }

  private static void refuse(PartitionResponse answer, Errors error) {
    answer.setErrorCode(error.code()).setErrorMessage(error.message());
  }
}
