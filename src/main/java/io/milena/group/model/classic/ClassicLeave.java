package io.milena.group.model.classic;

import io.milena.group.model.Caller;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.LeaveGroupResponseData.MemberResponse;
import org.apache.kafka.common.protocol.Errors;

/** LeaveGroup: of one member, or (from version 3 on) of several, by member or instance id. */
final class ClassicLeave {
  private final ClassicRebalance rebalance;

  ClassicLeave(ClassicRebalance rebalance) {
    this.rebalance = rebalance;
  }

  /** No such group: nobody is a member. */
  static List<MemberResponse> strangers(List<MemberIdentity> leaving) {
    return leaving.stream()
        .map(member -> ClassicAnswers.left(member, Errors.UNKNOWN_MEMBER_ID))
        .toList();
  }

  void leave(ClassicGroup group, Caller caller, LeaveGroupRequestData request, ClassicStep step) {
    List<MemberResponse> outcomes = new ArrayList<>();
    boolean anyLeft = false;
    for (MemberIdentity member : ClassicAnswers.leaving(request, caller.apiVersion())) {
      Errors error = leave(group, member, step);
      anyLeft |= error == Errors.NONE;
      outcomes.add(ClassicAnswers.left(member, error));
    }
    if (anyLeft && !group.isEmpty()) {
      rebalance.prepareOrComplete(group, step);
    }
    step.answerAfterwards(
        group,
        caller.token(),
        ClassicAnswers.left(outcomes, caller.apiVersion()),
        ClassicAnswers::leaveError);
  }

  private Errors leave(ClassicGroup group, MemberIdentity member, ClassicStep step) {
    String memberId = member.memberId();
    if (memberId.isEmpty()) {
      // An administrator removes a static member.
      memberId = group.members.staticId(member.groupInstanceId());
      if (memberId == null) {
        return Errors.UNKNOWN_MEMBER_ID;
      }
    } else if (rebalance.dropPending(group, memberId, step)) {
      return Errors.NONE;
    } else {
      Errors error = group.checkMember(memberId, member.groupInstanceId());
      if (error != Errors.NONE) {
        return error;
      }
    }
    rebalance.remove(group, group.members.find(memberId), step);
    return Errors.NONE;
  }
}
