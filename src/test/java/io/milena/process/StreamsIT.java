package io.milena.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kafka Streams, at least once, over the classic protocol. */
@Timeout(240)
class StreamsIT {
  private static final int PARTITIONS = 4;
  private static final int LINES = 600;
  private static final int DIFFERENT_WORDS = 50;
  private static final Duration LIMIT = Duration.ofSeconds(90);

  @TempDir Path home;
  private MilenaProcess broker;
  private final Map<String, Long> sent = new TreeMap<>();
  private int lines;

  @Test
  void aWordCountOutlivesItsInstancesAndTheBroker() throws Exception {
    broker = new MilenaProcess(home).with("group.initial.rebalance.delay.ms", "500").start();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
      admin
          .createTopics(
              List.of(
                  new NewTopic("lines", PARTITIONS, (short) 1),
                  new NewTopic("counts", PARTITIONS, (short) 1)))
          .all()
          .get();
      try (ForkedJvm first = instance("first")) {
        produce();
        awaitCounts(true);
        try (ForkedJvm second = instance("second")) {
          awaitRunning(second);
          produce();
          awaitCounts(true);
          first.kill();
          produce();
          broker.kill();
          broker.start();
          produce();
          awaitCounts(false); // what a killed instance had not committed is counted again
          assertThat(second.output()).doesNotContain("state ERROR");
        }
      }
      assertThat(admin.listTopics().names().get())
          .contains("word-count-words-repartition", "word-count-counted-changelog");
    }
    broker.stopUntroubled();
  }

  private ForkedJvm instance(String name) throws Exception {
    String classPath =
        Path.of("target/test-classes").toAbsolutePath()
            + File.pathSeparator
            + Peers.classPath("streams-4.3.1");
    return ForkedJvm.start(
        home,
        home.resolve(name + ".out"),
        List.of(
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-cp",
            classPath,
            WordCount.class.getName(),
            broker.bootstrap(),
            home.resolve("state-" + name).toString()));
  }

  private static void awaitRunning(ForkedJvm instance) {
    Awaitility.await("the instance runs")
        .atMost(LIMIT)
        .until(() -> instance.output().contains("state RUNNING"));
  }

  private void produce() {
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", broker.bootstrap()),
            new StringSerializer(),
            new StringSerializer())) {
      for (int i = 0; i < LINES; i++) {
        int number = lines++;
        List<String> words =
            IntStream.range(7, 11).mapToObj(w -> "w" + (number * w) % DIFFERENT_WORDS).toList();
        words.forEach(word -> sent.merge(word, 1L, Long::sum));
        producer.send(
            new ProducerRecord<>("lines", number % PARTITIONS, null, String.join(" ", words)));
      }
    }
  }

  /** The last count of each word: as many as were sent, or more where some were sent twice. */
  private void awaitCounts(boolean exactly) {
    Map<String, Long> counts = new HashMap<>();
    try (KafkaConsumer<String, Long> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", broker.bootstrap(), "auto.offset.reset", "earliest"),
            new StringDeserializer(),
            new LongDeserializer())) {
      List<TopicPartition> all =
          IntStream.range(0, PARTITIONS).mapToObj(p -> new TopicPartition("counts", p)).toList();
      consumer.assign(all);
      consumer.seekToBeginning(all);
      Awaitility.await("counts of " + lines + " lines")
          .atMost(LIMIT)
          .pollInSameThread()
          .pollInterval(Duration.ofMillis(100))
          .untilAsserted(
              () -> {
                for (ConsumerRecord<String, Long> found : consumer.poll(Duration.ofMillis(500))) {
                  counts.put(found.key(), found.value());
                }
                assertThat(counts).containsOnlyKeys(sent.keySet());
                sent.forEach(
                    (word, count) -> {
                      if (exactly) {
                        assertThat(counts.get(word)).as(word).isEqualTo(count);
                      } else {
                        assertThat(counts.get(word)).as(word).isGreaterThanOrEqualTo(count);
                      }
                    });
              });
    }
  }
}
