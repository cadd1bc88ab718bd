package io.milena.group.model.consumer.timing;

/**
 * The times of one group: the broker's settings, or what was set for the group.
 *
 * @param sessionTimeoutMs {@code consumer.session.timeout.ms}
 * @param heartbeatIntervalMs {@code consumer.heartbeat.interval.ms}
 * @param assignmentIntervalMs {@code consumer.assignment.interval.ms}: targets are computed at most
 *     so often; 0 for as often as anything changes
 */
public record GroupTiming(
    int sessionTimeoutMs, int heartbeatIntervalMs, int assignmentIntervalMs) {}
