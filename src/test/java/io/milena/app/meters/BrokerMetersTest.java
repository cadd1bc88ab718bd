package io.milena.app.meters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.milena.base.Clock;
import io.milena.testing.Waiting;
import io.milena.zookeeper.client.ZkOptions;
import io.milena.zookeeper.client.ZkSession;
import io.milena.zookeeper.embedded.EmbeddedZooKeeper;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Prometheus sees of the broker's surroundings. */
class BrokerMetersTest {
  @TempDir Path dir;

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void stop() {
    Waiting.on(vertx.close());
  }

  @Test
  void shouldShowZooKeepersLatencyAndLostConnections() {
    EmbeddedZooKeeper server = EmbeddedZooKeeper.start(new EmbeddedZooKeeper.Options(dir, 0, 500));
    ZkSession zk =
        Waiting.on(
            ZkSession.open(vertx, new ZkOptions(server.connectString(), 4_000, 10_000, null)));
    BrokerMeters meters = new BrokerMeters(Clock.system());
    meters.watch(zk, Clock.system());

    Waiting.on(zk.exists("/brokers"));
    server.close();

    await()
        .untilAsserted(
            () ->
                assertThat(meters.metrics().scrape())
                    .contains(
                        "kafka_server_zookeeperclientmetrics_zookeeperrequestlatencyms_count 1.0")
                    .containsPattern("requestlatencyms\\{quantile=\"0.99\"} 0*[1-9.]")
                    .contains("kafka_server_sessionexpirelistener_zookeeperdisconnects_total 1.0")
                    .contains("kafka_server_sessionexpirelistener_zookeeperexpires_total 0.0")
                    .contains("milena_zookeeper_requests_in_flight 0.0"));
    Waiting.on(zk.close());
  }
}
