package io.milena.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Groups of other languages' clients, Kafka's own tool for groups, and ours. */
@Timeout(180)
class GroupToolsIT {
  private static final Path SCRIPTS = Path.of("src/test/resources/process").toAbsolutePath();
  private static final Duration LIMIT = Duration.ofSeconds(60);
  @TempDir static Path home;
  private static MilenaProcess broker;

  private record Result(int code, String out, String err) {}

  @BeforeAll
  static void startBroker() throws Exception {
    broker = new MilenaProcess(home).start();
  }

  @AfterAll
  static void stopBroker() throws Exception {
    broker.stopUntroubled();
  }

  @Test
  void kcatReadsATopicAsAGroupAndGoesOnWhereItStopped() throws Exception {
    assumeInstalled("kcat", "-V");
    produce("kcat-group", 0, 1_000);
    assertThat(kcatGroup("kcat-group", "kcats")).hasSize(1_000);
    produce("kcat-group", 1_000, 500);
    assertThat(kcatGroup("kcat-group", "kcats")).hasSize(500).contains("line 1499");
  }

  private static void produce(String topic, int from, int count) throws Exception {
    String text =
        IntStream.range(from, from + count)
            .mapToObj(i -> "line " + i)
            .collect(Collectors.joining("\n", "", "\n"));
    Path input = Files.writeString(home.resolve(topic), text);
    Result produced =
        run(input, Map.of(), "kcat", "-b", broker.bootstrap(), "-P", "-t", topic, "-p", "0");
    assertThat(produced.code()).as(produced.err()).isZero();
  }

  private static List<String> kcatGroup(String topic, String group) throws Exception {
    Result read =
        run(
            null,
            Map.of(),
            "kcat",
            "-b",
            broker.bootstrap(),
            "-G",
            group,
            "-X",
            "auto.offset.reset=earliest",
            "-q",
            "-e",
            topic);
    assertThat(read.code()).as(read.err()).isZero();
    return read.out().lines().toList();
  }

  @Test
  void kafkajsMembersShareATopic() throws Exception {
    assumeInstalled("node", "--version");
    String modules = run(null, Map.of(), "npm", "root", "-g").out().trim();
    Map<String, String> environment = Map.of("NODE_PATH", modules);
    assumeTrue(
        run(null, environment, "node", "-e", "require.resolve('kafkajs')").code() == 0,
        "kafkajs is not installed (npm install -g kafkajs)");
    Result result =
        run(
            null,
            environment,
            "node",
            SCRIPTS.resolve("kafkajs-group.js").toString(),
            broker.bootstrap());
    assertThat(result.out()).as(result.err()).contains("OK");
  }

  @Test
  void kafkasToolIsAtHome() throws Exception {
    assumeInstalled("kcat", "-V");
    produce("tool-group", 0, 100);
    kcatGroup("tool-group", "tools");
    assertThat(tool("--list")).contains("tools");
    assertThat(tool("--describe", "--group", "tools")).contains("tool-group").contains("100");
    assertThat(tool("--describe", "--group", "tools", "--state")).contains("Empty");
    assertThat(tool("--describe", "--group", "tools", "--members")).contains("no active members");
    assertThat(
            tool(
                "--reset-offsets",
                "--group",
                "tools",
                "--topic",
                "tool-group",
                "--to-offset",
                "40",
                "--execute"))
        .contains("40");
    assertThat(kcatGroup("tool-group", "tools")).hasSize(60);
    assertThat(own("groups", "list")).contains("tools").contains("Empty");
    assertThat(own("groups", "describe", "tools")).contains("committed 100").contains("lag 0");
    assertThat(tool("--delete-offsets", "--group", "tools", "--topic", "tool-group"))
        .contains("Successful");
    assertThat(tool("--delete", "--group", "tools")).contains("successful");
    assertThat(tool("--list")).doesNotContain("tools");
  }

