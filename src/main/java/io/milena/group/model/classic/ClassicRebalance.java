package io.milena.group.model.classic;

import io.milena.group.model.GroupSettings;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.JoinGroupResponseData.JoinGroupResponseMember;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;

/**
 * How a classic group goes from one generation to the next: members are called back, gather, are
 * told the generation, fetch their assignments; and what becomes of those who do not.
 */
final class ClassicRebalance {
  /**
   * How long a member that was never told a generation may wait for it: it cannot send heartbeats,
   * and its client may be gone (Kafka's new member join timeout).
   */
  static final int NEW_MEMBER_JOIN_TIMEOUT_MS = 5 * 60 * 1000;

  private final GroupSettings.Classic settings;
  private final Newcomers newcomers;
  private long completed;

  ClassicRebalance(GroupSettings.Classic settings, Newcomers newcomers) {
    this.settings = settings;
    this.newcomers = newcomers;
  }

  /** Generations whose assignments were committed. */
  long completed() {
    return completed;
  }

  /** The session of a member begins anew. */
  void touch(ClassicGroup group, ClassicMember member, ClassicStep step) {
    touch(group, member, member.sessionTimeoutMs, step);
  }

  private void touch(ClassicGroup group, ClassicMember member, long timeoutMs, ClassicStep step) {
    member.sessionDeadlineMs = step.nowMs + timeoutMs;
    step.timer(
        new ClassicTimer.Session(group.groupId(), member.memberId()), member.sessionDeadlineMs);
  }

  /** A member is given an id to come back with. */
  void addPending(
      ClassicGroup group, String memberId, ClassicGroup.Pending pending, ClassicStep step) {
    group.addPending(memberId, pending);
    newcomers.enter(pending.clientHost(), List.of());
    step.timer(new ClassicTimer.Session(group.groupId(), memberId), pending.deadlineMs());
  }

  /** A member with an id but no place yet is forgotten; false when there is none. */
  boolean dropPending(ClassicGroup group, String memberId, ClassicStep step) {
    ClassicGroup.Pending dropped = group.dropPending(memberId);
    if (dropped != null) {
      newcomers.leave(dropped.clientHost(), List.of());
      step.cancel(new ClassicTimer.Session(group.groupId(), memberId));
    }
    return dropped != null;
  }

  /** A new member takes its place and waits for a generation. */
  void add(ClassicGroup group, ClassicMember member, ClassicStep step) {
    ClassicGroup.Pending wasPending = group.pending().get(member.memberId());
    if (wasPending != null) {
      newcomers.leave(wasPending.clientHost(), List.of());
    }
    if (group.isInitialRebalance()) {
      group.newMemberAdded = true;
    }
    member.isNew = true;
    newcomers.enter(member.clientHost(), member.protocols);
    group.add(member);
    touch(group, member, NEW_MEMBER_JOIN_TIMEOUT_MS, step);
    prepareOrComplete(group, step);
  }

  /** A member joins again, perhaps on other terms. */
  void rejoin(
      ClassicGroup group,
      ClassicMember member,
      ClassicMember.JoinTerms terms,
      Waiting waiting,
      ClassicStep step) {
    agree(group, member, terms);
    awaitJoin(group, member, waiting, step);
    prepareOrComplete(group, step);
  }

  /** Other terms, with the bound on new members kept right. */
  void agree(ClassicGroup group, ClassicMember member, ClassicMember.JoinTerms terms) {
    if (member.isNew) {
      newcomers.leave(member.clientHost(), member.protocols);
      newcomers.enter(member.clientHost(), terms.protocols());
    }
    group.agree(member, terms);
  }

  void awaitJoin(ClassicGroup group, ClassicMember member, Waiting waiting, ClassicStep step) {
    Waiting older = group.members.awaitJoin(member, waiting);
    if (older != null) {
      // The same member asked twice, mostly because it gave the first request up.
      step.answer(
          older.token(), ClassicAnswers.joinError(member.memberId(), Errors.REBALANCE_IN_PROGRESS));
    }
  }

  /** A member goes; what it waits for is answered. */
  void remove(ClassicGroup group, ClassicMember member, ClassicStep step) {
    Waiting joining = group.members.releaseJoin(member);
    if (joining != null) {
      step.answer(
          joining.token(),
          ClassicAnswers.joinError(ClassicAnswers.UNKNOWN_MEMBER, Errors.UNKNOWN_MEMBER_ID));
    }
    if (member.syncing != null) {
      step.answer(member.syncing.token(), ClassicAnswers.syncError(Errors.UNKNOWN_MEMBER_ID));
      member.syncing = null;
    }
    group.remove(member.memberId());
    confirm(member);
    step.cancel(new ClassicTimer.Session(group.groupId(), member.memberId()));
  }

