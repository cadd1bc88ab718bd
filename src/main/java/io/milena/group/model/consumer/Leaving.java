package io.milena.group.model.consumer;

import io.milena.coordinator.model.Answer;
import io.milena.coordinator.model.Decision;
import io.milena.coordinator.model.Timer;
import io.milena.group.model.Caller;
import io.milena.group.model.consumer.state.ConsumerGroup;
import io.milena.group.model.consumer.state.CurrentAssignment;
import io.milena.group.model.consumer.state.GroupMemory.Deadlines;
import io.milena.group.model.consumer.state.GroupRecords;
import io.milena.group.model.consumer.state.Member;
import io.milena.group.model.consumer.state.Subscriptions;
import io.milena.group.model.consumer.timing.GroupTimer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;

/** Members leave, or are put out when one of their timers rings. */
final class Leaving {
  private static final long RETRY_MS = 500;

  private final Core core;
  private final Conversion conversion;

  Leaving(Core core, Conversion conversion) {
    this.core = core;
    this.conversion = conversion;
  }

  /** A heartbeat with epoch -1 or -2. */
  Decision leave(Caller caller, ConsumerGroupHeartbeatRequestData request, long nowMs) {
    ConsumerGroup group = core.get(request.groupId());
    Member member = new Membership(core, group).existing(request.memberId(), request.instanceId());
    Step step =
        new Step(core.waiting(), nowMs).refusing(caller.token(), e -> Heartbeats.refusal(e, null));
    boolean forAWhile =
        request.instanceId() != null
            && request.memberEpoch() == CurrentAssignment.STATIC_LEAVE_EPOCH;
    if (forAWhile) {
      Member away = member.with(member.current().away());
      step.records().add(GroupRecords.current(group.groupId(), away));
      step.then((at, answers, timers) -> notRevokingAnyMore(group, away, at, timers));
    } else {
      remove(group, List.of(member), step);
    }
    ConsumerGroupHeartbeatResponseData answer =
        new ConsumerGroupHeartbeatResponseData()
            .setMemberId(member.id())
            .setMemberEpoch(request.memberEpoch());
    step.then((at, answers, timers) -> answers.add(new Answer(caller.token(), answer)));
    return step.decide();
  }

  /** A member that is away gives nothing back: its session alone decides. */
  private static void notRevokingAnyMore(
      ConsumerGroup group, Member away, long nowMs, List<Timer> timers) {
    Deadlines deadlines = group.memory().deadlines(away.id());
    if (deadlines.revokingEpoch >= 0) {
      deadlines.revokingEpoch = -1;
      timers.add(
          Timer.cancel(new GroupTimer(GroupTimer.Kind.REBALANCE, group.groupId(), away.id())));
    }
  }

  /** Takes members out, all in one step; turns the group into a classic one when that is due. */
  void remove(ConsumerGroup group, Collection<Member> members, Step step) {
    if (members.isEmpty()) {
      return;
    }
    String groupId = group.groupId();
    step.then(
        (at, answers, timers) ->
            members.forEach(m -> MemberTimers.cancelAll(groupId, m.id(), timers)));
    if (conversion.downgradesWithout(group, members)) {
      conversion.downgrade(group, members, step);
      return;
    }
    members.forEach(m -> step.records().addAll(GroupRecords.noMember(groupId, m.id())));
    Subscriptions after = group.subscriptions().after(members, List.of());
    Set<String> unsubscribed = new HashSet<>(group.subscriptions().regexes());
    unsubscribed.removeAll(after.regexes());
    unsubscribed.forEach(regex -> step.records().add(GroupRecords.noRegex(groupId, regex)));
    long hash = core.hashes().of(after.topicNames(), core.image());
    int epoch = group.epoch() + 1;
    step.records().add(GroupRecords.epoch(groupId, epoch, hash));
    if (members.size() == group.members().size()) {
      step.records().add(GroupRecords.targetEpoch(groupId, epoch, 0));
    }
  }

  /** A timer of a member rang. */
  Decision timer(GroupTimer key, long nowMs) {
    ConsumerGroup group = core.find(key.groupId());
    Member member = group == null ? null : group.member(key.memberId());
    if (member == null) {
      return Decision.NOTHING;
    }
    Deadlines deadlines = group.memory().deadlines(member.id());
    if (!isDue(key, member, deadlines, nowMs)) {
      List<Timer> timers = new ArrayList<>(1);
      if (key.kind() == GroupTimer.Kind.SESSION) {
        deadlines.sessionTimerMs = 0;
        MemberTimers.heard(group, member.id(), deadlines.sessionMs, timers);
      }
      return Decision.now(List.of(), timers);
    }
    Step step = new Step(core.waiting(), nowMs).retrying(key, RETRY_MS);
    remove(group, List.of(member), step);
    return step.decide();
  }

  private static boolean isDue(GroupTimer key, Member member, Deadlines deadlines, long nowMs) {
    switch (key.kind()) {
      case SESSION:
        return nowMs >= deadlines.sessionMs;
      case REBALANCE:
        return deadlines.revokingEpoch == member.current().epoch();
      case JOIN:
        return deadlines.awaitsJoin;
      default:
        return deadlines.awaitsSync;
    }
  }
}
