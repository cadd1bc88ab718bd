package io.milena.bus;

import io.vertx.core.eventbus.EventBusOptions;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the clustered event bus listens.
 *
 * @param host address to bind: of {@code milena.bus.listener}, else of the inter-broker listener;
 *     empty or 0.0.0.0 binds all
 * @param port 0 takes a free one
 * @param publicHost what other brokers dial; the inter-broker listener's advertised host
 */
public record BusOptions(String host, int port, String publicHost) {
  private static final Logger LOG = LoggerFactory.getLogger(BusOptions.class);
  private static final int PING_MS = 2_000;
  private static final int CONNECT_TIMEOUT_MS = 2_000;

  /** Vert.x's options; warns when the bus will be reachable from elsewhere without TLS. */
  public EventBusOptions eventBusOptions() {
    boolean any = host == null || host.isEmpty();
    if (!isLoopback(any ? "0.0.0.0" : host)) {
      LOG.warn(
          "The event bus between brokers is plaintext and not authenticated, and listens on {}:"
              + " keep its port inside a trusted network or set milena.bus.listener",
          any ? "all addresses" : host);
    }
    return new EventBusOptions()
        .setHost(any ? "0.0.0.0" : host)
        .setPort(port)
        .setClusterPublicHost(publicHost)
        .setClusterPingInterval(PING_MS)
        .setClusterPingReplyInterval(PING_MS)
        .setConnectTimeout(CONNECT_TIMEOUT_MS)
        .setTrustAll(false);
  }

  private static boolean isLoopback(String host) {
    if (host.equals("localhost")) {
      return true;
    }
    if (!host.contains(":") && !host.matches("[0-9.]+")) {
      return false; // a name: say it rather than ask DNS here
    }
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
