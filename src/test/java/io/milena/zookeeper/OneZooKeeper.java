package io.milena.zookeeper;

import io.milena.metadata.BrokerEndpoint;
import io.milena.testing.Waiting;
import io.milena.zookeeper.client.ZkOptions;
import io.milena.zookeeper.client.ZkSession;
import io.milena.zookeeper.embedded.EmbeddedZooKeeper;
import io.milena.zookeeper.layout.BrokerZNode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A real ZooKeeper for one test, and the sessions that the test opens with it. */
public final class OneZooKeeper implements AutoCloseable {
  /** Of every session opened here. */
  public static final int SESSION_TIMEOUT_MS = 3_000;

  private static final int TICK_MS = 300;

  private final Path dir;
  private final Vertx vertx = Vertx.vertx();
  private final List<ZkSession> sessions = new ArrayList<>();
  private EmbeddedZooKeeper server;

  /** Starts it with its files in {@code dir}. */
  public OneZooKeeper(Path dir) {
    this.dir = dir;
    startServer();
  }

  /** Starts the server again after {@link #stopServer}: the same files, the same port. */
  public void startServer() {
    server = EmbeddedZooKeeper.start(new EmbeddedZooKeeper.Options(dir, 0, TICK_MS));
  }

  /** Stops the server; the sessions stay open. */
  public void stopServer() {
    server.close();
  }

  /** Where it listens. */
  public String connectString() {
    return server.connectString();
  }

  /** The port of {@link #connectString}. */
  public int port() {
    return server.port();
  }

  /** What the sessions run on. */
  public Vertx vertx() {
    return vertx;
  }

  /** A session without chroot and file. */
  public ZkSession open() {
    return open("", null);
  }

  /** A session, closed with this. */
  public ZkSession open(String chroot, Path sessionFile) {
    ZkOptions options =
        new ZkOptions(connectString() + chroot, SESSION_TIMEOUT_MS, 5_000, sessionFile);
    ZkSession session = Waiting.on(ZkSession.open(vertx, options));
    sessions.add(session);
    return session;
  }

  /** A broker with one listener. */
  public static BrokerZNode broker(int id) {
    return new BrokerZNode(
        id,
        List.of(new BrokerEndpoint("PLAINTEXT", "localhost", 9092, "PLAINTEXT")),
        null,
        -1,
        1_700_000_000_000L,
        Map.of(),
        false);
  }

  /** Registers broker 1 with all that goes before it; answers its epoch. */
  public static Future<Long> registered(ZkSession session) {
    return Bootstrap.createPersistentPaths(session)
        .compose(made -> Bootstrap.register(session, broker(1)));
  }

  @Override
  public void close() {
    sessions.forEach(session -> Waiting.on(session.close()));
    server.close();
    Waiting.on(vertx.close());
  }
}
