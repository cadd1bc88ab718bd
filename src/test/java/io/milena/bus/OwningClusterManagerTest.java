package io.milena.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.milena.base.Clock;
import io.milena.base.RandomSource;
import io.milena.metrics.BusMeters;
import io.milena.testing.Waiting;
import io.milena.zookeeper.client.ZkOptions;
import io.milena.zookeeper.embedded.EmbeddedZooKeeper;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two clustered Vert.x instances over a real ZooKeeper that comes and goes. */
class OwningClusterManagerTest {
  private static final int TICK_MS = 250;
  private static final int SESSION_TIMEOUT_MS = 1_000;
  private static final String CLUSTER = "cluster";

  /** A question and its answer. */
  record Ping(String text) {}

  /** One process of the cluster. */
  record Node(int id, Vertx vertx, OwningClusterManager manager, Path sessionFile) {}

  @TempDir Path dir;
  private EmbeddedZooKeeper zooKeeper;
  private final List<Node> nodes = new ArrayList<>();

  @BeforeEach
  void startZooKeeper() {
    zooKeeper = EmbeddedZooKeeper.start(new EmbeddedZooKeeper.Options(dir, 0, TICK_MS));
  }

  @AfterEach
  void stopAll() {
    nodes.forEach(node -> Waiting.on(node.vertx().close()));
    zooKeeper.close();
  }

  /** A clustered Vert.x that has not joined yet. */
  private Node node(int id, String incarnation) {
    OwningClusterManager manager = new OwningClusterManager(id + "-" + incarnation);
    Vertx vertx =
        Waiting.on(
            Vertx.builder()
                .with(
                    new io.vertx.core.VertxOptions()
                        .setEventBusOptions(
                            new BusOptions("127.0.0.1", 0, "127.0.0.1").eventBusOptions()))
                .withClusterManager(manager)
                .buildClustered());
    Codecs.register(vertx, new BusMeters());
    Node node = new Node(id, vertx, manager, dir.resolve("bus-session-" + id));
    nodes.add(node);
    return node;
  }

  private Future<Void> join(Node node) {
    return join(node, node.sessionFile());
  }

  private Future<Void> join(Node node, Path sessionFile) {
    return node.manager()
        .joinNow(
            new ZkOptions(
                zooKeeper.connectString() + "/pipeline/milena/bus",
                SESSION_TIMEOUT_MS,
                5_000,
                sessionFile));
  }

  private Node joined(int id) {
    Node node = node(id, "a");
    Waiting.on(join(node));
    return node;
  }

  private static MessageConsumer<BusMessage> answering(Node node, long epoch) {
    return node.vertx()
        .eventBus()
        .consumer(
            Addresses.control(node.id(), epoch),
            message -> {
              if (!Asking.refused(message, CLUSTER, node.id(), epoch)) {
                String text = message.body().record(Ping.class).text();
                message.reply(
                    message.body().answerRecord(1, new Ping("answer to " + text)),
                    KafkaMessageCodec.options(1_000));
              }
            });
  }

  private static Future<String> ask(Node from, int to, long epoch, long deadlineMs) {
    return ask(from, to, epoch, epoch, deadlineMs);
  }

  private static Future<String> ask(
      Node from, int to, long addressEpoch, long envelopeEpoch, long deadlineMs) {
    Asking asking =
        new Asking(
            from.vertx(), new Asking.Tools(Clock.system(), RandomSource.system(), new BusMeters()));
    Envelope envelope =
        new Envelope(CLUSTER, from.id(), 1, to, envelopeEpoch, 1, asking.newRequestId());
    return asking
        .ask(
            Addresses.control(to, addressEpoch),
            BusMessage.ofRecord(envelope, (short) 1, new Ping("q")),
            300,
            System.nanoTime() + deadlineMs * 1_000_000)
        .map(answer -> answer.record(Ping.class).text());
  }

  @Test
  void shouldWorkInsideTheProcessBeforeZooKeeperIsThere() {
    Node one = node(1, "a");
    MessageConsumer<BusMessage> consumer = answering(one, 5);

    String answer = Waiting.on(ask(one, 1, 5, 1_000));

    assertThat(answer).isEqualTo("answer to q");
    assertThat(consumer.completion().isComplete()).isFalse();
    Waiting.on(join(one));
    Waiting.on(consumer.completion());
    assertThat(Waiting.on(ask(one, 1, 5, 1_000))).isEqualTo("answer to q");
  }

