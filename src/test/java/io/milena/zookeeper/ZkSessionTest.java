package io.milena.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.milena.metadata.BrokerEndpoint;
import io.milena.testing.Waiting;
import io.milena.zookeeper.EpochCheckedWrites.AtomResult;
import io.milena.zookeeper.EpochCheckedWrites.Election;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The session, elections and registration against a real ZooKeeper. */
class ZkSessionTest {
  private static final int TICK_MS = 300;
  private static final int SESSION_TIMEOUT_MS = 3_000;

  @TempDir Path dir;
  private Vertx vertx;
  private EmbeddedZooKeeper zooKeeper;
  private final List<ZkSession> sessions = new ArrayList<>();

  private final List<ZooKeeper> abandonedClients = new ArrayList<>();

  @BeforeEach
  void startZooKeeper() {
    vertx = Vertx.vertx();
    zooKeeper = EmbeddedZooKeeper.start(new EmbeddedZooKeeper.Options(dir, 0, TICK_MS));
  }

  @AfterEach
  void stopAll() throws InterruptedException {
    for (ZooKeeper client : abandonedClients) {
      client.close();
    }
    sessions.forEach(session -> Waiting.on(session.close()));
    zooKeeper.close();
    Waiting.on(vertx.close());
  }

  private ZkOptions options(String chroot, Path sessionFile) {
    return new ZkOptions(
        zooKeeper.connectString() + chroot, SESSION_TIMEOUT_MS, 5_000, sessionFile);
  }

  private ZkSession open(String chroot, Path sessionFile) {
    ZkSession session = Waiting.on(ZkSession.open(vertx, options(chroot, sessionFile)));
    sessions.add(session);
    return session;
  }

  private ZkSession open() {
    return open("", null);
  }

  private static BrokerZNode broker(int id) {
    return new BrokerZNode(
        id,
        List.of(new BrokerEndpoint("PLAINTEXT", "localhost", 9092, "PLAINTEXT")),
        null,
        -1,
        1_700_000_000_000L,
        Map.of(),
        false);
  }

  @Test
  void shouldCreateEveryLevelOfTheChrootPersistent() {
    ZkSession inside = open("/clusters/pipeline", null);

    ZkSession outside = open();
    assertThat(Waiting.on(outside.exists("/clusters/pipeline")))
        .get()
        .extracting(ZStat::ephemeralOwner)
        .isEqualTo(0L);
    Waiting.on(inside.create("/x", null, ZkOp.Mode.PERSISTENT));
    assertThat(Waiting.on(outside.children("/clusters/pipeline"))).containsExactly("x");
  }

  @Test
  void shouldCompleteOnTheContextOfTheCaller() {
    ZkSession session = open();
    Context context = vertx.getOrCreateContext();
    Promise<Context> seen = Promise.promise();

    context.runOnContext(
        v -> session.exists("/").onComplete(done -> seen.complete(Vertx.currentContext())));

    assertThat(Waiting.on(seen.future())).isSameAs(context);
  }

  @Test
  void shouldNameTheErrorOfEachOperation() {
    ZkSession session = open();
    Waiting.on(session.create("/a", new byte[] {1}, ZkOp.Mode.PERSISTENT));
    Waiting.on(session.create("/a/b", null, ZkOp.Mode.PERSISTENT));

    assertThatThrownBy(() -> Waiting.on(session.get("/none")))
        .isInstanceOf(ZkException.NoNode.class);
    assertThatThrownBy(() -> Waiting.on(session.create("/a", null, ZkOp.Mode.PERSISTENT)))
        .isInstanceOf(ZkException.NodeExists.class);
    assertThatThrownBy(() -> Waiting.on(session.setData("/a", null, 7)))
        .isInstanceOf(ZkException.BadVersion.class);
    assertThatThrownBy(() -> Waiting.on(session.delete("/a", ZkOp.ANY_VERSION)))
        .isInstanceOf(ZkException.NotEmpty.class);
    assertThatThrownBy(() -> Waiting.on(session.get("no-slash")))
        .isInstanceOf(ZkException.Other.class);
    assertThatThrownBy(
            () ->
                Waiting.on(
                    session.multi(
                        List.of(
                            ZkOp.create("/c", null),
                            ZkOp.delete("/none", ZkOp.ANY_VERSION),
                            ZkOp.create("/d", null)))))
        .isInstanceOfSatisfying(
            ZkException.NoNode.class, e -> assertThat(e.opIndex()).isEqualTo(1));
    assertThat(Waiting.on(session.exists("/c"))).isEmpty();
  }

