package io.milena.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kafka Connect standalone: lines of one file go through a topic into another file. */
@Timeout(240)
class ConnectIT {
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final String FILE = "org.apache.kafka.connect.file.FileStream";

  @TempDir Path home;
  private MilenaProcess broker;

  @Test
  void linesOfAFileReachAnotherFileOverKillsOfConnectAndOfTheBroker() throws Exception {
    broker = new MilenaProcess(home).with("group.initial.rebalance.delay.ms", "500").start();
    Path sink = home.resolve("sink.txt");
    List<String> lines = new ArrayList<>();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
      try (ForkedJvm connect = connect()) {
        append(lines, 500);
        awaitLines(sink, lines);
        awaitCommitted(admin, 500);
        broker.kill();
        broker.start();
        append(lines, 500);
        awaitLines(sink, lines);
        connect.kill();
      }
      append(lines, 500);
      try (ForkedJvm connect = connect()) {
        awaitLines(sink, lines);
        awaitCommitted(admin, lines.size());
        assertThat(connect.output()).doesNotContain("unrecoverable exception");
      }
      assertThat(Files.readAllLines(sink)).containsSubsequence(lines);
    }
    broker.stopUntroubled();
  }

  private void append(List<String> lines, int count) throws Exception {
    List<String> more =
        IntStream.range(lines.size(), lines.size() + count).mapToObj(i -> "line " + i).toList();
    lines.addAll(more);
    Files.write(
        home.resolve("source.txt"), more, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static void awaitLines(Path sink, List<String> lines) {
    Awaitility.await(lines.size() + " lines in the sink")
        .atMost(LIMIT)
        .ignoreExceptions() // the file comes with the first line
        .until(() -> new HashSet<>(Files.readAllLines(sink)).containsAll(lines));
  }

  /** The sink's group; what a kill makes come twice may push the sum beyond the lines. */
  private static void awaitCommitted(Admin admin, int atLeast) {
    Awaitility.await("the sink commits")
        .atMost(LIMIT)
        .until(
            () ->
                admin
                        .listConsumerGroupOffsets("connect-file-sink")
                        .partitionsToOffsetAndMetadata()
                        .get(20, TimeUnit.SECONDS)
                        .values()
                        .stream()
                        .mapToLong(OffsetAndMetadata::offset)
                        .sum()
                    >= atLeast);
  }

  private ForkedJvm connect() throws Exception {
    Path worker =
        write(
            "worker.properties",
            Map.of(
                "bootstrap.servers", broker.bootstrap(),
                "key.converter", "org.apache.kafka.connect.storage.StringConverter",
                "value.converter", "org.apache.kafka.connect.storage.StringConverter",
                "offset.storage.file.filename", home.resolve("connect.offsets").toString(),
                "offset.flush.interval.ms", "1000",
                "listeners", "http://127.0.0.1:" + MilenaProcess.freePort(),
                "plugin.discovery", "only_scan",
                "consumer.session.timeout.ms", "6000",
                "consumer.heartbeat.interval.ms", "500"));
    Path source =
        write(
            "source.properties",
            Map.of(
                "name",
                "file-source",
                "connector.class",
                FILE + "SourceConnector",
                "file",
                home.resolve("source.txt").toString(),
                "topic",
                "connect-lines"));
    Path sink =
        write(
            "sink.properties",
            Map.of(
                "name",
                "file-sink",
                "connector.class",
                FILE + "SinkConnector",
                "file",
                home.resolve("sink.txt").toString(),
                "topics",
                "connect-lines"));
    return ForkedJvm.start(
        home,
        home.resolve("connect.out"),
        List.of(
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            Peers.classPath("connect-4.3.1"),
            "org.apache.kafka.connect.cli.ConnectStandalone",
            worker.toString(),
            source.toString(),
            sink.toString()));
  }

  private Path write(String name, Map<String, String> settings) throws Exception {
    String text =
        settings.entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue())
            .collect(Collectors.joining("\n"));
    return Files.writeString(home.resolve(name), text);
  }
}
