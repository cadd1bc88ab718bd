package io.milena.node;

import io.milena.base.Backoff;
import io.milena.base.Clock;
import io.milena.base.RandomSource;
import io.milena.bus.Addresses;
import io.milena.bus.Asking;
import io.milena.bus.BusMessage;
import io.milena.bus.KafkaMessageCodec;
import io.milena.bus.LocalCodec;
import io.milena.config.TopicConfig;
import io.milena.controller.ControllerClient;
import io.milena.controller.ControllerMessages.ImageUpdate;
import io.milena.controller.ControllerMessages.ImageUpdateReply;
import io.milena.controller.ControllerMessages.NodeReport;
import io.milena.controller.ControllerMessages.NodeReportReply;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.ImageDigest;
import io.milena.metadata.TopicImage;
import io.milena.metrics.VerticleMeters;
import io.milena.partition.PartitionClient;
import io.milena.work.Attempt;
import io.milena.zookeeper.Bootstrap;
import io.milena.zookeeper.client.SessionEvent;
import io.milena.zookeeper.client.ZkSession;
import io.milena.zookeeper.layout.BrokerZNode;
import io.milena.zookeeper.layout.Paths;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.CoordinatorLoadInProgressException;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker as a member of the cluster: registers it in ZooKeeper, sends heartbeats, hears image
 * updates, has them carried out and publishes the image. A new image is published when the orders
 * that follow from it were carried out, so whoever sees a topic can use it. One instance, one event
 * loop.
 *
 * <p>A lost connection to ZooKeeper changes nothing (R8). After a lost session the broker registers
 * anew, under a new broker epoch and new addresses, and goes on serving by its last image until the
 * controller sends the next one, whose leader epochs fence what was (R6).
 */
