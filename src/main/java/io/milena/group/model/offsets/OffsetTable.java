package io.milena.group.model.offsets;

import io.milena.coordinator.model.CoordinatorRecord;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.coordinator.group.generated.LegacyOffsetCommitKey;
import org.apache.kafka.coordinator.group.generated.LegacyOffsetCommitValue;
import org.apache.kafka.coordinator.group.generated.OffsetCommitKey;
import org.apache.kafka.coordinator.group.generated.OffsetCommitValue;

/**
 * The committed offsets of one partition of {@code __consumer_offsets}, as its log says; of one
 * thread. Changes in {@link #apply} only: the last record by log offset wins.
 *
 * <p>Names and ids of topics are held once, however many groups read them: an offset costs about
 * 100 bytes.
 */
final class OffsetTable {
  private static final NavigableMap<String, PartitionOffsets> NONE =
      Collections.unmodifiableNavigableMap(new TreeMap<>());

  /** A topic somebody committed offsets of. */
  private static final class Topic {
    final String name;
    Uuid id = Uuid.ZERO_UUID;
    int offsets;

    Topic(String name) {
      this.name = name;
    }
  }

  private final Map<String, TreeMap<String, PartitionOffsets>> groups = new HashMap<>();
  private final Map<String, Topic> topics = new HashMap<>();
  private int size;

  /** Number of committed offsets. */
  int size() {
    return size;
  }

  /** Groups with offsets, in no order. */
  Set<String> groupIds() {
    return Collections.unmodifiableSet(groups.keySet());
  }

  /** Topics with offsets, in no order. */
  Set<String> topics() {
    return Collections.unmodifiableSet(topics.keySet());
  }

  /** Offsets of a group by topic; empty when it has none. */
  NavigableMap<String, PartitionOffsets> of(String groupId) {
    NavigableMap<String, PartitionOffsets> offsets = groups.get(groupId);
    return offsets == null ? NONE : offsets;
  }

  /** What a group committed for a partition, or null. */
  CommittedOffset find(String groupId, String topic, int partition) {
    PartitionOffsets offsets = of(groupId).get(topic);
    return offsets == null ? null : offsets.find(partition);
  }

  /**
   * Takes a record over if it is one of offsets and none behind it in the log has come before: the
   * records of a transaction come when it is committed.
   *
   * @return the group whose offset was set, null for a tombstone or a record of another kind
   */
  String apply(CoordinatorRecord record, long recordOffset) {
    if (record.key() instanceof OffsetCommitKey key) {
      return apply(key, record.value(), recordOffset);
    }
    if (record.key() instanceof LegacyOffsetCommitKey key) {
      OffsetCommitKey same =
          new OffsetCommitKey()
              .setGroup(key.group())
              .setTopic(key.topic())
              .setPartition(key.partition());
      return apply(same, record.value(), recordOffset);
    }
    return null;
  }

  private String apply(OffsetCommitKey key, ApiMessage value, long recordOffset) {
    if (value == null) {
      remove(key.group(), key.topic(), key.partition());
      return null;
    }
    CommittedOffset offset =
        value instanceof LegacyOffsetCommitValue legacy
            ? CommittedOffset.of(legacy, recordOffset)
            : CommittedOffset.of((OffsetCommitValue) value, recordOffset);
    CommittedOffset known = find(key.group(), key.topic(), key.partition());
    if (known == null || known.recordOffset() <= recordOffset) {
      put(key, offset);
    }
    return key.group();
  }

  private void put(OffsetCommitKey key, CommittedOffset offset) {
    Topic topic = topics.computeIfAbsent(key.topic(), Topic::new);
    if (!topic.id.equals(offset.topicId()) && !offset.topicId().equals(Uuid.ZERO_UUID)) {
      topic.id = offset.topicId();
    }
    CommittedOffset lean =
        topic.id.equals(offset.topicId()) ? offset.withTopicId(topic.id) : offset;
    boolean added =
        groups
            .computeIfAbsent(key.group(), id -> new TreeMap<>())
            .computeIfAbsent(topic.name, name -> new PartitionOffsets())
            .put(key.partition(), lean);
    if (added) {
      topic.offsets++;
      size++;
    }
  }

  private void remove(String groupId, String topic, int partition) {
    TreeMap<String, PartitionOffsets> ofGroup = groups.get(groupId);
    PartitionOffsets offsets = ofGroup == null ? null : ofGroup.get(topic);
    if (offsets == null || !offsets.remove(partition)) {
      return;
    }
    size--;
    Topic held = topics.get(topic);
    if (--held.offsets == 0) {
      topics.remove(topic);
    }
    if (offsets.size() == 0) {
      ofGroup.remove(topic);
    }
    if (ofGroup.isEmpty()) {
      groups.remove(groupId);
    }
  }
}
