package io.milena.api;

import io.milena.group.GroupClient;
import io.milena.group.model.GroupRefusals;
import io.milena.group.model.GroupRequest;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.protocol.Errors;

/** SyncGroup 0-5: members of the classic protocol get their assignments. Stateless, shared. */
public final class SyncGroupApi implements ApiHandler {
  /** From here on a member says which protocol it was told (KIP-559). */
  private static final short FIRST_WITH_PROTOCOL = 5;

  private final GroupAsks asks;

  public SyncGroupApi(GroupClient groups) {
    this.asks = new GroupAsks(groups);
  }

  @Override
  public short apiKey() {
    return SupportedApis.SYNC_GROUP;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    SyncGroupRequestData data = request.decode(SyncGroupRequestData::new);
    GroupAsks.bound("assignments", data.assignments().size());
    GroupRequest question = GroupAsks.question(request, data.groupId(), data);
    Errors refusal = refusal(request.apiVersion(), data);
    return refusal == Errors.NONE
        ? asks.ask(question).map(ApiResponse::of)
        : Future.succeededFuture(ApiResponse.of(GroupRefusals.of(question, refusal)));
  }

  private static Errors refusal(short version, SyncGroupRequestData data) {
    if (version >= FIRST_WITH_PROTOCOL
        && (data.protocolType() == null || data.protocolName() == null)) {
      return Errors.INCONSISTENT_GROUP_PROTOCOL;
    }
    return data.groupId().isEmpty() ? Errors.INVALID_GROUP_ID : Errors.NONE;
  }
}
