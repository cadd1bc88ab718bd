package io.milena.api;

import io.milena.metadata.BrokerImage;
import io.milena.metadata.ClusterImage;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import java.util.function.Supplier;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeClusterResponseData.DescribeClusterBroker;
import org.apache.kafka.common.protocol.Errors;

/** DescribeCluster 0–2, from the image. There are no controllers beside the brokers to list. */
public final class DescribeClusterApi implements ApiHandler {
  private static final byte BROKERS = 1;
  private static final byte CONTROLLERS = 2;

  private final Supplier<ClusterImage> image;
  private final AdvertisedEndpoint endpoints;

  public DescribeClusterApi(Supplier<ClusterImage> image, AdvertisedEndpoint endpoints) {
    this.image = image;
    this.endpoints = endpoints;
  }

  @Override
  public short apiKey() {
    return SupportedApis.DESCRIBE_CLUSTER;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    DescribeClusterRequestData data = request.decode(DescribeClusterRequestData::new);
    if (data.endpointType() != BROKERS) {
      Errors error =
          data.endpointType() == CONTROLLERS
              ? Errors.MISMATCHED_ENDPOINT_TYPE
              : Errors.UNSUPPORTED_ENDPOINT_TYPE;
      return Future.succeededFuture(
          ApiResponse.of(
              new DescribeClusterResponseData()
                  .setErrorCode(error.code())
                  .setErrorMessage("Brokers are the only endpoints of this cluster.")));
    }
    return Future.succeededFuture(ApiResponse.of(describe(request.connection(), data)));
  }

  private DescribeClusterResponseData describe(
      ClientConnection client, DescribeClusterRequestData data) {
    ClusterImage now = image.get();
    DescribeClusterResponseData response =
        new DescribeClusterResponseData()
            .setClusterId(now.clusterId())
            .setControllerId(ClusterImage.NO_CONTROLLER);
    for (BrokerImage broker : now.brokers().values()) {
      if (broker.fenced() && !data.includeFencedBrokers()) {
        continue;
      }
      endpoints
          .of(broker, client)
          .ifPresent(
              a ->
                  response
                      .brokers()
                      .add(
                          new DescribeClusterBroker()
                              .setBrokerId(broker.id())
                              .setHost(a.host())
                              .setPort(a.port())
                              .setRack(broker.rack())
                              .setIsFenced(broker.fenced())));
    }
    if (response.brokers().find(now.controllerId()) != null) {
      response.setControllerId(now.controllerId());
    }
    return data.includeClusterAuthorizedOperations()
        ? response.setClusterAuthorizedOperations(AllowedOperations.ALL_ON_CLUSTER)
        : response;
  }
}
