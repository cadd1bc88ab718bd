package io.milena.protocol;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.protocol.Errors;

/**
 * The only translator from exceptions to Kafka's error codes (architecture §9). Stateless, any
 * thread.
 */
public final class KafkaErrors {
  private KafkaErrors() {}

  /**
   * The error a client is told. Kafka's own exceptions map to their codes, timeouts to
   * REQUEST_TIMED_OUT, file trouble to KAFKA_STORAGE_ERROR, all else to UNKNOWN_SERVER_ERROR.
   */
  public static Errors of(Throwable failure) {
    Throwable cause = unwrap(failure);
    if (cause instanceof ApiException) {
      return Errors.forException(cause);
    }
    if (cause instanceof TimeoutException) {
      return Errors.REQUEST_TIMED_OUT;
    }
    if (cause instanceof IOException || cause instanceof UncheckedIOException) {
      return Errors.KAFKA_STORAGE_ERROR;
    }
    return Errors.UNKNOWN_SERVER_ERROR;
  }

  /** True for refusals: expected answers that are not worth a stack trace in the log. */
  public static boolean expected(Throwable failure) {
    return unwrap(failure) instanceof ApiException;
  }

  /** The text a client is told: that of a refusal, nothing of our inner life otherwise. */
  public static String message(Throwable failure) {
    Throwable cause = unwrap(failure);
    return cause instanceof ApiException && cause.getMessage() != null
        ? cause.getMessage()
        : of(cause).message();
  }

  private static Throwable unwrap(Throwable failure) {
    Throwable cause = failure;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
