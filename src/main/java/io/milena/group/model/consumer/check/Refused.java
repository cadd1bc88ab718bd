package io.milena.group.model.consumer.check;

import org.apache.kafka.common.protocol.Errors;

/**
 * A request that the group's rules do not allow. Caught where the request came in and told as an
 * answer; leaves no trace of the stack, for a flood of them must stay cheap.
 */
public final class Refused extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Errors error;

  /**
   * @param error what the answer tells
   * @param message why, for the user of the client; goes into answers that have room for it
   */
  public Refused(Errors error, String message) {
    super(message, null, false, false);
    this.error = error;
  }

  /** What the answer tells; never NONE. */
  public Errors error() {
    return error;
  }
}
