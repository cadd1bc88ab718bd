package io.milena.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A text of more than 100 MB goes through one partition and comes back byte for byte. */
@Tag("long")
class BigFileIT {
  private static final long BYTES = 105_000_000;
  private static final int CONNECTIONS = 1_000;
  private static final Duration LIMIT = Duration.ofMinutes(4);

  @TempDir static Path home;
  private static Path text;
  private static long lines;
  private MilenaProcess broker;

  @BeforeAll
  static void writeTheText() throws Exception {
    text = home.resolve("text");
    lines = Text.write(text, BYTES);
    System.out.println("BigFileIT: " + Files.size(text) + " bytes in " + lines + " lines");
  }

  @AfterEach
  void stopBroker() throws Exception {
    if (broker != null) {
      broker.close();
      assertThat(broker.log()).doesNotContain("OutOfMemory").doesNotContain("has been blocked for");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
  void kcatGetsBackWhatItSent(String codec) throws Exception {
    Program.assumeInstalled(home, "kcat", "-V");
    broker = new MilenaProcess(home.resolve("kcat-" + codec)).start();
    throughKcat(codec);
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
  void theConsoleToolsGetBackWhatTheySent(String codec) throws Exception {
    broker = new MilenaProcess(home.resolve("tools-" + codec)).start();
    createTopic(codec);
    KafkaTools tools = new KafkaTools(home, broker.bootstrap());
    long startNs = System.nanoTime();
    tools.produce(codec, codec, text, LIMIT);
    long producedNs = System.nanoTime();
    Path back = home.resolve("back");
    tools.consume(codec, lines, back, LIMIT);
    compare("console tools " + codec, codec, back, startNs, producedNs);
  }

  /** Half of the usual heap: bounded by design, so nothing but time may change. */
  @Test
  void aHeapOf256MbIsEnoughForItAndAThousandConnections() throws Exception {
    Program.assumeInstalled(home, "kcat", "-V");
    broker = new MilenaProcess(home.resolve("small")).withJvmOption("-Xmx256m").start();
    List<RawKafka> connections = new ArrayList<>();
    try {
      for (int i = 0; i < CONNECTIONS; i++) {
        RawKafka raw = new RawKafka(broker.kafkaPort());
        connections.add(raw);
        askMetadata(raw);
      }
      throughKcat("none");
      throughKcat("zstd");
      for (RawKafka raw : connections) {
        askMetadata(raw);
      }
      assertThat(broker.ready()).isTrue();
    } finally {
      for (RawKafka raw : connections) {
        raw.close();
      }
    }
  }

  private static void askMetadata(RawKafka raw) throws Exception {
    raw.call(ApiKeys.METADATA, (short) 12, new MetadataRequestData().setTopics(List.of()));
  }

  private void throughKcat(String codec) throws Exception {
    createTopic(codec);
    Kcat kcat = new Kcat(home, broker.bootstrap());
    long startNs = System.nanoTime();
    kcat.produce(codec, codec, text, LIMIT);
    long producedNs = System.nanoTime();
    Path back = home.resolve("back");
    kcat.consume(codec, back, LIMIT);
    compare("kcat " + codec, codec, back, startNs, producedNs);
  }

  private void createTopic(String topic) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
      admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
    }
  }

  private void compare(String what, String topic, Path back, long startNs, long producedNs)
      throws Exception {
    long consumedNs = System.nanoTime();
    assertThat(Files.mismatch(text, back)).as("first byte that differs").isEqualTo(-1);
    TopicPartition partition = new TopicPartition(topic, 0);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
      assertThat(
              admin
                  .listOffsets(Map.of(partition, OffsetSpec.latest()))
                  .partitionResult(partition)
                  .get()
                  .offset())
          .isEqualTo(lines);
      System.out.printf(
          "BigFileIT: %s: identical; sent in %.1f s, read in %.1f s, %d MB on disk%n",
          what, (producedNs - startNs) / 1e9, (consumedNs - producedNs) / 1e9, sizeMb(admin));
    }
  }

  private static long sizeMb(Admin admin) throws Exception {
    int broker = admin.describeCluster().nodes().get().iterator().next().id();
    return admin
            .describeLogDirs(List.of(broker))
            .allDescriptions()
            .get()
            .get(broker)
            .values()
            .stream()
            .flatMap(directory -> directory.replicaInfos().values().stream())
            .mapToLong(replica -> replica.size())
            .sum()
        / 1_000_000;
  }
}
