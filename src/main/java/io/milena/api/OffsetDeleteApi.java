package io.milena.api;

import io.milena.group.GroupClient;
import io.milena.group.model.GroupRefusals;
import io.milena.group.model.GroupRequest;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.TopicImage;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopicCollection;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponsePartition;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponseTopic;
import org.apache.kafka.common.protocol.Errors;

/** OffsetDelete 0: takes committed offsets away (KIP-496). Stateless, shared. */
public final class OffsetDeleteApi implements ApiHandler {
  private final Supplier<ClusterImage> images;
  private final GroupAsks asks;

  public OffsetDeleteApi(Supplier<ClusterImage> images, GroupClient groups) {
    this.images = images;
    this.asks = new GroupAsks(groups);
  }

  @Override
  public short apiKey() {
    return SupportedApis.OFFSET_DELETE;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    OffsetDeleteRequestData data = request.decode(OffsetDeleteRequestData::new);
    GroupAsks.bound("topics", data.topics().size());
    GroupAsks.boundPartitions(data.topics(), topic -> topic.partitions().size());
    OffsetDeleteResponseData response = new OffsetDeleteResponseData();
    OffsetDeleteRequestTopicCollection known = new OffsetDeleteRequestTopicCollection();
    for (OffsetDeleteRequestTopic topic : data.topics()) {
      keepKnown(topic, known, response);
    }
    OffsetDeleteRequestData asked =
        new OffsetDeleteRequestData().setGroupId(data.groupId()).setTopics(known);
    GroupRequest question = GroupAsks.question(request, data.groupId(), asked);
    if (data.groupId().isEmpty()) {
      return Future.succeededFuture(
          ApiResponse.of(GroupRefusals.of(question, Errors.INVALID_GROUP_ID)));
    }
    if (known.isEmpty() && !data.topics().isEmpty()) {
      return Future.succeededFuture(ApiResponse.of(response));
    }
    return asks.<OffsetDeleteResponseData>ask(question)
        .map(told -> ApiResponse.of(merge(told, response)));
  }

  private void keepKnown(
      OffsetDeleteRequestTopic topic,
      OffsetDeleteRequestTopicCollection known,
      OffsetDeleteResponseData response) {
    TopicImage image = images.get().topic(topic.name());
    OffsetDeleteRequestTopic kept = new OffsetDeleteRequestTopic().setName(topic.name());
    OffsetDeleteResponseTopic refused = new OffsetDeleteResponseTopic().setName(topic.name());
    for (OffsetDeleteRequestPartition partition : topic.partitions()) {
      int index = partition.partitionIndex();
      if (image != null && image.partition(index) != null) {
        kept.partitions().add(new OffsetDeleteRequestPartition().setPartitionIndex(index));
      } else {
        refused
            .partitions()
            .add(
                new OffsetDeleteResponsePartition()
                    .setPartitionIndex(index)
                    .setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code()));
      }
    }
    if (!kept.partitions().isEmpty()) {
      known.add(kept);
    }
    if (!refused.partitions().isEmpty()) {
      response.topics().add(refused);
    }
  }

  /** What was refused here joins what the coordinator told, topic by topic. */
  private static OffsetDeleteResponseData merge(
      OffsetDeleteResponseData told, OffsetDeleteResponseData refused) {
    if (told.errorCode() != Errors.NONE.code()) {
      return told;
    }
    for (OffsetDeleteResponseTopic topic : List.copyOf(refused.topics())) {
      OffsetDeleteResponseTopic same = told.topics().find(topic.name());
      if (same == null) {
        told.topics().add(topic.duplicate());
      } else {
        topic.partitions().forEach(partition -> same.partitions().add(partition.duplicate()));
      }
    }
    return told;
  }
}
