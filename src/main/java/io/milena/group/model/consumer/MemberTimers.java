package io.milena.group.model.consumer;

import io.milena.coordinator.model.Timer;
import io.milena.group.model.consumer.state.ConsumerGroup;
import io.milena.group.model.consumer.state.GroupMemory.Deadlines;
import io.milena.group.model.consumer.state.Member;
import io.milena.group.model.consumer.timing.GroupTimer;
import io.milena.group.model.consumer.timing.GroupTimer.Kind;
import java.util.List;

/**
 * Sets the timers of members. A session's timer is not moved at each heartbeat: the deadline is
 * noted, and the timer, when it rings too early, is set anew. So a heartbeat costs no timer.
 */
final class MemberTimers {
  private MemberTimers() {}

  /** The member was heard of. */
  static void heard(ConsumerGroup group, String memberId, long deadlineMs, List<Timer> timers) {
    Deadlines deadlines = group.memory().deadlines(memberId);
    deadlines.sessionMs = deadlineMs;
    if (!timerRingsInTime(deadlines)) {
      deadlines.sessionTimerMs = deadlineMs;
      timers.add(new Timer(key(Kind.SESSION, group, memberId), deadlineMs));
    }
  }

  /** As {@link #heard}, when no timer has to be set for it; else nothing is noted. */
  static boolean heardQuietly(ConsumerGroup group, String memberId, long deadlineMs) {
    Deadlines deadlines = group.memory().deadlinesOrNull(memberId);
    if (deadlines == null || deadlines.sessionTimerMs == 0) {
      return false;
    }
    if (deadlines.sessionTimerMs > deadlineMs) {
      return false;
    }
    deadlines.sessionMs = deadlineMs;
    return true;
  }

  private static boolean timerRingsInTime(Deadlines deadlines) {
    return deadlines.sessionTimerMs > 0 && deadlines.sessionTimerMs <= deadlines.sessionMs;
  }

  /** The member got a new assignment: it has its rebalance timeout to give partitions back. */
  static void reassigned(ConsumerGroup group, Member member, long nowMs, List<Timer> timers) {
    Deadlines deadlines = group.memory().deadlines(member.id());
    switch (member.current().state()) {
      case UNREVOKED_PARTITIONS:
        deadlines.revokingEpoch = member.current().epoch();
        timers.add(
            new Timer(
                key(Kind.REBALANCE, group, member.id()),
                nowMs + member.registration().rebalanceTimeoutMs()));
        break;
      default:
        if (deadlines.revokingEpoch >= 0) {
          deadlines.revokingEpoch = -1;
          timers.add(Timer.cancel(key(Kind.REBALANCE, group, member.id())));
        }
    }
  }

  /** A classic member was told to rejoin; it is told so until it does, but timed once. */
  static void toRejoin(ConsumerGroup group, Member member, long nowMs, List<Timer> timers) {
    Deadlines deadlines = group.memory().deadlines(member.id());
    if (!deadlines.awaitsJoin) {
      deadlines.awaitsJoin = true;
      timers.add(
          new Timer(
              key(Kind.JOIN, group, member.id()),
              nowMs + member.registration().rebalanceTimeoutMs()));
    }
  }

  /** A classic member joined and has to ask for its assignment. */
  static void rejoined(
      ConsumerGroup group, String memberId, long syncDeadlineMs, List<Timer> timers) {
    Deadlines deadlines = group.memory().deadlines(memberId);
    if (deadlines.awaitsJoin) {
      deadlines.awaitsJoin = false;
      timers.add(Timer.cancel(key(Kind.JOIN, group, memberId)));
    }
    deadlines.awaitsSync = true;
    timers.add(new Timer(key(Kind.SYNC, group, memberId), syncDeadlineMs));
  }

  /** A classic member asked for its assignment. */
  static void synced(ConsumerGroup group, String memberId, List<Timer> timers) {
    Deadlines deadlines = group.memory().deadlines(memberId);
    if (deadlines.awaitsSync) {
      deadlines.awaitsSync = false;
      timers.add(Timer.cancel(key(Kind.SYNC, group, memberId)));
    }
  }

  /** All timers of a member that goes. */
  static void cancelAll(String groupId, String memberId, List<Timer> timers) {
    for (Kind kind : List.of(Kind.SESSION, Kind.REBALANCE, Kind.JOIN, Kind.SYNC)) {
      timers.add(Timer.cancel(new GroupTimer(kind, groupId, memberId)));
    }
  }

  private static GroupTimer key(Kind kind, ConsumerGroup group, String memberId) {
    return new GroupTimer(kind, group.groupId(), memberId);
  }
}
