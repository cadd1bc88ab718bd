package io.milena.controller.model;

import org.apache.kafka.common.protocol.Errors;

/**
 * A command, or one topic of it, is refused: an expected outcome, caught inside this package and
 * turned into a value of the answer. Carries no stack trace.
 */
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Errors error;

  Refusal(Errors error, String message) {
    super(message, null, false, false);
    this.error = error;
  }

  Errors error() {
    return error;
  }
}
