package io.milena.group.model.classic;

import io.milena.group.model.Caller;
import io.milena.group.model.GroupLimits;
import io.milena.group.model.GroupSettings;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/** JoinGroup to a classic group that is there. */
final class ClassicJoin {
  /** From here on a dynamic member has to come back with the id it is given (KIP-394). */
  private static final short NEEDS_MEMBER_ID = 4;

  /** From here on the leader can be told to leave the assignments alone (KIP-814). */
  private static final short MAY_SKIP_ASSIGNMENT = 9;

  private final GroupSettings.Classic settings;
  private final ClassicRebalance rebalance;
  private final Newcomers newcomers;
  private final GroupLimits limits;
  private final Supplier<String> memberIds;

  ClassicJoin(
      GroupSettings.Classic settings,
      ClassicRebalance rebalance,
      Newcomers newcomers,
      GroupLimits limits,
      Supplier<String> memberIds) {
    this.settings = settings;
    this.rebalance = rebalance;
    this.newcomers = newcomers;
    this.limits = limits;
    this.memberIds = memberIds;
  }

  /**
   * A JoinGroup request of any version.
   *
   * @param terms of the request; in version 0 the session timeout stands for the rebalance timeout
   */
  record Request(
      Caller caller,
      String groupId,
      String memberId,
      String groupInstanceId,
      String protocolType,
      ClassicMember.JoinTerms terms) {
    static Request of(Caller caller, JoinGroupRequestData data) {
      int rebalanceTimeoutMs =
          caller.apiVersion() == 0 ? data.sessionTimeoutMs() : data.rebalanceTimeoutMs();
      return new Request(
          caller,
          data.groupId(),
          data.memberId(),
          data.groupInstanceId(),
          data.protocolType(),
          new ClassicMember.JoinTerms(
              ClassicProtocol.listOf(data.protocols()),
              rebalanceTimeoutMs,
              data.sessionTimeoutMs()));
    }

    boolean isUnknown() {
      return memberId.isEmpty();
    }

    ClassicMember member(String id) {
      ClassicMember.Identity identity =
          new ClassicMember.Identity(
              id, groupInstanceId, caller.clientId(), caller.clientHost(), protocolType);
      ClassicMember member = new ClassicMember(identity, terms);
      member.joining = Waiting.of(caller);
      return member;
    }

    void answer(ApiMessage body, ClassicStep step) {
      step.answer(caller.token(), body);
    }

    void refuse(String toldId, Errors error, ClassicStep step) {
      answer(ClassicAnswers.joinError(toldId, error), step);
    }
  }

  void join(ClassicGroup group, Request request, ClassicStep step) {
    if (!hasRoom(group, request)) {
      turnAway(group, request.memberId(), step);
      request.refuse(ClassicAnswers.UNKNOWN_MEMBER, Errors.GROUP_MAX_SIZE_REACHED, step);
    } else if (!group.supports(request.protocolType(), request.terms().protocols())) {
      request.refuse(request.memberId(), Errors.INCONSISTENT_GROUP_PROTOCOL, step);
    } else if (!limits.hasRoomForMemberBytes(growth(group, request))) {
      request.refuse(request.memberId(), Errors.COORDINATOR_NOT_AVAILABLE, step);
    } else if (request.isUnknown()) {
      joinNew(group, request, step);
    } else {
      joinKnown(group, request, step);
    }
  }

  /**
   * Is there room? While members gather, those who have joined count, so that a group that is too
   * large loses those who come last. Ids that were given out count against new members (F35) but
   * not against old ones; a static member that comes back needs no more room than it had.
   */
  private boolean hasRoom(ClassicGroup group, Request request) {
    boolean gathering = group.state() == ClassicState.PREPARING_REBALANCE;
    int taken = gathering ? group.members.joining() : group.members.size();
    ClassicMember known = known(group, request);
    if (known != null) {
      return !gathering || known.joining != null || taken < settings.maxSize();
    }
    if (group.isEmpty() && !request.isUnknown()) {
      return true;
    }
    int promised = request.isUnknown() ? group.pending().size() : 0;
    return taken + promised < settings.maxSize();
  }

  /** The member that asks, or whose place it takes; null for a new one. */
  private static ClassicMember known(ClassicGroup group, Request request) {
    String knownId =
        request.isUnknown()
            ? group.members.staticId(request.groupInstanceId())
            : request.memberId();
    return knownId == null ? null : group.members.find(knownId);
  }

  /** What it would take beyond what it has; a new one as much as it comes back with (F35). */
  private static long growth(ClassicGroup group, Request request) {
    ClassicMember known = known(group, request);
    if (known != null) {
      return request.terms().bytes() - known.terms().bytes();
    }
    boolean comes = request.isUnknown() || group.pending().containsKey(request.memberId());
    return comes ? request.member(request.memberId()).bytes() : 0;
  }

  private void turnAway(ClassicGroup group, String memberId, ClassicStep step) {
    ClassicMember member = group.members.find(memberId);
    if (member != null) {
      rebalance.remove(group, member, step);
    } else {
      rebalance.dropPending(group, memberId, step);
    }
    rebalance.completeIfAllJoined(group, step);
  }

