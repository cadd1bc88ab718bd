package io.milena.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/** A broker of its own process, from the fat jar, on free ports and a directory of the test. */
final class MilenaProcess implements BrokerProcess, AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  private final Path home;
  private final int kafkaPort;
  private final int httpPort;
  private final Map<String, String> settings = new LinkedHashMap<>();
  private final List<String> jvmOptions = new ArrayList<>(List.of("-Xmx512m"));
  private ForkedJvm jvm;

  /** A broker whose data and logs live under {@code home}; not started yet. */
  MilenaProcess(Path home) throws IOException {
    this.home = home;
    this.kafkaPort = freePort();
    this.httpPort = freePort();
    settings.put(
        "listeners", "PLAINTEXT://127.0.0.1:" + kafkaPort + ",HTTP://127.0.0.1:" + httpPort);
    settings.put("log.dirs", home.resolve("data").toString());
  }

  /** A free port of the loopback address. */
  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Times of the consumer protocol that a test can wait for; Kafka's minimum is 45 s. */
  MilenaProcess withConsumerGroups(int sessionMs, int heartbeatMs) {
    return with(consumerGroups(sessionMs, heartbeatMs));
  }

  /** The settings for that, Kafka's own. */
  static Map<String, String> consumerGroups(int sessionMs, int heartbeatMs) {
    return Map.of(
        "group.consumer.min.session.timeout.ms", Integer.toString(sessionMs),
        "group.consumer.session.timeout.ms", Integer.toString(sessionMs),
        "group.consumer.min.heartbeat.interval.ms", "500",
        "group.consumer.heartbeat.interval.ms", Integer.toString(heartbeatMs));
  }

  /** Sets a property for the next start. */
  MilenaProcess with(String key, String value) {
    settings.put(key, value);
    return this;
  }

  /** Sets these properties for the next start. */
  MilenaProcess with(Map<String, String> more) {
    settings.putAll(more);
    return this;
  }

  /** Adds an option of the JVM for the next start. */
  MilenaProcess withJvmOption(String option) {
    jvmOptions.add(option);
    return this;
  }

  @Override
  public String bootstrap() {
    return "127.0.0.1:" + kafkaPort;
  }

  int kafkaPort() {
    return kafkaPort;
  }

  int httpPort() {
    return httpPort;
  }

  Path data() {
    return Path.of(settings.get("log.dirs"));
  }

  /** Starts it and waits until it is ready to serve. */
  @Override
  public MilenaProcess start() throws Exception {
    launch();
    Awaitility.await("broker ready")
        .atMost(START_LIMIT)
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> {
              if (!jvm.process().isAlive()) {
                throw new AssertionError("the broker ended at its start:\n" + log());
              }
              return ready();
            });
    return this;
  }

  /** Starts it without waiting. */
  ForkedJvm launch() throws IOException {
    Files.createDirectories(home);
    StringBuilder properties = new StringBuilder();
    settings.forEach((k, v) -> properties.append(k).append('=').append(v).append('\n'));
    Path config = Files.writeString(home.resolve("server.properties"), properties.toString());
    List<String> words = new ArrayList<>(jvmOptions);
    words.add("-jar");
    words.add(
        Path.of(System.getProperty("milena.jar", "target/milena.jar")).toAbsolutePath().toString());
    words.add("start");
    words.add("--config");
    words.add(config.toString());
    jvm = ForkedJvm.start(home, home.resolve("milena.log"), words);
    return jvm;
  }

  boolean ready() {
    try {
      return get("/ready") == 200;
    } catch (IOException | InterruptedException e) {
      return false;
    }
  }

  /** Status of a GET on the HTTP port. */
  int get(String path) throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(http(path, Duration.ofSeconds(2)), HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  /** What a GET on the HTTP port answers. */
  String text(String path) throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(http(path, Duration.ofSeconds(20)), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private HttpRequest http(String path, Duration limit) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + httpPort + path))
        .timeout(limit)
        .build();
  }

  /** kill -9. */
  @Override
  public void kill() throws InterruptedException {
    jvm.kill();
  }

  /** SIGTERM and wait for the end; the exit code. */
  @Override
  public int stop() throws Exception {
    jvm.process().destroy();
    return jvm.waitFor(Duration.ofSeconds(30));
  }

  /** Stops it; it must end in order and have had no error and no blocked thread until then. */
  void stopUntroubled() throws Exception {
    assertThat(stop()).isIn(0, 143);
    assertThat(log()).doesNotContain("ERROR").doesNotContain("has been blocked");
  }

  long pid() {
    return jvm.process().pid();
  }

  boolean alive() {
    return jvm.process().isAlive();
  }

  /** Everything it printed, over all starts. */
  @Override
  public String log() throws IOException {
    return jvm.output();
  }

  @Override
  public void close() throws Exception {
    if (jvm != null) {
      jvm.close();
    }
  }
}
