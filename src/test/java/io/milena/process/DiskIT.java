package io.milena.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real disk that runs full or becomes read-only under load (F11, F12): its partitions refuse with
 * KAFKA_STORAGE_ERROR, their records can be read, the other directory goes on, the process stays.
 */
@Timeout(180)
class DiskIT {
  private static final int MB = 1 << 20;
  private static final int PROBE_BYTES = 8_000;
  private static final int RATE = 8_000;
  private static final String SAFE = "safe";
  private static final String SMALL = "small";
  private static final String PROBE = "probe";

  @TempDir Path home;

  /** Two producers, one for each directory. */
  private record Loads(NumberedLoad safe, NumberedLoad small) implements AutoCloseable {
    static Loads on(MilenaProcess broker) {
      Map<String, Object> settings = Map.of("buffer.memory", MB);
      Loads loads =
          new Loads(
              new NumberedLoad(broker.bootstrap(), SAFE, 1, settings).paced(RATE),
              new NumberedLoad(broker.bootstrap(), SMALL, 1, settings).paced(RATE));
      loads.safe.start();
      loads.small.start();
      return loads;
    }

    long acknowledged() {
      return safe.acknowledged() + small.acknowledged();
    }

    @Override
    public void close() {
      safe.close();
      small.close();
    }
  }

  @Test
  void theReserveRefusesBeforeTheDiskIsFullAndWritingGoesOnWithNewRoom() throws Exception {
    try (SmallDisk disk = SmallDisk.inMemory(home.resolve("tmpfs"), 12);
        MilenaProcess broker = broker(disk, 8 * MB).start()) {
      createTopics(broker, disk);
      try (Loads loads = Loads.on(broker)) {
        awaitRefusal(broker);
        assertThat(disk.usableBytes()).isGreaterThan(7L * MB);
        assertAllElseGoesOn(broker, loads);
        assertThat(broker.log()).doesNotContain("No space left");

        disk.resize(128);

        loads.small.awaitProgress(1_000);
        finish(broker, loads);
      }
    }
  }

  @Test
  void aFullDiskHealsByItselfAgainAndAgain() throws Exception {
    try (SmallDisk disk = SmallDisk.inMemory(home.resolve("tmpfs"), 32);
        MilenaProcess broker = broker(disk, 0).start()) {
      createTopics(broker, disk);
      List<String> ballast = List.of("a", "b", "c");
      for (String piece : ballast) {
        disk.take(piece, 4);
      }
      try (Loads loads = Loads.on(broker)) {
        loads.small.awaitProgress(1_000);
        for (String piece : ballast) {
          disk.fill();
          awaitRefusal(broker);
          assertAllElseGoesOn(broker, loads);

          disk.empty();
          disk.giveBack(piece);

          loads.small.awaitProgress(1_000);
        }
        assertThat(broker.log()).contains("No space left");
        disk.resize(128);
        finish(broker, loads);
      }
    }
  }

  @Test
  void aDirectoryThatBecomesReadOnlyTakesNothingAndCostsTheOtherNothing() throws Exception {
    try (SmallDisk disk = SmallDisk.ext4(home.resolve("ext4"), 64);
        MilenaProcess broker = broker(disk, 0).start()) {
      createTopics(broker, disk);
      try (Loads loads = Loads.on(broker)) {
        loads.small.awaitProgress(1_000);

        disk.breakDown();

        awaitRefusal(broker);
        assertAllElseGoesOn(broker, loads);
        loads.safe.finish();
        assertThat(loads.safe.faults(broker.bootstrap())).isEmpty();
        assertThat(broker.log()).contains("Read-only file system");
        System.out.println("DiskIT: read-only: " + loads.acknowledged() + " acknowledged");
      }
    }
  }

  /** The newcomer's case: everything in one directory, the embedded ZooKeeper too. */
  @Test
  void aFullDiskWithTheEmbeddedZooKeeperOnItHealsByItself() throws Exception {
    try (SmallDisk disk = SmallDisk.inMemory(home.resolve("tmpfs"), 64);
        MilenaProcess broker =
            new MilenaProcess(home.resolve("broker"))
                .with("log.dirs", disk.path().resolve("data").toString())
                .start();
        Admin admin =
            Admin.create(
                Map.of(
                    "bootstrap.servers",
                    broker.bootstrap(),
                    "request.timeout.ms",
                    5_000,
                    "default.api.timeout.ms",
                    10_000))) {
      create(admin, PROBE);

      disk.fill();

      awaitRefusal(broker);
      fillTheLogOfZooKeeper(admin, broker);
      assertThat(broker.alive()).isTrue();

      disk.empty();

      Awaitility.await("a topic can be created again")
          .atMost(Duration.ofSeconds(60))
          .ignoreExceptionsInstanceOf(ExecutionException.class)
          .until(() -> create(admin, SAFE));
      try (NumberedLoad load = new NumberedLoad(broker.bootstrap(), SAFE, 1).paced(RATE)) {
        load.start();
        load.awaitProgress(1_000);
        load.finish();
        assertThat(load.faults(broker.bootstrap())).isEmpty();
      }
    }
  }

