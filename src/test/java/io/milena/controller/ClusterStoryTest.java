package io.milena.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.milena.base.Clock;
import io.milena.base.RandomSource;
import io.milena.bus.Asking;
import io.milena.bus.Codecs;
import io.milena.config.TopicConfig;
import io.milena.config.TopicConfigRules;
import io.milena.controller.model.ControllerMachine;
import io.milena.metadata.BrokerEndpoint;
import io.milena.metadata.BrokerImage;
import io.milena.metadata.ClusterImage;
import io.milena.metrics.BusMeters;
import io.milena.metrics.VerticleMeters;
import io.milena.node.NodeClient;
import io.milena.node.NodeOptions;
import io.milena.node.NodeVerticle;
import io.milena.partition.PartitionClient;
import io.milena.partition.PartitionMessages.Become;
import io.milena.partition.PartitionMessages.BecomePartition;
import io.milena.partition.PartitionMessages.BecomeReply;
import io.milena.partition.PartitionMessages.Configure;
import io.milena.partition.PartitionMessages.Done;
import io.milena.partition.PartitionMessages.Stop;
import io.milena.partition.PartitionMessages.StopReply;
import io.milena.testing.TopicRequests;
import io.milena.zookeeper.Bootstrap;
import io.milena.zookeeper.EpochCheckedWrites;
import io.milena.zookeeper.client.ZkException;
import io.milena.zookeeper.client.ZkOp;
import io.milena.zookeeper.client.ZkOptions;
import io.milena.zookeeper.client.ZkSession;
import io.milena.zookeeper.embedded.EmbeddedZooKeeper;
import io.milena.zookeeper.layout.BrokerZNode;
import io.milena.zookeeper.layout.Paths;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Controller and node of one broker with a real ZooKeeper and scripted partitions. */
class ClusterStoryTest {
  private static final String CLUSTER = "cluster-id-of-22-chars";
  private static final int SESSION_MS = 4_000;
  private static final org.slf4j.Logger LOG =
      org.slf4j.LoggerFactory.getLogger(ClusterStoryTest.class);

  @TempDir Path dir;

  private EmbeddedZooKeeper server;
  private Broker broker;

  /** One life of broker 1. */
  private final class Broker {
    final List<String> orders = new CopyOnWriteArrayList<>();
    final AtomicReference<ClusterImage> image = new AtomicReference<>(ClusterImage.empty(CLUSTER));
    final Vertx vertx = Vertx.vertx();
    ZkSession zk;
    ControllerClient controller;

    /** How long the disk takes to open logs. */
    volatile long openMs;

    /** Leader epochs in which logs were found damaged, by partition; only a higher one will do. */
    final Map<String, Integer> lostInEpoch = new ConcurrentHashMap<>();

    Broker start() {
      BusMeters meters = new BusMeters();
      Codecs.register(vertx, meters);
      zk =
          get(
              ZkSession.open(
                  vertx,
                  new ZkOptions(
                      server.connectString() + "/chroot",
                      SESSION_MS,
                      10_000,
                      dir.resolve("session"))));
      get(Bootstrap.createPersistentPaths(zk));
      Clock clock = Clock.system();
      RandomSource random = RandomSource.system();
      Asking.Tools asking = new Asking.Tools(clock, random, meters);
      controller = ControllerClient.overBus(vertx, image::get, 1, asking);
      NodeVerticle node =
          new NodeVerticle(
              NodeOptions.of(1, CLUSTER),
              new NodeVerticle.Parts(
                  zk,
                  this::registration,
                  controller,
                  partitions(),
                  (image, topic) -> TopicConfig.defaults(),
                  image -> Future.succeededFuture(),
                  clock,
                  random,
                  new VerticleMeters("node")),
              image);
      get(vertx.deployVerticle(node));
      ControllerOptions options =
          new ControllerOptions(
              1, CLUSTER, new ControllerMachine.Settings(1, 1, false, true), 2_000);
      get(
          vertx.deployVerticle(
              new ControllerVerticle(
                  options,
                  new ControllerVerticle.Parts(
                      zk, TopicConfigRules.none(), asking, new VerticleMeters("controller")))));
      get(node.ready());
      return this;
    }