  @Test
  void shouldAskAndAnswerBothWaysWithRegistrationsFromBeforeAndAfterTheJoin() {
    Node one = node(1, "a");
    answering(one, 5);
    Waiting.on(join(one));
    Node two = joined(2);
    Waiting.on(answering(two, 6).completion());

    assertThat(Waiting.on(ask(two, 1, 5, 5_000))).isEqualTo("answer to q");
    assertThat(Waiting.on(ask(one, 2, 6, 5_000))).isEqualTo("answer to q");
    await()
        .untilAsserted(
            () -> assertThat(one.manager().getNodes()).containsExactlyInAnyOrder("1-a", "2-a"));
  }

  @Test
  void shouldFailWithTimeoutAfterTheDeadlineWhenNobodyListens() {
    Node one = joined(1);

    assertThatThrownBy(() -> Waiting.on(ask(one, 9, 1, 400)))
        .isInstanceOfSatisfying(
            BusException.class, e -> assertThat(e.error()).isEqualTo(Errors.REQUEST_TIMED_OUT));
  }

  @Test
  void shouldRefuseMessagesForAnotherIncarnation() {
    Node one = joined(1);
    Waiting.on(answering(one, 5).completion());

    assertThatThrownBy(() -> Waiting.on(ask(one, 1, 5, 4, 2_000)))
        .isInstanceOfSatisfying(
            BusException.class, e -> assertThat(e.error()).isEqualTo(Errors.STALE_BROKER_EPOCH));
  }

  @Test
  void shouldWorkThroughAndAfterAnOutageOfZooKeeperLongerThanTheSession() {
    Node one = joined(1);
    Node two = joined(2);
    Waiting.on(answering(one, 5).completion());
    Waiting.on(answering(two, 6).completion());
    assertThat(Waiting.on(ask(two, 1, 5, 5_000))).isEqualTo("answer to q");

    zooKeeper.close();
    long awayUntilNs = System.nanoTime() + 3 * SESSION_TIMEOUT_MS * 1_000_000L;
    await()
        .pollInterval(Duration.ofMillis(200))
        .until(
            () -> {
              assertThat(Waiting.on(ask(two, 1, 5, 1_000))).isEqualTo("answer to q");
              return System.nanoTime() > awayUntilNs;
            });
    zooKeeper = EmbeddedZooKeeper.start(new EmbeddedZooKeeper.Options(dir, 0, TICK_MS));

    // A late joiner sees only what ZooKeeper says.
    Node three = joined(3);
    assertThat(Waiting.on(ask(three, 1, 5, 10_000))).isEqualTo("answer to q");
    assertThat(Waiting.on(ask(three, 2, 6, 10_000))).isEqualTo("answer to q");
    assertThat(Waiting.on(ask(one, 2, 6, 10_000))).isEqualTo("answer to q");
    await()
        .untilAsserted(
            () ->
                assertThat(three.manager().getNodes())
                    .containsExactlyInAnyOrder("1-a", "2-a", "3-a"));
  }

  @Test
  void shouldReturnToTheClusterAfterItsSessionWasLost() throws Exception {
    Node one = joined(1);
    Node two = joined(2);
    Waiting.on(answering(one, 5).completion());
    assertThat(Waiting.on(ask(two, 1, 5, 5_000))).isEqualTo("answer to q");
    String before = Files.readString(one.sessionFile());

    endSession(one.sessionFile());

    await().until(() -> !Files.readString(one.sessionFile()).equals(before));
    Node three = joined(3);
    assertThat(Waiting.on(ask(three, 1, 5, 10_000))).isEqualTo("answer to q");
    await()
        .untilAsserted(
            () ->
                assertThat(two.manager().getNodes())
                    .containsExactlyInAnyOrder("1-a", "2-a", "3-a"));
  }

  /** As expiry would: a second client with the same id and password closes the session. */
  private void endSession(Path sessionFile) throws Exception {
    String[] words = Files.readString(sessionFile).trim().split(" ");
    ZooKeeper second =
        new ZooKeeper(
            zooKeeper.connectString(),
            SESSION_TIMEOUT_MS,
            event -> {},
            Long.parseUnsignedLong(words[1], 16),
            Base64.getDecoder().decode(words[2]));
    await().until(() -> second.getState().isConnected());
    second.close();
  }

  @Test
  void shouldLeaveNoGhostBehindWhenAKilledProcessComesBack() throws Exception {
    Node one = joined(1);
    Node two = joined(2);
    Waiting.on(answering(one, 5).completion());
    Path copy = dir.resolve("session-of-the-killed");
    Files.copy(one.sessionFile(), copy);
    // What a killed process leaves: its session file and its entries, nobody behind them.
    Node restarted = node(1, "b");
    Waiting.on(join(restarted, copy));
    Waiting.on(answering(restarted, 7).completion());

    assertThat(Waiting.on(ask(two, 1, 7, 5_000))).isEqualTo("answer to q");
    assertThat(Files.readString(copy)).isNotEqualTo(Files.readString(one.sessionFile()));
  }
}
