package io.milena.network;

import java.util.List;
import java.util.Map;

/**
 * What the TCP listeners need to know, made from the broker's settings.
 *
 * @param listeners where to listen
 * @param instances {@code num.network.threads}: verticles, each on one event loop
 * @param maxRequestBytes {@code socket.request.max.bytes}
 * @param requestMemoryBytes request memory of all instances together: {@code
 *     queued.max.request.bytes}, or a quarter of the heap
 * @param maxInFlight {@code milena.connection.inflight.max}: requests of one connection under way
 * @param maxUnsentBytes bytes of answers of one connection that wait for its socket; above, no
 *     further request of it is started
 * @param maxConnections {@code max.connections}
 * @param maxConnectionsPerIp {@code max.connections.per.ip}
 * @param maxConnectionsPerIpOverrides {@code max.connections.per.ip.overrides}: textual address to
 *     limit
 * @param maxIdleMs {@code connections.max.idle.ms}
 * @param frameStallMs a started frame that makes no progress for so long closes its connection
 * @param drainMs how long a stop waits for the answers in flight
 * @param sendBufferBytes {@code socket.send.buffer.bytes}; -1 leaves it to the system
 * @param receiveBufferBytes {@code socket.receive.buffer.bytes}; -1 leaves it to the system
 * @param acceptBacklog {@code socket.listen.backlog.size}
 */
public record TcpServerOptions(
    List<Listener> listeners,
    int instances,
    int maxRequestBytes,
    long requestMemoryBytes,
    int maxInFlight,
    int maxUnsentBytes,
    int maxConnections,
    int maxConnectionsPerIp,
    Map<String, Integer> maxConnectionsPerIpOverrides,
    long maxIdleMs,
    long frameStallMs,
    long drainMs,
    int sendBufferBytes,
    int receiveBufferBytes,
    int acceptBacklog) {
  /**
   * One listener.
   *
   * @param name e.g. PLAINTEXT
   * @param host to bind; null or empty binds every address
   * @param port 0 takes a free one
   */
  public record Listener(String name, String host, int port) {}

  /** Kafka's defaults for these listeners, for tests and tools. */
  public static TcpServerOptions defaults(List<Listener> listeners) {
    return new TcpServerOptions(
        listeners,
        1,
        100 << 20,
        Runtime.getRuntime().maxMemory() / 4,
        16,
        1 << 20,
        Integer.MAX_VALUE,
        Integer.MAX_VALUE,
        Map.of(),
        600_000,
        30_000,
        5_000,
        102_400,
        102_400,
        50);
  }
}
