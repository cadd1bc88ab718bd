package io.milena.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.testing.KeyTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.zookeeper.ZooKeeper;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Kafka 3.9 in ZooKeeper mode, then Milena on the same settings, directories and ZooKeeper, then
 * Kafka 3.9 again: nothing is lost on the way there and back.
 */
@Timeout(240)
class TakeOverIT {
  private static final String PLAIN = "plain";
  private static final String TXN = "transactional";
  private static final String TABLE = "compacted";

  @TempDir Path home;
  private String bootstrap;
  private Map<String, String> settings;
  private CarriedGroups groups;
  private final List<String> sent = new ArrayList<>();
  private final Map<String, String> table = new TreeMap<>();

  private enum End {
    CLEAN,
    KILL
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void aKafkaClusterIsTakenOverAndGivenBack(End end) throws Exception {
    int zooKeeperPort = MilenaProcess.freePort();
    try (ForkedJvm zooKeeper = Kafka39.zooKeeper(home.resolve("zookeeper"), zooKeeperPort);
        MilenaProcess milena = new MilenaProcess(home.resolve("milena"))) {
      assertThat(zooKeeper.process().isAlive()).isTrue();
      bootstrap = milena.bootstrap();
      settings = settings(milena.kafkaPort(), zooKeeperPort);
      settings.forEach(milena::with);
      milena.with(
          "listeners", settings.get("listeners") + ",HTTP://127.0.0.1:" + milena.httpPort());

      try (KafkaProducer<String, String> idempotent = producer(null)) {
        try (ForkedJvm kafka = Kafka39.broker(home, settings, bootstrap)) {
          createTopics();
          produce(idempotent, "kafka");
          transactions();
          groups = new CarriedGroups(bootstrap, PLAIN);
          useGroups("kafka", "classic");
          groups.alter("gone", 3, "soon deleted");
          end(kafka, end);
        }
        Map<String, String> before = logHashes();

        milena.start();
        assertThat(logHashes()).containsAllEntriesOf(closedSegments(before));
        checkEverythingIsThere(end);
        produce(idempotent, "milena");
        checkEverythingIsThere(end);
        useGroups("milena", "classic");
        groups.readOn("of milena", "consumer", "new protocol");
        groups.delete("gone");
        if (end == End.CLEAN) {
          milena.stop();
          assertThat(milena.log()).doesNotContainIgnoringCase("recovering");
        } else {
          milena.kill();
          awaitRegistrationGone(zooKeeperPort);
        }

        try (ForkedJvm kafka = Kafka39.broker(home, settings, bootstrap)) {
          checkEverythingIsThere(end);
          produce(idempotent, "kafka again");
          checkEverythingIsThere(end);
          useGroups("kafka again", "classic");
          groups.readOn("of milena", "classic", "old protocol");
          groups.checkAll();
          String log = kafka.output();
          assertThat(log).doesNotContain("CorruptRecordException");
          if (end == End.CLEAN) {
            assertThat(log).doesNotContain("Recovering unflushed segment");
          }
        }
      }
    }
  }

  /**
   * Kafka refuses to start while a killed broker's session keeps its id; Milena waits by itself.
   */
  private static void awaitRegistrationGone(int zooKeeperPort) throws Exception {
    ZooKeeper client = new ZooKeeper("127.0.0.1:" + zooKeeperPort, 10_000, event -> {});
    try {
      Awaitility.await("the killed broker's session to end")
          .atMost(Duration.ofSeconds(30))
          .ignoreExceptions()
          .until(() -> client.exists("/pipeline/brokers/ids/7", false) == null);
    } finally {
      client.close();
    }
  }

  private Map<String, String> settings(int kafkaPort, int zooKeeperPort) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("broker.id", "7");
    all.put("listeners", "PLAINTEXT://127.0.0.1:" + kafkaPort);
    all.put("zookeeper.connect", "127.0.0.1:" + zooKeeperPort + "/pipeline");
    all.put("zookeeper.session.timeout.ms", "4000");
    all.put("log.dirs", home.resolve("data-a") + "," + home.resolve("data-b"));
    all.put("log.segment.bytes", "65536");
    all.put("log.cleaner.backoff.ms", "100");
    all.put("log.cleaner.min.cleanable.ratio", "0.01");
    all.put("offsets.topic.replication.factor", "1");
    all.put("offsets.topic.num.partitions", "2");
    all.put("transaction.state.log.replication.factor", "1");
    all.put("transaction.state.log.num.partitions", "2");
    all.put("transaction.state.log.min.isr", "1");
    return all;
  }

