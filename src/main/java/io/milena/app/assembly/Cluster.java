package io.milena.app.assembly;

import io.milena.api.ProducerIds;
import io.milena.base.Clock;
import io.milena.base.RandomSource;
import io.milena.bus.Asking;
import io.milena.config.BrokerConfig;
import io.milena.config.BrokerLayers;
import io.milena.config.TopicConfig;
import io.milena.config.TopicConfigRules;
import io.milena.config.TopicConfigs;
import io.milena.config.TopicRules;
import io.milena.controller.ControllerClient;
import io.milena.controller.ControllerOptions;
import io.milena.controller.ControllerVerticle;
import io.milena.controller.model.ControllerMachine;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.TopicImage;
import io.milena.metrics.Metrics;
import io.milena.node.NodeClient;
import io.milena.node.NodeOptions;
import io.milena.node.NodeVerticle;
import io.milena.partition.PartitionClient;
import io.milena.zookeeper.client.ZkSession;
import io.milena.zookeeper.layout.BrokerZNode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * This broker's part in the cluster: its node and its controller verticle, the image they publish,
 * and the doors to them.
 */
final class Cluster {
  private static final long SHUTDOWN_LIMIT_MS = 5_000;

  private final Vertx vertx;
  private final BrokerConfig config;
  private final Identity identity;
  private final Metrics metrics;
  private final Asking.Tools asking;
  private final AtomicReference<ClusterImage> image;
  private final ControllerClient controller;
  private final NodeClient node;
  private final TopicConfigRules rules;
  private final AtomicReference<Future<Void>> ready =
      new AtomicReference<>(Future.failedFuture("not started"));
  private String nodeDeployment;
  private String controllerDeployment;

  /**
   * Who in this process obeys an image.
   *
   * @param coordinators told of each image when the partitions have obeyed it
   */
  record Locals(PartitionClient partitions, Function<ClusterImage, Future<Void>> coordinators) {}

  /** Who this broker is. */
  record Identity(String clusterId, int brokerId) {}

  Cluster(Vertx vertx, BrokerConfig config, Identity identity, Clock clock, Metrics metrics) {
    this.vertx = vertx;
    this.config = config;
    this.identity = identity;
    this.image = new AtomicReference<>(ClusterImage.empty(identity.clusterId()));
    this.metrics = metrics;
    this.asking = new Asking.Tools(clock, RandomSource.system(), metrics.bus());
    this.controller = ControllerClient.overBus(vertx, image::get, identity.brokerId(), asking);
    this.node = new NodeClient(vertx);
    this.rules = new TopicRules(() -> layers(image.get()));
  }

  /** Where the settings of this broker are given under an image. */
  BrokerLayers layers(ClusterImage now) {
    return BrokerLayers.of(identity.brokerId(), now.brokerConfigs(), config.given());
  }

  /** Effective settings of a topic under an image. */
  TopicConfig topicConfig(ClusterImage now, TopicImage topic) {
    return TopicConfigs.effective(config.given(), layers(now).dynamic(), topic.configs());
  }

  /** Dynamic settings of this broker, its own over cluster-wide ones, under the newest image. */
  Map<String, String> dynamicConfigs() {
    return layers(image.get()).dynamic();
  }

  Identity identity() {
    return identity;
  }

  /** The newest image; an empty one before the first. */
  Supplier<ClusterImage> image() {
    return image::get;
  }

  ControllerClient controller() {
    return controller;
  }

  ProducerIds producerIds() {
    return node::nextProducerId;
  }

  TopicConfigRules rules() {
    return rules;
  }

  /** Completes when the first image was carried out and a block of producer ids is held. */
  Future<Void> whenReady() {
    return ready.get();
  }

  /** True when clients may be served. */
  boolean ready() {
    return ready.get().succeeded();
  }

  /**
   * Registers the broker, stands for election, and completes when the controller's first image
   * came. Clients may come when {@link #whenReady()} completes.
   */
  Future<Void> start(ZkSession zk, Supplier<BrokerZNode> registration, Locals locals, Clock clock) {
    NodeVerticle nodeVerticle =
        new NodeVerticle(
            new NodeOptions(
                identity.brokerId(),
                identity.clusterId(),
                config.intOf("milena.heartbeat.interval.ms"),
                SHUTDOWN_LIMIT_MS,
                registrationLimitMs()),
            new NodeVerticle.Parts(
                zk,
                registration,
                controller,
                locals.partitions(),
                this::topicConfig,
                locals.coordinators(),
                clock,
                RandomSource.system(),
                metrics.verticle("node")),
            image);
    ControllerVerticle controllerVerticle =
        new ControllerVerticle(
            new ControllerOptions(
                identity.brokerId(),
                identity.clusterId(),
                settings(),
                config.intOf("milena.heartbeat.timeout.ms")),
            new ControllerVerticle.Parts(zk, rules, asking, metrics.verticle("controller")));
    return vertx
        .deployVerticle(nodeVerticle)
        .compose(
            id -> {
              nodeDeployment = id;
              return vertx.deployVerticle(controllerVerticle, ControllerVerticle.deployment());
            })
        .compose(
            id -> {
              controllerDeployment = id;
              ready.set(nodeVerticle.ready());
              return nodeVerticle.heard();
            });
  }

  /** Half again the session timeout: the server looks for dead sessions by its own ticks. */
  long registrationLimitMs() {
    return 3L * config.intOf("zookeeper.session.timeout.ms") / 2;
  }

  private ControllerMachine.Settings settings() {
    return new ControllerMachine.Settings(
        config.intOf("num.partitions"),
        config.intOf("default.replication.factor"),
        config.flag("unclean.leader.election.enable"),
        config.flag("delete.topic.enable"));
  }

  /** Leaves: leaderships move away first, then the controller resigns. */
  Future<Void> stop() {
    ready.set(Future.failedFuture("stopping"));
    return undeploy(nodeDeployment).eventually(() -> undeploy(controllerDeployment));
  }

  private Future<Void> undeploy(String deployment) {
    return deployment == null ? Future.succeededFuture() : vertx.undeploy(deployment);
  }
}