  @Test
  void shouldTellEveryChangeOfAWatchedZnode() {
    ZkSession session = open();
    List<Optional<String>> data = new CopyOnWriteArrayList<>();
    List<List<String>> children = new CopyOnWriteArrayList<>();
    session.watchData("/w", node -> data.add(node.map(n -> new String(n.data()))));
    session.watchChildren("/w", children::add);
    await().until(() -> data.size() == 1 && children.size() == 1);

    Waiting.on(session.create("/w", "1".getBytes(), ZkOp.Mode.PERSISTENT));
    await().until(() -> data.size() == 2 && children.size() == 2);
    Waiting.on(session.setData("/w", "2".getBytes(), 0));
    Waiting.on(session.create("/w/child", null, ZkOp.Mode.PERSISTENT));

    await()
        .untilAsserted(
            () -> {
              assertThat(data)
                  .containsExactly(Optional.empty(), Optional.of("1"), Optional.of("2"));
              assertThat(children).containsExactly(List.of(), List.of(), List.of("child"));
            });
  }

  @Test
  void shouldFreeTheEphemeralsOfAKilledRunAtOnce() throws Exception {
    Path file = dir.resolve("zk-session");
    ZooKeeper abandoned = abandonedClient(file);
    abandoned.create(
        "/e",
        null,
        org.apache.zookeeper.ZooDefs.Ids.OPEN_ACL_UNSAFE,
        org.apache.zookeeper.CreateMode.EPHEMERAL);
    abandonedClients.add(abandoned);
    long startNs = System.nanoTime();

    ZkSession next = open("", file);

    assertThat(Waiting.on(next.exists("/e"))).isEmpty();
    assertThat((System.nanoTime() - startNs) / 1_000_000).isLessThan(SESSION_TIMEOUT_MS / 2);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  /** A client that nobody closes, its session kept in the file as a broker would. */
  private ZooKeeper abandonedClient(Path file) throws Exception {
    ZooKeeper client = new ZooKeeper(zooKeeper.connectString(), SESSION_TIMEOUT_MS, event -> {});
    await().until(() -> client.getState().isConnected());
    new SessionFile(file).keep(client.getSessionId(), client.getSessionPasswd());
    return client;
  }

  @Test
  void shouldForgetTheSessionFileAfterACleanClose() {
    Path file = dir.resolve("zk-session");
    ZkSession session = open("", file);

    Waiting.on(session.close());

    assertThat(file).doesNotExist();
  }

  @Test
  void shouldTakeANewSessionAfterExpiryAndOnlyAfterTheHandlerReturned() throws Exception {
    Path file = dir.resolve("zk-session");
    ZkSession session = open("", file);
    List<String> events = new CopyOnWriteArrayList<>();
    List<Optional<ZNode>> seen = new CopyOnWriteArrayList<>();
    session.onSessionEvent(
        event ->
            events.add(
                event.kind() + (session.connected() ? " connected" : " without a connection")));
    session.watchData("/own", seen::add);
    long oldId = session.sessionId();
    long oldEpoch = Waiting.on(registered(session));

    expire(file);

    await().until(() -> events.size() >= 3);
    assertThat(events)
        .endsWith("EXPIRED without a connection", "NEW_SESSION connected")
        .first()
        .isEqualTo("SUSPENDED without a connection");
    assertThat(session.sessionId()).isNotEqualTo(oldId);
    assertThat(session.isOwnSession(oldId)).isTrue();
    assertThat(Waiting.on(registered(session))).isGreaterThan(oldEpoch);
    Waiting.on(session.create("/own", null, ZkOp.Mode.PERSISTENT));
    await().until(() -> seen.get(seen.size() - 1).isPresent());
  }

  /** Ends the session as its expiry would: by a second client with the same id and password. */
  private void expire(Path file) throws Exception {
    SessionFile.Session session = new SessionFile(file).read().orElseThrow();
    ZooKeeper second =
        new ZooKeeper(
            zooKeeper.connectString(),
            SESSION_TIMEOUT_MS,
            event -> {},
            session.id(),
            session.password());
    await().until(() -> second.getState().isConnected());
    second.close();
  }

  private static Future<Long> registered(ZkSession session) {
    return Bootstrap.createPersistentPaths(session)
        .compose(made -> Bootstrap.register(session, broker(1)));
  }

  @Test
  void shouldKeepSessionAndEphemeralsOverARestartOfZooKeeper() {
    ZkSession session = open();
    List<SessionEvent.Kind> events = new CopyOnWriteArrayList<>();
    session.onSessionEvent(event -> events.add(event.kind()));
    Waiting.on(session.create("/e", null, ZkOp.Mode.EPHEMERAL));
    int port = zooKeeper.port();

    zooKeeper.close();
    await().until(() -> events.contains(SessionEvent.Kind.SUSPENDED));
    assertThatThrownBy(() -> Waiting.on(session.get("/e")))
        .isInstanceOfSatisfying(
            ZkException.ConnectionLost.class, e -> assertThat(e.outcomeUnknown()).isFalse());
    zooKeeper = EmbeddedZooKeeper.start(new EmbeddedZooKeeper.Options(dir, 0, TICK_MS));

    await().until(() -> events.contains(SessionEvent.Kind.RECONNECTED));
    assertThat(zooKeeper.port()).isEqualTo(port);
    assertThat(Waiting.on(session.exists("/e"))).isPresent();
  }

  @Test
  void shouldRegisterWithVersionOneAndTheCreationZxidAsEpoch() {
    ZkSession session = open();

    long epoch = Waiting.on(registered(session));

    ZNode node = Waiting.on(session.get(Paths.broker(1)));
    assertThat(node.stat().version()).isEqualTo(1);
    assertThat(node.stat().czxid()).isEqualTo(epoch);
    assertThat(BrokerZNode.decode(1, node.data())).isEqualTo(broker(1));
    assertThat(Waiting.on(Bootstrap.register(session, broker(1)))).isEqualTo(epoch);
  }

  @Test
  void shouldRefuseTheIdOfALivingStranger() {
    Waiting.on(registered(open()));

    assertThatThrownBy(() -> Waiting.on(registered(open())))
        .isInstanceOf(ZkException.NodeExists.class);
  }

  @Test
  void shouldGiveNewBrokerIdsAndOneClusterId() {
    ZkSession session = open();
    Waiting.on(Bootstrap.createPersistentPaths(session));

    int first = Waiting.on(Bootstrap.nextBrokerId(session, 1000));
    int second = Waiting.on(Bootstrap.nextBrokerId(session, 1000));
    String id = Waiting.on(Bootstrap.clusterId(session, () -> "AAAAAAAAAAAAAAAAAAAAAA"));
    String again = Waiting.on(Bootstrap.clusterId(session, () -> "BBBBBBBBBBBBBBBBBBBBBB"));

    assertThat(first).isEqualTo(1001);
    assertThat(second).isEqualTo(1002);
    assertThat(id).isEqualTo(again).isEqualTo("AAAAAAAAAAAAAAAAAAAAAA");
  }

  @Test
  void shouldRefuseEveryWriteOfAControllerThatWasReplaced() {
    ZkSession one = open();
    ZkSession two = open();
    Election first = Waiting.on(EpochCheckedWrites.elect(one, 1, 5));
    Waiting.on(first.writes().write(List.of(ZkOp.create("/by-one", null))));
    Election lost = Waiting.on(EpochCheckedWrites.elect(two, 2, 6));
    Waiting.on(two.delete(Paths.CONTROLLER, ZkOp.ANY_VERSION));

    Election second = Waiting.on(EpochCheckedWrites.elect(two, 2, 7));

    assertThat(lost.won()).isFalse();
    assertThat(lost.controller().brokerId()).isEqualTo(1);
    assertThat(second.writes().epoch()).isEqualTo(first.writes().epoch() + 1).isEqualTo(2);
    assertThatThrownBy(
            () -> Waiting.on(first.writes().write(List.of(ZkOp.create("/zombie", null)))))
        .isInstanceOf(ZkException.ControllerMoved.class);
    assertThat(Waiting.on(two.exists("/zombie"))).isEmpty();
    Waiting.on(first.writes().resign());
    assertThat(Waiting.on(two.exists(Paths.CONTROLLER))).isPresent();
  }

  @Test
  void shouldRecogniseAnElectionWhoseAnswerWasLost() {
    ZkSession session = open();
    Election first = Waiting.on(EpochCheckedWrites.elect(session, 1, 5));

    Election again = Waiting.on(EpochCheckedWrites.elect(session, 1, 6));

    assertThat(again.won()).isTrue();
    assertThat(again.writes().epoch()).isEqualTo(first.writes().epoch());
    Waiting.on(again.writes().write(List.of(ZkOp.create("/x", null))));
  }

  @Test
  void shouldCreateAThousandPartitionsInWellUnderASecond() {
    ZkSession session = open();
    Waiting.on(Bootstrap.createPersistentPaths(session));
    EpochCheckedWrites writes = Waiting.on(EpochCheckedWrites.elect(session, 1, 5)).writes();
    Waiting.on(
        writes.write(
            List.of(
                ZkOp.create(Paths.topic("t"), null), ZkOp.create(Paths.partitions("t"), null))));
    byte[] state = new PartitionStateZNode(1, 1, 0, List.of(1), false).encode();
    List<List<ZkOp>> atoms = new ArrayList<>();
    for (int p = 0; p < 1_000; p++) {
      atoms.add(
          List.of(
              ZkOp.create(Paths.partition("t", p), null),
              ZkOp.create(Paths.partitionState("t", p), state)));
    }
    long startNs = System.nanoTime();

    List<AtomResult> results = Waiting.on(writes.writeAll(atoms));

    long tookMs = (System.nanoTime() - startNs) / 1_000_000;
    System.out.println("1,000 partitions created in ZooKeeper in " + tookMs + " ms");
    assertThat(results).hasSize(1_000).allMatch(result -> result.error() == null);
    assertThat(tookMs).isLessThan(2_000);
    assertThat(Waiting.on(session.children(Paths.partitions("t")))).hasSize(1_000);
    List<String> paths = new ArrayList<>();
    for (int p = 0; p < 1_000; p++) {
      paths.add(Paths.partitionState("t", p));
    }
    startNs = System.nanoTime();
    assertThat(Waiting.on(session.findAll(paths))).allMatch(Optional::isPresent);
    System.out.println("read back in " + (System.nanoTime() - startNs) / 1_000_000 + " ms");
  }

  @Test
  void shouldNotLetOneBadAtomHarmTheOthers() {
    ZkSession session = open();
    EpochCheckedWrites writes = Waiting.on(EpochCheckedWrites.elect(session, 1, 5)).writes();
    Waiting.on(session.create("/b", null, ZkOp.Mode.PERSISTENT));

    List<AtomResult> results =
        Waiting.on(
            writes.writeAll(
                List.of(
                    List.of(ZkOp.create("/a", null)),
                    List.of(ZkOp.create("/before-b", null), ZkOp.setData("/b", null, 9)),
                    List.of(ZkOp.create("/c", null)))));

    assertThat(results.get(0).error()).isNull();
    assertThat(results.get(1).error())
        .isInstanceOfSatisfying(
            ZkException.BadVersion.class, e -> assertThat(e.opIndex()).isEqualTo(1));
    assertThat(results.get(2).error()).isNull();
    assertThat(Waiting.on(session.exists("/before-b"))).isEmpty();
    assertThat(Waiting.on(session.exists("/c"))).isPresent();
  }
}
