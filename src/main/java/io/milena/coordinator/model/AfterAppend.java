package io.milena.coordinator.model;

import org.apache.kafka.common.protocol.Errors;

/**
 * How a step goes on when its records are settled. Exactly one of the methods is called, once,
 * unless the coordinator is unloaded meanwhile (then {@link CoordinatorMachine#unload} answers).
 * The step's serial key is held until then.
 */
public interface AfterAppend {
  /** The records are committed and were applied: what is due now. */
  Decision committed(long nowMs);

  /**
   * The records are not in the log and never will be; no durable state changed. The machine answers
   * who waited.
   *
   * @param error as the coordinator's clients are to see it, e.g. COORDINATOR_NOT_AVAILABLE,
   *     NOT_COORDINATOR, MESSAGE_TOO_LARGE
   */
  Decision failed(Errors error, long nowMs);
}
