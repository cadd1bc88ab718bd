package io.milena.app.assembly;

import io.milena.api.AdvertisedEndpoint;
import io.milena.api.AlterConfigsApi;
import io.milena.api.ApiDispatcher;
import io.milena.api.ApiHandler;
import io.milena.api.ApiVersionsApi;
import io.milena.api.CachedTopicConfigs;
import io.milena.api.ConfigContext;
import io.milena.api.ConfigWriter;
import io.milena.api.CreatePartitionsApi;
import io.milena.api.CreateTopicsApi;
import io.milena.api.DeleteRecordsApi;
import io.milena.api.DeleteTopicsApi;
import io.milena.api.DescribeClusterApi;
import io.milena.api.DescribeConfigsApi;
import io.milena.api.DescribeLogDirsApi;
import io.milena.api.DescribeProducersApi;
import io.milena.api.DescribeTopicPartitionsApi;
import io.milena.api.FetchApi;
import io.milena.api.GroupApis;
import io.milena.api.IncrementalAlterConfigsApi;
import io.milena.api.InitProducerIdApi;
import io.milena.api.ListConfigResourcesApi;
import io.milena.api.ListOffsetsApi;
import io.milena.api.ListPartitionReassignmentsApi;
import io.milena.api.LogDirSpaces;
import io.milena.api.MetadataApi;
import io.milena.api.OffsetForLeaderEpochApi;
import io.milena.api.ProduceApi;
import io.milena.api.ProducerIds;
import io.milena.api.TopicConfigView;
import io.milena.api.UpdateFeaturesApi;
import io.milena.base.Clock;
import io.milena.config.BrokerConfig;
import io.milena.config.BrokerLayers;
import io.milena.config.TopicConfigRules;
import io.milena.config.TopicConfigs;
import io.milena.controller.ControllerClient;
import io.milena.group.GroupClient;
import io.milena.metadata.ClusterImage;
import io.milena.metrics.TopicMeters;
import io.milena.partition.PartitionClient;
import io.milena.work.CpuWork;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** Makes every API with what it works with. */
final class ApiList {
  private static final int FETCH_WAIT_MAX_MS = 300_000;
  private static final int AUTO_CREATE_TIMEOUT_MS = 5_000;
  private static final int CONFIG_TIMEOUT_MS = 15_000;
  private static final String REBALANCE_PROTOCOLS = "group.coordinator.rebalance.protocols";
  private static final String CONSUMER_PROTOCOL = "consumer";

  /** The consumer protocol (KIP-848) is there. */
  private static final ApiVersionsApi.Feature GROUP_VERSION =
      new ApiVersionsApi.Feature(
          "group.version",
          (short) 0,
          (short) 1,
          (short) 1,
          "take consumer out of " + REBALANCE_PROTOCOLS + " of every broker");

  private ApiList() {}

  /**
   * What the APIs stand on.
   *
   * @param image the newest cluster image
   */
  record Ground(
      BrokerConfig config,
      int brokerId,
      Supplier<ClusterImage> image,
      PartitionClient partitions,
      ControllerClient controller,
      GroupClient groups,
      ProducerIds producerIds,
      TopicConfigRules rules,
      CpuWork cpu,
      LogDirSpaces spaces,
      TopicMeters meters,
      Set<String> toldBySocket,
      Clock clock) {}

  static ApiDispatcher dispatcher(Ground on) {
    BrokerConfig config = on.config();
    ControllerClient controller = on.controller();
    AdvertisedEndpoint endpoints = new AdvertisedEndpoint(on.brokerId(), on.toldBySocket());
    ConfigContext settings =
        new ConfigContext(on.brokerId(), on.image(), config.given(), new LogbackLevels());
    ConfigWriter writer = request -> controller.alterConfigs(request, CONFIG_TIMEOUT_MS);
    TopicConfigView topicConfigs = topicConfigs(on);
    MetadataApi.Options metadata =
        new MetadataApi.Options(
            config.flag("auto.create.topics.enable"),
            AUTO_CREATE_TIMEOUT_MS,
            () -> on.groups().find(""));
    FetchApi.Options fetch =
        new FetchApi.Options(config.intOf("fetch.max.bytes"), FETCH_WAIT_MAX_MS);
    List<ApiHandler> handlers = new ArrayList<>();
    boolean consumerProtocol = config.listOf(REBALANCE_PROTOCOLS).contains(CONSUMER_PROTOCOL);
    List<ApiVersionsApi.Feature> features = consumerProtocol ? List.of(GROUP_VERSION) : List.of();
    handlers.addAll(GroupApis.all(on.image(), on.groups(), endpoints, consumerProtocol));
    handlers.addAll(
        List.of(
            new ApiVersionsApi(
                () ->
                    new ApiVersionsApi.Facts(
                        on.image().get().clusterId(),
                        on.brokerId(),
                        consumerProtocol ? 0 : -1,
                        features)),
            new MetadataApi(on.image(), controller, endpoints, metadata),
            new DescribeClusterApi(on.image(), endpoints),
            new DescribeTopicPartitionsApi(
                on.image(), config.intOf("max.request.partition.size.limit")),
            new ProduceApi(
                on.image(), on.partitions(), topicConfigs, on.cpu(), on.clock(), on.meters()),
            new FetchApi(
                on.image(),
                on.partitions(),
                topicConfigs,
                on.cpu(),
                on.clock(),
                on.meters(),
                fetch),
            new ListOffsetsApi(on.image(), on.partitions()),
            new OffsetForLeaderEpochApi(on.image(), on.partitions()),
            new DeleteRecordsApi(on.image(), on.partitions(), topicConfigs, on.clock()),
            new DescribeLogDirsApi(on.partitions(), on.spaces()),
            new DescribeProducersApi(on.image(), on.partitions()),
            new InitProducerIdApi(on.producerIds()),
            new CreateTopicsApi(controller, on.rules()),
            new DeleteTopicsApi(controller, config.flag("delete.topic.enable")),
            new CreatePartitionsApi(controller),
            new ListPartitionReassignmentsApi(on.image()),
            new UpdateFeaturesApi(() -> features),
            new DescribeConfigsApi(settings),
            new AlterConfigsApi(settings, writer),
            new IncrementalAlterConfigsApi(settings, writer),
            new ListConfigResourcesApi(settings)));
    return new ApiDispatcher(handlers);
  }

  /** Settings of a topic under an image, remembered until they change. */
  private static TopicConfigView topicConfigs(Ground on) {
    return new CachedTopicConfigs(
        (image, topic) ->
            TopicConfigs.effective(
                on.config().given(),
                BrokerLayers.of(on.brokerId(), image.brokerConfigs(), on.config().given())
                    .dynamic(),
                topic.configs()));
  }
}
