package io.milena.api;

import io.milena.group.GroupClient;
import io.milena.group.model.GroupRefusals;
import io.milena.group.model.GroupRequest;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.protocol.Errors;

/**
 * JoinGroup 0-9: a member of the classic protocol enters a rebalance. The answer may take as long
 * as the rebalance. Stateless, shared.
 */
public final class JoinGroupApi implements ApiHandler {
  private final GroupAsks asks;

  public JoinGroupApi(GroupClient groups) {
    this.asks = new GroupAsks(groups);
  }

  @Override
  public short apiKey() {
    return SupportedApis.JOIN_GROUP;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    JoinGroupRequestData data = request.decode(JoinGroupRequestData::new);
    GroupAsks.bound("protocols", data.protocols().size());
    GroupRequest question = GroupAsks.question(request, data.groupId(), data);
    return data.groupId().isEmpty()
        ? Future.succeededFuture(
            ApiResponse.of(GroupRefusals.of(question, Errors.INVALID_GROUP_ID)))
        : asks.ask(question).map(ApiResponse::of);
  }
}
