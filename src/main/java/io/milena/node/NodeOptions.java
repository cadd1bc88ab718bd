package io.milena.node;

/**
 * What the node is told.
 *
 * @param brokerId our broker id
 * @param clusterId of this cluster
 * @param heartbeatIntervalMs {@code milena.heartbeat.interval.ms}
 * @param shutdownLimitMs how long a stop waits for leaderships to move to other brokers
 */
public record NodeOptions(
    int brokerId, String clusterId, long heartbeatIntervalMs, long shutdownLimitMs) {
  /** Heartbeats each half second, five seconds for a controlled shutdown. */
  public static NodeOptions of(int brokerId, String clusterId) {
    return new NodeOptions(brokerId, clusterId, 500, 5_000);
  }
}