  private void createTopics() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      admin
          .createTopics(
              List.of(
                  new NewTopic(PLAIN, 1, (short) 1).configs(Map.of("retention.ms", "-1")),
                  new NewTopic(TXN, 1, (short) 1),
                  new NewTopic(TABLE, 1, (short) 1).configs(Map.of("cleanup.policy", "compact")),
                  new NewTopic("cut", 1, (short) 1)))
          .all()
          .get();
      try (KafkaProducer<String, String> producer = producer(null)) {
        for (int i = 0; i < 50; i++) {
          producer.send(new ProducerRecord<>("cut", 0, null, "c" + i));
        }
      }
      admin
          .deleteRecords(Map.of(new TopicPartition("cut", 0), RecordsToDelete.beforeOffset(20)))
          .all()
          .get();
    }
  }

  private void produce(KafkaProducer<String, String> producer, String who) {
    for (int i = 0; i < 600; i++) {
      String value = who + " " + i + " " + "y".repeat(300);
      producer.send(new ProducerRecord<>(PLAIN, 0, "k" + i, value));
      sent.add(value);
    }
    for (int i = 0; i < 1_500; i++) {
      String key = "k" + i % 50;
      String value = i % 13 == 0 ? null : who + " " + noise(who.hashCode() + i);
      producer.send(new ProducerRecord<>(TABLE, 0, key, value));
      if (value == null) {
        table.remove(key);
      } else {
        table.put(key, value);
      }
    }
    producer.flush();
  }

  /** Text that no codec makes small, so that there are segments to compact. */
  private static String noise(int seed) {
    StringBuilder noise = new StringBuilder();
    long state = seed * 0x9E3779B97F4A7C15L;
    while (noise.length() < 200) {
      state = state * 6364136223846793005L + 1442695040888963407L;
      noise.append(Long.toHexString(state));
    }
    return noise.toString();
  }

  /** Waits until whoever runs now has compacted, then folds the topic. */
  private void checkTable() {
    Awaitility.await("the topic is compacted")
        .atMost(Duration.ofSeconds(60))
        .until(() -> records(TABLE, "read_uncommitted").size() < 1_400);
    assertThat(
            KeyTable.of(
                records(TABLE, "read_uncommitted"), ConsumerRecord::key, ConsumerRecord::value))
        .isEqualTo(table);
  }

  private void transactions() {
    try (KafkaProducer<String, String> producer = producer("tx")) {
      producer.initTransactions();
      for (int t = 0; t < 6; t++) {
        producer.beginTransaction();
        for (int i = 0; i < 5; i++) {
          producer.send(new ProducerRecord<>(TXN, 0, null, (t % 2 == 0 ? "yes" : "no") + t));
        }
        if (t % 2 == 0) {
          producer.commitTransaction();
        } else {
          producer.flush();
          producer.abortTransaction();
        }
      }
    }
  }

  /** Each broker finds the groups as the one before left them, and moves them on. */
  private void useGroups(String who, String protocol) throws Exception {
    List<String> read = groups.readOn("members", protocol, "by " + who);
    assertThat(sent).containsSubsequence(read);
    groups.alter("simple", read.size(), "set by " + who);
    groups.checkAll();
  }

  private void checkEverythingIsThere(End end) throws Exception {
    checkTable();
    if (groups != null) {
      groups.checkAll();
    }
    assertThat(read(PLAIN, "read_uncommitted")).isEqualTo(sent);
    assertThat(read(TXN, "read_committed")).hasSize(15).allMatch(value -> value.startsWith("yes"));
    assertThat(read(TXN, "read_uncommitted")).hasSize(30);
    if (end == End.CLEAN) { // Kafka checkpoints a moved log start lazily: a kill may forget it
      assertThat(read("cut", "read_uncommitted")).hasSize(30).first().isEqualTo("c20");
    } else {
      assertThat(read("cut", "read_uncommitted")).endsWith("c48", "c49");
    }
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      assertThat(admin.listTopics().names().get()).contains(PLAIN, TXN, "cut");
    }
  }

  private List<String> read(String topic, String isolation) {
    return records(topic, isolation).stream().map(ConsumerRecord::value).toList();
  }

  private List<ConsumerRecord<String, String>> records(String topic, String isolation) {
    List<ConsumerRecord<String, String>> records = new ArrayList<>();
    WholePartition.read(
        Map.of("bootstrap.servers", bootstrap, "isolation.level", isolation),
        new TopicPartition(topic, 0),
        new StringDeserializer(),
        Duration.ofSeconds(30),
        records::add);
    return records;
  }

  private KafkaProducer<String, String> producer(String transactionalId) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("bootstrap.servers", bootstrap);
    all.put("delivery.timeout.ms", 60_000);
    all.put("request.timeout.ms", 5_000);
    all.put("compression.type", transactionalId == null ? "lz4" : "none");
    if (transactionalId != null) {
      all.put("transactional.id", transactionalId);
    }
    return new KafkaProducer<>(all, new StringSerializer(), new StringSerializer());
  }

  private static void end(ForkedJvm process, End end) throws Exception {
    if (end == End.KILL) {
      process.kill();
    } else {
      process.close();
    }
  }

  private Map<String, String> logHashes() throws Exception {
    Map<String, String> hashes = new TreeMap<>();
    for (String directory : List.of("data-a", "data-b")) {
      try (Stream<Path> files = Files.walk(home.resolve(directory))) {
        files
            .filter(file -> file.toString().endsWith(".log"))
            .filter(file -> !file.toString().contains(TABLE) && !file.toString().contains("__"))
            .forEach(file -> hashes.put(home.relativize(file).toString(), hash(file)));
      }
    }
    return hashes;
  }

  /** Without the last segment of each folder, which may have been written to since. */
  private static Map<String, String> closedSegments(Map<String, String> hashes) {
    TreeMap<String, String> closed = new TreeMap<>(hashes);
    Map<String, String> lastByFolder = new TreeMap<>();
    hashes.keySet().forEach(f -> lastByFolder.put(f.substring(0, f.lastIndexOf('/')), f));
    closed.keySet().removeAll(lastByFolder.values());
    return closed;
  }

  private static String hash(Path file) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
      return HexFormat.of().formatHex(digest);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
