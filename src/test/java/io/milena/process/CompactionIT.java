package io.milena.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.testing.KeyTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Compaction of a topic that is written all the time, in a process that is killed in between. */
@Timeout(240)
class CompactionIT {
  private static final String TOPIC = "compacted";
  private static final int KEYS = 3_000;
  private static final int KILLS = 5;
  private static final int SETTLED_RECORDS = 40_000;
  @TempDir Path home;

  /** A value that was acknowledged; null is a tombstone. */
  private record Sent(String key, String value) {}

  private final Map<Long, Sent> sentByOffset = new ConcurrentHashMap<>();
  private final AtomicBoolean writing = new AtomicBoolean(true);

  @Test
  void theLastValueOfEveryKeySurvivesKillsInTheMiddleOfCompaction() throws Exception {
    try (MilenaProcess broker = broker().start()) {
      createTopic(broker);
      Thread writer = new Thread(() -> write(broker.bootstrap()), "compaction-writer");
      writer.start();
      for (int kill = 0; kill < KILLS; kill++) {
        awaitFile(folder(broker), kill % 2 == 0 ? ".cleaned" : ".deleted");
        broker.kill();
        broker.start();
      }
      writing.set(false);
      writer.join(60_000);
      awaitSettled(broker);

      TreeMap<Long, Sent> read = readAll(broker.bootstrap());

      assertThat(sentByOffset).hasSizeGreaterThan(3 * read.size());
      read.forEach((offset, sent) -> assertThat(sentByOffset.get(offset)).isEqualTo(sent));
      assertThat(table(read)).isEqualTo(table(new TreeMap<>(sentByOffset)));
      assertThat(broker.log()).doesNotContain("cannot be cleaned").doesNotContain("half-way");
      broker.stop();
      SegmentDump.check(home, folder(broker));
    }
  }

  private MilenaProcess broker() throws IOException {
    return new MilenaProcess(home)
        .with("log.segment.bytes", "1048576")
        .with("log.cleaner.backoff.ms", "50")
        .with("log.cleaner.min.cleanable.ratio", "0.01")
        .with("log.segment.delete.delay.ms", "500");
  }

  private static void createTopic(MilenaProcess broker) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
      NewTopic topic =
          new NewTopic(TOPIC, 1, (short) 1).configs(Map.of("cleanup.policy", "compact"));
      admin.createTopics(List.of(topic)).all().get();
    }
  }

  private static Path folder(MilenaProcess broker) {
    return broker.data().resolve(TOPIC + "-0");
  }

  /** Numbered values under keys that come again and again; every eleventh is a tombstone. */
  private void write(String bootstrap) {
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers", bootstrap,
                "enable.idempotence", "true",
                "linger.ms", "5",
                "compression.type", "lz4",
                "delivery.timeout.ms", "120000",
                "request.timeout.ms", "5000",
                "reconnect.backoff.max.ms", "200",
                "retry.backoff.max.ms", "200"),
            new StringSerializer(),
            new StringSerializer())) {
      for (int number = 0; writing.get(); number++) {
        String key = "key-" + number * 7919L % KEYS;
        String value = number % 11 == 0 ? null : number + " " + noise(number);
        producer.send(
            new ProducerRecord<>(TOPIC, 0, key, value),
            (metadata, error) -> {
              if (error == null && metadata.hasOffset()) {
                sentByOffset.put(metadata.offset(), new Sent(key, value));
              }
            });
      }
      producer.flush();
    }
  }

  private static String noise(int number) {
    StringBuilder noise = new StringBuilder(100);
    long state = number * 0x9E3779B97F4A7C15L;
    while (noise.length() < 100) {
      state = state * 6364136223846793005L + 1442695040888963407L;
      noise.append(Long.toHexString(state));
    }
    return noise.toString();
  }

  private static void awaitFile(Path folder, String suffix) {
    Awaitility.await(suffix)
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(1))
        .until(() -> names(folder).stream().anyMatch(name -> name.endsWith(suffix)));
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  /** Waits until what is left is not much more than a record per key and an active segment. */
  private void awaitSettled(MilenaProcess broker) {
    Awaitility.await("compacted")
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(500))
        .until(() -> readAll(broker.bootstrap()).size() < SETTLED_RECORDS);
  }

  private static TreeMap<Long, Sent> readAll(String bootstrap) {
    TreeMap<Long, Sent> read = new TreeMap<>();
    WholePartition.read(
        Map.of("bootstrap.servers", bootstrap, "auto.offset.reset", "earliest"),
        new TopicPartition(TOPIC, 0),
        new StringDeserializer(),
        Duration.ofMinutes(1),
        found -> read.put(found.offset(), new Sent(found.key(), found.value())));
    return read;
  }

  private static Map<String, String> table(TreeMap<Long, Sent> log) {
    return KeyTable.of(log.values(), Sent::key, Sent::value);
  }
}
