package io.milena.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kafka's own command-line tools (4.3.1) on a Milena broker and its files. */
@Timeout(180)
class KafkaToolsIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  @TempDir static Path home;
  private static MilenaProcess broker;

  @BeforeAll
  static void startBroker() throws Exception {
    broker = new MilenaProcess(home).with("log.segment.bytes", "1048576").start();
  }

  @AfterAll
  static void stopBroker() throws Exception {
    broker.close();
  }

  @Test
  void topicsAndSettingsAreManaged() throws Exception {
    tool(
        "org.apache.kafka.tools.TopicCommand", "--create", "--topic", "tools", "--partitions", "3");
    assertThat(tool("org.apache.kafka.tools.TopicCommand", "--describe", "--topic", "tools"))
        .contains("PartitionCount: 3")
        .contains("Leader: ");
    tool(
        "kafka.admin.ConfigCommand",
        "--alter",
        "--entity-type",
        "topics",
        "--entity-name",
        "tools",
        "--add-config",
        "retention.ms=1000000");
    assertThat(
            tool(
                "kafka.admin.ConfigCommand",
                "--describe",
                "--entity-type",
                "topics",
                "--entity-name",
                "tools"))
        .contains("retention.ms=1000000");
    assertThat(tool("org.apache.kafka.tools.FeatureCommand", "describe")).isNotNull();
    assertThat(tool("org.apache.kafka.tools.LogDirsCommand", "--describe")).contains("tools-0");
    assertThat(tool("org.apache.kafka.tools.GetOffsetShell", "--topic", "tools"))
        .contains("tools:0:0");
    tool("org.apache.kafka.tools.TopicCommand", "--delete", "--topic", "tools");
    assertThat(tool("org.apache.kafka.tools.TopicCommand", "--list")).doesNotContain("tools");
  }

  @Test
  void consoleToolsCarryTextThroughAndTheDumpToolReadsTheSegments() throws Exception {
    String text =
        IntStream.range(0, 60_000)
            .mapToObj(i -> "line " + i + " of a text that goes through one partition")
            .collect(Collectors.joining("\n", "", "\n"));
    Path file = Files.writeString(home.resolve("text"), text);
    tool("org.apache.kafka.tools.TopicCommand", "--create", "--topic", "text", "--partitions", "1");
    Process producer =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                Peers.classPath("kafka-tools-4.3.1"),
                "org.apache.kafka.tools.ConsoleProducer",
                "--bootstrap-server",
                broker.bootstrap(),
                "--topic",
                "text",
                "--compression-codec",
                "lz4")
            .redirectInput(file.toFile())
            .redirectErrorStream(true)
            .redirectOutput(home.resolve("producer.out").toFile())
            .start();
    assertThat(producer.waitFor(60, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
    assertThat(producer.exitValue()).isZero();
    String read =
        tool(
            "org.apache.kafka.tools.consumer.ConsoleConsumer",
            "--topic",
            "text",
            "--partition",
            "0",
            "--offset",
            "earliest",
            "--max-messages",
            "60000");
    assertThat(read).contains(text);
    broker.stop();
    dumpSegmentsOf("text-0");
    broker.start();
  }

  private static void dumpSegmentsOf(String folder) throws Exception {
    List<String> files = new ArrayList<>();
    try (Stream<Path> listed = Files.list(broker.data().resolve(folder))) {
      listed
          .map(Path::toString)
          .filter(f -> f.matches(".*\\.(log|index|timeindex|snapshot)"))
          .forEach(files::add);
    }
    assertThat(files).isNotEmpty();
    String dumped =
        ForkedJvm.run(
            home,
            List.of(
                "-cp",
                Peers.classPath("kafka-tools-4.3.1"),
                "org.apache.kafka.tools.DumpLogSegments",
                "--deep-iteration",
                "--index-sanity-check",
                "--files",
                String.join(",", files)),
            LIMIT);
    assertThat(dumped)
        .doesNotContain("Mismatches in")
        .doesNotContain("isvalid: false")
        .doesNotContain("Found timestamp mismatch")
        .doesNotContain("out of order")
        .contains("passed sanity check");
  }

  private static String tool(String main, String... arguments) throws Exception {
    List<String> words = new ArrayList<>(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp"));
    words.add(Peers.classPath("kafka-tools-4.3.1"));
    words.add(main);
    words.add("--bootstrap-server");
    words.add(broker.bootstrap());
    words.addAll(List.of(arguments));
    return ForkedJvm.run(home, words, LIMIT);
  }
}
