package io.milena.group.model.offsets;

import io.milena.coordinator.model.CoordinatorRecord;
import io.milena.group.model.Group;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;

/**
 * Tombstones of one group for one batch: at most {@value #MAX_RECORDS} offsets and about {@value
 * #MAX_BYTES} bytes, however many offsets the group has, so that a step is short and the batch
 * fits.
 */
final class TombstoneSlice {
  static final int MAX_RECORDS = 1_000;
  static final int MAX_BYTES = 256 * 1024;

  /** Fixed part of a record with the key of an offset, from above. */
  private static final int RECORD_BYTES = 32;

  /** From above: a character takes at most three bytes. */
  private static final int BYTES_PER_CHAR = 3;

  private final String groupId;
  private final List<CoordinatorRecord> records = new ArrayList<>();
  private int bytes;
  private int offsets;

  TombstoneSlice(String groupId) {
    this.groupId = groupId;
  }

  /**
   * Adds the tombstones of those offsets that are to go, until the slice is full.
   *
   * @param goes by topic and offset
   * @return true when nothing of the group's offsets stays, false when some stay or did not fit
   */
  boolean addAll(Map<String, PartitionOffsets> ofGroup, BiPredicate<String, CommittedOffset> goes) {
    boolean all = true;
    for (Map.Entry<String, PartitionOffsets> topic : ofGroup.entrySet()) {
      PartitionOffsets offsetsOfTopic = topic.getValue();
      for (int i = 0; i < offsetsOfTopic.size(); i++) {
        if (!goes.test(topic.getKey(), offsetsOfTopic.offset(i))) {
          all = false;
        } else if (full()) {
          return false;
        } else {
          add(topic.getKey(), offsetsOfTopic.partition(i));
        }
      }
    }
    return all;
  }

  private void add(String topic, int partition) {
    records.add(OffsetRecords.tombstone(groupId, topic, partition));
    offsets++;
    bytes += RECORD_BYTES + BYTES_PER_CHAR * (groupId.length() + topic.length());
  }

  /** Adds the tombstones of the group itself. */
  void addGroup(Group group) {
    records.addAll(group.tombstones());
  }

  boolean full() {
    return offsets >= MAX_RECORDS || bytes >= MAX_BYTES;
  }

  /** How many offsets are to go. */
  int offsets() {
    return offsets;
  }

  List<CoordinatorRecord> records() {
    return records;
  }
}
