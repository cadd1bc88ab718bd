package io.milena.bus;

import org.apache.kafka.common.protocol.Errors;

/**
 * A question to another broker that got no usable answer. Its {@link #error()} is the nearest Kafka
 * error: REQUEST_TIMED_OUT when nobody answered until the deadline (outcome unknown), else what the
 * receiver refused with.
 */
public final class BusException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Errors error;

  BusException(Errors error, String message) {
    super(message, null, false, false);
    this.error = error;
  }

  public Errors error() {
    return error;
  }
}
