package io.milena.app.meters;

import io.milena.base.Clock;
import io.milena.config.TopicConfig;
import io.milena.connection.ConnectionMeters;
import io.milena.connection.FinishedRequest;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.TopicImage;
import io.milena.metrics.Histogram;
import io.milena.metrics.Meter;
import io.milena.metrics.Metrics;
import io.milena.metrics.RequestMeters;
import io.milena.partition.PartitionClient;
import io.milena.protocol.SupportedApi;
import io.milena.protocol.SupportedApis;
import io.milena.zookeeper.client.ZkSession;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiFunction;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/** The broker's meters and who feeds them. Thread-safe. */
public final class BrokerMeters implements ConnectionMeters {
  private static final String SESSION = "kafka_server_sessionexpirelistener_";
  private static final String ZOOKEEPER_LATENCY =
      "kafka_server_zookeeperclientmetrics_zookeeperrequestlatencyms";

  private final Metrics metrics;
  private final Map<String, LongAdder> open = new ConcurrentHashMap<>();
  private final Map<String, LongAdder> accepted = new ConcurrentHashMap<>();
  private final Map<Refused, LongAdder> refused = new ConcurrentHashMap<>();

  private record Refused(String listener, Refusal why) {}

  /** Meters of this broker, with none of its parts yet. */
  public BrokerMeters(Clock clock) {
    this.metrics = new Metrics(BrokerMeters::apiName, clock);
    metrics.addSource(this::connections);
  }

  /** Where everything is counted. */
  public Metrics metrics() {
    return metrics;
  }

  private static String apiName(int key) {
    SupportedApi api = SupportedApis.of((short) key);
    return api == null ? Integer.toString(key) : api.name();
  }

  /**
   * Adds what is read out of the image: Kafka's ReplicaManager and KafkaController gauges.
   *
   * @param configs effective settings of a topic under an image
   */
  public void watch(
      int brokerId,
      Supplier<ClusterImage> image,
      BiFunction<ClusterImage, TopicImage, TopicConfig> configs) {
    ImageMeters meters = new ImageMeters(brokerId, image, configs);
    metrics.addSource(
        () -> {
          metrics.topics().retain(image.get().topics().keySet());
          return meters.series();
        });
  }

  /** Adds sizes and ends of the logs and what the shards have staged, asked at each scrape. */
  public void watch(PartitionClient partitions) {
    metrics.addSource(new ShardMeters(partitions)::series);
  }

  /** Adds how late the event loops are. */
  public void watch(Vertx vertx, Clock clock) {
    LoopLag.watch(vertx, metrics, clock);
  }

  /**
   * Adds Kafka's BrokerState.
   *
   * @param state Kafka's number: 1 starting, 3 running, 7 shutting down
   */
  public void watchState(IntSupplier state) {
    metrics.add(
        List.of(
            Meter.gauge(
                "kafka_server_kafkaserver_brokerstate",
                "1 starting, 3 running, 7 shutting down",
                state::getAsInt)));
  }

  /** Adds Kafka's ZooKeeperClientMetrics and SessionExpireListener, and the requests under way. */
  public void watch(ZkSession zk, Clock clock) {
    Histogram latency = metrics.histogram();
    LongAdder disconnects = new LongAdder();
    LongAdder expires = new LongAdder();
    zk.onLatency(clock, latency::record);
    zk.onSessionEvent(
        event -> {
          switch (event.kind()) {
            case SUSPENDED -> disconnects.increment();
            case EXPIRED -> expires.increment();
            case RECONNECTED, NEW_SESSION -> {} // counted when they were lost
          }
        });
    List<Meter> meters = new ArrayList<>();
    Meter.histogram(
        meters,
        Meter.named(ZOOKEEPER_LATENCY, "Milliseconds that requests to ZooKeeper took", Map.of()),
        latency,
        Meter.MILLISECONDS);
    meters.add(
        Meter.counter(
            SESSION + "zookeeperdisconnects",
            "Times that the connection to ZooKeeper was lost",
            disconnects::sum));
    meters.add(
        Meter.counter(
            SESSION + "zookeeperexpires", "ZooKeeper sessions that expired", expires::sum));
    meters.add(
        Meter.gauge(
            "milena_zookeeper_requests_in_flight",
            "Requests that wait for ZooKeeper's answer",
            zk::inFlight));
    metrics.add(meters);
  }

  private List<Meter> connections() {
    List<Meter> meters = new ArrayList<>();
    open.forEach(
        (listener, count) ->
            meters.add(
                Meter.gauge(
                        "kafka_server_socket_server_metrics_connection_count",
                        "Open connections",
                        count::sum)
                    .with(Map.of("listener", listener))));
    accepted.forEach(
        (listener, count) ->
            meters.add(
                Meter.counter(
                        "kafka_server_socket_server_metrics_connection_creation",
                        "Accepted connections",
                        count::sum)
                    .with(Map.of("listener", listener))));
    refused.forEach(
        (key, count) ->
            meters.add(
                Meter.counter(
                        "milena_connections_refused",
                        "Connections refused or closed by the broker",
                        count::sum)
                    .with(
                        Map.of(
                            "listener",
                            key.listener(),
                            "reason",
                            key.why().name().toLowerCase(Locale.ROOT)))));
    return meters;
  }

  @Override
  public void requestDone(FinishedRequest request) {
    RequestMeters.OneApi api = metrics.requests().count(request.apiKey(), request.apiVersion());
    if (api == null) {
      return;
    }
    api.total.record(request.leftNs() - request.receivedNs());
    api.requestQueue.record(request.startedNs() - request.receivedNs());
    api.local.record(request.answeredNs() - request.startedNs() - request.waitedNs());
    api.remote.record(request.waitedNs());
    api.responseQueue.record(request.leftNs() - request.answeredNs());
    api.requestBytes.record(request.requestBytes());
    api.responseBytes.record(request.responseBytes());
  }

  @Override
  public void refused(String listener, Refusal why) {
    refused.computeIfAbsent(new Refused(listener, why), k -> new LongAdder()).increment();
  }

  @Override
  public void opened(String listener) {
    open.computeIfAbsent(listener, k -> new LongAdder()).increment();
    accepted.computeIfAbsent(listener, k -> new LongAdder()).increment();
  }

  @Override
  public void closed(String listener) {
    open.computeIfAbsent(listener, k -> new LongAdder()).decrement();
  }
}
