package io.milena.zookeeper.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.milena.testing.Waiting;
import io.milena.zookeeper.OneZooKeeper;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The session against a real ZooKeeper. */
class ZkSessionTest {
  @TempDir Path dir;
  private OneZooKeeper zooKeeper;
  private final List<ZooKeeper> abandonedClients = new ArrayList<>();

  @BeforeEach
  void startZooKeeper() {
    zooKeeper = new OneZooKeeper(dir);
  }

  @AfterEach
  void stopAll() throws InterruptedException {
    for (ZooKeeper client : abandonedClients) {
      client.close();
    }
    zooKeeper.close();
  }

  @Test
  void shouldCreateEveryLevelOfTheChrootPersistent() {
    ZkSession inside = zooKeeper.open("/clusters/pipeline", null);

    ZkSession outside = zooKeeper.open();
    assertThat(Waiting.on(outside.exists("/clusters/pipeline")))
        .get()
        .extracting(ZStat::ephemeralOwner)
        .isEqualTo(0L);
    Waiting.on(inside.create("/x", null, ZkOp.Mode.PERSISTENT));
    assertThat(Waiting.on(outside.children("/clusters/pipeline"))).containsExactly("x");
  }

  @Test
  void shouldCompleteOnTheContextOfTheCaller() {
    ZkSession session = zooKeeper.open();
    Context context = zooKeeper.vertx().getOrCreateContext();
    Promise<Context> seen = Promise.promise();

    context.runOnContext(
        v -> session.exists("/").onComplete(done -> seen.complete(Vertx.currentContext())));

    assertThat(Waiting.on(seen.future())).isSameAs(context);
  }

  @Test
  void shouldNameTheErrorOfEachOperation() {
    ZkSession session = zooKeeper.open();
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
    ZkSession session = zooKeeper.open();
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

    ZkSession next = zooKeeper.open("", file);

    assertThat(Waiting.on(next.exists("/e"))).isEmpty();
    assertThat((System.nanoTime() - startNs) / 1_000_000)
        .isLessThan(OneZooKeeper.SESSION_TIMEOUT_MS / 2);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  /** A client that nobody closes, its session kept in the file as a broker would. */
  private ZooKeeper abandonedClient(Path file) throws Exception {
    ZooKeeper client =
        new ZooKeeper(zooKeeper.connectString(), OneZooKeeper.SESSION_TIMEOUT_MS, event -> {});
    await().until(() -> client.getState().isConnected());
    new SessionFile(file).keep(client.getSessionId(), client.getSessionPasswd());
    return client;
  }

  @Test
  void shouldForgetTheSessionFileAfterACleanClose() {
    Path file = dir.resolve("zk-session");
    ZkSession session = zooKeeper.open("", file);

    Waiting.on(session.close());

    assertThat(file).doesNotExist();
  }

  @Test
  void shouldTakeANewSessionAfterExpiryAndOnlyAfterTheHandlerReturned() throws Exception {
    Path file = dir.resolve("zk-session");
    ZkSession session = zooKeeper.open("", file);
    List<String> events = new CopyOnWriteArrayList<>();
    List<Optional<ZNode>> seen = new CopyOnWriteArrayList<>();
    session.onSessionEvent(
        event ->
            events.add(
                event.kind() + (session.connected() ? " connected" : " without a connection")));
    session.watchData("/own", seen::add);
    long oldId = session.sessionId();
    long oldEpoch = Waiting.on(OneZooKeeper.registered(session));

    expire(file);

    await().until(() -> events.size() >= 3);
    assertThat(events)
        .endsWith("EXPIRED without a connection", "NEW_SESSION connected")
        .first()
        .isEqualTo("SUSPENDED without a connection");
    assertThat(session.sessionId()).isNotEqualTo(oldId);
    assertThat(session.isOwnSession(oldId)).isTrue();
    assertThat(Waiting.on(OneZooKeeper.registered(session))).isGreaterThan(oldEpoch);
    Waiting.on(session.create("/own", null, ZkOp.Mode.PERSISTENT));
    await().until(() -> seen.get(seen.size() - 1).isPresent());
  }

  /** Ends the session as its expiry would: by a second client with the same id and password. */
  private void expire(Path file) throws Exception {
    SessionFile.Session session = new SessionFile(file).read().orElseThrow();
    ZooKeeper second =
        new ZooKeeper(
            zooKeeper.connectString(),
            OneZooKeeper.SESSION_TIMEOUT_MS,
            event -> {},
            session.id(),
            session.password());
    await().until(() -> second.getState().isConnected());
    second.close();
  }

  @Test
  void shouldKeepSessionAndEphemeralsOverARestartOfZooKeeper() {
    ZkSession session = zooKeeper.open();
    List<SessionEvent.Kind> events = new CopyOnWriteArrayList<>();
    session.onSessionEvent(event -> events.add(event.kind()));
    Waiting.on(session.create("/e", null, ZkOp.Mode.EPHEMERAL));
    int port = zooKeeper.port();

    zooKeeper.stopServer();
    await().until(() -> events.contains(SessionEvent.Kind.SUSPENDED));
    assertThatThrownBy(() -> Waiting.on(session.get("/e")))
        .isInstanceOfSatisfying(
            ZkException.ConnectionLost.class, e -> assertThat(e.outcomeUnknown()).isFalse());
    zooKeeper.startServer();

    await().until(() -> events.contains(SessionEvent.Kind.RECONNECTED));
    assertThat(zooKeeper.port()).isEqualTo(port);
    assertThat(Waiting.on(session.exists("/e"))).isPresent();
  }
}
