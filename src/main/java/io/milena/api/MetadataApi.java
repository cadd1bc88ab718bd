package io.milena.api;

import io.milena.controller.ControllerClient;
import io.milena.group.GroupClient;
import io.milena.metadata.BrokerImage;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.PartitionImage;
import io.milena.metadata.TopicImage;
import io.milena.metadata.TopicNames;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseBroker;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.protocol.Errors;

/**
 * Metadata 0–13: brokers, controller, topics and who leads. Answered from the image; only a topic
 * to be created on first use asks the controller, and is waited for so that the client can go on
 * with the first answer.
 */
public final class MetadataApi implements ApiHandler {
  private static final short ALL_IS_NULL = 1;
  private static final short AUTO_CREATION_CHOSEN = 4;
  private static final short LISTENER_ERRORS = 6;
  private static final short CLUSTER_OPERATIONS_FIRST = 8;
  private static final short CLUSTER_OPERATIONS_LAST = 10;
  private static final short TOPIC_IDS = 12;

  private final Supplier<ClusterImage> image;
  private final ControllerClient controller;
  private final AdvertisedEndpoint endpoints;
  private final Options options;

  /**
   * @param autoCreateTopics {@code auto.create.topics.enable}
   * @param autoCreateTimeoutMs how long an answer waits for topics being created
   * @param offsetsTopic creates {@code __consumer_offsets} with its own settings
   */
  public record Options(
      boolean autoCreateTopics, int autoCreateTimeoutMs, Supplier<Future<?>> offsetsTopic) {
    /** Nobody creates the internal topic. */
    public Options(boolean autoCreateTopics, int autoCreateTimeoutMs) {
      this(autoCreateTopics, autoCreateTimeoutMs, Future::succeededFuture);
    }
  }

  public MetadataApi(
      Supplier<ClusterImage> image,
      ControllerClient controller,
      AdvertisedEndpoint endpoints,
      Options options) {
    this.image = image;
    this.controller = controller;
    this.endpoints = endpoints;
    this.options = options;
  }

  @Override
  public short apiKey() {
    return SupportedApis.METADATA;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    MetadataRequestData data = request.decode(MetadataRequestData::new);
    refuseIdsBeforeTheirTime(request.apiVersion(), data);
    List<String> missing = toCreate(request, data);
    if (missing.isEmpty()) {
      return Future.succeededFuture(answer(request, data, Map.of()));
    }
    if (missing.remove(GroupClient.TOPIC)) {
      return options
          .offsetsTopic()
          .get()
          .transform(done -> create(missing))
          .map(errors -> answer(request, data, errors));
    }
    return create(missing).map(errors -> answer(request, data, errors));
  }

  /** Versions 10 and 11 have room for topic ids, but their answers cannot do without a name. */
  private static void refuseIdsBeforeTheirTime(short version, MetadataRequestData data) {
    if (version >= TOPIC_IDS || data.topics() == null) {
      return;
    }
    for (MetadataRequestTopic topic : data.topics()) {
      if (byId(topic)) {
        throw new InvalidRequestException("Metadata " + version + " asks by name, not by topic id");
      }
    }
  }

  private List<String> toCreate(ApiRequest request, MetadataRequestData data) {
    boolean allowed = request.apiVersion() < AUTO_CREATION_CHOSEN || data.allowAutoTopicCreation();
    if (!allowed || !options.autoCreateTopics() || data.topics() == null) {
      return List.of();
    }
    ClusterImage now = image.get();
    List<String> missing = new ArrayList<>();
    for (MetadataRequestTopic topic : data.topics()) {
      String name = topic.name();
      if (!byId(topic)
          && now.topic(name) == null
          && (!TopicNames.isInternal(name) || name.equals(GroupClient.TOPIC))
          && TopicNames.problem(name).isEmpty()
          && !missing.contains(name)) {
        missing.add(name);
      }
    }
    return missing;
  }

  /** What to tell about each topic that is not there afterwards. */
  private Future<Map<String, Errors>> create(List<String> names) {
    if (names.isEmpty()) {
      return Future.succeededFuture(Map.of());
    }
    CreateTopicsRequestData request = new CreateTopicsRequestData();
    request.setTimeoutMs(options.autoCreateTimeoutMs());
    for (String name : names) {
      request
          .topics()
          .add(
              new CreatableTopic()
                  .setName(name)
                  .setNumPartitions(-1)
                  .setReplicationFactor((short) -1));
    }
    return controller
        .createTopics(request, options.autoCreateTimeoutMs())
        .transform(result -> Future.succeededFuture(outcome(names, result.result())));
  }

  private static Map<String, Errors> outcome(List<String> names, CreateTopicsResponseData created) {
    Map<String, Errors> errors = new LinkedHashMap<>();
    names.forEach(name -> errors.put(name, Errors.LEADER_NOT_AVAILABLE));
    if (created != null) {
      for (CreatableTopicResult result : created.topics()) {
        Errors error = Errors.forCode(result.errorCode());
        boolean lasting =
            error == Errors.INVALID_TOPIC_EXCEPTION
                || error == Errors.INVALID_REPLICATION_FACTOR
                || error == Errors.POLICY_VIOLATION;
        if (lasting) {
          errors.put(result.name(), error);
        }
      }
    }
    return errors;
  }

