package io.milena.group.model.classic;

import io.milena.group.model.Caller;
import io.milena.group.model.GroupLimits;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.protocol.Errors;

/** SyncGroup: the leader brings the assignments, everybody fetches its own. */
final class ClassicSync {
  /** From here on a member says which protocol it believes in (KIP-559). */
  private static final short NAMES_PROTOCOL = 5;

  private final ClassicRebalance rebalance;
  private final GroupLimits limits;

  ClassicSync(ClassicRebalance rebalance, GroupLimits limits) {
    this.rebalance = rebalance;
    this.limits = limits;
  }

  /** A request without the protocol where the version wants it is wrong whatever the group. */
  static boolean lacksProtocol(Caller caller, SyncGroupRequestData request) {
    return caller.apiVersion() >= NAMES_PROTOCOL
        && (request.protocolType() == null || request.protocolName() == null);
  }

  void sync(ClassicGroup group, Caller caller, SyncGroupRequestData request, ClassicStep step) {
    Errors error = check(group, request);
    if (error != Errors.NONE) {
      step.answer(caller.token(), ClassicAnswers.syncError(error));
      return;
    }
    ClassicMember member = group.members.find(request.memberId());
    rebalance.synced(group, member.memberId(), step);
    if (group.state() == ClassicState.STABLE) {
      step.answer(caller.token(), ClassicAnswers.assignment(group, member));
      return;
    }
    if (member.syncing != null) {
      step.answer(member.syncing.token(), ClassicAnswers.syncError(Errors.REBALANCE_IN_PROGRESS));
    }
    member.syncing = Waiting.of(caller);
    if (group.isLeader(member.memberId())) {
      keep(group, request, step);
    }
  }

  private static Errors check(ClassicGroup group, SyncGroupRequestData request) {
    Errors error = group.checkMember(request.memberId(), request.groupInstanceId());
    if (error != Errors.NONE) {
      return error;
    }
    if (request.generationId() != group.generation()) {
      return Errors.ILLEGAL_GENERATION;
    }
    if (differs(request.protocolType(), group.protocolTypeOrNull())
        || differs(request.protocolName(), group.protocolName())) {
      return Errors.INCONSISTENT_GROUP_PROTOCOL;
    }
    return group.state() == ClassicState.PREPARING_REBALANCE
        ? Errors.REBALANCE_IN_PROGRESS
        : Errors.NONE;
  }

  private static boolean differs(String said, String known) {
    return said != null && known != null && !said.equals(known);
  }

  /**
   * The assignments go to the log; whoever waits for one waits for that. When they are more than
   * there is room for, it is as if the log had not taken them.
   */
  private void keep(ClassicGroup group, SyncGroupRequestData request, ClassicStep step) {
    Map<String, byte[]> assignments = new HashMap<>();
    for (SyncGroupRequestAssignment each : request.assignments()) {
      assignments.put(each.memberId(), each.assignment());
    }
    if (!limits.hasRoomForMemberBytes(growth(group, assignments))) {
      rebalance.forgetAssignments(group, Errors.COORDINATOR_NOT_AVAILABLE, step);
      rebalance.prepare(group, step);
      return;
    }
    int generation = group.generation();
    step.append(ClassicRecords.assigned(group, assignments));
    step.afterwards(
        then -> {
          if (group.state() == ClassicState.STABLE && group.generation() == generation) {
            rebalance.tellAssignments(group, then);
          }
        },
        (error, then) -> {
          if (group.state() == ClassicState.COMPLETING_REBALANCE
              && group.generation() == generation) {
            rebalance.forgetAssignments(group, error, then);
            rebalance.prepare(group, then);
          }
        });
  }

  private static long growth(ClassicGroup group, Map<String, byte[]> assignments) {
    long growth = 0;
    for (ClassicMember member : group.members.all()) {
      byte[] given = assignments.getOrDefault(member.memberId(), ClassicMember.NO_ASSIGNMENT);
      growth += given.length - member.assignment.length;
    }
    return growth;
  }
}
