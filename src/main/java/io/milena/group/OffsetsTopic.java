package io.milena.group;

import io.milena.controller.ControllerClient;
import io.milena.metadata.BrokerImage;
import io.milena.metadata.ClusterImage;
import io.vertx.core.Future;
import java.util.function.Supplier;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates {@code __consumer_offsets} when it is first needed: one question to the controller at a
 * time, however many ask. Owned by one group verticle.
 */
final class OffsetsTopic {
  private static final Logger LOG = LoggerFactory.getLogger(OffsetsTopic.class);
  private static final int TIMEOUT_MS = 10_000;

  private final GroupOptions.Topic settings;
  private final ControllerClient controller;
  private final Supplier<ClusterImage> image;
  private Future<Errors> underWay;

  OffsetsTopic(
      GroupOptions.Topic settings, ControllerClient controller, Supplier<ClusterImage> image) {
    this.settings = settings;
    this.controller = controller;
    this.image = image;
  }

  /** NONE when the topic is there, else what clients that look for a coordinator are told. */
  Future<Errors> ensure() {
    if (image.get().topic(GroupClient.TOPIC) != null) {
      return Future.succeededFuture(Errors.NONE);
    }
    if (underWay != null) {
      return underWay;
    }
    // It may be over at once, e.g. when there is no controller to ask.
    Future<Errors> creation = create();
    underWay = creation;
    creation.onComplete(done -> underWay = null);
    return creation;
  }

  private Future<Errors> create() {
    long live = image.get().brokers().values().stream().filter(OffsetsTopic::alive).count();
    short factor = (short) Math.max(1, Math.min(settings.replicationFactor(), live));
    CreatableTopic topic =
        new CreatableTopic()
            .setName(GroupClient.TOPIC)
            .setNumPartitions(settings.partitions())
            .setReplicationFactor(factor);
    topic.configs().add(config("cleanup.policy", "compact"));
    topic.configs().add(config("segment.bytes", Integer.toString(settings.segmentBytes())));
    topic.configs().add(config("compression.type", "producer"));
    CreateTopicsRequestData request = new CreateTopicsRequestData().setTimeoutMs(TIMEOUT_MS);
    request.topics().add(topic);
    LOG.info(
        "Creating {} with {} partitions, replication factor {}",
        GroupClient.TOPIC,
        settings.partitions(),
        factor);
    return controller
        .createTopics(request, TIMEOUT_MS)
        .map(reply -> Errors.forCode(reply.topics().find(GroupClient.TOPIC).errorCode()))
        .otherwise(failure -> Errors.forException(failure))
        .map(OffsetsTopic::told);
  }

  private static boolean alive(BrokerImage broker) {
    return !broker.fenced();
  }

  private static CreatableTopicConfig config(String name, String value) {
    return new CreatableTopicConfig().setName(name).setValue(value);
  }

  /** What does not pass is logged; clients come again, for an operator may help. */
  private static Errors told(Errors error) {
    if (error == Errors.NONE || error == Errors.TOPIC_ALREADY_EXISTS) {
      return Errors.NONE;
    }
    LOG.warn("Topic {} cannot be created: {}", GroupClient.TOPIC, error);
    return Errors.COORDINATOR_NOT_AVAILABLE;
  }
}
