package io.milena.group.model;

import io.milena.protocol.SupportedApis;
import java.util.List;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData;
import org.apache.kafka.common.message.TxnOffsetCommitResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/**
 * How each group API says that a request was not decided at all: the error goes where a client of
 * that version looks for it. Pure, stateless.
 */
public final class GroupRefusals {
  /** From here on the protocol's name may be null. */
  private static final short JOIN_WITH_NULL_PROTOCOL = 7;

  /** From here on OffsetFetch asks for groups, each with its own error. */
  private static final short FETCH_OF_GROUPS = 8;

  /** Before this, OffsetFetch has errors for partitions only. */
  private static final short FETCH_WITH_ERROR = 2;

  private static final long NO_OFFSET = -1L;

  private GroupRefusals() {}

  /** The answer that carries {@code error}. */
  public static ApiMessage of(GroupRequest request, Errors error) {
    short code = error.code();
    return switch (request.apiKey()) {
      case SupportedApis.JOIN_GROUP -> join(request, code);
      case SupportedApis.SYNC_GROUP -> new SyncGroupResponseData().setErrorCode(code);
      case SupportedApis.HEARTBEAT -> new HeartbeatResponseData().setErrorCode(code);
      case SupportedApis.LEAVE_GROUP -> new LeaveGroupResponseData().setErrorCode(code);
      case SupportedApis.OFFSET_COMMIT -> commit((OffsetCommitRequestData) request.body(), code);
      case SupportedApis.TXN_OFFSET_COMMIT ->
          txnCommit((TxnOffsetCommitRequestData) request.body(), code);
      case SupportedApis.OFFSET_FETCH -> fetch(request, toldToFetchers(error).code());
      case SupportedApis.OFFSET_DELETE -> new OffsetDeleteResponseData().setErrorCode(code);
      case SupportedApis.DESCRIBE_GROUPS ->
          new DescribeGroupsResponseData()
              .setGroups(
                  List.of(
                      new DescribeGroupsResponseData.DescribedGroup()
                          .setGroupId(request.groupId())
                          .setErrorCode(code)));
      case SupportedApis.LIST_GROUPS -> new ListGroupsResponseData().setErrorCode(code);
      case SupportedApis.DELETE_GROUPS -> delete(request.groupId(), code);
      case SupportedApis.CONSUMER_GROUP_HEARTBEAT ->
          new ConsumerGroupHeartbeatResponseData()
              .setErrorCode(code)
              .setErrorMessage(error.message());
      case SupportedApis.CONSUMER_GROUP_DESCRIBE ->
          new ConsumerGroupDescribeResponseData()
              .setGroups(
                  List.of(
                      new ConsumerGroupDescribeResponseData.DescribedGroup()
                          .setGroupId(request.groupId())
                          .setErrorCode(code)
                          .setErrorMessage(error.message())));
      default -> throw new IllegalArgumentException("no API of groups: " + request.apiKey());
    };
  }

  private static ApiMessage join(GroupRequest request, short code) {
    return new JoinGroupResponseData()
        .setErrorCode(code)
        .setMemberId(((JoinGroupRequestData) request.body()).memberId())
        .setProtocolName(request.apiVersion() >= JOIN_WITH_NULL_PROTOCOL ? null : "");
  }

  private static ApiMessage commit(OffsetCommitRequestData request, short code) {
    OffsetCommitResponseData response = new OffsetCommitResponseData();
    for (OffsetCommitRequestData.OffsetCommitRequestTopic topic : request.topics()) {
      OffsetCommitResponseData.OffsetCommitResponseTopic answer =
          new OffsetCommitResponseData.OffsetCommitResponseTopic()
              .setName(topic.name())
              .setTopicId(topic.topicId());
      for (OffsetCommitRequestData.OffsetCommitRequestPartition partition : topic.partitions()) {
        answer
            .partitions()
            .add(
                new OffsetCommitResponseData.OffsetCommitResponsePartition()
                    .setPartitionIndex(partition.partitionIndex())
                    .setErrorCode(code));
      }
      response.topics().add(answer);
    }
    return response;
  }

  private static ApiMessage txnCommit(TxnOffsetCommitRequestData request, short code) {
    TxnOffsetCommitResponseData response = new TxnOffsetCommitResponseData();
    for (TxnOffsetCommitRequestData.TxnOffsetCommitRequestTopic topic : request.topics()) {
      TxnOffsetCommitResponseData.TxnOffsetCommitResponseTopic answer =
          new TxnOffsetCommitResponseData.TxnOffsetCommitResponseTopic()
              .setName(topic.name())
              .setTopicId(topic.topicId());
      for (TxnOffsetCommitRequestData.TxnOffsetCommitRequestPartition partition :
          topic.partitions()) {
        answer
            .partitions()
            .add(
                new TxnOffsetCommitResponseData.TxnOffsetCommitResponsePartition()
                    .setPartitionIndex(partition.partitionIndex())
                    .setErrorCode(code));
      }
      response.topics().add(answer);
    }
    return response;
  }

  /**
   * Consumers before 3.9 do not expect COORDINATOR_NOT_AVAILABLE here and would give up; this one
   * has them look for the coordinator and come again. Kafka tells them the same.
   */
  private static Errors toldToFetchers(Errors error) {
    return error == Errors.COORDINATOR_NOT_AVAILABLE ? Errors.NOT_COORDINATOR : error;
  }

  private static ApiMessage fetch(GroupRequest request, short code) {
    OffsetFetchResponseData response = new OffsetFetchResponseData();
    if (request.apiVersion() >= FETCH_OF_GROUPS) {
      response
          .groups()
          .add(
              new OffsetFetchResponseData.OffsetFetchResponseGroup()
                  .setGroupId(request.groupId())
                  .setErrorCode(code));
      return response;
    }
    OffsetFetchRequestData asked = (OffsetFetchRequestData) request.body();
    if (request.apiVersion() >= FETCH_WITH_ERROR || asked.topics() == null) {
      return response.setErrorCode(code);
    }
    for (OffsetFetchRequestData.OffsetFetchRequestTopic topic : asked.topics()) {
      OffsetFetchResponseData.OffsetFetchResponseTopic answer =
          new OffsetFetchResponseData.OffsetFetchResponseTopic().setName(topic.name());
      for (int partition : topic.partitionIndexes()) {
        answer
            .partitions()
            .add(
                new OffsetFetchResponseData.OffsetFetchResponsePartition()
                    .setPartitionIndex(partition)
                    .setCommittedOffset(NO_OFFSET)
                    .setMetadata("")
                    .setErrorCode(code));
      }
      response.topics().add(answer);
    }
    return response;
  }

  private static ApiMessage delete(String groupId, short code) {
    DeleteGroupsResponseData response = new DeleteGroupsResponseData();
    response
        .results()
        .add(
            new DeleteGroupsResponseData.DeletableGroupResult()
                .setGroupId(groupId)
                .setErrorCode(code));
    return response;
  }
}
