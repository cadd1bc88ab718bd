package io.milena.controller;

import io.milena.controller.model.ControllerMachine;

/**
 * What the controller is told.
 *
 * @param brokerId our broker id
 * @param clusterId of this cluster
 * @param settings defaults and switches for its decisions
 * @param heartbeatTimeoutMs {@code milena.heartbeat.timeout.ms}: silence after which a broker is
 *     fenced
 */
public record ControllerOptions(
    int brokerId, String clusterId, ControllerMachine.Settings settings, long heartbeatTimeoutMs) {
  /** Silence after which a broker is fenced unless set otherwise. */
  public static final long DEFAULT_HEARTBEAT_TIMEOUT_MS = 2_000;
}
