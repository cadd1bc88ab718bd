package io.milena.api;

import io.milena.metadata.ClusterImage;
import io.milena.metadata.PartitionImage;
import io.milena.metadata.TopicImage;
import io.milena.metadata.TopicNames;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.Cursor;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponsePartition;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData.DescribeTopicPartitionsResponseTopic;
import org.apache.kafka.common.protocol.Errors;

/**
 * DescribeTopicPartitions 0 (KIP-966): topics in the order of their names, page by page; the cursor
 * of an answer says where the next page starts.
 */
public final class DescribeTopicPartitionsApi implements ApiHandler {
  private final Supplier<ClusterImage> image;
  private final int maxPartitions;

  /**
   * @param maxPartitions {@code max.request.partition.size.limit}: most partitions in one answer
   */
  public DescribeTopicPartitionsApi(Supplier<ClusterImage> image, int maxPartitions) {
    this.image = image;
    this.maxPartitions = maxPartitions;
  }

  @Override
  public short apiKey() {
    return SupportedApis.DESCRIBE_TOPIC_PARTITIONS;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    DescribeTopicPartitionsRequestData data =
        request.decode(DescribeTopicPartitionsRequestData::new);
    if (data.responsePartitionLimit() < 1
        || (data.cursor() != null && data.cursor().partitionIndex() < 0)) {
      throw new InvalidRequestException("Partition limit or cursor out of range");
    }
    return Future.succeededFuture(ApiResponse.of(describe(request.connection().listener(), data)));
  }

  private DescribeTopicPartitionsResponseData describe(
      String listener, DescribeTopicPartitionsRequestData data) {
    ClusterImage now = image.get();
    boolean all = data.topics().isEmpty();
    TreeSet<String> names = new TreeSet<>();
    if (all) {
      names.addAll(now.topics().keySet());
    } else {
      data.topics().forEach(t -> names.add(t.name()));
    }
    String from = data.cursor() == null ? "" : data.cursor().topicName();
    int left = Math.min(maxPartitions, data.responsePartitionLimit());
    DescribeTopicPartitionsResponseData response = new DescribeTopicPartitionsResponseData();
    for (String name : names.tailSet(from, true)) {
      if (left == 0) {
        return response.setNextCursor(new Cursor().setTopicName(name).setPartitionIndex(0));
      }
      TopicImage topic = now.topic(name);
      if (topic == null) {
        response.topics().add(unknown(name));
        continue;
      }
      int first = name.equals(from) ? data.cursor().partitionIndex() : 0;
      int end = (int) Math.min(topic.partitions().size(), (long) first + left);
      response.topics().add(describe(now, topic, first, end, listener));
      left -= Math.max(0, end - first);
      if (end < topic.partitions().size()) {
        return response.setNextCursor(new Cursor().setTopicName(name).setPartitionIndex(end));
      }
    }
    return response;
  }

  private static DescribeTopicPartitionsResponseTopic unknown(String name) {
    Errors error =
        TopicNames.problem(name).isPresent()
            ? Errors.INVALID_TOPIC_EXCEPTION
            : Errors.UNKNOWN_TOPIC_OR_PARTITION;
    return new DescribeTopicPartitionsResponseTopic().setName(name).setErrorCode(error.code());
  }

  private static DescribeTopicPartitionsResponseTopic describe(
      ClusterImage now, TopicImage topic, int first, int end, String listener) {
    List<DescribeTopicPartitionsResponsePartition> partitions = new ArrayList<>();
    for (int p = first; p < end; p++) {
      PartitionImage partition = topic.partitions().get(p);
      PartitionView view = PartitionView.of(now, partition, listener);
      partitions.add(
          new DescribeTopicPartitionsResponsePartition()
              .setPartitionIndex(p)
              .setErrorCode(view.error().code())
              .setLeaderId(view.leader())
              .setLeaderEpoch(partition.leaderEpoch())
              .setReplicaNodes(partition.replicas())
              .setIsrNodes(partition.isr())
              .setEligibleLeaderReplicas(List.of())
              .setLastKnownElr(List.of())
              .setOfflineReplicas(view.offline()));
    }
    return new DescribeTopicPartitionsResponseTopic()
        .setName(topic.name())
        .setTopicId(topic.id())
        .setIsInternal(TopicNames.isInternal(topic.name()))
        .setTopicAuthorizedOperations(AllowedOperations.ALL_ON_TOPIC)
        .setPartitions(partitions);
  }
}
