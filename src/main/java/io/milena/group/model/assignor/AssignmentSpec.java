package io.milena.group.model.assignor;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.Uuid;

/**
 * What an assignor is asked.
 *
 * @param members of the group, in an order that stays the same as long as the members do
 * @param partitionCounts of every topic that a member subscribes
 */
public record AssignmentSpec(List<SpecMember> members, Map<Uuid, Integer> partitionCounts) {
  /**
   * One member.
   *
   * @param memberId names it
   * @param instanceId of a static member, or null
   * @param topicIds what it subscribes and exists; members that subscribe alike may share the set
   * @param target what it was to have by the last assignment
   */
  public record SpecMember(
      String memberId, String instanceId, Set<Uuid> topicIds, Map<Uuid, Set<Integer>> target) {}

  /** True when all members subscribe the same topics. */
  public boolean homogeneous() {
    Set<Uuid> first = members.get(0).topicIds();
    for (SpecMember member : members) {
      if (member.topicIds() != first && !member.topicIds().equals(first)) {
        return false;
      }
    }
    return true;
  }
}
