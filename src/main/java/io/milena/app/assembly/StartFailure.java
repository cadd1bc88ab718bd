package io.milena.app.assembly;

/** Why the broker does not start: one sentence for the operator. */
public final class StartFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StartFailure(String message, Throwable cause) {
    super(message, cause);
  }

  StartFailure(String message) {
    super(message);
  }
}
