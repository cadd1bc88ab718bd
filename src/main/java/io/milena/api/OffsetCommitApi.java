package io.milena.api;

import io.milena.group.GroupClient;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.TopicImage;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponsePartition;
import org.apache.kafka.common.message.OffsetCommitResponseData.OffsetCommitResponseTopic;
import org.apache.kafka.common.protocol.Errors;

/**
 * OffsetCommit 2-10, from version 10 on by topic id. Partitions that do not exist are refused here,
 * so that coordinators keep offsets only of what exists; the others are committed. An empty group
 * id is allowed, as old consumers without a group use it. Stateless, shared.
 */
public final class OffsetCommitApi implements ApiHandler {
  private static final short FIRST_WITH_TOPIC_IDS = 10;

  private final Supplier<ClusterImage> images;
  private final GroupAsks asks;

  public OffsetCommitApi(Supplier<ClusterImage> images, GroupClient groups) {
    this.images = images;
    this.asks = new GroupAsks(groups);
  }

  @Override
  public short apiKey() {
    return SupportedApis.OFFSET_COMMIT;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    OffsetCommitRequestData data = request.decode(OffsetCommitRequestData::new);
    GroupAsks.bound("topics", data.topics().size());
    GroupAsks.boundPartitions(data.topics(), topic -> topic.partitions().size());
    boolean byId = request.apiVersion() >= FIRST_WITH_TOPIC_IDS;
    OffsetCommitResponseData response = new OffsetCommitResponseData();
    List<OffsetCommitRequestTopic> asked = new ArrayList<>(data.topics().size());
    List<OffsetCommitResponseTopic> answers = new ArrayList<>(data.topics().size());
    for (OffsetCommitRequestTopic topic : data.topics()) {
      OffsetCommitResponseTopic answer =
          new OffsetCommitResponseTopic().setName(topic.name()).setTopicId(topic.topicId());
      response.topics().add(answer);
      if (keepKnown(topic, byId, answer)) {
        asked.add(topic);
        answers.add(answer);
      }
    }
    if (asked.isEmpty()) {
      return Future.succeededFuture(ApiResponse.of(response));
    }
    data.setTopics(asked);
    return asks.<OffsetCommitResponseData>ask(GroupAsks.question(request, data.groupId(), data))
        .map(
            told -> {
              for (int i = 0; i < answers.size(); i++) {
                answers.get(i).partitions().addAll(told.topics().get(i).partitions());
              }
              return ApiResponse.of(response);
            });
  }

  /** Leaves in the topic the partitions that exist, refuses the others; false when none is left. */
  private boolean keepKnown(
      OffsetCommitRequestTopic topic, boolean byId, OffsetCommitResponseTopic answer) {
    ClusterImage image = images.get();
    TopicImage known = byId ? image.topic(topic.topicId()) : image.topic(topic.name());
    if (known != null) {
      topic.setName(known.name());
    }
    Errors error =
        known == null && byId ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION;
    List<OffsetCommitRequestPartition> kept = new ArrayList<>(topic.partitions().size());
    for (OffsetCommitRequestPartition partition : topic.partitions()) {
      if (known != null && known.partition(partition.partitionIndex()) != null) {
        kept.add(partition);
      } else {
        answer
            .partitions()
            .add(
                new OffsetCommitResponsePartition()
                    .setPartitionIndex(partition.partitionIndex())
                    .setErrorCode(error.code()));
      }
    }
    topic.setPartitions(kept);
    return !kept.isEmpty();
  }
}
