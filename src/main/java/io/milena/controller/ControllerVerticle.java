package io.milena.controller;

import io.milena.base.Backoff;
import io.milena.base.Clock;
import io.milena.bus.Addresses;
import io.milena.bus.Asking;
import io.milena.bus.BusMessage;
import io.milena.bus.KafkaMessageCodec;
import io.milena.bus.LocalCodec;
import io.milena.config.TopicConfigRules;
import io.milena.metadata.BrokerImage;
import io.milena.metrics.VerticleMeters;
import io.milena.protocol.KafkaErrors;
import io.milena.work.Attempt;
import io.milena.zookeeper.EpochCheckedWrites;
import io.milena.zookeeper.EpochCheckedWrites.Election;
import io.milena.zookeeper.client.SessionEvent;
import io.milena.zookeeper.client.ZNode;
import io.milena.zookeeper.client.ZkSession;
import io.milena.zookeeper.client.ZkWatch;
import io.milena.zookeeper.layout.ControllerZNode;
import io.milena.zookeeper.layout.Paths;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.Optional;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The controller of this broker: asleep until elected (R1), then an {@link Office} under one epoch,
 * until another is elected or the ZooKeeper session is lost (R6). Losing the connection alone
 * changes nothing (R8). One instance, one event loop; owns everything in this package.
 *
 * <p>Deploy it after the node has registered the broker: a broker without a registration does not
 * stand for election, since it would decide that its own partitions have no leader.
 */
