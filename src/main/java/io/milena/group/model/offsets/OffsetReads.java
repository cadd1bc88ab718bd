package io.milena.group.model.offsets;

import io.milena.group.model.GroupRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopics;

/** Builds answers of OffsetFetch in the form of version 8 and later. Pure. */
final class OffsetReads {
  private OffsetReads() {}

  /**
   * Where offsets are read.
   *
   * @param offsets of the group, by topic
   * @param gone topics whose old offsets count for nobody
   */
  record Source(NavigableMap<String, PartitionOffsets> offsets, GoneTopics gone) {
    static final Source NOTHING = new Source(new TreeMap<>(), new GoneTopics());

    private CommittedOffset find(PartitionOffsets ofTopic, String topic, int partition) {
      CommittedOffset offset = ofTopic == null ? null : ofTopic.find(partition);
      return offset == null || gone.covers(topic, offset) ? null : offset;
    }
  }

  /** The one group of the request. */
  static OffsetFetchRequestGroup group(GroupRequest request) {
    return ((OffsetFetchRequestData) request.body()).groups().get(0);
  }

  /** What was asked for; -1 where nothing is committed. All topics when none are named. */
  static OffsetFetchResponseData answer(GroupRequest request, Source source) {
    OffsetFetchRequestGroup asked = group(request);
    List<OffsetFetchResponseTopics> topics =
        asked.topics() == null ? all(source) : named(asked.topics(), source);
    OffsetFetchResponseData response = new OffsetFetchResponseData();
    response
        .groups()
        .add(new OffsetFetchResponseGroup().setGroupId(asked.groupId()).setTopics(topics));
    return response;
  }

  private static List<OffsetFetchResponseTopics> named(
      List<OffsetFetchRequestTopics> asked, Source source) {
    List<OffsetFetchResponseTopics> topics = new ArrayList<>(asked.size());
    for (OffsetFetchRequestTopics topic : asked) {
      PartitionOffsets ofTopic = source.offsets().get(topic.name());
      List<OffsetFetchResponsePartitions> partitions =
          new ArrayList<>(topic.partitionIndexes().size());
      for (int partition : topic.partitionIndexes()) {
        CommittedOffset offset = source.find(ofTopic, topic.name(), partition);
        boolean known = offset != null && offset.of(topic.topicId());
        partitions.add(known ? told(partition, offset) : none(partition));
      }
      topics.add(topic(topic.name(), topic.topicId(), partitions));
    }
    return topics;
  }

  private static List<OffsetFetchResponseTopics> all(Source source) {
    List<OffsetFetchResponseTopics> topics = new ArrayList<>(source.offsets().size());
    source
        .offsets()
        .forEach(
            (name, offsets) -> {
              List<OffsetFetchResponsePartitions> partitions = new ArrayList<>(offsets.size());
              for (int i = 0; i < offsets.size(); i++) {
                if (!source.gone().covers(name, offsets.offset(i))) {
                  partitions.add(told(offsets.partition(i), offsets.offset(i)));
                }
              }
              if (!partitions.isEmpty()) {
                topics.add(topic(name, Uuid.ZERO_UUID, partitions));
              }
            });
    return topics;
  }

  private static OffsetFetchResponseTopics topic(
      String name, Uuid id, List<OffsetFetchResponsePartitions> partitions) {
    return new OffsetFetchResponseTopics().setName(name).setTopicId(id).setPartitions(partitions);
  }

  private static OffsetFetchResponsePartitions told(int partition, CommittedOffset offset) {
    return new OffsetFetchResponsePartitions()
        .setPartitionIndex(partition)
        .setCommittedOffset(offset.offset())
        .setCommittedLeaderEpoch(offset.leaderEpoch())
        .setMetadata(offset.metadata());
  }

  private static OffsetFetchResponsePartitions none(int partition) {
    return new OffsetFetchResponsePartitions()
        .setPartitionIndex(partition)
        .setCommittedOffset(CommittedOffset.NO_OFFSET)
        .setCommittedLeaderEpoch(CommittedOffset.NO_EPOCH)
        .setMetadata("");
  }
}