  /** A static member comes back under a new id; requests under the old one are fenced. */
  ClassicMember replace(ClassicGroup group, ClassicMember old, String newId, ClassicStep step) {
    Waiting joining = group.members.releaseJoin(old);
    if (joining != null) {
      step.answer(
          joining.token(),
          ClassicAnswers.noSuchMember(
              old.memberId(), Errors.FENCED_INSTANCE_ID, joining.apiVersion()));
    }
    if (old.syncing != null) {
      step.answer(old.syncing.token(), ClassicAnswers.syncError(Errors.FENCED_INSTANCE_ID));
      old.syncing = null;
    }
    confirm(old);
    step.cancel(new ClassicTimer.Session(group.groupId(), old.memberId()));
    ClassicMember renamed = group.rename(old, newId);
    touch(group, renamed, step);
    return renamed;
  }

  /** No longer new. */
  private void confirm(ClassicMember member) {
    if (member.isNew) {
      member.isNew = false;
      newcomers.leave(member.clientHost(), member.protocols);
    }
  }

  /** Membership changed: call everybody back, or see whether all are there. */
  void prepareOrComplete(ClassicGroup group, ClassicStep step) {
    if (group.state() == ClassicState.PREPARING_REBALANCE) {
      completeIfAllJoined(group, step);
    } else {
      prepare(group, step);
    }
  }

  /** Members are called back: by their heartbeats, or by the answers to what they wait for. */
  void prepare(ClassicGroup group, ClassicStep step) {
    if (group.state() == ClassicState.COMPLETING_REBALANCE) {
      forgetAssignments(group, Errors.REBALANCE_IN_PROGRESS, step);
    }
    group.unsynced.clear();
    step.cancel(new ClassicTimer.Sync(group.groupId()));
    boolean initial = group.isEmpty();
    if (initial) {
      long delayMs = settings.initialRebalanceDelayMs();
      long remainingMs = Math.max(group.members.maxRebalanceTimeoutMs() - delayMs, 0);
      awaitMore(group, delayMs, remainingMs, step);
    }
    group.moveTo(ClassicState.PREPARING_REBALANCE, step.nowMs);
    if (initial) {
      return;
    }
    if (group.allJoined()) {
      complete(group, step);
    } else {
      awaitRejoins(group, step);
    }
  }

  /** In an initial rebalance more members may come, so only the timer ends it. */
  void completeIfAllJoined(ClassicGroup group, ClassicStep step) {
    if (group.state() == ClassicState.PREPARING_REBALANCE
        && !group.isInitialRebalance()
        && group.allJoined()) {
      complete(group, step);
    }
  }

  private void awaitMore(ClassicGroup group, long delayMs, long remainingMs, ClassicStep step) {
    group.joinDelayMs = delayMs;
    group.initialRemainingMs = remainingMs;
    setJoinDeadline(group, delayMs, step);
  }

  private void awaitRejoins(ClassicGroup group, ClassicStep step) {
    group.initialRemainingMs = -1;
    setJoinDeadline(group, group.members.maxRebalanceTimeoutMs(), step);
  }

  private void setJoinDeadline(ClassicGroup group, long delayMs, ClassicStep step) {
    group.joinDeadlineMs = step.nowMs + delayMs;
    step.timer(new ClassicTimer.Join(group.groupId()), group.joinDeadlineMs);
  }

  /** The time to join is over. */
  void joinDue(ClassicGroup group, ClassicStep step) {
    if (group.state() != ClassicState.PREPARING_REBALANCE
        || isEarly(new ClassicTimer.Join(group.groupId()), group.joinDeadlineMs, step)) {
      return;
    }
    if (group.initialRemainingMs > 0 && group.newMemberAdded) {
      group.newMemberAdded = false;
      long delayMs = Math.min(settings.initialRebalanceDelayMs(), group.initialRemainingMs);
      long remainingMs = Math.max(group.initialRemainingMs - group.joinDelayMs, 0);
      awaitMore(group, delayMs, remainingMs, step);
    } else {
      complete(group, step);
    }
  }

  /** The next generation: of those who joined, and of static members in any case. */
  private void complete(ClassicGroup group, ClassicStep step) {
    step.cancel(new ClassicTimer.Join(group.groupId()));
    removeAbsent(group, step);
    if (!group.electJoinedLeader() && !group.members.isEmpty()) {
      // Only static members that are away: their sessions end, or one of them comes.
      awaitRejoins(group, step);
      return;
    }
    group.nextGeneration(step.nowMs);
    if (group.isEmpty()) {
      step.append(ClassicRecords.emptied(group));
      // Failing is harmless: a restart finds members that are gone, and lets them expire.
      step.afterwards(ignored -> {}, (error, ignored) -> {});
    } else {
      tellGeneration(group, step);
    }
  }