  private ApiResponse answer(
      ApiRequest request, MetadataRequestData data, Map<String, Errors> created) {
    ClusterImage now = image.get();
    short version = request.apiVersion();
    MetadataResponseData response =
        new MetadataResponseData()
            .setClusterId(now.clusterId())
            .setControllerId(controllerId(now, request.connection()));
    for (BrokerImage broker : now.brokers().values()) {
      address(broker, request.connection())
          .ifPresent(
              a ->
                  response
                      .brokers()
                      .add(
                          new MetadataResponseBroker()
                              .setNodeId(broker.id())
                              .setHost(a.host())
                              .setPort(a.port())
                              .setRack(broker.rack())));
    }
    if (data.includeClusterAuthorizedOperations()
        && version >= CLUSTER_OPERATIONS_FIRST
        && version <= CLUSTER_OPERATIONS_LAST) {
      response.setClusterAuthorizedOperations(AllowedOperations.ALL_ON_CLUSTER);
    }
    addTopics(now, request, data, created, response);
    return ApiResponse.of(response);
  }

  private void addTopics(
      ClusterImage now,
      ApiRequest request,
      MetadataRequestData data,
      Map<String, Errors> created,
      MetadataResponseData response) {
    int operations =
        data.includeTopicAuthorizedOperations()
            ? AllowedOperations.ALL_ON_TOPIC
            : AllowedOperations.NOT_TOLD;
    boolean all =
        data.topics() == null || (request.apiVersion() < ALL_IS_NULL && data.topics().isEmpty());
    if (all) {
      for (TopicImage topic : now.topics().values()) {
        response
            .topics()
            .add(describe(now, topic, request).setTopicAuthorizedOperations(operations));
      }
      return;
    }
    for (MetadataRequestTopic wanted : data.topics()) {
      TopicImage topic = byId(wanted) ? now.topic(wanted.topicId()) : now.topic(wanted.name());
      if (topic == null) {
        response.topics().add(unknown(wanted, created));
      } else if (response.topics().find(topic.name()) == null) {
        response
            .topics()
            .add(describe(now, topic, request).setTopicAuthorizedOperations(operations));
      }
    }
  }

  /** Kafka's consumer leaves the name empty, not null, when it asks by id. */
  private static boolean byId(MetadataRequestTopic wanted) {
    return wanted.name() == null || !wanted.topicId().equals(Uuid.ZERO_UUID);
  }

  private static MetadataResponseTopic unknown(
      MetadataRequestTopic wanted, Map<String, Errors> created) {
    MetadataResponseTopic topic =
        new MetadataResponseTopic().setName(wanted.name()).setTopicId(wanted.topicId());
    if (byId(wanted)) {
      return topic.setName(null).setErrorCode(Errors.UNKNOWN_TOPIC_ID.code());
    }
    Errors error =
        TopicNames.problem(wanted.name()).isPresent()
            ? Errors.INVALID_TOPIC_EXCEPTION
            : created.getOrDefault(wanted.name(), Errors.UNKNOWN_TOPIC_OR_PARTITION);
    return topic
        .setTopicId(Uuid.ZERO_UUID)
        .setErrorCode(error.code())
        .setIsInternal(TopicNames.isInternal(wanted.name()));
  }

  private static MetadataResponseTopic describe(
      ClusterImage now, TopicImage topic, ApiRequest request) {
    MetadataResponseTopic described =
        new MetadataResponseTopic()
            .setName(topic.name())
            .setTopicId(topic.id())
            .setIsInternal(TopicNames.isInternal(topic.name()));
    List<MetadataResponsePartition> partitions = new ArrayList<>(topic.partitions().size());
    for (PartitionImage partition : topic.partitions()) {
      partitions.add(describe(now, partition, request));
    }
    return described.setPartitions(partitions);
  }

  private static MetadataResponsePartition describe(
      ClusterImage now, PartitionImage partition, ApiRequest request) {
    PartitionView view = PartitionView.of(now, partition, request.connection().listener());
    Errors error = view.error();
    if (error == Errors.LISTENER_NOT_FOUND && request.apiVersion() < LISTENER_ERRORS) {
      error = Errors.LEADER_NOT_AVAILABLE;
    }
    return new MetadataResponsePartition()
        .setPartitionIndex(partition.partition())
        .setErrorCode(error.code())
        .setLeaderId(view.leader())
        .setLeaderEpoch(partition.leaderEpoch())
        .setReplicaNodes(partition.replicas())
        .setIsrNodes(partition.isr())
        .setOfflineReplicas(view.offline());
  }

  private int controllerId(ClusterImage now, ClientConnection client) {
    BrokerImage broker = now.brokers().get(now.controllerId());
    return broker != null && address(broker, client).isPresent()
        ? broker.id()
        : ClusterImage.NO_CONTROLLER;
  }

  private Optional<AdvertisedEndpoint.HostPort> address(
      BrokerImage broker, ClientConnection client) {
    return broker.fenced() ? Optional.empty() : endpoints.of(broker, client);
  }
}
