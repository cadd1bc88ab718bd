package io.milena.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.base.Clock;
import io.milena.base.RandomSource;
import io.milena.bus.Asking;
import io.milena.bus.Codecs;
import io.milena.config.TopicConfigRules;
import io.milena.controller.model.ControllerMachine;
import io.milena.controller.model.Plan;
import io.milena.metrics.BusMeters;
import io.milena.metrics.VerticleMeters;
import io.milena.zookeeper.Bootstrap;
import io.milena.zookeeper.EpochCheckedWrites;
import io.milena.zookeeper.client.ZkOptions;
import io.milena.zookeeper.client.ZkSession;
import io.milena.zookeeper.embedded.EmbeddedZooKeeper;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An office without its verticle, in a cluster of nobody, with a real ZooKeeper. */
class OfficeTest {
  @TempDir Path dir;

  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private EmbeddedZooKeeper server;
  private ZkSession zk;
  private Office office;

  @BeforeEach
  void open() throws Exception {
    server = EmbeddedZooKeeper.start(new EmbeddedZooKeeper.Options(dir, 0, 500));
    BusMeters meters = new BusMeters();
    Codecs.register(vertx, meters);
    zk =
        get(
            ZkSession.open(
                vertx,
                new ZkOptions(server.connectString(), 4_000, 10_000, dir.resolve("session"))));
    get(Bootstrap.createPersistentPaths(zk));
    EpochCheckedWrites writes = get(EpochCheckedWrites.elect(zk, 1, 0)).writes();
    Office.Tools tools =
        new Office.Tools(
            vertx,
            zk,
            new ControllerOptions(
                1, "office", new ControllerMachine.Settings(1, 1, false, true), 2_000),
            TopicConfigRules.none(),
            new Asking.Tools(Clock.system(), RandomSource.system(), meters),
            new VerticleMeters("office"));
    office = new Office(tools, writes, () -> {});
    context.runOnContext(v -> office.open());
  }

  @AfterEach
  void close() throws Exception {
    get(zk.close());
    get(vertx.close());
    server.close();
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private void read(Function<ControllerMachine, Future<Plan>> reading) {
    context.runOnContext(v -> office.read(reading));
  }

  @Test
  void shouldGoOnAfterAnErrorInADecision() throws Exception {
    Promise<Integer> next = Promise.promise();
    context.runOnContext(
        v ->
            office.decide(
                machine -> {
                  throw new AssertionError("a bug");
                }));

    read(
        machine -> {
          next.complete(office.epoch());
          return Future.succeededFuture(Plan.empty());
        });

    assertThat(get(next.future())).isEqualTo(office.epoch());
  }

  @Test
  void shouldGoOnAfterAReadingThatThrows() throws Exception {
    Promise<Integer> next = Promise.promise();
    read(
        machine -> {
          throw new IllegalStateException("a bug");
        });

    read(
        machine -> {
          next.complete(office.epoch());
          return Future.succeededFuture(Plan.empty());
        });

    assertThat(get(next.future())).isEqualTo(office.epoch());
  }
}
