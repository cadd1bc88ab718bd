package io.milena.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.awaitility.Awaitility;

/**
 * Apache Kafka 4.4, KRaft, broker and controller in one process: for stories whose clients
 * misbehave, to see whether they do so there too.
 */
final class Kafka44 implements BrokerProcess {
  private static final String CLUSTER_ID = "bWlsZW5hdGVzdHMwMDAwMA";

  private final Path home;
  private final int port;
  private final Map<String, String> settings = new LinkedHashMap<>();
  private ForkedJvm jvm;

  /** Its data and logs live under {@code home}; not started yet. */
  Kafka44(Path home) throws IOException {
    this.home = home;
    this.port = MilenaProcess.freePort();
    int controllerPort = MilenaProcess.freePort();
    settings.put("process.roles", "broker,controller");
    settings.put("node.id", "1");
    settings.put(
        "listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort);
    settings.put("controller.listener.names", "CONTROLLER");
    settings.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    settings.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
    settings.put("log.dirs", home.resolve("kafka-data").toString());
    settings.put("offsets.topic.replication.factor", "1");
  }

  /** Sets a property for the next start. */
  Kafka44 with(Map<String, String> more) {
    settings.putAll(more);
    return this;
  }

  @Override
  public String bootstrap() {
    return "127.0.0.1:" + port;
  }

  @Override
  public Kafka44 start() throws Exception {
    StringBuilder text = new StringBuilder();
    settings.forEach((k, v) -> text.append(k).append('=').append(v).append('\n'));
    Path config = Files.writeString(home.resolve("kafka44.properties"), text.toString());
    if (!Files.exists(Path.of(settings.get("log.dirs")))) {
      ForkedJvm.run(
          home,
          words("kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", config.toString()),
          Duration.ofSeconds(60));
    }
    jvm =
        ForkedJvm.start(home, home.resolve("kafka44.log"), words("kafka.Kafka", config.toString()));
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap()))) {
      Awaitility.await("Kafka 4.4 answers")
          .atMost(Duration.ofSeconds(90))
          .ignoreExceptions()
          .until(() -> admin.describeCluster().nodes().get().size() == 1);
    }
    return this;
  }

  private static List<String> words(String... last) throws Exception {
    List<String> words =
        new ArrayList<>(
            List.of(
                "-Xmx512m",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=info",
                "-cp",
                Peers.classPath("kafka-4.4")));
    words.addAll(List.of(last));
    return words;
  }

  @Override
  public void kill() throws InterruptedException {
    jvm.kill();
  }

  @Override
  public int stop() throws Exception {
    jvm.process().destroy();
    return jvm.waitFor(Duration.ofSeconds(60));
  }

  @Override
  public String log() throws IOException {
    return jvm.output();
  }
}
