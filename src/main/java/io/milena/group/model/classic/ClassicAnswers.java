package io.milena.group.model.classic;

import io.milena.group.model.GroupRequest;
import java.util.List;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroupMember;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.JoinGroupResponseData.JoinGroupResponseMember;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupResponseData.MemberResponse;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/** The bodies of answers of the classic protocol. */
final class ClassicAnswers {
  /** As long as a member is not known by an id. */
  static final String UNKNOWN_MEMBER = "";

  /** From here on a JoinGroup answer may have no protocol name. */
  private static final short JOIN_MAY_LACK_PROTOCOL = 7;

  /** From here on LeaveGroup names several members. */
  static final short LEAVE_OF_MANY = 3;

  private ClassicAnswers() {}

  static JoinGroupResponseData joinError(String memberId, Errors error) {
    return new JoinGroupResponseData().setMemberId(memberId).setErrorCode(error.code());
  }

  /** To somebody who is not, or no longer, the member it says it is. */
  static JoinGroupResponseData noSuchMember(String memberId, Errors error, short apiVersion) {
    return joinError(memberId, error)
        .setProtocolName(apiVersion >= JOIN_MAY_LACK_PROTOCOL ? null : "");
  }

  /** The present generation, without the members. */
  static JoinGroupResponseData generation(ClassicGroup group, String memberId) {
    return new JoinGroupResponseData()
        .setMemberId(memberId)
        .setGenerationId(group.generation())
        .setProtocolName(group.protocolName())
        .setProtocolType(group.protocolTypeOrNull())
        .setLeader(group.leaderId())
        .setSkipAssignment(false);
  }

  /** What the leader is told of everybody. */
  static List<JoinGroupResponseMember> members(ClassicGroup group) {
    return group.members.all().stream()
        .map(
            member ->
                new JoinGroupResponseMember()
                    .setMemberId(member.memberId())
                    .setGroupInstanceId(member.groupInstanceId())
                    .setMetadata(member.metadata(group.protocolName())))
        .toList();
  }

  static SyncGroupResponseData syncError(Errors error) {
    return new SyncGroupResponseData().setErrorCode(error.code());
  }

  static SyncGroupResponseData assignment(ClassicGroup group, ClassicMember member) {
    return new SyncGroupResponseData()
        .setProtocolName(group.protocolName())
        .setProtocolType(group.protocolTypeOrNull())
        .setAssignment(member.assignment);
  }

  static HeartbeatResponseData heartbeat(Errors error) {
    return new HeartbeatResponseData().setErrorCode(error.code());
  }

  static LeaveGroupResponseData leaveError(Errors error) {
    return new LeaveGroupResponseData().setErrorCode(error.code());
  }

  /** Outcomes by member; before version 3 the one outcome stands for the answer. */
  static LeaveGroupResponseData left(List<MemberResponse> outcomes, short apiVersion) {
    LeaveGroupResponseData answer = new LeaveGroupResponseData();
    return apiVersion >= LEAVE_OF_MANY
        ? answer.setMembers(outcomes)
        : answer.setErrorCode(outcomes.get(0).errorCode());
  }

  static MemberResponse left(MemberIdentity member, Errors error) {
    return new MemberResponse()
        .setMemberId(member.memberId())
        .setGroupInstanceId(member.groupInstanceId())
        .setErrorCode(error.code());
  }

  /** Who leaves, whatever the version. */
  static List<MemberIdentity> leaving(LeaveGroupRequestData request, short apiVersion) {
    return apiVersion >= LEAVE_OF_MANY
        ? request.members()
        : List.of(new MemberIdentity().setMemberId(request.memberId()));
  }

  static DescribedGroup described(ClassicGroup group) {
    boolean stable = group.state() == ClassicState.STABLE;
    return new DescribedGroup()
        .setGroupId(group.groupId())
        .setGroupState(group.stateName())
        .setProtocolType(group.protocolType())
        .setProtocolData(stable ? group.protocolName() : "")
        .setMembers(
            group.members.all().stream().map(member -> described(group, member, stable)).toList());
  }

  private static DescribedGroupMember described(
      ClassicGroup group, ClassicMember member, boolean stable) {
    return new DescribedGroupMember()
        .setMemberId(member.memberId())
        .setGroupInstanceId(member.groupInstanceId())
        .setClientId(member.clientId())
        .setClientHost(member.clientHost())
        .setMemberAssignment(member.assignment)
        .setMemberMetadata(
            stable ? member.metadata(group.protocolName()) : ClassicMember.NO_ASSIGNMENT);
  }

  /**
   * The answer to a request that is not decided. While the group is being loaded a heartbeat is
   * taken for good, as in Kafka: the member keeps what it has.
   */
  static ApiMessage refusal(GroupRequest request, Errors error) {
    ApiMessage body = request.body();
    if (body instanceof JoinGroupRequestData join) {
      return joinError(join.memberId(), error);
    }
    if (body instanceof SyncGroupRequestData) {
      return syncError(error);
    }
    if (body instanceof HeartbeatRequestData) {
      return heartbeat(error == Errors.COORDINATOR_LOAD_IN_PROGRESS ? Errors.NONE : error);
    }
    if (body instanceof LeaveGroupRequestData) {
      return leaveError(error);
    }
    throw new IllegalArgumentException("no API of the classic protocol: " + request.apiKey());
  }
}