    private BrokerZNode registration() {
      return new BrokerZNode(
          1,
          List.of(new BrokerEndpoint("PLAINTEXT", "localhost", 9092, "PLAINTEXT")),
          null,
          -1,
          0,
          Map.of(),
          false);
    }

    private PartitionClient partitions() {
      return (PartitionClient)
          Proxy.newProxyInstance(
              PartitionClient.class.getClassLoader(),
              new Class<?>[] {PartitionClient.class},
              (proxy, method, args) ->
                  switch (method.getName()) {
                    case "shards" -> 2;
                    case "shardOf" -> (int) args[1] % 2;
                    case "become" -> become((Become) args[1]);
                    case "stop" -> {
                      Stop stop = (Stop) args[1];
                      stop.parts()
                          .forEach(p -> orders.add("stop " + p.topic() + "-" + p.partition()));
                      yield Future.succeededFuture(
                          new StopReply(Collections.nCopies(stop.parts().size(), Errors.NONE)));
                    }
                    case "configure" -> {
                      orders.add("configure " + ((Configure) args[1]).byTopic().keySet());
                      yield Future.succeededFuture(Done.DONE);
                    }
                    default -> throw new UnsupportedOperationException(method.getName());
                  });
    }

    private Future<BecomeReply> become(Become become) {
      for (BecomePartition p : become.parts()) {
        assertThat(image.get().topic(p.topic()) == null || p.image().leaderEpoch() > 0)
            .as("a topic is published after its partitions were opened")
            .isTrue();
        orders.add(
            "become "
                + p.topic()
                + "-"
                + p.image().partition()
                + " epoch "
                + p.image().leaderEpoch());
      }
      BecomeReply reply = new BecomeReply(become.parts().stream().map(this::led).toList());
      return openMs == 0 ? Future.succeededFuture(reply) : vertx.timer(openMs).map(reply);
    }

    /** Logs of topics called "hurt" are not what a clean stop left. */
    private Errors led(BecomePartition p) {
      int epoch = p.image().leaderEpoch();
      boolean refused =
          p.topic().startsWith("hurt")
              && epoch
                  <= lostInEpoch.computeIfAbsent(
                      p.topic() + "-" + p.image().partition(), first -> epoch);
      return refused ? Errors.ELIGIBLE_LEADERS_NOT_AVAILABLE : Errors.NONE;
    }

    CreateTopicsResponseData create(String name, int partitions) {
      return get(createLater(name, partitions));
    }

    Future<CreateTopicsResponseData> createLater(String name, int partitions) {
      return controller.createTopics(TopicRequests.create(name, partitions, 1), 20_000);
    }

    void stop() {
      vertx.deploymentIDs().forEach(id -> get(vertx.undeploy(id)));
      get(zk.close());
      get(vertx.close());
    }
  }

  @BeforeEach
  void startZooKeeper() {
    server = EmbeddedZooKeeper.start(new EmbeddedZooKeeper.Options(dir, 0, 500));
    broker = new Broker().start();
  }

  @AfterEach
  void stop() {
    if (broker != null) {
      broker.stop();
    }
    server.close();
  }

  @Test
  void shouldWriteWhatKafkaWritesAndOpenPartitionsBeforeATopicIsSeen() {
    CreateTopicsResponseData response = broker.create("t", 1);

    assertThat(response.topics().find("t").errorCode()).isEqualTo(Errors.NONE.code());
    assertThat(broker.orders).containsExactly("become t-0 epoch 0");
    assertThat(broker.image.get().topic("t").id()).isEqualTo(response.topics().find("t").topicId());
    assertThat(text("/brokers/topics/t"))
        .contains("\"version\":3")
        .contains("\"topic_id\":\"" + broker.image.get().topic("t").id() + "\"")
        .contains("\"partitions\":{\"0\":[1]}")
        .contains("\"adding_replicas\":{}");
    assertThat(text("/brokers/topics/t/partitions/0/state"))
        .isEqualTo(
            "{\"controller_epoch\":1,\"leader\":1,\"version\":1,\"leader_epoch\":0,\"isr\":[1]}");
    assertThat(text("/config/topics/t")).isEqualTo("{\"version\":1,\"config\":{}}");
  }

