package io.milena.network;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How the rest of the broker deals with the TCP listeners: bind, open, close. Used by {@code app}
 * on one thread at a time.
 */
public final class TcpServerClient {
  private final Vertx vertx;
  private final String deploymentId;
  private final List<TcpServerVerticle> verticles;

  private TcpServerClient(Vertx vertx, String deploymentId, List<TcpServerVerticle> verticles) {
    this.vertx = vertx;
    this.deploymentId = deploymentId;
    this.verticles = verticles;
  }

  /**
   * Binds all listeners. Connections are accepted from now on, but nothing is read before {@link
   * #open}. Fails with one clear line when a port is taken.
   */
  public static Future<TcpServerClient> bind(
      Vertx vertx, TcpServerOptions options, TcpServices services) {
    throw new UnsupportedOperationException();
  }

  /** The port of each listener by its name; the real one where 0 was asked for. */
  public Map<String, Integer> ports() {
    return new TreeMap<>();
  }

  /** Starts to read from the connections that wait and those to come. */
  public Future<Void> open() {
    throw new UnsupportedOperationException();
  }

  /** Stops accepting, lets the answers in flight go for a bounded time, closes all connections. */
  public Future<Void> close() {
    return vertx.undeploy(deploymentId);
  }
}
