package io.milena.app.assembly;

import java.util.concurrent.ExecutionException;

/** A failure in words for the operator. */
public final class Sentence {
  private Sentence() {}

  /** What went wrong in one line, without the wrapping of futures. */
  public static String of(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof ExecutionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message.replace('\n', ' ');
  }
}