  @Test
  void shouldCreateAndRestartAThousandPartitionsInFewRoundTrips() {
    broker.create("warm", 1);
    long startNs = System.nanoTime();
    broker.create("big", 999);
    long createdMs = (System.nanoTime() - startNs) / 1_000_000;
    broker.stop();
    long restartNs = System.nanoTime();
    broker = new Broker().start();
    long restartedMs = (System.nanoTime() - restartNs) / 1_000_000;

    LOG.info("1,000 partitions created in {} ms, back in {} ms", createdMs, restartedMs);
    assertThat(createdMs).isLessThan(5_000); // a few hundred on a quiet machine
    assertThat(broker.orders).hasSize(1_000).allMatch(o -> o.endsWith("epoch 1"));
  }

  @Test
  void shouldAnswerForATopicOnlyWhenItCanBeUsedHoweverSlowTheDisk() {
    broker.openMs = 1_500;

    CreateTopicsResponseData response = broker.create("t", 1);

    assertThat(response.topics().find("t").errorCode()).isEqualTo(Errors.NONE.code());
    assertThat(broker.image.get().topic("t")).isNotNull();
  }

  @Test
  void shouldServeAllOthersWhenZNodesOfOneTopicCannotBeRead() {
    broker.create("good", 1);
    broker.create("bad", 1);
    get(broker.zk.setData("/brokers/topics/bad/partitions/0/state", bytes("?"), -1));
    broker.stop();

    broker = new Broker().start();

    assertThat(broker.orders).containsExactly("become good-0 epoch 1");
    assertThat(broker.image.get().topic("bad")).isNull();
  }

  @Test
  void shouldLeadDamagedLogsInAHigherEpochByOneNewRegistration() {
    long before = brokerEpoch();

    broker.create("hurt", 3);

    awaitOrders("become hurt-0 epoch 1", "become hurt-1 epoch 1", "become hurt-2 epoch 1");
    await().until(() -> brokerEpoch() > before);
    assertThat(broker.orders).noneMatch(order -> order.endsWith("epoch 2"));
  }

  @Test
  void shouldLeadALogInAHigherEpochThatIsFoundDamagedAfterTheBrokerRegisteredAgain() {
    long before = brokerEpoch();
    get(broker.zk.delete(Paths.broker(1), -1));
    await().until(() -> brokerEpoch() > before);

    broker.create("hurt", 1);

    awaitOrders("become hurt-0 epoch 1");
  }

  @Test
  void shouldStopAPartitionThatWaitsForAHigherEpochWhenItsTopicIsDeleted() {
    broker.lostInEpoch.put("hurt-0", Integer.MAX_VALUE);
    broker.create("hurt", 1);

    DeleteTopicsRequestData request =
        new DeleteTopicsRequestData().setTopics(List.of(new DeleteTopicState().setName("hurt")));
    get(broker.controller.deleteTopics(request, 20_000));

    awaitOrders("stop hurt-0"); // it may register anew meanwhile, and hear of it then
  }

  private long brokerEpoch() {
    BrokerImage known = broker.image.get().brokers().get(1);
    return known == null ? -1 : known.epoch();
  }

  private void awaitOrders(String... orders) {
    await().untilAsserted(() -> assertThat(broker.orders).contains(orders));
  }

  @Test
  void shouldStopPartitionsAndRemoveEveryTraceWhenATopicIsDeleted() {
    broker.create("t", 2);

    DeleteTopicsRequestData request =
        new DeleteTopicsRequestData().setTopics(List.of(new DeleteTopicState().setName("t")));
    short error =
        get(broker.controller.deleteTopics(request, 20_000)).responses().find("t").errorCode();

    assertThat(error).isEqualTo(Errors.NONE.code());
    awaitOrders("stop t-0", "stop t-1");
    assertThat(broker.image.get().topic("t")).isNull();
    for (String path : List.of("/brokers/topics/t", "/config/topics/t", "/admin/delete_topics/t")) {
      assertThat(get(broker.zk.exists(path))).as(path).isEmpty();
    }
  }

