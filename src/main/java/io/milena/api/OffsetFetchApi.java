package io.milena.api;

import io.milena.group.GroupClient;
import io.milena.group.model.GroupRequest;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.TopicImage;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopics;
import org.apache.kafka.common.protocol.Errors;

/**
 * OffsetFetch 1-10: of one group (before 8) or of several, from version 10 on by topic id.
 * Coordinators see the form of version 8 and later, one group each, topics by name. Stateless,
 * shared.
 */
public final class OffsetFetchApi implements ApiHandler {
  private static final short FIRST_OF_GROUPS = 8;
  private static final short FIRST_WITH_TOPIC_IDS = 10;
  private static final long NO_OFFSET = -1;

  private final Supplier<ClusterImage> images;
  private final GroupAsks asks;

  public OffsetFetchApi(Supplier<ClusterImage> images, GroupClient groups) {
    this.images = images;
    this.asks = new GroupAsks(groups);
  }

  @Override
  public short apiKey() {
    return SupportedApis.OFFSET_FETCH;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    OffsetFetchRequestData data = request.decode(OffsetFetchRequestData::new);
    if (request.apiVersion() >= FIRST_OF_GROUPS) {
      return ofGroups(request, data);
    }
    OffsetFetchRequestGroup group = OldOffsetFetch.group(data);
    check(List.of(group));
    return asks.<OffsetFetchResponseData>ask(question(request, group, data.requireStable()))
        .map(
            told ->
                ApiResponse.of(
                    OldOffsetFetch.answer(data, told.groups().get(0), request.apiVersion())));
  }

  private static void check(List<OffsetFetchRequestGroup> groups) {
    GroupAsks.bound("groups", groups.size());
    for (OffsetFetchRequestGroup group : groups) {
      if (group.topics() != null) {
        GroupAsks.bound("topics", group.topics().size());
      }
    }
    GroupAsks.boundPartitions(groups, OffsetFetchApi::named);
  }

  private static long named(OffsetFetchRequestGroup group) {
    return group.topics() == null
        ? 0
        : group.topics().stream().mapToLong(topic -> topic.partitionIndexes().size()).sum();
  }

  private static GroupRequest question(
      ApiRequest request, OffsetFetchRequestGroup group, boolean requireStable) {
    OffsetFetchRequestData body =
        new OffsetFetchRequestData().setGroups(List.of(group)).setRequireStable(requireStable);
    short version = (short) Math.max(FIRST_OF_GROUPS, request.apiVersion());
    return GroupAsks.question(request, version, group.groupId(), body);
  }

  private Future<ApiResponse> ofGroups(ApiRequest request, OffsetFetchRequestData data) {
    check(data.groups());
    boolean byId = request.apiVersion() >= FIRST_WITH_TOPIC_IDS;
    List<List<OffsetFetchResponseTopics>> refused = new ArrayList<>(data.groups().size());
    List<GroupRequest> questions = new ArrayList<>(data.groups().size());
    for (OffsetFetchRequestGroup group : data.groups()) {
      refused.add(byId && group.topics() != null ? keepKnown(group) : List.of());
      questions.add(question(request, group, data.requireStable()));
    }
    return asks.<OffsetFetchResponseData>askEach(questions)
        .map(
            answers -> {
              OffsetFetchResponseData response = new OffsetFetchResponseData();
              for (int i = 0; i < answers.size(); i++) {
                OffsetFetchResponseGroup told = answers.get(i).groups().get(0);
                response.groups().add(byId ? withIds(told, refused.get(i)) : told);
              }
              return ApiResponse.of(response);
            });
  }

  /** Names the topics of the group; those that nobody knows are taken out and answered here. */
  private List<OffsetFetchResponseTopics> keepKnown(OffsetFetchRequestGroup group) {
    ClusterImage image = images.get();
    List<OffsetFetchRequestTopics> kept = new ArrayList<>(group.topics().size());
    List<OffsetFetchResponseTopics> refused = new ArrayList<>();
    for (OffsetFetchRequestTopics topic : group.topics()) {
      TopicImage known = image.topic(topic.topicId());
      if (known != null) {
        kept.add(topic.setName(known.name()));
      } else {
        refused.add(unknown(topic));
      }
    }
    group.setTopics(kept);
    return refused;
  }

  private static OffsetFetchResponseTopics unknown(OffsetFetchRequestTopics topic) {
    OffsetFetchResponseTopics answer = new OffsetFetchResponseTopics().setTopicId(topic.topicId());
    for (int partition : topic.partitionIndexes()) {
      answer
          .partitions()
          .add(
              new OffsetFetchResponsePartitions()
                  .setPartitionIndex(partition)
                  .setCommittedOffset(NO_OFFSET)
                  .setMetadata("")
                  .setErrorCode(Errors.UNKNOWN_TOPIC_ID.code()));
    }
    return answer;
  }

  /** All topics of a group come by name; those that are gone have no id and are left out. */
  private OffsetFetchResponseGroup withIds(
      OffsetFetchResponseGroup told, List<OffsetFetchResponseTopics> refused) {
    if (told.errorCode() != Errors.NONE.code()) {
      return told;
    }
    ClusterImage image = images.get();
    List<OffsetFetchResponseTopics> topics = new ArrayList<>(told.topics().size());
    for (OffsetFetchResponseTopics topic : told.topics()) {
      TopicImage known = image.topic(topic.name());
      if (known != null) {
        topics.add(topic.setTopicId(known.id()));
      }
    }
    topics.addAll(refused);
    return told.setTopics(topics);
  }
}
