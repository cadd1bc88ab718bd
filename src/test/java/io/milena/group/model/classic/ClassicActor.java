package io.milena.group.model.classic;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.protocol.Errors;

/** A client that believes what it was told last, and asks accordingly or not. */
final class ClassicActor {
  private static final String[][] PROTOCOLS = {
    {"range"}, {"range", "roundrobin"}, {"roundrobin", "range"}, {"sticky", "roundrobin", "range"}
  };

  final int joinVersion;
  final String instanceId;
  String memberId = "";
  int generation = -1;

  /** The last generation it was told of, or null. */
  JoinGroupResponseData told;

  ClassicActor(int joinVersion, String instanceId) {
    this.joinVersion = joinVersion;
    this.instanceId = instanceId;
  }

  void hears(JoinGroupResponseData answer) {
    switch (Errors.forCode(answer.errorCode())) {
      case NONE -> {
        memberId = answer.memberId();
        generation = answer.generationId();
        told = answer;
      }
      case MEMBER_ID_REQUIRED -> memberId = answer.memberId();
      case UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, GROUP_MAX_SIZE_REACHED -> forget();
      default -> {}
    }
  }

  void forget() {
    memberId = "";
    generation = -1;
    told = null;
  }

  /**
   * @param choice picks protocols, metadata and timeouts
   */
  JoinGroupRequestData joining(String groupId, int choice) {
    JoinGroupRequestData request =
        ClassicRig.joining(memberId, PROTOCOLS[choice % PROTOCOLS.length])
            .setGroupId(groupId)
            .setGroupInstanceId(instanceId)
            .setSessionTimeoutMs(choice % 2 == 0 ? 10_007 : 20_011)
            .setRebalanceTimeoutMs(choice % 3 == 0 ? 30_013 : 45_007);
    if (choice % 5 == 0) {
      request.protocols().forEach(protocol -> protocol.setMetadata(ClassicRig.subscription("t")));
    }
    if (choice % 29 == 0) {
      request.setProtocolType("connect");
    }
    return request;
  }

  /** Its sync; a leader gives each member a share with the member's name on it. */
  SyncGroupRequestData syncing(String groupId, int choice) {
    SyncGroupRequestData request =
        new SyncGroupRequestData()
            .setGroupId(groupId)
            .setMemberId(memberId)
            .setGroupInstanceId(choice % 4 == 0 ? null : instanceId)
            .setGenerationId(choice % 11 == 0 ? generation - 1 : generation);
    if (told == null) {
      return request.setProtocolName("range").setProtocolType("consumer");
    }
    request.setProtocolType(told.protocolType());
    request.setProtocolName(choice % 13 == 0 ? "other" : told.protocolName());
    for (JoinGroupResponseData.JoinGroupResponseMember member : told.members()) {
      String share = memberId + "|" + generation + "|" + owner(member);
      request
          .assignments()
          .add(
              new SyncGroupRequestData.SyncGroupRequestAssignment()
                  .setMemberId(member.memberId())
                  .setAssignment(share.getBytes(StandardCharsets.UTF_8)));
    }
    return request;
  }

  private static String owner(JoinGroupResponseData.JoinGroupResponseMember member) {
    return member.groupInstanceId() == null ? member.memberId() : member.groupInstanceId();
  }

  String name() {
    return instanceId == null ? memberId : instanceId;
  }

  HeartbeatRequestData beating(String groupId, int choice) {
    return new HeartbeatRequestData()
        .setGroupId(groupId)
        .setMemberId(memberId)
        .setGroupInstanceId(choice % 3 == 0 ? null : instanceId)
        .setGenerationId(choice % 7 == 0 ? generation + 1 : generation);
  }

  LeaveGroupRequestData leaving(String groupId, int choice) {
    boolean byInstance = instanceId != null && choice % 2 == 0;
    MemberIdentity identity =
        new MemberIdentity().setMemberId(byInstance ? "" : memberId).setGroupInstanceId(instanceId);
    LeaveGroupRequestData request = new LeaveGroupRequestData().setGroupId(groupId);
    request.members().add(identity);
    if (choice % 5 == 0) {
      request.members().add(new MemberIdentity().setMemberId("stranger"));
    }
    return request;
  }
}
