package io.milena.group.model.consumer;

import org.apache.kafka.common.protocol.Errors;

/**
 * A request that the group's rules do not allow. Caught where the request came in and told as an
 * answer; leaves no trace of the stack, for a flood of them must stay cheap.
 */
final class Refused extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Errors error;

  Refused(Errors error, String message) {
    super(message, null, false, false);
    this.error = error;
  }

  Errors error() {
    return error;
  }
}