  @Test
  void shouldTakeOverTopicsAndSettingsThatToolsWrite() {
    String topic = "{\"version\":1,\"partitions\":{\"0\":[1]}}";
    get(broker.zk.create("/brokers/topics/tool", bytes(topic), ZkOp.Mode.PERSISTENT));
    await().until(() -> broker.image.get().topic("tool") != null);
    String config = "{\"version\":1,\"config\":{\"retention.ms\":\"7\"}}";
    get(broker.zk.create("/config/topics/tool", bytes(config), ZkOp.Mode.PERSISTENT));
    get(
        broker.zk.create(
            Paths.configChangePrefix(),
            bytes("{\"version\":2,\"entity_path\":\"topics/tool\"}"),
            ZkOp.Mode.PERSISTENT_SEQUENTIAL));

    await().until(() -> "7".equals(broker.image.get().topic("tool").configs().get("retention.ms")));
    awaitOrders("configure [tool]");
  }

  /** Thousands of settings that a tool changed at once are read, and some of them cannot be. */
  @Test
  void shouldGoOnWhenSomeOfThousandsOfChangedSettingsCannotBeRead() {
    List<Future<?>> written = new ArrayList<>();
    // While the first of them are read the others come, to be read at one go.
    for (int from = 0; from < 21_000; from += 3_000) {
      List<ZkOp> notices = new ArrayList<>();
      for (int i = from; i < from + 3_000; i++) {
        boolean readable = from == 0 || i % 50 > 0;
        notices.add(notice(readable ? "x" + i : "no-path-\\u0001" + i));
      }
      written.add(broker.zk.multi(notices));
    }
    get(Future.all(written));
    broker.create("before", 1);

    CreateTopicsResponseData response = broker.create("t", 1);

    assertThat(response.topics().find("t").errorCode()).isEqualTo(Errors.NONE.code());
  }

  private static ZkOp notice(String topic) {
    return new ZkOp.Create(
        Paths.configChangePrefix(),
        bytes("{\"version\":2,\"entity_path\":\"topics/" + topic + "\"}"),
        ZkOp.Mode.PERSISTENT_SEQUENTIAL);
  }

  @Test
  void shouldWaitOutTheSessionOfAKilledStrangerWithItsId() {
    broker.create("kept", 1);
    broker.stop();
    Vertx elsewhere = Vertx.vertx();
    ZkSession stranger = strangerUnderOurId(elsewhere);
    elsewhere.setTimer(700, t -> stranger.close());

    broker = new Broker().start();

    assertThat(broker.image.get().topic("kept")).isNotNull();
    get(elsewhere.close());
  }

  @Test
  void shouldSayWhoHasTheIdWhenABrokerWithItLives() {
    broker.stop();
    Vertx elsewhere = Vertx.vertx();
    ZkSession stranger = strangerUnderOurId(elsewhere);

    Broker second = new Broker();
    assertThatThrownBy(second::start)
        .hasMessageContaining("broker.id 1 is in use")
        .hasMessageContaining("PLAINTEXT://localhost:9092");

    second.stop();
    broker = null;
    get(stranger.close());
    get(elsewhere.close());
  }

  private ZkSession strangerUnderOurId(Vertx elsewhere) {
    ZkSession session =
        get(
            ZkSession.open(
                elsewhere,
                new ZkOptions(server.connectString() + "/chroot", SESSION_MS, 10_000, null)));
    get(Bootstrap.register(session, broker.registration()));
    return session;
  }

