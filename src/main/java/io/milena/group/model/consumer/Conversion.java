package io.milena.group.model.consumer;

import io.milena.group.model.Group;
import io.milena.group.model.consumer.state.ConsumerGroup;
import io.milena.group.model.consumer.state.Member;
import java.util.Collection;
import org.apache.kafka.common.protocol.Errors;

/** Turns classic groups into consumer groups and back. */
final class Conversion {
  private final Core core;

  Conversion(Core core) {
    this.core = core;
  }

  /**
   * The group that a member of the consumer protocol joins: there, new, or made of a classic one.
   */
  ConsumerGroup groupToJoin(String groupId, Step step, long nowMs) {
    Group group = core.table().find(groupId);
    if (group instanceof ConsumerGroup consumerGroup) {
      return consumerGroup;
    }
    if (group == null) {
      return new ConsumerGroup(groupId, nowMs);
    }
    if (group.isEmpty()) {
      step.records().addAll(group.tombstones());
      return new ConsumerGroup(groupId, nowMs);
    }
    throw new Refused(Errors.GROUP_ID_NOT_FOUND, "Group " + groupId + " is a classic group.");
  }

  boolean downgradesWithout(ConsumerGroup group, Collection<Member> members) {
    return false;
  }

  void downgrade(ConsumerGroup group, Collection<Member> members, Step step) {
    throw new IllegalStateException("not yet");
  }
}