  /** Its log is extended a MiB at a time: settings are written until there is no room for more. */
  private static void fillTheLogOfZooKeeper(Admin admin, MilenaProcess broker) {
    ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, PROBE);
    AtomicLong round = new AtomicLong(1_000_000);
    Awaitility.await("the embedded ZooKeeper gives up")
        .atMost(Duration.ofSeconds(90))
        .pollInterval(Duration.ofMillis(1))
        .ignoreExceptionsInstanceOf(ExecutionException.class)
        .until(
            () -> {
              if (broker.log().contains("embedded ZooKeeper") && broker.log().contains("gave up")) {
                return true;
              }
              List<Future<Void>> sent = new ArrayList<>();
              for (int i = 0; i < 100; i++) {
                ConfigEntry entry =
                    new ConfigEntry("retention.ms", Long.toString(round.incrementAndGet()));
                sent.add(
                    admin
                        .incrementalAlterConfigs(
                            Map.of(topic, List.of(new AlterConfigOp(entry, OpType.SET))))
                        .all());
              }
              for (Future<Void> one : sent) {
                one.get();
              }
              return false;
            });
  }

  private static boolean create(Admin admin, String topic) throws Exception {
    admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
    return true;
  }

  private MilenaProcess broker(SmallDisk disk, int reserveBytes) throws Exception {
    return new MilenaProcess(home.resolve("broker"))
        .with("log.dirs", home.resolve("data") + "," + disk.path())
        .with("milena.disk.reserve.bytes", Integer.toString(reserveBytes))
        .with("log.segment.bytes", Integer.toString(MB));
  }

  /** A new partition goes to the directory with the fewest, the first at a tie. */
  private static void createTopics(MilenaProcess broker, SmallDisk disk) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
      for (String topic : List.of(SAFE, SMALL, "other", PROBE)) {
        admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
      }
    }
    assertThat(disk.path().resolve(SMALL + "-0")).isDirectory();
    assertThat(disk.path().resolve(PROBE + "-0")).isDirectory();
    assertThat(disk.path().resolve(SAFE + "-0")).doesNotExist();
  }

  /** A producer that does not retry is told KAFKA_STORAGE_ERROR. */
  private static void awaitRefusal(MilenaProcess broker) {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers", broker.bootstrap(), "retries", 0, "enable.idempotence", false),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      Awaitility.await("appends refused")
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(10))
          .until(() -> probe(producer) == Errors.KAFKA_STORAGE_ERROR);
    }
  }

  private static Errors probe(KafkaProducer<byte[], byte[]> producer) throws InterruptedException {
    try {
      producer.send(new ProducerRecord<>(PROBE, 0, null, new byte[PROBE_BYTES])).get();
      return Errors.NONE;
    } catch (ExecutionException e) {
      return Errors.forException(e.getCause());
    }
  }

  private static void assertAllElseGoesOn(MilenaProcess broker, Loads loads) throws Exception {
    loads.safe.awaitProgress(1_000);
    assertThat(loads.small.faults(broker.bootstrap())).as("read while refused").isEmpty();
    assertThat(broker.alive()).isTrue();
    assertThat(broker.ready()).isTrue();
  }

  /** Nothing acknowledged is lost, doubled or out of order, now and after kill -9. */
  private static void finish(MilenaProcess broker, Loads loads) throws Exception {
    loads.safe.finish();
    loads.small.finish();
    assertFaultless(broker, loads);
    broker.kill();
    broker.start();
    assertFaultless(broker, loads);
    System.out.println("DiskIT: full disk: " + loads.acknowledged() + " acknowledged, all there");
  }

  private static void assertFaultless(MilenaProcess broker, Loads loads) {
    assertThat(loads.safe.faults(broker.bootstrap())).isEmpty();
    assertThat(loads.small.faults(broker.bootstrap())).isEmpty();
  }
}
