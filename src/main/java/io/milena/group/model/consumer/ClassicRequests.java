package io.milena.group.model.consumer;

import io.milena.coordinator.model.Answer;
import io.milena.coordinator.model.Decision;
import io.milena.group.model.Caller;
import io.milena.group.model.GroupSettings.Migration;
import io.milena.group.model.consumer.check.Refused;
import io.milena.group.model.consumer.state.ConsumerGroup;
import io.milena.group.model.consumer.state.Member;
import io.milena.group.model.consumer.state.MemberState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupResponseData.MemberResponse;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataValue.ClassicProtocol;

/**
 * SyncGroup, Heartbeat and LeaveGroup of classic members in a consumer group (JoinGroup: {@link
 * ClassicJoins}). They have no leader: the coordinator assigns, and to them each step of it looks
 * like a rebalance. Their generation is their member epoch.
 */
final class ClassicRequests {
  private static final short LEAVE_OF_MANY = 3;

  private final Core core;
  private final Leaving leaving;

  ClassicRequests(Core core, Leaving leaving) {
    this.core = core;
    this.leaving = leaving;
  }

  static Refused forbidden(Migration policy, String groupId) {
    return new Refused(
        Errors.INCONSISTENT_GROUP_PROTOCOL,
        "group.consumer.migration.policy " + policy + " keeps group " + groupId + " as it is.");
  }

  /** The member asks for what it is to have. */
  Decision sync(Caller caller, SyncGroupRequestData request, long nowMs) {
    ConsumerGroup group = core.get(request.groupId());
    Member member = classicMember(group, request.memberId(), request.groupInstanceId());
    generation(member, request.generationId());
    protocol(member, request.protocolType(), request.protocolName());
    boolean rejoins =
        group.targetEpoch() > member.current().epoch()
            && member.current().state() != MemberState.UNREVOKED_PARTITIONS;
    Step step = new Step(core.waiting(), nowMs);
    step.then(
        (at, answers, timers) -> {
          if (rejoins) {
            MemberTimers.toRejoin(group, member, at, timers);
            answers.add(
                new Answer(
                    caller.token(),
                    new SyncGroupResponseData().setErrorCode(Errors.REBALANCE_IN_PROGRESS.code())));
            return;
          }
          MemberTimers.synced(group, member.id(), timers);
          MemberTimers.heard(group, member.id(), at + sessionTimeoutMs(member), timers);
          answers.add(new Answer(caller.token(), assignment(member, request)));
        });
    return step.decide();
  }

  private SyncGroupResponseData assignment(Member member, SyncGroupRequestData request) {
    Map<Uuid, Set<Integer>> partitions = new HashMap<>();
    member.current().assigned().forEach((topic, epochs) -> partitions.put(topic, epochs.keySet()));
    return new SyncGroupResponseData()
        .setProtocolType(request.protocolType())
        .setProtocolName(request.protocolName())
        .setAssignment(
            EmbeddedProtocol.assignmentBytes(partitions, core.image(), chosen(member).metadata()));
  }

  /** The member stays; it is called back when there is something to do for it. */
  Decision heartbeat(Caller caller, HeartbeatRequestData request, long nowMs) {
    ConsumerGroup group = core.get(request.groupId());
    Member member = classicMember(group, request.memberId(), request.groupInstanceId());
    generation(member, request.generationId());
    Step step = new Step(core.waiting(), nowMs);
    step.then(
        (at, answers, timers) -> {
          MemberTimers.heard(group, member.id(), at + sessionTimeoutMs(member), timers);
          boolean rejoins = hasToRejoin(group, member);
          if (rejoins) {
            MemberTimers.toRejoin(group, member, at, timers);
          }
          Errors error = rejoins ? Errors.REBALANCE_IN_PROGRESS : Errors.NONE;
          answers.add(
              new Answer(caller.token(), new HeartbeatResponseData().setErrorCode(error.code())));
        });
    return step.decide();
  }

