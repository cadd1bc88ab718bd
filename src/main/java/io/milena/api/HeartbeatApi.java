package io.milena.api;

import io.milena.group.GroupClient;
import io.milena.group.model.GroupRefusals;
import io.milena.group.model.GroupRequest;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.protocol.Errors;

/** Heartbeat 0-4: a member of the classic protocol is alive. Stateless, shared. */
public final class HeartbeatApi implements ApiHandler {
  private final GroupAsks asks;

  public HeartbeatApi(GroupClient groups) {
    this.asks = new GroupAsks(groups);
  }

  @Override
  public short apiKey() {
    return SupportedApis.HEARTBEAT;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    HeartbeatRequestData data = request.decode(HeartbeatRequestData::new);
    GroupRequest question = GroupAsks.question(request, data.groupId(), data);
    return data.groupId().isEmpty()
        ? Future.succeededFuture(
            ApiResponse.of(GroupRefusals.of(question, Errors.INVALID_GROUP_ID)))
        : asks.<HeartbeatResponseData>ask(question).map(HeartbeatApi::calm).map(ApiResponse::of);
  }

  /**
   * While its coordinator loads, a member is told that all is well, as by Kafka: its session starts
   * anew when the group is loaded, and a rebalance helps nobody.
   */
  private static HeartbeatResponseData calm(HeartbeatResponseData response) {
    return response.errorCode() == Errors.COORDINATOR_LOAD_IN_PROGRESS.code()
        ? new HeartbeatResponseData()
        : response;
  }
}
