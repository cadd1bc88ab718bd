package io.milena.api;

import io.milena.group.GroupClient;
import io.milena.metadata.BrokerImage;
import io.milena.metadata.ClusterImage;
import io.milena.protocol.KafkaErrors;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData.Coordinator;
import org.apache.kafka.common.protocol.Errors;

/**
 * FindCoordinator 0-6: which broker coordinates a group; the internal topic is created on first
 * need. There are no coordinators of transactions and share groups yet, which is said with
 * UNSUPPORTED_VERSION: the error that Java clients treat as final at once, while
 * COORDINATOR_NOT_AVAILABLE and its like would be repeated until a timeout. Stateless, shared.
 */
public final class FindCoordinatorApi implements ApiHandler {
  private static final short FIRST_WITH_MESSAGE = 1;
  private static final short FIRST_BATCHED = 4;
  private static final int NO_NODE = -1;
  private static final byte GROUP = 0;
  private static final byte TRANSACTION = 1;
  private static final byte SHARE = 2;

  private final Supplier<ClusterImage> image;
  private final GroupClient groups;
  private final AdvertisedEndpoint endpoints;

  public FindCoordinatorApi(
      Supplier<ClusterImage> image, GroupClient groups, AdvertisedEndpoint endpoints) {
    this.image = image;
    this.groups = groups;
    this.endpoints = endpoints;
  }

  @Override
  public short apiKey() {
    return SupportedApis.FIND_COORDINATOR;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    FindCoordinatorRequestData data = request.decode(FindCoordinatorRequestData::new);
    boolean batched = request.apiVersion() >= FIRST_BATCHED;
    List<String> keys = batched ? data.coordinatorKeys() : List.of(data.key());
    GroupAsks.bound("keys", keys.size());
    return find(data.keyType(), keys, request.connection())
        .map(found -> batched ? batch(found) : single(found.get(0), request.apiVersion()))
        .map(ApiResponse::of);
  }

  private Future<List<Coordinator>> find(byte keyType, List<String> keys, ClientConnection client) {
    if (keyType != GROUP) {
      return Future.succeededFuture(keys.stream().map(key -> unsupported(key, keyType)).toList());
    }
    if (keys.isEmpty()) {
      return Future.succeededFuture(List.of());
    }
    // The first question may create the topic; the others are asked when that is done.
    return find(keys.get(0), client)
        .compose(
            first -> {
              List<Future<Coordinator>> all = new ArrayList<>(keys.size());
              all.add(Future.succeededFuture(first));
              for (String key : keys.subList(1, keys.size())) {
                all.add(find(key, client));
              }
              return Future.all(all).map(done -> done.<Coordinator>list());
            });
  }

  private Future<Coordinator> find(String key, ClientConnection client) {
    return groups
        .find(key)
        .map(
            found ->
                found.error() == Errors.NONE
                    ? address(key, found.brokerId(), client)
                    : refused(key, found.error(), found.error().message()))
        .otherwise(
            failure ->
                KafkaErrors.expected(failure)
                    ? refused(key, KafkaErrors.of(failure), KafkaErrors.message(failure))
                    : refused(
                        key,
                        Errors.COORDINATOR_NOT_AVAILABLE,
                        Errors.COORDINATOR_NOT_AVAILABLE.message()));
  }

  private Coordinator address(String key, int brokerId, ClientConnection client) {
    BrokerImage broker = image.get().brokers().get(brokerId);
    Optional<AdvertisedEndpoint.HostPort> at =
        broker == null || broker.fenced() ? Optional.empty() : endpoints.of(broker, client);
    return at.map(
            address ->
                new Coordinator()
                    .setKey(key)
                    .setNodeId(brokerId)
                    .setHost(address.host())
                    .setPort(address.port()))
        .orElseGet(
            () ->
                refused(
                    key,
                    Errors.COORDINATOR_NOT_AVAILABLE,
                    "Broker " + brokerId + " has no listener " + client.listener()));
  }

  private static Coordinator refused(String key, Errors error, String message) {
    return new Coordinator()
        .setKey(key)
        .setErrorCode(error.code())
        .setErrorMessage(message)
        .setNodeId(NO_NODE)
        .setHost("")
        .setPort(NO_NODE);
  }

  private static Coordinator unsupported(String key, byte keyType) {
    return switch (keyType) {
      case TRANSACTION ->
          refused(key, Errors.UNSUPPORTED_VERSION, "This broker does not support transactions yet");
      case SHARE ->
          refused(key, Errors.UNSUPPORTED_VERSION, "This broker does not support share groups yet");
      default -> refused(key, Errors.INVALID_REQUEST, "Unknown key type " + keyType);
    };
  }

  private static FindCoordinatorResponseData batch(List<Coordinator> found) {
    return new FindCoordinatorResponseData().setCoordinators(found);
  }

  private static FindCoordinatorResponseData single(Coordinator found, short version) {
    FindCoordinatorResponseData response =
        new FindCoordinatorResponseData()
            .setErrorCode(found.errorCode())
            .setNodeId(found.nodeId())
            .setHost(found.host())
            .setPort(found.port());
    return version >= FIRST_WITH_MESSAGE
        ? response.setErrorMessage(found.errorMessage())
        : response;
  }
}
