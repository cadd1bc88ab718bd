package io.milena.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
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
  private static final Duration LIMIT = Duration.ofSeconds(60);
  @TempDir static Path home;
  private static MilenaProcess broker;

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
    Program.assumeInstalled(home, "kcat", "-V");
    String topic = "kcat-" + codec;
    String text =
        IntStream.range(0, 30_000)
            .mapToObj(i -> "line " + i + " for kcat")
            .collect(Collectors.joining("\n", "", "\n"));
    Path input = Files.writeString(home.resolve(topic), text);
    Kcat kcat = new Kcat(home, broker.bootstrap());
    kcat.produce(topic, codec, input, LIMIT);
    Path output = home.resolve(topic + ".out");
    kcat.consume(topic, output, LIMIT);
    assertThat(Files.readString(output)).isEqualTo(text);
  }

  @Test
  void kcatListsBrokersAndTopics() throws Exception {
    Program.assumeInstalled(home, "kcat", "-V");
    Program.Result listed = Program.of("kcat", "-b", broker.bootstrap(), "-L").run(home);
    assertThat(listed.out()).contains("1 brokers:").contains(broker.bootstrap());
  }

  @Test
  void kafkajsCreatesProducesAndReadsBack() throws Exception {
    Program.assumeInstalled(home, "node", "--version");
    String modules = Program.of("npm", "root", "-g").run(home).out().trim();
    Map<String, String> environment = Map.of("NODE_PATH", modules);
    Program probe = Program.of("node", "-e", "require.resolve('kafkajs')").with(environment);
    Program.assumeThat(
        probe.run(home).code() == 0, "kafkajs is not installed (npm install -g kafkajs)");
    Program.Result result =
        Program.of("node", SCRIPTS.resolve("kafkajs-roundtrip.js").toString(), broker.bootstrap())
            .with(environment)
            .run(home);
    assertThat(result.out()).as(result.err()).contains("OK");
  }
}
