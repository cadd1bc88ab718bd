package io.milena.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A broker that stands still under load (SIGSTOP, as a long pause of the machine) and wakes up
 * (F38, F18): it takes up its work again by itself, nothing acknowledged is lost or doubled.
 */
@Timeout(180)
class StallIT {
  private static final int PARTITIONS = 2;
  private static final int RATE = 5_000;
  private static final int BROKER_ID = 4;
  private static final String REGISTRATION = "/stall/brokers/ids/" + BROKER_ID;
  private static final String CONTROLLER = "/stall/controller";
  private static final Duration EMBEDDED_STALL = Duration.ofSeconds(10);

  @TempDir Path home;

  @Test
  void aStallBeyondItsSessionIsSurvivedWithANewRegistration() throws Exception {
    int port = MilenaProcess.freePort();
    try (ForkedJvm server = Kafka39.zooKeeper(home.resolve("zookeeper"), port);
        MilenaProcess broker = broker().with("zookeeper.connect", "127.0.0.1:" + port + "/stall");
        ZooKeeper zooKeeper = new ZooKeeper("127.0.0.1:" + port, 20_000, event -> {})) {
      assertThat(server.process().isAlive()).isTrue();
      broker.with("zookeeper.session.timeout.ms", "4000").start();
      long registration = zooKeeper.exists(REGISTRATION, false).getCzxid();
      try (NumberedLoad load = load(broker)) {
        load.awaitProgress(2_000);
        long acknowledged = load.acknowledged();

        stop(broker);
        awaitNode(zooKeeper, REGISTRATION, stat -> stat == null);
        awaitNode(zooKeeper, CONTROLLER, stat -> stat == null);
        proceed(broker);
        long wokenNs = System.nanoTime();

        awaitNode(zooKeeper, REGISTRATION, stat -> stat != null && stat.getCzxid() > registration);
        awaitNode(zooKeeper, CONTROLLER, stat -> stat != null);
        load.awaitProgress(2_000);
        System.out.printf(
            "StallIT: session lost, %d acknowledged before, going on %.1f s after waking%n",
            acknowledged, (System.nanoTime() - wokenNs) / 1e9);
        createsTopics(broker, "after");
        finish(broker, load);
      }
    }
  }

  @Test
  @Tag("long")
  void aStallWithTheEmbeddedZooKeeperIsSurvived() throws Exception {
    try (MilenaProcess broker = broker().start();
        NumberedLoad load = load(broker)) {
      load.awaitProgress(2_000);

      stop(broker);
      Awaitility.await("the stall is over")
          .pollDelay(EMBEDDED_STALL)
          .atMost(EMBEDDED_STALL.plusSeconds(5))
          .until(() -> true);
      proceed(broker);
      long wokenNs = System.nanoTime();

      load.awaitProgress(2_000);
      System.out.printf(
          "StallIT: embedded ZooKeeper, stopped 10 s, going on %.1f s after waking%n",
          (System.nanoTime() - wokenNs) / 1e9);
      createsTopics(broker, "after");
      finish(broker, load);
    }
  }

  private MilenaProcess broker() throws Exception {
    return new MilenaProcess(home.resolve("broker")).with("broker.id", "" + BROKER_ID);
  }

  private static NumberedLoad load(MilenaProcess broker) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
      admin.createTopics(List.of(new NewTopic("stalled", PARTITIONS, (short) 1))).all().get();
    }
    NumberedLoad load = new NumberedLoad(broker.bootstrap(), "stalled", PARTITIONS).paced(RATE);
    load.start();
    return load;
  }

  /** The controller works again. */
  private static void createsTopics(MilenaProcess broker, String topic) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
      admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
    }
  }

  private static void finish(MilenaProcess broker, NumberedLoad load) throws Exception {
    load.finish();
    assertThat(load.faults(broker.bootstrap())).isEmpty();
    Awaitility.await("ready again").until(broker::ready);
    assertThat(broker.alive()).isTrue();
    broker.stop();
    assertThat(broker.data().resolve(".kafka_cleanshutdown")).as("a clean stop").exists();
    System.out.println("StallIT: " + load.acknowledged() + " acknowledged, all found once");
  }

  private static void stop(MilenaProcess broker) throws Exception {
    signal(broker, "STOP");
  }

  private static void proceed(MilenaProcess broker) throws Exception {
    signal(broker, "CONT");
  }

  private static void signal(MilenaProcess broker, String name) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(broker.pid())).start();
    assertThat(kill.waitFor()).isZero();
  }

  private interface Expectation {
    boolean holds(Stat stat);
  }

  private static void awaitNode(ZooKeeper zooKeeper, String path, Expectation expected) {
    Awaitility.await(path)
        .atMost(Duration.ofSeconds(40))
        .pollInterval(Duration.ofMillis(50))
        .ignoreExceptionsInstanceOf(KeeperException.ConnectionLossException.class)
        .until(() -> expected.holds(zooKeeper.exists(path, false)));
  }
}