  private void joinNew(ClassicGroup group, Request request, ClassicStep step) {
    String instanceId = request.groupInstanceId();
    String prefix = instanceId != null ? instanceId : request.caller().clientId();
    String existingId = group.members.staticId(instanceId);
    if (existingId != null) {
      replaceStatic(group, group.members.find(existingId), newId(prefix), request, step);
    } else if (!newcomers.hasRoom(request.caller().clientHost(), request.terms().protocols())) {
      request.refuse(ClassicAnswers.UNKNOWN_MEMBER, Errors.COORDINATOR_NOT_AVAILABLE, step);
    } else if (instanceId == null && request.caller().apiVersion() >= NEEDS_MEMBER_ID) {
      String id = newId(prefix);
      long deadlineMs = step.nowMs + request.terms().sessionTimeoutMs();
      rebalance.addPending(
          group, id, new ClassicGroup.Pending(request.caller().clientHost(), deadlineMs), step);
      request.refuse(id, Errors.MEMBER_ID_REQUIRED, step);
    } else {
      rebalance.add(group, request.member(newId(prefix)), step);
    }
  }

  private String newId(String prefix) {
    return prefix + "-" + memberIds.get();
  }

  private void joinKnown(ClassicGroup group, Request request, ClassicStep step) {
    String memberId = request.memberId();
    if (group.pending().containsKey(memberId) && request.groupInstanceId() == null) {
      rebalance.add(group, request.member(memberId), step);
      return;
    }
    Errors error = group.checkMember(memberId, request.groupInstanceId());
    if (error != Errors.NONE) {
      request.answer(
          ClassicAnswers.noSuchMember(memberId, error, request.caller().apiVersion()), step);
      return;
    }
    ClassicMember member = group.members.find(memberId);
    boolean same = member.protocols.equals(request.terms().protocols());
    boolean leads = group.isLeader(memberId);
    // A leader that joins a stable group wants a rebalance: it knows of a change that shows in no
    // metadata. In an unfinished one its answer may have been lost.
    boolean told =
        switch (group.state()) {
          case COMPLETING_REBALANCE -> same;
          case STABLE -> same && !leads;
          default -> false;
        };
    if (told) {
      request.answer(
          ClassicAnswers.generation(group, memberId)
              .setMembers(leads ? ClassicAnswers.members(group) : List.of()),
          step);
    } else {
      rebalance.rejoin(group, member, request.terms(), Waiting.of(request.caller()), step);
    }
  }

  /** A static member that has lost its member id (KIP-345). */
  private void replaceStatic(
      ClassicGroup group, ClassicMember old, String newId, Request request, ClassicStep step) {
    if (group.state() == ClassicState.STABLE
        && Objects.equals(group.protocolName(), group.members.voteWith(old, request.terms()))) {
      replaceQuietly(group, old, newId, request, step);
      return;
    }
    ClassicMember renamed = rebalance.replace(group, old, newId, step);
    rebalance.agree(group, renamed, request.terms());
    rebalance.awaitJoin(group, renamed, Waiting.of(request.caller()), step);
    // The leader may be assigning to the old id right now: a generation that is being completed
    // begins again.
    rebalance.prepareOrComplete(group, step);
  }

  /** Nothing changes for the others, so nobody is called back; the new id is kept in the log. */
  private void replaceQuietly(
      ClassicGroup group, ClassicMember old, String newId, Request request, ClassicStep step) {
    String oldLeader = group.leaderId();
    step.append(ClassicRecords.replaced(group, old, newId, request.terms()));
    ClassicGroup.Owed owed =
        new ClassicGroup.Owed(
            request.caller().token(),
            error -> ClassicAnswers.joinError(ClassicAnswers.UNKNOWN_MEMBER, error));
    group.owe(owed);
    step.afterwards(
        then -> {
          group.paid(owed);
          then.cancel(new ClassicTimer.Session(group.groupId(), old.memberId()));
          settle(group, newId, oldLeader, request, then);
        },
        (error, then) -> {
          group.paid(owed);
          request.answer(
              ClassicAnswers.generation(group, ClassicAnswers.UNKNOWN_MEMBER)
                  .setErrorCode(error.code()),
              then);
        });
  }

  /** The new id was applied: the rest of what the member brought takes effect. */
  private void settle(
      ClassicGroup group, String newId, String oldLeader, Request request, ClassicStep step) {
    ClassicMember member = group.members.find(newId);
    if (member == null) {
      request.refuse(ClassicAnswers.UNKNOWN_MEMBER, Errors.UNKNOWN_MEMBER_ID, step);
      return;
    }
    rebalance.touch(group, member, step);
    group.agree(member, request.terms());
    JoinGroupResponseData answer = ClassicAnswers.generation(group, newId);
    if (request.caller().apiVersion() < MAY_SKIP_ASSIGNMENT) {
      // It would assign if it were told that it leads.
      answer.setLeader(oldLeader);
    } else if (group.isLeader(newId)) {
      answer.setMembers(ClassicAnswers.members(group)).setSkipAssignment(true);
    }
    request.answer(answer, step);
  }
}
