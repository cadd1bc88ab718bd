package io.milena.network;

import io.milena.connection.ConnectionCounts;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * How the rest of the broker deals with the TCP listeners: bind, open, close. Immutable; one for
 * each Vert.x instance.
 */
public final class TcpServerClient {
  /** Order to read from connections. */
  static final String OPEN = "open";

  /** Question for the bound ports. */
  static final String PORTS = "ports";

  private static final DeliveryOptions LOCAL =
      new DeliveryOptions().setLocalOnly(true).setSendTimeout(10_000);

  private final Vertx vertx;
  private final String deploymentId;
  private final int instances;
  private final Map<String, Integer> ports;

  private TcpServerClient(
      Vertx vertx, String deploymentId, int instances, Map<String, Integer> ports) {
    this.vertx = vertx;
    this.deploymentId = deploymentId;
    this.instances = instances;
    this.ports = ports;
  }

  /**
   * Binds all listeners. Connections are accepted from now on, but nothing is read before {@link
   * #open}. Fails with an {@link java.io.IOException} of one clear line when that cannot be.
   */
  public static Future<TcpServerClient> bind(
      Vertx vertx, TcpServerOptions options, TcpServices services) {
    ConnectionCounts counts =
        new ConnectionCounts(
            options.maxConnections(),
            options.maxConnectionsPerIp(),
            options.maxConnectionsPerIpOverrides());
    var shared = new TcpServerVerticle.Shared(options, services, counts, new AtomicLong());
    AtomicInteger instance = new AtomicInteger();
    return vertx
        .deployVerticle(
            () -> new TcpServerVerticle(shared, instance.getAndIncrement()),
            new DeploymentOptions().setInstances(options.instances()))
        .compose(
            id ->
                ask(vertx, 0, PORTS)
                    .map(ports -> new TcpServerClient(vertx, id, options.instances(), ports)));
  }

  /** Local address of one instance. */
  static String address(int instance) {
    return "network." + instance;
  }

  /** The port of each listener by its name; the real one where 0 was asked for. */
  public Map<String, Integer> ports() {
    return ports;
  }

  /** Starts to read from the connections that wait and those to come. */
  public Future<Void> open() {
    return Future.join(IntStream.range(0, instances).mapToObj(i -> ask(vertx, i, OPEN)).toList())
        .mapEmpty();
  }

  /** Stops accepting, lets the answers in flight go for a bounded time, closes all connections. */
  public Future<Void> close() {
    return vertx.undeploy(deploymentId);
  }

  private static Future<Map<String, Integer>> ask(Vertx vertx, int instance, String order) {
    return vertx
        .eventBus()
        .<JsonObject>request(address(instance), order, LOCAL)
        .map(
            reply -> {
              Map<String, Integer> ports = new TreeMap<>();
              reply.body().forEach(port -> ports.put(port.getKey(), (Integer) port.getValue()));
              return ports;
            });
  }
}
