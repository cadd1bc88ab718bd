package io.milena.api;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartition;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopic;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopics;
import org.apache.kafka.common.protocol.Errors;

/** OffsetFetch before version 8, of a single group, in the form of later versions and back. */
final class OldOffsetFetch {
  /** Before this, errors are told for partitions only. */
  private static final short FIRST_WITH_ERROR = 2;

  private static final long NO_OFFSET = -1;

  private OldOffsetFetch() {}

  /** What is asked, as a later version asks it. */
  static OffsetFetchRequestGroup group(OffsetFetchRequestData data) {
    OffsetFetchRequestGroup group = new OffsetFetchRequestGroup().setGroupId(data.groupId());
    if (data.topics() == null) {
      return group.setTopics(null);
    }
    List<OffsetFetchRequestTopics> topics = new ArrayList<>(data.topics().size());
    for (OffsetFetchRequestTopic topic : data.topics()) {
      topics.add(
          new OffsetFetchRequestTopics()
              .setName(topic.name())
              .setPartitionIndexes(topic.partitionIndexes()));
    }
    return group.setTopics(topics);
  }

  /** What was told, as the version tells it. */
  static OffsetFetchResponseData answer(
      OffsetFetchRequestData data, OffsetFetchResponseGroup told, short version) {
    OffsetFetchResponseData response = new OffsetFetchResponseData();
    if (told.errorCode() == Errors.NONE.code()) {
      told.topics().forEach(topic -> response.topics().add(topic(topic)));
    } else if (version >= FIRST_WITH_ERROR) {
      response.setErrorCode(told.errorCode());
    } else {
      data.topics().forEach(topic -> response.topics().add(refused(topic, told.errorCode())));
    }
    return response;
  }

  private static OffsetFetchResponseTopic topic(OffsetFetchResponseTopics told) {
    OffsetFetchResponseTopic topic = new OffsetFetchResponseTopic().setName(told.name());
    for (OffsetFetchResponsePartitions partition : told.partitions()) {
      topic
          .partitions()
          .add(
              new OffsetFetchResponsePartition()
                  .setPartitionIndex(partition.partitionIndex())
                  .setCommittedOffset(partition.committedOffset())
                  .setCommittedLeaderEpoch(partition.committedLeaderEpoch())
                  .setMetadata(partition.metadata())
                  .setErrorCode(partition.errorCode()));
    }
    return topic;
  }

  private static OffsetFetchResponseTopic refused(OffsetFetchRequestTopic asked, short error) {
    OffsetFetchResponseTopic topic = new OffsetFetchResponseTopic().setName(asked.name());
    for (int partition : asked.partitionIndexes()) {
      topic
          .partitions()
          .add(
              new OffsetFetchResponsePartition()
                  .setPartitionIndex(partition)
                  .setCommittedOffset(NO_OFFSET)
                  .setMetadata("")
                  .setErrorCode(error));
    }
    return topic;
  }
}
