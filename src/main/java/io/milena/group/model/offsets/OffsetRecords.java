package io.milena.group.model.offsets;

import io.milena.coordinator.model.CoordinatorRecord;
import org.apache.kafka.coordinator.group.generated.OffsetCommitKey;
import org.apache.kafka.coordinator.group.generated.OffsetCommitValue;

/**
 * Records of committed offsets. The key is of record type 1: group, topic, partition. The value's
 * version is one that a broker of Kafka 3.9 reads, so that it can take the log over: 1 with an
 * expiry time (the only one with that field; it has none for the leader epoch), else 3. Version 4,
 * which adds the topic id, makes that broker give up the whole partition with all its groups, and
 * current clients commit with ids by themselves; so ids are kept in memory only. Pure.
 */
final class OffsetRecords {
  private static final short WITH_EXPIRY = 1;
  private static final short PLAIN = 3;

  private OffsetRecords() {}

  /** What {@code groupId} committed; the record's own offset is not part of it. */
  static CoordinatorRecord commit(
      String groupId, String topic, int partition, CommittedOffset offset) {
    OffsetCommitValue value =
        new OffsetCommitValue()
            .setOffset(offset.offset())
            .setLeaderEpoch(offset.leaderEpoch())
            .setMetadata(offset.metadata())
            .setCommitTimestamp(offset.commitTimestampMs())
            .setExpireTimestamp(offset.expireTimestampMs())
            .setTopicId(offset.topicId());
    return new CoordinatorRecord(key(groupId, topic, partition), value, version(offset));
  }

  /** Takes a committed offset away. */
  static CoordinatorRecord tombstone(String groupId, String topic, int partition) {
    return CoordinatorRecord.tombstone(key(groupId, topic, partition));
  }

  private static OffsetCommitKey key(String groupId, String topic, int partition) {
    return new OffsetCommitKey().setGroup(groupId).setTopic(topic).setPartition(partition);
  }

  private static short version(CommittedOffset offset) {
    return offset.expireTimestampMs() == CommittedOffset.NO_EXPIRY ? PLAIN : WITH_EXPIRY;
  }
}
