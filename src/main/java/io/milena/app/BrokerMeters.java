package io.milena.app;

import io.milena.base.Clock;
import io.milena.connection.ConnectionMeters;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.PartitionImage;
import io.milena.metadata.TopicImage;
import io.milena.metrics.Histogram;
import io.milena.metrics.Meter;
import io.milena.metrics.Metrics;
import io.milena.protocol.SupportedApi;
import io.milena.protocol.SupportedApis;
import io.milena.zookeeper.ZkSession;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** The broker's meters and who feeds them. Thread-safe. */
final class BrokerMeters implements ConnectionMeters {
  private static final String REPLICAS = "kafka_server_replicamanager_";
  private static final String CONTROLLER = "kafka_controller_kafkacontroller_";

  private static final String SESSION = "kafka_server_sessionexpirelistener_";
  private static final String ZOOKEEPER_LATENCY =
      "kafka_server_zookeeperclientmetrics_zookeeperrequestlatencyms";

  private final Metrics metrics;
  private final Map<String, LongAdder> open = new ConcurrentHashMap<>();
  private final Map<String, LongAdder> accepted = new ConcurrentHashMap<>();
  private final Map<Refused, LongAdder> refused = new ConcurrentHashMap<>();

  private record Refused(String listener, Refusal why) {}

  BrokerMeters(Clock clock) {
    this.metrics = new Metrics(BrokerMeters::apiName, clock);
    metrics.addSource(this::connections);
  }

  Metrics metrics() {
    return metrics;
  }

  private static String apiName(int key) {
    SupportedApi api = SupportedApis.of((short) key);
    return api == null ? Integer.toString(key) : api.name();
  }

  /** Adds what is read out of the image: Kafka's ReplicaManager and KafkaController gauges. */
  void watch(int brokerId, Supplier<ClusterImage> image) {
    metrics.addSource(
        () -> {
          metrics.topics().retain(image.get().topics().keySet());
          return List.of();
        });
    metrics.add(replicas(brokerId, image));
    metrics.add(controller(brokerId, image));
  }

  /** Adds Kafka's ZooKeeperClientMetrics and SessionExpireListener, and the requests under way. */
  void watch(ZkSession zk, Clock clock) {
    Histogram latency = new Histogram();
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
    for (double quantile : new double[] {0.5, 0.95, 0.99, 0.999}) {
      meters.add(
          Meter.gauge(
                  ZOOKEEPER_LATENCY,
                  "Milliseconds that requests to ZooKeeper took",
                  () -> latency.quantileNs(quantile) / 1e6)
              .with(Map.of("quantile", Double.toString(quantile))));
    }
    meters.add(Meter.gauge(ZOOKEEPER_LATENCY + "_count", "Requests to ZooKeeper", latency::count));
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

  private static List<Meter> replicas(int brokerId, Supplier<ClusterImage> image) {
    return List.of(
        Meter.gauge(
            REPLICAS + "partitioncount",
            "Partitions with a replica on this broker",
            () -> count(image.get(), p -> p.replicas().contains(brokerId))),
        Meter.gauge(
            REPLICAS + "leadercount",
            "Partitions that this broker leads",
            () -> count(image.get(), p -> p.leader() == brokerId)),
        Meter.gauge(
            REPLICAS + "underreplicatedpartitions",
            "Partitions led here whose ISR is not complete",
            () ->
                count(
                    image.get(),
                    p -> p.leader() == brokerId && p.isr().size() < p.replicas().size())),
        Meter.gauge(
            REPLICAS + "offlinereplicacount",
            "Replicas on this broker that nobody leads",
            () ->
                count(
                    image.get(),
                    p ->
                        p.leader() == PartitionImage.NO_LEADER
                            && p.replicas().contains(brokerId))));
  }

  private static List<Meter> controller(int brokerId, Supplier<ClusterImage> image) {
    return List.of(
        Meter.gauge(
            CONTROLLER + "activecontrollercount",
            "1 while this broker is the controller",
            () -> image.get().controllerId() == brokerId ? 1 : 0),
        Meter.gauge(
            CONTROLLER + "globaltopiccount",
            "Topics of the cluster",
            () -> image.get().topics().size()),
        Meter.gauge(
            CONTROLLER + "globalpartitioncount",
            "Partitions of the cluster",
            () -> count(image.get(), p -> true)),
        Meter.gauge(
            CONTROLLER + "offlinepartitionscount",
            "Partitions without a leader",
            () -> count(image.get(), p -> p.leader() == PartitionImage.NO_LEADER)),
        Meter.gauge(
            CONTROLLER + "activebrokercount",
            "Live brokers that are not fenced",
            () -> image.get().brokers().values().stream().filter(b -> !b.fenced()).count()),
        Meter.gauge(
            CONTROLLER + "fencedbrokercount",
            "Live brokers whose heartbeats are missing",
            () -> image.get().brokers().values().stream().filter(b -> b.fenced()).count()),
        Meter.gauge(
            "milena_image_number",
            "Number of the last applied image under its controller epoch",
            () -> image.get().number()));
  }

  private static double count(ClusterImage image, Predicate<PartitionImage> which) {
    long count = 0;
    for (TopicImage topic : image.topics().values()) {
      for (PartitionImage partition : topic.partitions()) {
        count += which.test(partition) ? 1 : 0;
      }
    }
    return count;
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
  public void requestDone(
      short apiKey, short apiVersion, long totalNs, int requestBytes, long answerBytes) {
    metrics.requests().done(apiKey, apiVersion, totalNs, requestBytes, answerBytes);
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