public final class ControllerVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(ControllerVerticle.class);
  private static final Logger STATE = LoggerFactory.getLogger("state-change");
  private static final long FIRST_PAUSE_MS = 50;
  private static final long LONGEST_PAUSE_MS = 2_000;
  private static final long REPLY_TIMEOUT_MS = 10_000;

  private final ControllerOptions options;
  private final Parts parts;
  private final ZkSession zk;
  private final Clock clock;
  private final Backoff electionPause;
  private final Promise<Void> firstElection = Promise.promise();
  private ZkWatch controllerWatch;
  private Office office;
  private ClusterWatches watches;
  private Requests requests;
  private Reports reports;
  private MessageConsumer<BusMessage> clusterConsumer;
  private long consumerEpoch = -1;
  private boolean electing;
  private boolean stopped;

  /**
   * What a controller works with.
   *
   * @param meters told how long decisions wait and take until they are in ZooKeeper
   */
  public record Parts(
      ZkSession zk, TopicConfigRules rules, Asking.Tools asking, VerticleMeters meters) {}

  public ControllerVerticle(ControllerOptions options, Parts parts) {
    this.options = options;
    this.parts = parts;
    this.zk = parts.zk();
    this.clock = parts.asking().clock();
    this.electionPause = new Backoff(FIRST_PAUSE_MS, LONGEST_PAUSE_MS, parts.asking().random());
  }

  /** How to deploy it. */
  public static DeploymentOptions deployment() {
    return new DeploymentOptions();
  }

  /**
   * Completes when this broker or another is controller. Fails when the cluster's metadata belongs
   * to KRaft controllers.
   */
  @Override
  public Future<?> start() {
    vertx
        .eventBus()
        .<BusMessage>localConsumer(
            Addresses.localController(), m -> handle(m, LocalCodec.options(REPLY_TIMEOUT_MS)));
    zk.onSessionEvent(this::sessionEvent);
    controllerWatch = zk.watchData(Paths.CONTROLLER, this::controllerChanged);
    vertx.setPeriodic(Math.max(1, options.heartbeatTimeoutMs() / 4), t -> tick());
    return firstElection.future();
  }

  /** Gives up office, so that the next controller need not wait for our session to end. */
  @Override
  public Future<?> stop() {
    stopped = true;
    if (controllerWatch != null) {
      controllerWatch.close();
    }
    EpochCheckedWrites writes = office == null ? null : office.writes();
    sleep();
    if (writes == null || !zk.connected()) {
      return Future.succeededFuture();
    }
    return writes.resign().recover(e -> Future.succeededFuture());
  }

  // ---- election ------------------------------------------------------------------------------

  private void controllerChanged(Optional<ZNode> node) {
    if (stopped) {
      return;
    }
    if (node.isEmpty()) {
      sleep(); // an operator deleted it to force an election
      stand();
      return;
    }
    ControllerZNode controller = ControllerZNode.decode(node.get().data());
    boolean mine = node.get().stat().ephemeralOwner() == zk.sessionId();
    if (controller.underKRaft()) {
      refuse(controller);
    } else if (mine && office == null) {
      stand(); // an election whose answer was lost
    } else if (!mine) {
      if (office != null && node.get().stat().ephemeralOwner() != 0) {
        LOG.info("Broker {} is the controller now", controller.brokerId());
        sleep();
      }
      firstElection.tryComplete();
    }
  }

  private void refuse(ControllerZNode controller) {
    String message =
        "/controller holds the KRaft controller epoch "
            + controller.kraftControllerEpoch()
            + ": this cluster's metadata belongs to KRaft controllers";
    if (!firstElection.tryFail(new IllegalStateException(message))) {
      LOG.error(message);
      sleep();
    }
  }

  /** Stands for election, once the broker is registered under the present session. */
  private void stand() {
    if (electing || office != null || stopped) {
      return;
    }
    electing = true;
    Attempt.of("An election", this::elect)
        .onComplete(
            result -> {
              electing = false;
              if (result.failed()) {
                LOG.info("Election failed, will try again: {}", result.cause().getMessage());
                standLater();
              } else {
                elected(result.result());
              }
            });
  }

  /** Null when our broker is not registered. */
  private Future<Election> elect() {
    return zk.exists(Paths.broker(options.brokerId()))
        .compose(
            own -> {
              boolean registered = own.isPresent() && own.get().ephemeralOwner() == zk.sessionId();
              return registered
                  ? EpochCheckedWrites.elect(zk, options.brokerId(), clock.wallMs())
                  : Future.succeededFuture(null);
            });
  }

  private void elected(Election election) {
    if (stopped) {
      return;
    }
    if (election == null) {
      standLater();
      return;
    }
    if (!election.won() && election.controller() == null) {
      dropOwnLeftover();
      return;
    }
    electionPause.reset();
    if (!election.won()) {
      if (election.controller().underKRaft()) {
        refuse(election.controller());
      } else {
        firstElection.tryComplete();
      }
      return;
    }
    wake(election.writes());
    firstElection.tryComplete();
  }

  /** A /controller of ours whose epoch is not the current one would keep everybody out. */
  private void dropOwnLeftover() {
    zk.find(Paths.CONTROLLER)
        .compose(
            node -> {
              boolean ours =
                  node.isPresent() && node.get().stat().ephemeralOwner() == zk.sessionId();
              return ours && office == null
                  ? zk.delete(Paths.CONTROLLER, node.get().stat().version())
                  : Future.succeededFuture();
            })
        .onComplete(done -> standLater());
  }

  private void standLater() {
    vertx.setTimer(electionPause.nextMs(), t -> stand());
  }

  private void wake(EpochCheckedWrites writes) {
    STATE.info("Broker {} is controller, epoch {}", options.brokerId(), writes.epoch());
    Office.Tools tools =
        new Office.Tools(vertx, zk, options, parts.rules(), parts.asking(), parts.meters());
    office = new Office(tools, writes, this::moved);
    watches = new ClusterWatches(zk, office, clock);
    reports = new Reports(office, watches, options, clock);
    requests = new Requests(office, reports, new ProducerIdBlocks(zk, writes));
    watches.open();
    office.open();
  }

  private void moved() {
    sleep();
    standLater();
  }

  private void sleep() {
    if (office == null) {
      return;
    }
    STATE.info("Broker {} is no longer controller, epoch {}", options.brokerId(), office.epoch());
    watches.close();
    office.close();
    office = null;
    watches = null;
    reports = null;
    requests = null;
  }

  private void sessionEvent(SessionEvent event) {
    switch (event.kind()) {
      case EXPIRED -> sleep();
      case NEW_SESSION -> stand();
      case RECONNECTED -> {
        if (office != null) {
          office.reconnected();
        }
      }
      case SUSPENDED -> LOG.info("No connection to ZooKeeper: nothing is decided meanwhile");
    }
  }

  // ---- messages ------------------------------------------------------------------------------

  private void tick() {
    if (reports != null) {
      reports.tick();
      listen();
    }
  }

  /** The clustered address holds our broker epoch, so it changes with each registration. */
  private void listen() {
    BrokerImage own = office.committed().brokers().get(options.brokerId());
    if (own == null || own.epoch() == consumerEpoch || !vertx.isClustered()) {
      return;
    }
    if (clusterConsumer != null) {
      clusterConsumer
          .unregister()
          .onFailure(e -> LOG.debug("Old controller address stays: {}", e.getMessage()));
    }
    consumerEpoch = own.epoch();
    clusterConsumer =
        vertx
            .eventBus()
            .consumer(Addresses.controller(options.brokerId(), consumerEpoch), this::handleRemote);
  }

  private void handleRemote(Message<BusMessage> message) {
    if (!Asking.refused(message, options.clusterId(), options.brokerId(), consumerEpoch)) {
      handle(message, KafkaMessageCodec.options(REPLY_TIMEOUT_MS));
    }
  }

  private void handle(Message<BusMessage> message, DeliveryOptions reply) {
    if (requests == null) {
      message.fail(Errors.NOT_CONTROLLER.code(), "asleep");
      return;
    }
    requests
        .handle(message.body())
        .onSuccess(answer -> message.reply(answer, reply))
        .onFailure(e -> message.fail(KafkaErrors.of(e).code(), KafkaErrors.message(e)));
  }
}