  @Test
  void shouldNotLetAZombieWriteAndTakeOfficeAgainWhenTheUsurperGoes() {
    int epoch = Integer.parseInt(text("/controller_epoch"));
    ZkSession other =
        get(
            ZkSession.open(
                broker.vertx,
                new ZkOptions(server.connectString() + "/chroot", SESSION_MS, 10_000, null)));
    EpochCheckedWrites.Election usurper = usurp(other);
    Future<CreateTopicsResponseData> created = broker.createLater("t", 1);
    await().pollDelay(Duration.ofMillis(300)).until(() -> !created.isComplete());
    assertThat(get(broker.zk.exists("/brokers/topics/t"))).isEmpty();

    get(usurper.writes().resign());
    get(other.close());

    assertThat(get(created).topics().find("t").errorCode()).isEqualTo(Errors.NONE.code());
    assertThat(Integer.parseInt(text("/controller_epoch"))).isGreaterThan(epoch + 1);
    assertThat(text("/brokers/topics/t/partitions/0/state"))
        .contains("\"controller_epoch\":" + text("/controller_epoch"));
  }

  /** Another broker replaces /controller behind the back of ours. */
  private EpochCheckedWrites.Election usurp(ZkSession other) {
    while (true) {
      get(broker.zk.delete(Paths.CONTROLLER, -1));
      EpochCheckedWrites.Election election = get(EpochCheckedWrites.elect(other, 2, 0));
      if (election.won()) {
        return election;
      }
    }
  }

  @Test
  void shouldTakeOfficeAgainWhenSomebodyRaisedTheEpoch() {
    int epoch = Integer.parseInt(text("/controller_epoch"));
    get(broker.zk.setData("/controller_epoch", bytes(Integer.toString(epoch + 1)), -1));

    CreateTopicsResponseData response = broker.create("t", 1);

    assertThat(response.topics().find("t").errorCode()).isEqualTo(Errors.NONE.code());
    assertThat(Integer.parseInt(text("/controller_epoch"))).isGreaterThan(epoch + 1);
  }

  @Test
  void shouldGoOnAfterAnOutageLongerThanTheSession() {
    broker.create("t", 1);
    int port = server.port();
    server.close();
    await().pollDelay(Duration.ofMillis(2L * SESSION_MS)).until(() -> !broker.zk.connected());
    assertThat(broker.image.get().topic("t")).isNotNull();

    server = EmbeddedZooKeeper.start(new EmbeddedZooKeeper.Options(dir, port, 500));
    CreateTopicsResponseData response = broker.create("u", 1);

    assertThat(response.topics().find("u").errorCode()).isEqualTo(Errors.NONE.code());
    await()
        .untilAsserted(
            () -> {
              assertThat(broker.image.get().topic("t").partition(0).leader()).isEqualTo(1);
              assertThat(broker.image.get().topic("u").partition(0).leader()).isEqualTo(1);
            });
  }

  @Test
  void shouldNeverGiveAProducerIdTwiceAcrossRestarts() {
    long first = get(new NodeClient(broker.vertx).nextProducerId());
    long second = get(new NodeClient(broker.vertx).nextProducerId());
    broker.stop();
    broker = new Broker().start();

    long third = get(new NodeClient(broker.vertx).nextProducerId());

    assertThat(first).isZero();
    assertThat(second).isEqualTo(1);
    assertThat(third).isEqualTo(1_000);
  }

  @Test
  void shouldRefuseAStaleConditionalWrite() {
    broker.create("t", 1);
    get(
        broker.zk.setData(
            "/brokers/topics/t/partitions/0/state",
            bytes(
                "{\"controller_epoch\":1,\"leader\":1,\"version\":1,\"leader_epoch\":5,\"isr\":[1]}"),
            -1));
    EpochCheckedWrites.Election election = get(EpochCheckedWrites.elect(broker.zk, 1, 0));

    Throwable refusal =
        election
            .writes()
            .write(List.of(ZkOp.setData("/brokers/topics/t/partitions/0/state", bytes("x"), 0)))
            .toCompletionStage()
            .toCompletableFuture()
            .handle((r, e) -> e)
            .join();

    assertThat(refusal).isInstanceOf(ZkException.BadVersion.class);
  }

  private String text(String path) {
    return new String(get(broker.zk.get(path)).data(), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static <T> T get(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().orTimeout(40, TimeUnit.SECONDS).join();
  }
}
