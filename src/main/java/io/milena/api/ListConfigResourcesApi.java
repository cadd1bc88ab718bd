package io.milena.api;

import io.milena.metadata.ClusterImage;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import java.util.List;
import java.util.TreeSet;
import org.apache.kafka.common.config.ConfigResource.Type;
import org.apache.kafka.common.message.ListConfigResourcesRequestData;
import org.apache.kafka.common.message.ListConfigResourcesResponseData;
import org.apache.kafka.common.message.ListConfigResourcesResponseData.ConfigResource;
import org.apache.kafka.common.protocol.Errors;

/**
 * ListConfigResources 0-1 (KIP-714, KIP-1142): names of what can have settings. Version 0 knows
 * only client-metrics subscriptions, of which there are none yet. Groups are those that have
 * settings of their own. Answered from the image. Stateless, shared.
 */
public final class ListConfigResourcesApi implements ApiHandler {
  private final ConfigContext context;

  public ListConfigResourcesApi(ConfigContext context) {
    this.context = context;
  }

  @Override
  public short apiKey() {
    return SupportedApis.LIST_CONFIG_RESOURCES;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    ListConfigResourcesRequestData data = request.decode(ListConfigResourcesRequestData::new);
    ListConfigResourcesResponseData answer = new ListConfigResourcesResponseData();
    if (request.apiVersion() > 0) {
      List<Byte> types = data.resourceTypes();
      if (types.isEmpty()) {
        types =
            List.of(Type.TOPIC.id(), Type.BROKER.id(), Type.BROKER_LOGGER.id(), Type.GROUP.id());
      }
      for (byte type : new TreeSet<>(types)) {
        add(type, answer);
      }
    }
    return Future.succeededFuture(ApiResponse.of(answer));
  }

  private void add(byte type, ListConfigResourcesResponseData answer) {
    ClusterImage image = context.image().get();
    switch (Type.forId(type)) {
      case TOPIC -> image.topics().keySet().forEach(name -> addOne(type, name, answer));
      case BROKER, BROKER_LOGGER ->
          image.brokers().keySet().forEach(id -> addOne(type, Integer.toString(id), answer));
      case GROUP -> image.groupConfigs().keySet().forEach(id -> addOne(type, id, answer));
      case CLIENT_METRICS -> {
        // None exist yet: an empty list is the truth.
      }
      default -> answer.setErrorCode(Errors.UNSUPPORTED_VERSION.code());
    }
  }

  private static void addOne(byte type, String name, ListConfigResourcesResponseData answer) {
    answer.configResources().add(new ConfigResource().setResourceType(type).setResourceName(name));
  }
}
