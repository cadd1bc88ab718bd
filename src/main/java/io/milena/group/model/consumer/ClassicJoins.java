package io.milena.group.model.consumer;

import io.milena.coordinator.model.Answer;
import io.milena.coordinator.model.Decision;
import io.milena.group.model.Caller;
import io.milena.group.model.GroupSettings;
import io.milena.group.model.GroupSettings.Migration;
import io.milena.group.model.consumer.MemberChange.Start;
import io.milena.group.model.consumer.check.Refused;
import io.milena.group.model.consumer.state.ConsumerGroup;
import io.milena.group.model.consumer.state.Member;
import io.milena.group.model.consumer.state.Registration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData.TopicPartitions;
import org.apache.kafka.common.message.ConsumerProtocolSubscription;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataValue.ClassicMemberMetadata;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataValue.ClassicProtocol;

/**
 * JoinGroup to a consumer group. The answer comes at once, without a leader: nobody has to wait for
 * the others, for the coordinator assigns. What the member says it owns is its acknowledgement of
 * what it gave back.
 */
final class ClassicJoins {
  private static final short MEMBER_ID_REQUIRED = 4;
  private static final short PROTOCOL_MAY_BE_NULL = 7;

  private final Core core;
  private final Conversion conversion;

  ClassicJoins(Core core, Conversion conversion) {
    this.core = core;
    this.conversion = conversion;
  }

  static JoinGroupResponseData refusal(String memberId, short apiVersion, Errors error) {
    return new JoinGroupResponseData()
        .setErrorCode(error.code())
        .setMemberId(memberId)
        .setGenerationId(-1)
        .setProtocolName(apiVersion >= PROTOCOL_MAY_BE_NULL ? null : "");
  }

  Decision join(Caller caller, JoinGroupRequestData request, long nowMs) {
    ConsumerGroup group = core.get(request.groupId());
    Migration policy = core.setup().settings().consumer().migration();
    if (policy == Migration.DISABLED) {
      throw ClassicRequests.forbidden(policy, request.groupId());
    }
    checkSessionTimeout(request);
    boolean unknown = request.memberId().isEmpty();
    String memberId = unknown ? core.setup().newMemberId().get() : request.memberId();
    Membership membership = new Membership(core, group);
    membership.checkRoom(memberId, request.groupInstanceId());
    List<ClassicProtocol> protocols = protocols(group, request);
    if (unknown && request.groupInstanceId() == null && caller.apiVersion() >= MEMBER_ID_REQUIRED) {
      return Decision.answer(
          caller.token(), refusal(memberId, caller.apiVersion(), Errors.MEMBER_ID_REQUIRED));
    }
    Step step =
        new Step(core.waiting(), nowMs)
            .refusing(caller.token(), e -> refusal(request.memberId(), caller.apiVersion(), e));
    Member holder = group.staticMember(request.groupInstanceId());
    boolean downgrades = conversion.downgradesWhenReplaced(group, holder);
    Start start = start(membership, memberId, request, step);
    ConsumerProtocolSubscription subscription =
        EmbeddedProtocol.subscription(protocols.get(0).metadata());
    Registration says = registration(start.before(), caller, request, protocols);
    MemberChange change = new MemberChange(core, group, step, start.saying(says));
    boolean topicsChanged = change.writeRegistration();
    boolean changed = change.updateRegex().changed() | topicsChanged;
    change.updateEpoch(changed);
    List<TopicPartitions> owned = EmbeddedProtocol.owned(subscription, core.image());
    if (!downgrades) {
      change.reconcile(change.updateTarget(), owned, changed);
    } else {
      if (group.targetEpoch() >= change.epoch()) {
        change.reconcile(change.lastTarget(), owned, changed);
      }
      conversion.downgradeReplacing(group, holder, change, step);
    }
    answer(caller, request, change.member(), step);
    return step.decide();
  }

  private void checkSessionTimeout(JoinGroupRequestData request) {
    GroupSettings.Classic bounds = core.setup().settings().classic();
    if (request.sessionTimeoutMs() < bounds.minSessionTimeoutMs()
        || request.sessionTimeoutMs() > bounds.maxSessionTimeoutMs()) {
      throw new Refused(Errors.INVALID_SESSION_TIMEOUT, "The session timeout is out of bounds.");
    }
  }

  private static List<ClassicProtocol> protocols(
      ConsumerGroup group, JoinGroupRequestData request) {
    List<ClassicProtocol> protocols = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (JoinGroupRequestProtocol protocol : request.protocols()) {
      protocols.add(
          new ClassicProtocol().setName(protocol.name()).setMetadata(protocol.metadata()));
      names.add(protocol.name());
    }
    boolean fits =
        ConsumerGroup.PROTOCOL_TYPE.equals(request.protocolType())
            && !protocols.isEmpty()
            && (group.isEmpty() || group.classic().supports(names));
    if (!fits) {
      throw new Refused(
          Errors.INCONSISTENT_GROUP_PROTOCOL, "The group does not speak the member's protocols.");
    }
    return protocols;
  }

  private static Start start(
      Membership membership, String memberId, JoinGroupRequestData request, Step step) {
    if (request.groupInstanceId() == null) {
      return membership.join(memberId);
    }
    if (request.memberId().isEmpty()) {
      return membership.joinStatic(memberId, request.groupInstanceId(), true, step);
    }
    Member member = membership.existing(memberId, request.groupInstanceId());
    return Membership.goOn(member);
  }

  private static Registration registration(
      Member before, Caller caller, JoinGroupRequestData request, List<ClassicProtocol> protocols) {
    Registration was = before.registration();
    ConsumerProtocolSubscription subscription =
        EmbeddedProtocol.subscription(protocols.get(0).metadata());
    String rack = subscription.rackId();
    return new Registration(
        request.groupInstanceId() == null ? was.instanceId() : request.groupInstanceId(),
        rack == null || rack.isEmpty() ? was.rackId() : rack,
        request.rebalanceTimeoutMs() == -1
            ? was.rebalanceTimeoutMs()
            : request.rebalanceTimeoutMs(),
        caller.clientId(),
        caller.clientHost(),
        Set.copyOf(subscription.topics()),
        "",
        was.assignor(),
        new ClassicMemberMetadata()
            .setSessionTimeoutMs(request.sessionTimeoutMs())
            .setSupportedProtocols(protocols));
  }

  private void answer(Caller caller, JoinGroupRequestData request, Member member, Step step) {
    JoinGroupResponseData answer =
        new JoinGroupResponseData()
            .setMemberId(member.id())
            .setGenerationId(member.current().epoch())
            .setProtocolType(ConsumerGroup.PROTOCOL_TYPE)
            .setProtocolName(member.registration().classic().supportedProtocols().get(0).name());
    step.then(
        (at, answers, timers) -> {
          ConsumerGroup applied = core.find(request.groupId());
          if (applied != null) {
            MemberTimers.heard(applied, member.id(), at + request.sessionTimeoutMs(), timers);
            MemberTimers.rejoined(applied, member.id(), at + request.rebalanceTimeoutMs(), timers);
          }
          answers.add(new Answer(caller.token(), answer));
        });
  }
}
