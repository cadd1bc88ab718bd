package io.milena.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.IntFunction;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * Requests of every group API that a broker answers without an error, at any version: each about a
 * group of its own, which is brought before into the state that the request needs.
 */
final class GroupRequests {
  private static final int STATIC_MEMBERS = 5;
  private static final int SESSION_MS = 30_000;

  private final int port;
  private final String topic;
  private final Uuid topicId;

  GroupRequests(int port, String topic, Uuid topicId) {
    this.port = port;
    this.topic = topic;
    this.topicId = topicId;
  }

  /** By API: the request at a version. */
  Map<ApiKeys, IntFunction<ApiMessage>> all() {
    return Map.ofEntries(
        Map.entry(ApiKeys.FIND_COORDINATOR, GroupRequests::find),
        Map.entry(ApiKeys.JOIN_GROUP, v -> join(newGroup(), v)),
        Map.entry(ApiKeys.SYNC_GROUP, this::sync),
        Map.entry(ApiKeys.HEARTBEAT, v -> heartbeat()),
        Map.entry(ApiKeys.LEAVE_GROUP, this::leave),
        Map.entry(ApiKeys.OFFSET_COMMIT, v -> commit(newGroup(), v)),
        Map.entry(ApiKeys.OFFSET_FETCH, this::fetch),
        Map.entry(ApiKeys.OFFSET_DELETE, v -> deleteOffsets()),
        Map.entry(ApiKeys.LIST_GROUPS, v -> new ListGroupsRequestData()),
        Map.entry(
            ApiKeys.DESCRIBE_GROUPS,
            v -> new DescribeGroupsRequestData().setGroups(List.of(joined().group))),
        Map.entry(
            ApiKeys.DELETE_GROUPS,
            v -> new DeleteGroupsRequestData().setGroupsNames(List.of(committed()))),
        Map.entry(ApiKeys.CONSUMER_GROUP_HEARTBEAT, v -> consumerHeartbeat(newGroup())),
        Map.entry(ApiKeys.CONSUMER_GROUP_DESCRIBE, v -> consumerDescribe()));
  }

  /** A member of a classic group of which it is the only one. */
  private record Joined(String group, String memberId, int generation) {}

  private ApiMessage ask(ApiKeys key, int version, ApiMessage request) {
    try (RawKafka raw = new RawKafka(port)) {
      return raw.call(key, (short) version, request);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String newGroup() {
    return "matrix-" + UUID.randomUUID();
  }

  private Joined joined() {
    String group = newGroup();
    JoinGroupResponseData answer =
        (JoinGroupResponseData)
            ask(ApiKeys.JOIN_GROUP, STATIC_MEMBERS, join(group, STATIC_MEMBERS));
    return new Joined(group, answer.memberId(), answer.generationId());
  }

  private String committed() {
    String group = newGroup();
    ask(ApiKeys.OFFSET_COMMIT, 9, commit(group, 9));
    return group;
  }

  private static ApiMessage find(int version) {
    FindCoordinatorRequestData request = new FindCoordinatorRequestData();
    return version < 4
        ? request.setKey("matrix")
        : request.setCoordinatorKeys(List.of("matrix", "other"));
  }

  /** A static member where there are such, for others have to ask twice. */
  private static JoinGroupRequestData join(String group, int version) {
    JoinGroupRequestData request =
        new JoinGroupRequestData()
            .setGroupId(group)
            .setProtocolType("matrix")
            .setSessionTimeoutMs(SESSION_MS)
            .setGroupInstanceId(version < STATIC_MEMBERS ? null : "instance");
    if (version > 0) {
      request.setRebalanceTimeoutMs(SESSION_MS);
    }
    request
        .protocols()
        .add(new JoinGroupRequestProtocol().setName("any").setMetadata(new byte[] {1}));
    return request;
  }

  private ApiMessage sync(int version) {
    Joined member = joined();
    SyncGroupRequestData request =
        new SyncGroupRequestData()
            .setGroupId(member.group)
            .setMemberId(member.memberId)
            .setGenerationId(member.generation)
            .setAssignments(
                List.of(
                    new SyncGroupRequestAssignment()
                        .setMemberId(member.memberId)
                        .setAssignment(new byte[] {2})));
    return version < 5 ? request : request.setProtocolType("matrix").setProtocolName("any");
  }

  private ApiMessage heartbeat() {
    Joined member = joined();
    return new HeartbeatRequestData()
        .setGroupId(member.group)
        .setMemberId(member.memberId)
        .setGenerationId(member.generation);
  }

  private ApiMessage leave(int version) {
    Joined member = joined();
    LeaveGroupRequestData request = new LeaveGroupRequestData().setGroupId(member.group);
    return version < 3
        ? request.setMemberId(member.memberId)
        : request.setMembers(
            List.of(new LeaveGroupRequestData.MemberIdentity().setMemberId(member.memberId)));
  }

  private OffsetCommitRequestData commit(String group, int version) {
    OffsetCommitRequestTopic commits =
        new OffsetCommitRequestTopic()
            .setPartitions(
                List.of(
                    new OffsetCommitRequestPartition()
                        .setPartitionIndex(0)
                        .setCommittedOffset(1)
                        .setCommittedMetadata("m")));
    if (version < 10) {
      commits.setName(topic);
    } else {
      commits.setTopicId(topicId);
    }
    return new OffsetCommitRequestData().setGroupId(group).setTopics(List.of(commits));
  }

  private ApiMessage fetch(int version) {
    String group = committed();
    if (version < 8) {
      return new OffsetFetchRequestData()
          .setGroupId(group)
          .setTopics(
              List.of(
                  new OffsetFetchRequestTopic().setName(topic).setPartitionIndexes(List.of(0, 1))));
    }
    OffsetFetchRequestTopics asked =
        new OffsetFetchRequestTopics().setPartitionIndexes(List.of(0, 1));
    if (version < 10) {
      asked.setName(topic);
    } else {
      asked.setTopicId(topicId);
    }
    return new OffsetFetchRequestData()
        .setGroups(
            List.of(new OffsetFetchRequestGroup().setGroupId(group).setTopics(List.of(asked))));
  }

  private ApiMessage deleteOffsets() {
    OffsetDeleteRequestTopic offsets = new OffsetDeleteRequestTopic().setName(topic);
    offsets.partitions().add(new OffsetDeleteRequestPartition().setPartitionIndex(0));
    OffsetDeleteRequestData request = new OffsetDeleteRequestData().setGroupId(committed());
    request.topics().add(offsets);
    return request;
  }

  private ConsumerGroupHeartbeatRequestData consumerHeartbeat(String group) {
    return new ConsumerGroupHeartbeatRequestData()
        .setGroupId(group)
        .setMemberId(UUID.randomUUID().toString())
        .setMemberEpoch(0)
        .setRebalanceTimeoutMs(SESSION_MS)
        .setSubscribedTopicNames(List.of(topic))
        .setTopicPartitions(List.of());
  }

  private ApiMessage consumerDescribe() {
    String group = newGroup();
    ask(ApiKeys.CONSUMER_GROUP_HEARTBEAT, 1, consumerHeartbeat(group));
    return new ConsumerGroupDescribeRequestData().setGroupIds(List.of(group));
  }
}
