package io.milena.group.model.consumer;

import io.milena.coordinator.model.Answer;
import io.milena.coordinator.model.Decision;
import io.milena.group.model.Caller;
import io.milena.group.model.consumer.MemberChange.Start;
import io.milena.group.model.consumer.check.HeartbeatCheck;
import io.milena.group.model.consumer.check.Refused;
import io.milena.group.model.consumer.state.ConsumerGroup;
import io.milena.group.model.consumer.state.CurrentAssignment;
import io.milena.group.model.consumer.state.Member;
import io.milena.group.model.consumer.state.Registration;
import io.milena.group.model.consumer.timing.GroupTiming;
import io.milena.group.model.consumer.topics.RegexChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.Errors;

/** Answers ConsumerGroupHeartbeat: joining, subscribing, acknowledging, staying (KIP-848). */
final class Heartbeats {
  private final Core core;
  private final Conversion conversion;

  Heartbeats(Core core, Conversion conversion) {
    this.core = core;
    this.conversion = conversion;
  }

  static ConsumerGroupHeartbeatResponseData refusal(Errors error, String message) {
    return new ConsumerGroupHeartbeatResponseData()
        .setErrorCode(error.code())
        .setErrorMessage(message);
  }

  /**
   * True for a heartbeat that says nothing new, of a member that has what it is to have. Its answer
   * depends on nothing that a pending step of the group could spoil, so it need not wait for one.
   */
  boolean isPlain(ConsumerGroupHeartbeatRequestData request, String clientId, String clientHost) {
    if (request.memberEpoch() <= 0
        || request.rebalanceTimeoutMs() != -1
        || request.subscribedTopicNames() != null
        || request.subscribedTopicRegex() != null
        || request.topicPartitions() != null
        || request.serverAssignor() != null
        || request.rackId() != null) {
      return false;
    }
    ConsumerGroup group = core.find(request.groupId());
    Member member = group == null ? null : group.member(request.memberId());
    if (member == null || member.isClassic() || !isAtRest(group, member)) {
      return false;
    }
    Registration said = member.registration();
    return request.memberEpoch() == member.current().epoch()
        && (request.instanceId() == null || request.instanceId().equals(said.instanceId()))
        && clientId.equals(said.clientId())
        && clientHost.equals(said.clientHost());
  }

  private boolean isAtRest(ConsumerGroup group, Member member) {
    return member.current().reconciledTo(group.targetEpoch())
        && !group.awaitsTarget()
        && group.memory().knows(core.image())
        && group.subscriptions().regexes().isEmpty();
  }

  /** The answer to a plain heartbeat; null when it is none, or a timer has to be set for it. */
  ConsumerGroupHeartbeatResponseData plain(
      Caller caller, ConsumerGroupHeartbeatRequestData request, long nowMs) {
    if (!isPlain(request, caller.clientId(), caller.clientHost())) {
      return null;
    }
    GroupTiming timing = core.timing(request.groupId());
    ConsumerGroup group = core.find(request.groupId());
    long deadlineMs = nowMs + timing.sessionTimeoutMs();
    if (!MemberTimers.heardQuietly(group, request.memberId(), deadlineMs)) {
      return null;
    }
    return new ConsumerGroupHeartbeatResponseData()
        .setMemberId(request.memberId())
        .setMemberEpoch(request.memberEpoch())
        .setHeartbeatIntervalMs(timing.heartbeatIntervalMs());
  }

  /** Decides; the request was checked and is no leaving. A new group has to be admitted first. */
  Decision heartbeat(Caller caller, ConsumerGroupHeartbeatRequestData request, long nowMs) {
    String groupId = request.groupId();
    boolean founds =
        request.memberEpoch() == CurrentAssignment.JOIN_EPOCH && core.table().find(groupId) == null;
    if (!founds) {
      return decide(caller, request, nowMs);
    }
    Errors admission = core.table().admit(groupId, caller.clientHost());
    if (admission != Errors.NONE) {
      throw new Refused(admission, "There are too many groups.");
    }
    try {
      return decide(caller, request, nowMs);
    } catch (Refused e) {
      core.table().dismiss(groupId);
      throw e;
    }
  }