  private void removeAbsent(ClassicGroup group, ClassicStep step) {
    if (group.members.joining() == group.members.size()) {
      return;
    }
    List<ClassicMember> absent = new ArrayList<>();
    for (ClassicMember member : group.members.all()) {
      if (member.joining == null && !member.isStatic()) {
        absent.add(member);
      }
    }
    absent.forEach(member -> remove(group, member, step));
  }

  private void tellGeneration(ClassicGroup group, ClassicStep step) {
    for (ClassicMember member : group.members.all()) {
      Waiting joining = group.members.releaseJoin(member);
      if (joining != null) {
        List<JoinGroupResponseMember> members =
            group.isLeader(member.memberId()) ? ClassicAnswers.members(group) : List.of();
        step.answer(
            joining.token(),
            ClassicAnswers.generation(group, member.memberId()).setMembers(members));
      }
      touch(group, member, step);
      confirm(member);
      group.unsynced.add(member.memberId());
    }
    group.syncDeadlineMs = step.nowMs + group.members.maxRebalanceTimeoutMs();
    step.timer(new ClassicTimer.Sync(group.groupId()), group.syncDeadlineMs);
  }

  /** A member has asked for its assignment. */
  void synced(ClassicGroup group, String memberId, ClassicStep step) {
    group.unsynced.remove(memberId);
    if (group.unsynced.isEmpty()) {
      step.cancel(new ClassicTimer.Sync(group.groupId()));
    }
  }

  /** Members that never asked for their assignment are gone. */
  void syncDue(ClassicGroup group, ClassicStep step) {
    boolean told =
        group.state() == ClassicState.COMPLETING_REBALANCE || group.state() == ClassicState.STABLE;
    if (!told
        || group.unsynced.isEmpty()
        || isEarly(new ClassicTimer.Sync(group.groupId()), group.syncDeadlineMs, step)) {
      return;
    }
    for (String memberId : List.copyOf(group.unsynced)) {
      ClassicMember member = group.members.find(memberId);
      if (member != null) {
        remove(group, member, step);
      }
    }
    prepare(group, step);
  }

  /** A member was silent too long. */
  void sessionDue(ClassicGroup group, String memberId, ClassicStep step) {
    ClassicTimer key = new ClassicTimer.Session(group.groupId(), memberId);
    ClassicGroup.Pending pending = group.pending().get(memberId);
    if (pending != null) {
      if (!isEarly(key, pending.deadlineMs(), step)) {
        dropPending(group, memberId, step);
        completeEarly(group, step);
      }
      return;
    }
    ClassicMember member = group.members.find(memberId);
    if (member == null || member.mayBeSilent() || isEarly(key, member.sessionDeadlineMs, step)) {
      return;
    }
    remove(group, member, step);
    if (group.state() == ClassicState.PREPARING_REBALANCE) {
      completeEarly(group, step);
    } else {
      prepareOrComplete(group, step);
    }
  }

  /** It fired before its time, or its time was moved while it waited: it is set again. */
  private static boolean isEarly(ClassicTimer key, long deadlineMs, ClassicStep step) {
    if (step.nowMs >= deadlineMs) {
      return false;
    }
    step.timer(key, deadlineMs);
    return true;
  }

  /** As in Kafka an expiry that leaves only members that joined ends an initial rebalance too. */
  private void completeEarly(ClassicGroup group, ClassicStep step) {
    if (group.state() == ClassicState.PREPARING_REBALANCE && group.allJoined()) {
      complete(group, step);
    }
  }

  /** The assignments were committed and applied: who waits is told. */
  void tellAssignments(ClassicGroup group, ClassicStep step) {
    completed++;
    for (ClassicMember member : group.members.all()) {
      step.guard(() -> answerSync(group, member, ClassicAnswers.assignment(group, member), step));
    }
  }

  /** Who waits for an assignment is told the error instead. */
  void forgetAssignments(ClassicGroup group, Errors error, ClassicStep step) {
    for (ClassicMember member : group.members.all()) {
      group.members.assign(member, ClassicMember.NO_ASSIGNMENT);
      answerSync(group, member, ClassicAnswers.syncError(error), step);
    }
  }

  /** Its session begins anew: while it waited, silence was allowed. */
  private void answerSync(
      ClassicGroup group, ClassicMember member, SyncGroupResponseData body, ClassicStep step) {
    if (member.syncing != null) {
      step.answer(member.syncing.token(), body);
      member.syncing = null;
      touch(group, member, step);
    }
  }

  /** The group is gone: its new members no longer count, its timers stop. */
  void forget(ClassicGroup group, ClassicStep step) {
    for (String memberId : List.copyOf(group.pending().keySet())) {
      dropPending(group, memberId, step);
    }
    for (ClassicMember member : group.members.all()) {
      confirm(member);
      step.cancel(new ClassicTimer.Session(group.groupId(), member.memberId()));
    }
    step.cancel(new ClassicTimer.Join(group.groupId()));
    step.cancel(new ClassicTimer.Sync(group.groupId()));
  }
}
