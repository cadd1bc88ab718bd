package io.milena.api;

import io.milena.group.GroupClient;
import io.milena.group.model.GroupRefusals;
import io.milena.group.model.GroupRequest;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import java.util.List;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.protocol.Errors;

/**
 * LeaveGroup 0-5: members go, by id or (3 and later) by group instance id. Coordinators see the
 * form of version 3 and later, a list of members. Stateless, shared.
 */
public final class LeaveGroupApi implements ApiHandler {
  private static final short FIRST_WITH_MEMBERS = 3;

  private final GroupAsks asks;

  public LeaveGroupApi(GroupClient groups) {
    this.asks = new GroupAsks(groups);
  }

  @Override
  public short apiKey() {
    return SupportedApis.LEAVE_GROUP;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    LeaveGroupRequestData data = request.decode(LeaveGroupRequestData::new);
    boolean one = request.apiVersion() < FIRST_WITH_MEMBERS;
    if (one) {
      data.setMembers(List.of(new MemberIdentity().setMemberId(data.memberId())));
    }
    GroupAsks.bound("members", data.members().size());
    GroupRequest question = GroupAsks.question(request, data.groupId(), data);
    if (data.groupId().isEmpty()) {
      return Future.succeededFuture(
          ApiResponse.of(GroupRefusals.of(question, Errors.INVALID_GROUP_ID)));
    }
    return asks.<LeaveGroupResponseData>ask(question)
        .map(response -> one ? single(response) : response)
        .map(ApiResponse::of);
  }

  /** Old versions have one error for the one member. */
  private static LeaveGroupResponseData single(LeaveGroupResponseData response) {
    boolean ofMember = response.errorCode() == 0 && !response.members().isEmpty();
    return new LeaveGroupResponseData()
        .setErrorCode(ofMember ? response.members().get(0).errorCode() : response.errorCode());
  }
}