  private Decision decide(Caller caller, ConsumerGroupHeartbeatRequestData request, long nowMs) {
    boolean joins = request.memberEpoch() == CurrentAssignment.JOIN_EPOCH;
    Step step =
        new Step(core.waiting(), nowMs)
            .refusing(caller.token(), e -> refusal(e, null))
            .onFailure(() -> core.table().dismiss(request.groupId()));
    ConsumerGroup group =
        joins ? conversion.groupToJoin(request.groupId(), step) : core.get(request.groupId());
    Membership membership = new Membership(core, group);
    membership.checkRoom(request.memberId(), request.instanceId());
    Start start = start(membership, request, step);
    Registration says = registration(start.before().registration(), request, caller);
    MemberChange change = new MemberChange(core, group, step, start.saying(says));

    boolean topicsChanged = change.writeRegistration();
    RegexChange regex = change.updateRegex();
    boolean assignorChanges = change.assignorChanges();
    change.updateEpoch(topicsChanged || regex.takesEffect() || assignorChanges);
    MemberChange.Target target = change.updateTarget();
    change.reconcile(target, request.topicPartitions(), topicsChanged || regex.changed());

    Member member = change.member();
    boolean tellAssignment =
        joins
            || tellsAll(request)
            || !member.current().assigned().equals(start.before().current().assigned());
    step.then(
        (at, answers, timers) -> {
          ConsumerGroup applied = core.find(request.groupId());
          GroupTiming timing = core.timing(request.groupId());
          MemberTimers.heard(applied, member.id(), at + timing.sessionTimeoutMs(), timers);
          int intervalMs = core.pace().intervalMs(applied, member, timing, at);
          answers.add(new Answer(caller.token(), answer(member, intervalMs, tellAssignment)));
        });
    return step.decide();
  }

  private Start start(Membership membership, ConsumerGroupHeartbeatRequestData request, Step step) {
    if (request.memberEpoch() != CurrentAssignment.JOIN_EPOCH) {
      Member member = membership.existing(request.memberId(), request.instanceId());
      HeartbeatCheck.epoch(member, request.memberEpoch(), request.topicPartitions());
      return Membership.goOn(member);
    }
    String memberId =
        request.memberId().isEmpty() ? core.setup().newMemberId().get() : request.memberId();
    return request.instanceId() == null
        ? membership.join(memberId)
        : membership.joinStatic(memberId, request.instanceId(), false, step);
  }

  /** What is not said stays. */
  private static Registration registration(
      Registration was, ConsumerGroupHeartbeatRequestData request, Caller caller) {
    return new Registration(
        orElse(request.instanceId(), was.instanceId()),
        orElse(request.rackId(), was.rackId()),
        request.rebalanceTimeoutMs() == -1
            ? was.rebalanceTimeoutMs()
            : request.rebalanceTimeoutMs(),
        caller.clientId(),
        caller.clientHost(),
        request.subscribedTopicNames() == null
            ? was.topics()
            : Set.copyOf(request.subscribedTopicNames()),
        orElse(request.subscribedTopicRegex(), was.regex()),
        orElse(request.serverAssignor(), was.assignor()),
        null);
  }

  private static String orElse(String said, String was) {
    return said == null ? was : said;
  }

  /** A member that says everything wants to hear everything. */
  private static boolean tellsAll(ConsumerGroupHeartbeatRequestData request) {
    return request.rebalanceTimeoutMs() != -1
        && request.topicPartitions() != null
        && (request.subscribedTopicNames() != null || request.subscribedTopicRegex() != null);
  }

  private static ConsumerGroupHeartbeatResponseData answer(
      Member member, int intervalMs, boolean tellAssignment) {
    ConsumerGroupHeartbeatResponseData answer =
        new ConsumerGroupHeartbeatResponseData()
            .setMemberId(member.id())
            .setMemberEpoch(member.current().epoch())
            .setHeartbeatIntervalMs(intervalMs);
    return tellAssignment ? answer.setAssignment(assignment(member.current().assigned())) : answer;
  }

  private static ConsumerGroupHeartbeatResponseData.Assignment assignment(
      Map<Uuid, Map<Integer, Integer>> assigned) {
    List<ConsumerGroupHeartbeatResponseData.TopicPartitions> topics =
        new ArrayList<>(assigned.size());
    assigned.forEach(
        (topic, partitions) ->
            topics.add(
                new ConsumerGroupHeartbeatResponseData.TopicPartitions()
                    .setTopicId(topic)
                    .setPartitions(new ArrayList<>(partitions.keySet()))));
    return new ConsumerGroupHeartbeatResponseData.Assignment().setTopicPartitions(topics);
  }
}