  @Test
  void kafkasToolSetsAndTellsWhatASingleGroupHas() throws Exception {
    KafkaTools tools = new KafkaTools(home, broker.bootstrap());
    String[] ofGroup = {"--entity-type", "groups", "--entity-name", "tool-settings"};
    String setting = "consumer.session.timeout.ms=50000";
    tools.run("kafka.admin.ConfigCommand", with(ofGroup, "--alter", "--add-config", setting));
    assertThat(tools.run("kafka.admin.ConfigCommand", with(ofGroup, "--describe")))
        .contains(setting)
        .contains("DYNAMIC_GROUP_CONFIG:" + setting)
        .contains("DEFAULT_CONFIG:group.consumer.session.timeout.ms=45000");
    assertThat(tools.run("kafka.admin.ConfigCommand", "--describe", "--entity-type", "groups"))
        .contains("tool-settings");
    tools.run(
        "kafka.admin.ConfigCommand",
        with(ofGroup, "--alter", "--delete-config", "consumer.session.timeout.ms"));
    assertThat(tools.run("kafka.admin.ConfigCommand", with(ofGroup, "--describe")))
        .doesNotContain("consumer.session.timeout.ms=50000");
  }

  @Test
  void kafkasToolTellsTheFeatureAndFindsItUpgraded() throws Exception {
    KafkaTools tools = new KafkaTools(home, broker.bootstrap());
    String feature = "org.apache.kafka.tools.FeatureCommand";
    assertThat(tools.run(feature, "describe"))
        .containsPattern("group.version\\s+SupportedMinVersion: 0\\s+SupportedMaxVersion: 1")
        .contains("FinalizedVersionLevel: 1");
    assertThat(tools.run(feature, "upgrade", "--feature", "group.version=1"))
        .contains("group.version was upgraded to 1");
    assertThatThrownBy(() -> tools.run(feature, "downgrade", "--feature", "group.version=0"))
        .hasMessageContaining("take consumer out of group.coordinator.rebalance.protocols");
  }

  private static String[] with(String[] some, String... more) {
    return Stream.concat(Stream.of(some), Stream.of(more)).toArray(String[]::new);
  }

  private static String tool(String... arguments) throws Exception {
    List<String> words = new ArrayList<>(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp"));
    words.add(Peers.classPath("kafka-tools-4.3.1"));
    words.add("org.apache.kafka.tools.consumer.group.ConsumerGroupCommand");
    words.add("--bootstrap-server");
    words.add(broker.bootstrap());
    words.addAll(List.of(arguments));
    return ForkedJvm.run(home, words, LIMIT);
  }

  private static String own(String... arguments) throws Exception {
    List<String> words = new ArrayList<>(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-jar"));
    words.add(
        Path.of(System.getProperty("milena.jar", "target/milena.jar")).toAbsolutePath().toString());
    words.addAll(List.of(arguments));
    words.add("-b");
    words.add(broker.bootstrap());
    return ForkedJvm.run(home, words, LIMIT);
  }

  private static void assumeInstalled(String program, String probe) throws Exception {
    boolean there;
    try {
      there = run(null, Map.of(), program, probe).code() == 0;
    } catch (IOException e) {
      there = false;
    }
    if (!there) {
      System.out.println("SKIPPED: " + program + " is not installed");
    }
    assumeTrue(there, program + " is not installed");
  }

  private static Result run(Path input, Map<String, String> environment, String... words)
      throws Exception {
    Path out = Files.createTempFile(home, "run", ".out");
    Path err = Files.createTempFile(home, "run", ".err");
    ProcessBuilder builder =
        new ProcessBuilder(List.of(words)).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().putAll(environment);
    if (input != null) {
      builder.redirectInput(input.toFile());
    }
    Process process = builder.start();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("still running: " + List.of(words) + "\n" + text(err));
    }
    return new Result(process.exitValue(), text(out), text(err));
  }

  private static String text(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }
}
