package io.milena.group.model.consumer;

import io.milena.group.model.consumer.MemberChange.Start;
import io.milena.group.model.consumer.check.Refused;
import io.milena.group.model.consumer.state.ConsumerGroup;
import io.milena.group.model.consumer.state.CurrentAssignment;
import io.milena.group.model.consumer.state.GroupRecords;
import io.milena.group.model.consumer.state.Member;
import org.apache.kafka.common.protocol.Errors;

/** Finds the member that a request speaks for, or makes one. */
final class Membership {
  private final Core core;
  private final ConsumerGroup group;

  Membership(Core core, ConsumerGroup group) {
    this.core = core;
    this.group = group;
  }

  /** Members that come back, and static ones that take their place again, always fit (R46). */
  void checkRoom(String memberId, String instanceId) {
    boolean known = group.staticMember(instanceId) != null || group.member(memberId) != null;
    int maxSize = core.setup().settings().consumer().maxSize();
    if (!known && group.members().size() >= maxSize) {
      throw new Refused(
          Errors.GROUP_MAX_SIZE_REACHED, "The group has its " + maxSize + " members already.");
    }
  }

  /** The member, which must be there. */
  Member existing(String memberId, String instanceId) {
    Member member;
    if (instanceId == null) {
      member = group.member(memberId);
      if (member == null) {
        throw new Refused(
            Errors.UNKNOWN_MEMBER_ID,
            "Member " + memberId + " is not in group " + group.groupId() + ".");
      }
      return member;
    }
    member = staticMember(instanceId);
    notFenced(member, memberId, instanceId);
    return member;
  }

  /** The static member of that instance id, which must be there. */
  Member staticMember(String instanceId) {
    Member member = group.staticMember(instanceId);
    if (member == null) {
      throw new Refused(
          Errors.UNKNOWN_MEMBER_ID,
          "No member with instance id " + instanceId + " is in group " + group.groupId() + ".");
    }
    return member;
  }

  /** A static member must be the one that last joined with its instance id. */
  void notFenced(Member member, String memberId, String instanceId) {
    if (!member.id().equals(memberId)) {
      throw new Refused(
          Errors.FENCED_INSTANCE_ID,
          "Instance id " + instanceId + " now belongs to member " + member.id() + ".");
    }
  }

  /** A member goes on. */
  static Start goOn(Member member) {
    return start(member, member);
  }

  private static Start start(Member onRecord, Member before) {
    return new Start(onRecord, before, before);
  }

  /** A dynamic member joins, or joins anew. */
  Start join(String memberId) {
    Member member = group.member(memberId);
    return start(member, member == null ? Member.fresh(memberId) : member);
  }

  /**
   * A static member joins. When its instance id is taken it takes over what that member had, under
   * its own id; a member of the consumer protocol has to have left before.
   */
  Start joinStatic(String memberId, String instanceId, boolean classic, Step step) {
    Member holder = group.staticMember(instanceId);
    if (holder == null) {
      return join(memberId);
    }
    if (!classic
        && !holder.isClassic()
        && holder.current().epoch() != CurrentAssignment.STATIC_LEAVE_EPOCH) {
      throw new Refused(
          Errors.UNRELEASED_INSTANCE_ID,
          "Instance id " + instanceId + " is held by member " + holder.id() + ".");
    }
    String groupId = group.groupId();
    Member taker = new Member(memberId, holder.registration(), holder.current().rejoined());
    step.records().addAll(GroupRecords.noMember(groupId, holder.id()));
    step.records().add(GroupRecords.member(groupId, taker));
    step.records().add(GroupRecords.target(groupId, memberId, group.target(holder.id())));
    step.records().add(GroupRecords.current(groupId, taker));
    if (!holder.id().equals(memberId)) {
      step.then((at, answers, timers) -> MemberTimers.cancelAll(groupId, holder.id(), timers));
    }
    return start(holder, taker);
  }
}
