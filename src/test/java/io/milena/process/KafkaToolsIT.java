package io.milena.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
  private static final List<String> CODECS = List.of("none", "gzip", "snappy", "lz4", "zstd");
  private static MilenaProcess broker;
  private static KafkaTools tools;

  @BeforeAll
  static void startBroker() throws Exception {
    broker = new MilenaProcess(home).with("log.segment.bytes", "1048576").start();
    tools = new KafkaTools(home, broker.bootstrap());
  }

  @AfterAll
  static void stopBroker() throws Exception {
    broker.close();
  }

  @Test
  void topicsAndSettingsAreManaged() throws Exception {
    tools.run(
        "org.apache.kafka.tools.TopicCommand", "--create", "--topic", "tools", "--partitions", "3");
    assertThat(tools.run("org.apache.kafka.tools.TopicCommand", "--describe", "--topic", "tools"))
        .contains("PartitionCount: 3")
        .contains("Leader: ");
    tools.run(
        "kafka.admin.ConfigCommand",
        "--alter",
        "--entity-type",
        "topics",
        "--entity-name",
        "tools",
        "--add-config",
        "retention.ms=1000000");
    assertThat(
            tools.run(
                "kafka.admin.ConfigCommand",
                "--describe",
                "--entity-type",
                "topics",
                "--entity-name",
                "tools"))
        .contains("retention.ms=1000000");
    assertThat(tools.run("org.apache.kafka.tools.FeatureCommand", "describe")).isNotNull();
    assertThat(tools.run("org.apache.kafka.tools.LogDirsCommand", "--describe"))
        .contains("tools-0");
    assertThat(tools.run("org.apache.kafka.tools.GetOffsetShell", "--topic", "tools"))
        .contains("tools:0:0");
    tools.run("org.apache.kafka.tools.TopicCommand", "--delete", "--topic", "tools");
    assertThat(tools.run("org.apache.kafka.tools.TopicCommand", "--list")).doesNotContain("tools");
  }

  @Test
  void consoleToolsCarryTextThroughInEachCodecAndTheDumpToolReadsTheSegments() throws Exception {
    Path text = home.resolve("text");
    long lines = Text.write(text, 3_000_000);
    for (String codec : CODECS) {
      String topic = "text-" + codec;
      tools.produce(topic, codec, text, LIMIT);
      Path back = home.resolve(topic);
      tools.consume(topic, lines, back, LIMIT);
      assertThat(back).as(codec).hasSameBinaryContentAs(text);
    }
    broker.stop();
    dumpSegmentsOfTheText();
    broker.start();
  }

  private static void dumpSegmentsOfTheText() throws Exception {
    List<String> files = new ArrayList<>();
    try (Stream<Path> listed = Files.walk(broker.data())) {
      listed
          .map(Path::toString)
          .filter(f -> f.matches(".*/text-.*\\.(log|index|timeindex|snapshot)"))
          .forEach(files::add);
    }
    assertThat(files).hasSizeGreaterThan(CODECS.size() * 3);
    String dumped =
        tools.runOffline(
            "org.apache.kafka.tools.DumpLogSegments",
            "--deep-iteration",
            "--index-sanity-check",
            "--files",
            String.join(",", files));
    assertThat(dumped)
        .doesNotContain("Mismatches in")
        .doesNotContain("isvalid: false")
        .doesNotContain("Found timestamp mismatch")
        .doesNotContain("out of order")
        .contains(CODECS.stream().map(codec -> "compresscodec: " + codec).toList())
        .contains("passed sanity check");
  }
}
