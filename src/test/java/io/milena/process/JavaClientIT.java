package io.milena.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The current Java client on a broker of its own process. */
@Timeout(120)
class JavaClientIT {
  @TempDir static Path home;
  private static MilenaProcess broker;
  private static Admin admin;

  @BeforeAll
  static void startBroker() throws Exception {
    broker = new MilenaProcess(home).start();
    admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()));
  }

  @AfterAll
  static void stopBroker() throws Exception {
    admin.close();
    broker.stopUntroubled();
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
  void recordsComeBackAsTheyWereSent(String codec) throws Exception {
    String topic = "roundtrip-" + codec;
    create(topic, 3);
    List<String> sent = new ArrayList<>();
    try (KafkaProducer<String, String> producer = producer(Map.of("compression.type", codec))) {
      for (int i = 0; i < 3_000; i++) {
        sent.add("value " + i + " " + "x".repeat(i % 200));
        producer.send(new ProducerRecord<>(topic, 1, 1_700_000_000_000L + i, "k" + i, sent.get(i)));
      }
    }
    List<ConsumerRecord<String, String>> found = read(topic, 1, 0, sent.size());
    assertThat(found).extracting(ConsumerRecord::value).isEqualTo(sent);
    assertThat(found.get(7).timestamp()).isEqualTo(1_700_000_000_007L);
    assertThat(found.get(7).key()).isEqualTo("k7");
  }

  @Test
  void tombstonesAndHeadersSurvive() throws Exception {
    create("headers", 1);
    try (KafkaProducer<String, String> producer = producer(Map.of())) {
      ProducerRecord<String, String> record = new ProducerRecord<>("headers", 0, "gone", null);
      record.headers().add("why", "because".getBytes(StandardCharsets.UTF_8)).add("empty", null);
      producer.send(record).get();
    }
    ConsumerRecord<String, String> found = read("headers", 0, 0, 1).get(0);
    assertThat(found.value()).isNull();
    assertThat(found.headers().lastHeader("why").value()).asString().isEqualTo("because");
    assertThat(found.headers().lastHeader("empty").value()).isNull();
  }

  @Test
  void anUnknownTopicIsCreatedByTheFirstProducer() throws Exception {
    try (KafkaProducer<String, String> producer = producer(Map.of())) {
      RecordMetadata first = producer.send(new ProducerRecord<>("auto", "hello")).get();
      assertThat(first.offset()).isZero();
    }
    assertThat(admin.listTopics().names().get()).contains("auto");
  }

  @Test
  void acksZeroIsTakenWithoutAnAnswer() throws Exception {
    create("fire", 1);
    try (KafkaProducer<String, String> producer =
        producer(Map.of("acks", "0", "enable.idempotence", "false"))) {
      Future<RecordMetadata> sent = producer.send(new ProducerRecord<>("fire", 0, null, "forget"));
      assertThat(sent.get().hasOffset()).isFalse();
    }
    assertThat(read("fire", 0, 0, 1).get(0).value()).isEqualTo("forget");
  }

  @Test
  void topicsAreCreatedDescribedGrownAndDeleted() throws Exception {
    create("life", 2);
    assertThatThrownBy(() -> create("life", 2))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(TopicExistsException.class);
    assertThatThrownBy(() -> create("no/slash", 1)).hasCauseInstanceOf(InvalidTopicException.class);
    admin.createPartitions(Map.of("life", NewPartitions.increaseTo(5))).all().get();
    TopicDescription described =
        admin.describeTopics(List.of("life")).allTopicNames().get().get("life");
    assertThat(described.partitions()).hasSize(5).allMatch(p -> p.leader() != null);
    admin.deleteTopics(List.of("life")).all().get();
    assertThat(admin.listTopics().names().get()).doesNotContain("life");
    create("life", 1);
    assertThat(endOffset("life", 0)).isZero();
  }

  @Test
  void settingsOfATopicAreChangedAndSeen() throws Exception {
    create("settings", 1);
    ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, "settings");
    AlterConfigOp set =
        new AlterConfigOp(new ConfigEntry("retention.ms", "12345"), AlterConfigOp.OpType.SET);
    admin.incrementalAlterConfigs(Map.of(topic, List.of(set))).all().get();
    ConfigEntry entry =
        admin.describeConfigs(List.of(topic)).all().get().get(topic).get("retention.ms");
    assertThat(entry.value()).isEqualTo("12345");
    assertThat(entry.source()).isEqualTo(ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG);
  }

  @Test
  void offsetsAreFoundByTimeAndMovedByDeleteRecords() throws Exception {
    create("offsets", 1);
    try (KafkaProducer<String, String> producer = producer(Map.of())) {
      for (int i = 0; i < 100; i++) {
        producer.send(new ProducerRecord<>("offsets", 0, 1_000_000L + i * 10, null, "v" + i));
      }
    }
    TopicPartition partition = new TopicPartition("offsets", 0);
    assertThat(offset(partition, OffsetSpec.forTimestamp(1_000_000L + 55))).isEqualTo(6);
    assertThat(offset(partition, OffsetSpec.maxTimestamp())).isEqualTo(99);
    admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(40))).all().get();
    assertThat(offset(partition, OffsetSpec.earliest())).isEqualTo(40);
    assertThat(offset(partition, OffsetSpec.latest())).isEqualTo(100);
    assertThat(read("offsets", 0, 40, 60).get(0).value()).isEqualTo("v40");
  }

  @Test
  void whatDoesNotExistYetFailsAtOnceAndSaysSo() {
    long startNs = System.nanoTime();
    try (KafkaProducer<String, String> producer = producer(Map.of("transactional.id", "t"))) {
      assertThatThrownBy(producer::initTransactions).isNotNull();
    }
    assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isLessThan(Duration.ofSeconds(8));
  }

  private static void create(String topic, int partitions) throws Exception {
    admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1))).all().get();
  }

  private static long endOffset(String topic, int partition) throws Exception {
    return offset(new TopicPartition(topic, partition), OffsetSpec.latest());
  }

  private static long offset(TopicPartition partition, OffsetSpec spec) throws Exception {
    return admin.listOffsets(Map.of(partition, spec)).partitionResult(partition).get().offset();
  }

  private static KafkaProducer<String, String> producer(Map<String, Object> settings) {
    Map<String, Object> all = new java.util.HashMap<>(settings);
    all.put("bootstrap.servers", broker.bootstrap());
    return new KafkaProducer<>(all, new StringSerializer(), new StringSerializer());
  }

  private static KafkaConsumer<String, String> consumer(Map<String, Object> settings) {
    Map<String, Object> all = new java.util.HashMap<>(settings);
    all.put("bootstrap.servers", broker.bootstrap());
    return new KafkaConsumer<>(all, new StringDeserializer(), new StringDeserializer());
  }

  private static List<ConsumerRecord<String, String>> read(
      String topic, int partition, long from, int count) {
    List<ConsumerRecord<String, String>> found = new ArrayList<>();
    TopicPartition wanted = new TopicPartition(topic, partition);
    try (KafkaConsumer<String, String> consumer = consumer(Map.of())) {
      consumer.assign(List.of(wanted));
      consumer.seek(wanted, from);
      long deadlineNs = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      while (found.size() < count && System.nanoTime() < deadlineNs) {
        consumer.poll(Duration.ofMillis(500)).forEach(found::add);
      }
    }
    assertThat(found).hasSize(count);
    return found;
  }
}
