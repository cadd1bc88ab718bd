package io.milena.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** librdkafka (kcat) and kafkajs, where they are installed; skipped with a reason where not. */
@Timeout(120)
class OtherLanguagesIT {
  private static final Path SCRIPTS = Path.of("src/test/resources/process").toAbsolutePath();
  @TempDir static Path home;
  private static MilenaProcess broker;

  private record Result(int code, String out, String err) {}

  @BeforeAll
  static void startBroker() throws Exception {
    broker = new MilenaProcess(home).start();
  }

  @AfterAll
  static void stopBroker() throws Exception {
    broker.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
  void kcatCarriesTextThroughUnchanged(String codec) throws Exception {
    assumeInstalled("kcat", "-V");
    String topic = "kcat-" + codec;
    String text =
        IntStream.range(0, 30_000)
            .mapToObj(i -> "line " + i + " for kcat")
            .collect(Collectors.joining("\n", "", "\n"));
    Path input = Files.writeString(home.resolve(topic), text);
    Result produced =
        run(
            input,
            Map.of(),
            "kcat",
            "-b",
            broker.bootstrap(),
            "-P",
            "-t",
            topic,
            "-p",
            "0",
            "-z",
            codec,
            "-X",
            "enable.idempotence=true");
    assertThat(produced.code()).as(produced.err()).isZero();
    Result consumed =
        run(
            null,
            Map.of(),
            "kcat",
            "-b",
            broker.bootstrap(),
            "-C",
            "-t",
            topic,
            "-p",
            "0",
            "-o",
            "beginning",
            "-e",
            "-q",
            "-X",
            "check.crcs=true");
    assertThat(consumed.out()).isEqualTo(text);
  }

  @Test
  void kcatListsBrokersAndTopics() throws Exception {
    assumeInstalled("kcat", "-V");
    Result listed = run(null, Map.of(), "kcat", "-b", broker.bootstrap(), "-L");
    assertThat(listed.out()).contains("1 brokers:").contains(broker.bootstrap());
  }

  @Test
  void kafkajsCreatesProducesAndReadsBack() throws Exception {
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
            SCRIPTS.resolve("kafkajs-roundtrip.js").toString(),
            broker.bootstrap());
    assertThat(result.out()).as(result.err()).contains("OK");
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
      throw new AssertionError("still running: " + List.of(words));
    }
    return new Result(process.exitValue(), text(out), text(err));
  }

  private static String text(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }
}
