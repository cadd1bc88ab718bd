package io.milena.api;

import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData.Coordinator;
import org.apache.kafka.common.protocol.Errors;

/**
 * FindCoordinator 0-6. This build has no coordinators, and says so with UNSUPPORTED_VERSION: it is
 * the error that the Java consumer (both group protocols), producer and admin client treat as final
 * at once, while COORDINATOR_NOT_AVAILABLE and its like would be repeated until a timeout.
 * Stateless, shared.
 */
public final class FindCoordinatorApi implements ApiHandler {
  private static final short FIRST_WITH_MESSAGE = 1;
  private static final short FIRST_BATCHED = 4;
  private static final int NO_NODE = -1;
  private static final byte TRANSACTION = 1;
  private static final byte SHARE = 2;

  @Override
  public short apiKey() {
    return SupportedApis.FIND_COORDINATOR;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    FindCoordinatorRequestData data = request.decode(FindCoordinatorRequestData::new);
    String message = message(data.keyType());
    FindCoordinatorResponseData response = new FindCoordinatorResponseData();
    if (request.apiVersion() >= FIRST_BATCHED) {
      for (String key : data.coordinatorKeys()) {
        response
            .coordinators()
            .add(
                new Coordinator()
                    .setKey(key)
                    .setErrorCode(Errors.UNSUPPORTED_VERSION.code())
                    .setErrorMessage(message)
                    .setNodeId(NO_NODE)
                    .setHost("")
                    .setPort(NO_NODE));
      }
    } else {
      response
          .setErrorCode(Errors.UNSUPPORTED_VERSION.code())
          .setNodeId(NO_NODE)
          .setHost("")
          .setPort(NO_NODE);
      if (request.apiVersion() >= FIRST_WITH_MESSAGE) {
        response.setErrorMessage(message);
      }
    }
    return Future.succeededFuture(ApiResponse.of(response));
  }

  private static String message(byte keyType) {
    return switch (keyType) {
      case TRANSACTION -> "This broker does not support transactions yet";
      case SHARE -> "This broker does not support share groups yet";
      default ->
          "This broker does not support consumer groups yet: assign partitions instead of"
              + " subscribing";
    };
  }
}