public final class NodeVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(NodeVerticle.class);
  private static final Logger STATE = LoggerFactory.getLogger("state-change");
  private static final long REPLY_TIMEOUT_MS = 10_000;
  private static final int REPORT_TIMEOUT_MS = 1_000;
  private static final int ALLOCATE_TIMEOUT_MS = 5_000;
  private static final long FIRST_PAUSE_MS = 50;
  private static final long LONGEST_PAUSE_MS = 2_000;
  private static final long RETRY_FAILED_MS = 5_000;

  /** Every so many reports carry a digest of the image: each 10 s (R9). */
  private static final int REPORTS_PER_DIGEST = 20;

  /** Unknown to the controller for so many reports: look whether our znode is still there. */
  private static final int REPORTS_UNKNOWN = 4;

  private final NodeOptions options;
  private final Parts parts;
  private final AtomicReference<ClusterImage> published;
  private final Backoff registerPause;
  private final Promise<Void> heard = Promise.promise();
  private final Promise<Void> firstImage = Promise.promise();
  private final Promise<Void> ready = Promise.promise();
  private Applier applier;
  private ProducerIdPool producerIds;
  private MessageConsumer<BusMessage> clusterConsumer;
  private long brokerEpoch = -1;
  private boolean registering;

  /** A log was found damaged under our broker epoch: the next registration has to change it. */
  private boolean needsNewEpoch;

  private boolean reporting;
  private boolean stopping;
  private int reports;
  private int unknownReports;

  /**
   * What a node works with.
   *
   * @param registration what {@code /brokers/ids/N} is to hold, with the ports really bound
   * @param configs effective settings of a topic under an image
   * @param meters told how long images wait and take until they are published
   * @param coordinators told of each image when its partitions have become what it says, before it
   *     is published
   */
  public record Parts(
      ZkSession zk,
      Supplier<BrokerZNode> registration,
      ControllerClient controller,
      PartitionClient partitions,
      BiFunction<ClusterImage, TopicImage, TopicConfig> configs,
      Function<ClusterImage, Future<Void>> coordinators,
      Clock clock,
      RandomSource random,
      VerticleMeters meters) {}

  /**
   * @param published where the image is published; holds {@link ClusterImage#empty} at first
   */
  public NodeVerticle(NodeOptions options, Parts parts, AtomicReference<ClusterImage> published) {
    this.options = options;
    this.parts = parts;
    this.published = published;
    this.registerPause = new Backoff(FIRST_PAUSE_MS, LONGEST_PAUSE_MS, parts.random());
  }

  /**
   * Completes when the controller's first image came. What it orders may take long, for logs are
   * recovered on the way: see {@link #ready()}. To be called from any thread.
   */
  public Future<Void> heard() {
    return heard.future();
  }

  /**
   * Completes when the first image was carried out and a block of producer ids is held: clients may
   * come. To be called from any thread.
   */
  public Future<Void> ready() {
    return ready.future();
  }

  /**
   * Completes when the broker is registered. Fails when another process is registered under our id
   * and lives.
   */
  @Override
  public Future<?> start() {
    applier =
        new Applier(
            options.brokerId(),
            parts,
            published,
            new Applier.Firsts(heard, firstImage),
            this::lossFound);
    producerIds =
        new ProducerIdPool(
            vertx,
            () -> parts.controller().allocateProducerIds(brokerEpoch, ALLOCATE_TIMEOUT_MS),
            parts.random());
    Future.all(firstImage.future(), producerIds.held()).onSuccess(both -> ready.tryComplete());
    vertx.eventBus().localConsumer(Addresses.localNode(), this::handleLocal);
    parts.zk().onSessionEvent(this::sessionEvent);
    return new FirstRegistration(vertx, parts, options)
        .begin()
        .map(
            epoch -> {
              registered(epoch);
              vertx.setPeriodic(options.heartbeatIntervalMs(), t -> report());
              vertx.setPeriodic(RETRY_FAILED_MS, t -> applier.retryFailed());
              producerIds.fill();
              return null;
            });
  }

  /** Waits, within a limit, until other brokers lead what we led, then goes. */
  @Override
  public Future<?> stop() {
    stopping = true;
    producerIds.close();
    Promise<Void> done = Promise.promise();
    boolean alone = published.get().brokers().size() <= 1;
    if (alone || brokerEpoch < 0) {
      return Future.succeededFuture();
    }
    long limitNs = parts.clock().monotonicNs() + options.shutdownLimitMs() * 1_000_000L;
    askToStop(limitNs, done);
    return done.future();
  }

  private void askToStop(long limitNs, Promise<Void> done) {
    sendReport(false, true)
        .onComplete(
            reply -> {
              boolean go = reply.succeeded() && reply.result().mayShutDown();
              if (go || parts.clock().monotonicNs() >= limitNs) {
                done.complete();
              } else {
                vertx.setTimer(FIRST_PAUSE_MS, t -> askToStop(limitNs, done));
              }
            });
  }

  // ---- registration --------------------------------------------------------------------------

  private void sessionEvent(SessionEvent event) {
    if (event.kind() == SessionEvent.Kind.NEW_SESSION) {
      register();
    }
  }

  private void register() {
    if (registering || stopping) {
      return;
    }
    registering = true;
    Attempt.of("The registration", this::registerAgain)
        .onComplete(
            result -> {
              registering = false;
              if (result.succeeded()) {
                registerPause.reset();
                needsNewEpoch &= result.result() == brokerEpoch;
                registered(result.result());
                if (needsNewEpoch) {
                  register(); // asked for while one was under way that made none
                }
              } else {
                LOG.warn("Cannot register the broker yet: {}", result.cause().getMessage());
                vertx.setTimer(registerPause.nextMs(), t -> register());
              }
            });
  }

  private Future<Long> registerAgain() {
    BrokerZNode again = parts.registration().get().again();
    return needsNewEpoch
        ? Bootstrap.registerAnew(parts.zk(), again)
        : Bootstrap.register(parts.zk(), again);
  }

  /**
   * A log lost records, of which the controller knows nothing. A registration with a new broker
   * epoch, one that does not say that nothing was lost, has it raise our leader epochs (R5, R13).
   * Always a new one: that we registered again before does not help a log found only now.
   */
  private void lossFound() {
    needsNewEpoch = true;
    register();
  }

  private void registered(long epoch) {
    if (epoch == brokerEpoch) {
      return;
    }
    brokerEpoch = epoch;
    unknownReports = 0;
    STATE.info("Broker {} is registered, broker epoch {}", options.brokerId(), epoch);
    if (!vertx.isClustered()) {
      return;
    }
    if (clusterConsumer != null) {
      clusterConsumer
          .unregister()
          .onFailure(e -> LOG.debug("Old control address stays: {}", e.getMessage()));
    }
    clusterConsumer =
        vertx.eventBus().consumer(Addresses.control(options.brokerId(), epoch), this::handleRemote);
  }

  // ---- heartbeat -----------------------------------------------------------------------------

  private void report() {
    if (reporting || stopping) {
      return;
    }
    reporting = true;
    boolean withDigest = ++reports % REPORTS_PER_DIGEST == 0 && !applier.busy();
    sendReport(withDigest, false)
        .onComplete(
            reply -> {
              reporting = false;
              if (reply.succeeded()) {
                answered(reply.result());
              }
            });
  }

  private Future<NodeReportReply> sendReport(boolean withDigest, boolean wantsShutdown) {
    return Attempt.of(
        "A report",
        () -> parts.controller().report(makeReport(withDigest, wantsShutdown), REPORT_TIMEOUT_MS));
  }

  private NodeReport makeReport(boolean withDigest, boolean wantsShutdown) {
    ClusterImage image = published.get();
    return new NodeReport(
        options.brokerId(),
        brokerEpoch,
        image.controllerEpoch(),
        image.number(),
        withDigest ? ImageDigest.of(image) : 0,
        applier.wantsSnapshot(),
        wantsShutdown);
  }

  private void answered(NodeReportReply reply) {
    boolean unknown =
        reply.error() == Errors.BROKER_ID_NOT_REGISTERED.code()
            || reply.error() == Errors.STALE_BROKER_EPOCH.code();
    unknownReports = unknown ? unknownReports + 1 : 0;
    if (unknownReports < REPORTS_UNKNOWN || !parts.zk().connected()) {
      return;
    }
    unknownReports = 0;
    parts
        .zk()
        .exists(Paths.broker(options.brokerId()))
        .onSuccess(
            own -> {
              boolean lost = own.isEmpty() || own.get().czxid() != brokerEpoch;
              if (lost) {
                LOG.warn("The registration of this broker is gone, registering again");
                register();
              }
            });
  }

  // ---- messages ------------------------------------------------------------------------------

  private void handleLocal(Message<Object> message) {
    if (message.body() == NodeClient.Ask.NEXT_PRODUCER_ID) {
      producerIds
          .next()
          .onSuccess(id -> message.reply(id, LocalCodec.options(REPLY_TIMEOUT_MS)))
          .onFailure(
              e ->
                  message.fail(
                      Errors.forException(
                              e instanceof CoordinatorLoadInProgressException
                                  ? e
                                  : new CoordinatorLoadInProgressException(e.getMessage()))
                          .code(),
                      e.getMessage()));
    } else if (message.body() instanceof BusMessage image) {
      handle(message, image, LocalCodec.options(REPLY_TIMEOUT_MS));
    } else {
      message.fail(Errors.INVALID_REQUEST.code(), "unknown local message");
    }
  }

  private void handleRemote(Message<BusMessage> message) {
    if (!Asking.refused(message, options.clusterId(), options.brokerId(), brokerEpoch)) {
      handle(message, message.body(), KafkaMessageCodec.options(REPLY_TIMEOUT_MS));
    }
  }

  private void handle(Message<?> message, BusMessage body, DeliveryOptions reply) {
    long targetEpoch = body.envelope().targetEpoch();
    if (targetEpoch != brokerEpoch) {
      // R4: meant for an earlier registration of ours; or for one of which we have not heard yet
      // ourselves, then the controller is to come again rather than to give us up
      Errors error = targetEpoch > brokerEpoch ? ImageUpdateReply.GAP : Errors.STALE_BROKER_EPOCH;
      ImageUpdateReply refusal = new ImageUpdateReply(error.code(), -1, -1);
      message.reply(body.answerRecord(-1, refusal), reply);
      return;
    }
    applier
        .update(body.record(ImageUpdate.class))
        .onSuccess(r -> message.reply(body.answerRecord(r.controllerEpoch(), r), reply))
        .onFailure(e -> message.fail(Errors.UNKNOWN_SERVER_ERROR.code(), e.getMessage()));
  }
}
