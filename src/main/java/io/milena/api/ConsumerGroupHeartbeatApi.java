package io.milena.api;

import io.milena.group.GroupClient;
import io.milena.group.model.GroupRequest;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.Errors;

/**
 * ConsumerGroupHeartbeat 0-1: all that a member of the consumer protocol says (KIP-848). Stateless,
 * shared.
 */
public final class ConsumerGroupHeartbeatApi implements ApiHandler {
  private final GroupAsks asks;
  private final boolean enabled;

  /**
   * @param enabled whether {@code group.coordinator.rebalance.protocols} names "consumer"
   */
  public ConsumerGroupHeartbeatApi(GroupClient groups, boolean enabled) {
    this.asks = new GroupAsks(groups);
    this.enabled = enabled;
  }

  @Override
  public short apiKey() {
    return SupportedApis.CONSUMER_GROUP_HEARTBEAT;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    ConsumerGroupHeartbeatRequestData data = request.decode(ConsumerGroupHeartbeatRequestData::new);
    if (data.subscribedTopicNames() != null) {
      GroupAsks.bound("subscribed topics", data.subscribedTopicNames().size());
    }
    if (data.topicPartitions() != null) {
      GroupAsks.bound("owned topics", data.topicPartitions().size());
    }
    if (!enabled) {
      return refused(Errors.UNSUPPORTED_VERSION, "The consumer protocol is switched off here.");
    }
    if (data.groupId().isEmpty()) {
      return refused(Errors.INVALID_REQUEST, "GroupId can't be empty.");
    }
    GroupRequest question = GroupAsks.question(request, data.groupId(), data);
    return asks.ask(question).map(ApiResponse::of);
  }

  private static Future<ApiResponse> refused(Errors error, String message) {
    return Future.succeededFuture(
        ApiResponse.of(
            new ConsumerGroupHeartbeatResponseData()
                .setErrorCode(error.code())
                .setErrorMessage(message)));
  }
}
