package io.milena.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A clean restart keeps the leader epochs, save where the log is no longer what the stop left: the
 * same offset never stands for two records of one epoch (R13, I2).
 */
@Timeout(120)
class DamagedLogIT {
  private static final TopicPartition HURT = new TopicPartition("hurt", 0);
  private static final Duration WAIT = Duration.ofSeconds(20);

  @TempDir Path home;
  private MilenaProcess broker;

  @BeforeEach
  void twoRecordsAndACleanStop() throws Exception {
    broker = new MilenaProcess(home).start();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
      admin.createTopics(List.of(new NewTopic(HURT.topic(), 1, (short) 1))).all().get();
    }
    produce("first");
    produce("second");
    assertThat(broker.stop()).isIn(0, 143);
  }

  @Test
  void aWholeLogKeepsItsLeaderEpoch() throws Exception {
    try (MilenaProcess running = broker.start()) {
      produce("third");

      assertThat(read()).containsExactly("0 first 0", "1 second 0", "2 third 0");
      assertThat(running.log()).doesNotContain("ERROR");
    }
  }

  @Test
  void aLogThatWasCutIsLedInAHigherEpoch() throws Exception {
    Path file = folder().resolve("00000000000000000000.log");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() / 2);
    }

    try (MilenaProcess running = broker.start()) {
      produce("other");

      assertThat(read()).containsExactly("0 first 0", "1 other 1");
      assertThat(running.log()).contains("hurt-0 lost records since the clean stop");
    }
  }

  @Test
  void aLogThatIsGoneIsLedInAHigherEpoch() throws Exception {
    try (Stream<Path> files = Files.walk(folder())) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }

    try (MilenaProcess running = broker.start()) {
      produce("other");

      assertThat(read()).containsExactly("0 other 1");
    }
  }

  private Path folder() {
    return broker.data().resolve(HURT.toString());
  }

  private void produce(String value) throws Exception {
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", broker.bootstrap()),
            new StringSerializer(),
            new StringSerializer())) {
      producer.send(new ProducerRecord<>(HURT.topic(), 0, null, value)).get();
    }
  }

  /** Offset, value and leader epoch of each record. */
  private List<String> read() {
    List<String> seen = new ArrayList<>();
    WholePartition.read(
        Map.of("bootstrap.servers", broker.bootstrap()),
        HURT,
        new StringDeserializer(),
        WAIT,
        one -> seen.add(one.offset() + " " + one.value() + " " + one.leaderEpoch().orElse(-1)));
    return seen;
  }
}