  private static boolean hasToRejoin(ConsumerGroup group, Member member) {
    if (member.current().epoch() < group.targetEpoch()) {
      return true;
    }
    return switch (member.current().state()) {
      case UNREVOKED_PARTITIONS -> true;
      case UNRELEASED_PARTITIONS -> !waitsForOthers(group, member);
      default -> false;
    };
  }

  private static boolean waitsForOthers(ConsumerGroup group, Member member) {
    for (Map.Entry<Uuid, Set<Integer>> topic : group.target(member.id()).entrySet()) {
      Map<Integer, Integer> has =
          member.current().assigned().getOrDefault(topic.getKey(), Map.of());
      for (int partition : topic.getValue()) {
        if (!has.containsKey(partition) && group.holder(topic.getKey(), partition) != null) {
          return true;
        }
      }
    }
    return false;
  }

  /** Members leave, of either protocol; each is told how it went. */
  Decision leave(Caller caller, LeaveGroupRequestData request, long nowMs) {
    ConsumerGroup group = core.find(request.groupId());
    Membership membership = group == null ? null : new Membership(core, group);
    Map<String, Member> gone = new LinkedHashMap<>();
    List<MemberResponse> outcomes = new ArrayList<>();
    for (MemberIdentity identity : identities(request, caller.apiVersion())) {
      Errors error = Errors.NONE;
      try {
        Member member = leaving(membership, identity);
        gone.put(member.id(), member);
      } catch (Refused e) {
        error = e.error();
      }
      outcomes.add(
          new MemberResponse()
              .setMemberId(identity.memberId())
              .setGroupInstanceId(identity.groupInstanceId())
              .setErrorCode(error.code()));
    }
    Step step =
        new Step(core.waiting(), nowMs)
            .refusing(caller.token(), e -> new LeaveGroupResponseData().setErrorCode(e.code()));
    if (group != null) {
      leaving.remove(group, gone.values(), step);
    }
    LeaveGroupResponseData answer = new LeaveGroupResponseData();
    if (caller.apiVersion() >= LEAVE_OF_MANY) {
      answer.setMembers(outcomes);
    } else {
      answer.setErrorCode(outcomes.get(0).errorCode());
    }
    step.then((at, answers, timers) -> answers.add(new Answer(caller.token(), answer)));
    return step.decide();
  }

  private static Member leaving(Membership membership, MemberIdentity identity) {
    if (membership == null) {
      throw new Refused(Errors.UNKNOWN_MEMBER_ID, "There is no such group.");
    }
    if (identity.groupInstanceId() == null) {
      return membership.existing(identity.memberId(), null);
    }
    Member member = membership.staticMember(identity.groupInstanceId());
    if (!identity.memberId().isEmpty()) {
      membership.notFenced(member, identity.memberId(), identity.groupInstanceId());
    }
    return member;
  }

  private static List<MemberIdentity> identities(LeaveGroupRequestData request, short version) {
    return version >= LEAVE_OF_MANY || !request.members().isEmpty()
        ? request.members()
        : List.of(new MemberIdentity().setMemberId(request.memberId()));
  }

  private Member classicMember(ConsumerGroup group, String memberId, String instanceId) {
    Member member = new Membership(core, group).existing(memberId, instanceId);
    if (!member.isClassic()) {
      throw new Refused(
          Errors.UNKNOWN_MEMBER_ID, "Member " + memberId + " does not speak the classic protocol.");
    }
    return member;
  }

  private static void generation(Member member, int generation) {
    if (member.current().epoch() != generation) {
      throw new Refused(
          Errors.ILLEGAL_GENERATION, "The member's generation is " + member.current().epoch());
    }
  }

  private static void protocol(Member member, String type, String name) {
    boolean other =
        (type != null && !type.equals(ConsumerGroup.PROTOCOL_TYPE))
            || (name != null && !name.equals(chosen(member).name()));
    if (other) {
      throw new Refused(
          Errors.INCONSISTENT_GROUP_PROTOCOL, "The member joined with another protocol.");
    }
  }

  private static ClassicProtocol chosen(Member member) {
    return member.registration().classic().supportedProtocols().get(0);
  }

  private static int sessionTimeoutMs(Member member) {
    return member.registration().classic().sessionTimeoutMs();
  }
}
