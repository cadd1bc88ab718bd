package io.milena.node;

/**
 * What the node is told.
 *
 * @param brokerId our broker id
 * @param clusterId of this cluster
 * @param heartbeatIntervalMs {@code milena.heartbeat.interval.ms}
 * @param shutdownLimitMs how long a stop waits for leaderships to move to other brokers
 * @param registrationLimitMs how long a start waits for another session under our id to end; longer
 *     than a session that nobody keeps alive lasts
 */
public record NodeOptions(
    int brokerId,
    String clusterId,
    long heartbeatIntervalMs,
    long shutdownLimitMs,
    long registrationLimitMs) {
  /** Heartbeats each half second, five seconds for a controlled shutdown and a foreign session. */
  public static NodeOptions of(int brokerId, String clusterId) {
    return new NodeOptions(brokerId, clusterId, 500, 5_000, 5_000);
  }
}
