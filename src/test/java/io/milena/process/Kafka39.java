package io.milena.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.awaitility.Awaitility;

/** Apache Kafka 3.9 in ZooKeeper mode and its ZooKeeper, as processes. */
final class Kafka39 {
  private Kafka39() {}

  /** A ZooKeeper server of Kafka 3.9's own version. */
  static ForkedJvm zooKeeper(Path home, int port) throws Exception {
    Files.createDirectories(home);
    Path config =
        Files.writeString(
            home.resolve("zoo.cfg"),
            "dataDir="
                + home.resolve("zk")
                + "\nclientPort="
                + port
                + "\nclientPortAddress=127.0.0.1\ntickTime=500\nadmin.enableServer=false\n");
    ForkedJvm server =
        ForkedJvm.start(
            home,
            home.resolve("zookeeper.log"),
            List.of(
                "-Xmx256m",
                "-cp",
                Peers.classPath("kafka-3.9"),
                "org.apache.zookeeper.server.quorum.QuorumPeerMain",
                config.toString()));
    awaitServing(port);
    return server;
  }

  /** A Kafka broker with these properties; waits until it answers. */
  static ForkedJvm broker(Path home, Map<String, String> properties, String bootstrap)
      throws Exception {
    StringBuilder text = new StringBuilder();
    properties.forEach((k, v) -> text.append(k).append('=').append(v).append('\n'));
    Path config = Files.writeString(home.resolve("kafka39.properties"), text.toString());
    Files.deleteIfExists(home.resolve("kafka39.log")); // what is read there is of this start only
    ForkedJvm broker =
        ForkedJvm.start(
            home,
            home.resolve("kafka39.log"),
            List.of(
                "-Xmx512m",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=info",
                "-cp",
                Peers.classPath("kafka-3.9"),
                "kafka.Kafka",
                config.toString()));
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      Awaitility.await("Kafka 3.9 answers")
          .atMost(Duration.ofSeconds(90))
          .ignoreExceptions()
          .until(() -> admin.describeCluster().nodes().get().size() == 1);
    }
    return broker;
  }

  /**
   * The port is open before the server serves, and a session asked for in between may get no answer
   * until its client gives up.
   */
  private static void awaitServing(int port) {
    Awaitility.await("ZooKeeper serves on port " + port)
        .pollInterval(Duration.ofMillis(50))
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(() -> statusOf(port).contains("Mode: "));
  }

  private static String statusOf(int port) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(1_000);
      socket.getOutputStream().write("srvr".getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }
}
