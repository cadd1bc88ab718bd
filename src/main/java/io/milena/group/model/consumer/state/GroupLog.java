package io.milena.group.model.consumer.state;

import io.milena.coordinator.model.CoordinatorRecord;
import io.milena.group.model.Group;
import io.milena.group.model.GroupTable;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupCurrentMemberAssignmentKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupCurrentMemberAssignmentValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMetadataValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupPartitionMetadataKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupRegularExpressionKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupRegularExpressionValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMemberKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMemberValue;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMetadataKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupTargetAssignmentMetadataValue;

/**
 * Takes committed records of consumer groups over into the table: the one place where a {@link
 * ConsumerGroup} changes. A value makes the group when it is not there; a tombstone of something
 * unknown says nothing, for compaction may have taken what came before it.
 */
public final class GroupLog {
  private final GroupTable table;

  public GroupLog(GroupTable table) {
    this.table = table;
  }

  /** False when the record is not one of a consumer group. */
  public boolean apply(CoordinatorRecord record, long nowMs) {
    return record.value() == null
        ? remove(record.key(), nowMs)
        : put(record.key(), record.value(), nowMs);
  }

  private boolean put(ApiMessage key, ApiMessage value, long nowMs) {
    if (key instanceof ConsumerGroupMetadataKey k) {
      ConsumerGroupMetadataValue v = (ConsumerGroupMetadataValue) value;
      group(k.groupId(), nowMs).setEpoch(v.epoch(), v.metadataHash());
    } else if (key instanceof ConsumerGroupPartitionMetadataKey k) {
      group(k.groupId(), nowMs).setLegacyMetadata(true);
    } else if (key instanceof ConsumerGroupMemberMetadataKey k) {
      putMember(k, (ConsumerGroupMemberMetadataValue) value, nowMs);
    } else if (key instanceof ConsumerGroupTargetAssignmentMetadataKey k) {
      ConsumerGroupTargetAssignmentMetadataValue v =
          (ConsumerGroupTargetAssignmentMetadataValue) value;
      group(k.groupId(), nowMs).setTargetEpoch(v.assignmentEpoch(), v.assignmentTimestamp());
    } else if (key instanceof ConsumerGroupTargetAssignmentMemberKey k) {
      ConsumerGroupTargetAssignmentMemberValue v = (ConsumerGroupTargetAssignmentMemberValue) value;
      group(k.groupId(), nowMs).putTarget(k.memberId(), GroupRecords.read(v));
    } else if (key instanceof ConsumerGroupCurrentMemberAssignmentKey k) {
      putCurrent(k, (ConsumerGroupCurrentMemberAssignmentValue) value, nowMs);
    } else if (key instanceof ConsumerGroupRegularExpressionKey k) {
      ConsumerGroupRegularExpressionValue v = (ConsumerGroupRegularExpressionValue) value;
      ResolvedRegex resolved =
          new ResolvedRegex(Set.copyOf(v.topics()), v.version(), v.timestamp());
      group(k.groupId(), nowMs).resolve(k.regularExpression(), resolved);
    } else {
      return false;
    }
    return true;
  }

  private void putMember(
      ConsumerGroupMemberMetadataKey key, ConsumerGroupMemberMetadataValue value, long nowMs) {
    ConsumerGroup group = group(key.groupId(), nowMs);
    group.putMember(memberOf(group, key.memberId()).with(GroupRecords.read(value)));
  }

  private void putCurrent(
      ConsumerGroupCurrentMemberAssignmentKey key,
      ConsumerGroupCurrentMemberAssignmentValue value,
      long nowMs) {
    ConsumerGroup group = group(key.groupId(), nowMs);
    group.putMember(memberOf(group, key.memberId()).with(GroupRecords.read(value)));
  }

  private static Member memberOf(ConsumerGroup group, String memberId) {
    Member member = group.member(memberId);
    return member == null ? Member.fresh(memberId) : member;
  }

  private boolean remove(ApiMessage key, long nowMs) {
    if (key instanceof ConsumerGroupMetadataKey k) {
      if (find(k.groupId()) != null) {
        table.remove(k.groupId());
      }
    } else if (key instanceof ConsumerGroupPartitionMetadataKey k) {
      with(k.groupId(), group -> group.setLegacyMetadata(false));
    } else if (key instanceof ConsumerGroupMemberMetadataKey k) {
      with(k.groupId(), group -> group.removeMember(k.memberId(), nowMs));
    } else if (key instanceof ConsumerGroupTargetAssignmentMetadataKey k) {
      with(k.groupId(), group -> group.setTargetEpoch(-1, 0));
    } else if (key instanceof ConsumerGroupTargetAssignmentMemberKey k) {
      with(k.groupId(), group -> group.removeTarget(k.memberId()));
    } else if (key instanceof ConsumerGroupCurrentMemberAssignmentKey k) {
      with(k.groupId(), group -> dropCurrent(group, k.memberId()));
    } else if (key instanceof ConsumerGroupRegularExpressionKey k) {
      with(k.groupId(), group -> group.forgetRegex(k.regularExpression()));
    } else {
      return false;
    }
    return true;
  }

  /** The member holds nothing any more; its own tombstone follows. */
  private static void dropCurrent(ConsumerGroup group, String memberId) {
    Member member = group.member(memberId);
    if (member != null) {
      group.putMember(
          member.with(
              new CurrentAssignment(
                  CurrentAssignment.LEAVE_EPOCH, -1, MemberState.STABLE, Map.of(), Map.of())));
    }
  }

  private interface Change {
    void on(ConsumerGroup group);
  }

  private void with(String groupId, Change change) {
    ConsumerGroup group = find(groupId);
    if (group != null) {
      change.on(group);
    }
  }

  private ConsumerGroup find(String groupId) {
    return table.find(groupId) instanceof ConsumerGroup group ? group : null;
  }

  /** Made when missing; takes the place of what offsets alone had made of the id. */
  private ConsumerGroup group(String groupId, long nowMs) {
    Group group = table.find(groupId);
    if (group instanceof ConsumerGroup consumerGroup) {
      return consumerGroup;
    }
    ConsumerGroup made = new ConsumerGroup(groupId, nowMs);
    table.put(made);
    return made;
  }
}
