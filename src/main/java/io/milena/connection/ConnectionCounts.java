package io.milena.connection;

import io.milena.connection.ConnectionMeters.Refusal;
import java.net.InetAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Live connections of the whole broker against {@code max.connections} and {@code
 * max.connections.per.ip}. Thread-safe: the one thing that listeners on several loops share.
 */
public final class ConnectionCounts {
  private final int max;
  private final int maxPerIp;
  private final Map<String, Integer> overrides;
  private final AtomicInteger total = new AtomicInteger();
  private final ConcurrentHashMap<InetAddress, Integer> byAddress = new ConcurrentHashMap<>();

  /**
   * @param max {@code max.connections}
   * @param maxPerIp {@code max.connections.per.ip}
   * @param overrides {@code max.connections.per.ip.overrides} by textual address
   */
  public ConnectionCounts(int max, int maxPerIp, Map<String, Integer> overrides) {
    this.max = max;
    this.maxPerIp = maxPerIp;
    this.overrides = Map.copyOf(overrides);
  }

  /**
   * Counts a new connection; the reason when it must be refused, then it is not counted; or null.
   */
  public Refusal open(InetAddress from) {
    if (total.incrementAndGet() > max) {
      total.decrementAndGet();
      return Refusal.TOO_MANY_CONNECTIONS;
    }
    int limit = overrides.getOrDefault(from.getHostAddress(), maxPerIp);
    int now = byAddress.merge(from, 1, Integer::sum);
    if (now > limit) {
      close(from);
      return Refusal.TOO_MANY_FROM_ADDRESS;
    }
    return null;
  }

  /** A counted connection ended. */
  public void close(InetAddress from) {
    total.decrementAndGet();
    byAddress.computeIfPresent(from, (address, count) -> count == 1 ? null : count - 1);
  }

  /** Connections open now. */
  public int total() {
    return total.get();
  }
}
