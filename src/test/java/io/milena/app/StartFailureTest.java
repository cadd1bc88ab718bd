package io.milena.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker that cannot start says why in one line, exits with 1 and changes nothing. */
class StartFailureTest {
  private static final int LIMIT_S = 60;

  @TempDir private Path home;
  private Path data;

  /** What became of a process. */
  private record Ended(int code, String out, List<String> errorLines) {}

  @BeforeEach
  void nameTheDirectory() {
    data = home.resolve("data");
  }

  private Ended start(String... settings) throws Exception {
    List<String> words =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "start",
                "--override",
                "log.dirs=" + data,
                "--override",
                "listeners=PLAINTEXT://127.0.0.1:0"));
    for (String setting : settings) {
      words.add("--override");
      words.add(setting);
    }
    return run(words);
  }

  private Ended run(List<String> words) throws Exception {
    Path out = home.resolve("out");
    Path err = home.resolve("err");
    Process process =
        new ProcessBuilder(words)
            .directory(home.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try {
      assertThat(process.waitFor(LIMIT_S, TimeUnit.SECONDS)).as("ended").isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new Ended(process.exitValue(), Files.readString(out), Files.readAllLines(err));
  }

  private static void assertOneLine(Ended ended, String... words) {
    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.errorLines()).as(ended.out()).hasSize(1);
    assertThat(ended.errorLines().get(0)).startsWith("milena: ").contains(words);
  }

  private void writeMeta(String... lines) throws IOException {
    Files.createDirectories(data);
    Files.writeString(
        data.resolve("meta.properties"), String.join("\n", lines) + "\n", StandardCharsets.UTF_8);
  }

  private Map<String, String> contents() throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> all = Files.walk(data)) {
      for (Path path : all.filter(Files::isRegularFile).toList()) {
        String name = data.relativize(path).toString();
        if (!name.startsWith("zookeeper") && !name.startsWith(".")) {
          contents.put(name, Files.readString(path, StandardCharsets.ISO_8859_1));
        }
      }
    }
    return contents;
  }

  @Test
  void shouldNameASettingThatIsWrong() throws Exception {
    assertOneLine(start("num.partitions=none"), "num.partitions");
    assertThat(data).doesNotExist();
  }

  @Test
  void shouldNotStartAnOpenBrokerWhenSecurityIsAsked() throws Exception {
    assertOneLine(start("authorizer.class.name=x.Y"), "authorizer.class.name");
    assertThat(data).doesNotExist();
  }

  @Test
  void shouldNameAConfigurationFileThatIsMissing() throws Exception {
    List<String> words =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "start",
            "--config",
            home.resolve("no.properties").toString());
    assertOneLine(run(words), "no.properties");
  }

  @Test
  void shouldNameAPortThatIsInUse() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Ended ended = start("listeners=PLAINTEXT://127.0.0.1:" + taken.getLocalPort());
      assertOneLine(ended, Integer.toString(taken.getLocalPort()), "in use");
    }
  }

  @Test
  void shouldNameAnHttpPortThatIsInUse() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Ended ended =
          start("listeners=PLAINTEXT://127.0.0.1:0,HTTP://127.0.0.1:" + taken.getLocalPort());
      assertOneLine(ended, Integer.toString(taken.getLocalPort()), "in use");
    }
  }

  @Test
  void shouldNameADirectoryThatCannotBe() throws Exception {
    Files.writeString(data, "a file");
    assertOneLine(start(), data.toString());
    assertThat(data).hasContent("a file");
  }

  @Test
  void shouldNameADirectoryThatIsLocked() throws Exception {
    Files.createDirectories(data);
    try (FileChannel channel =
            FileChannel.open(
                data.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      assertThat(lock.isValid()).isTrue();
      assertOneLine(start(), data.toString());
    }
  }

  @Test
  void shouldRefuseDirectoriesOfAnotherCluster() throws Exception {
    writeMeta("version=0", "broker.id=1001", "cluster.id=AAAAAAAAAAAAAAAAAAAAAA");
    Map<String, String> before = contents();
    assertOneLine(start(), "AAAAAAAAAAAAAAAAAAAAAA");
    assertThat(contents()).isEqualTo(before);
  }

  @Test
  void shouldRefuseDirectoriesOfAKRaftBroker() throws Exception {
    writeMeta("version=1", "node.id=1", "cluster.id=AAAAAAAAAAAAAAAAAAAAAA");
    Map<String, String> before = contents();
    assertOneLine(start(), "meta.properties");
    assertThat(contents()).isEqualTo(before);
  }
}
