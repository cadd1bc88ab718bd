package io.milena.api;

import org.apache.kafka.common.protocol.ApiMessage;

/**
 * What becomes of a request.
 *
 * @param message body to encode at the request's version, or null when nothing is sent (acks=0)
 * @param closeConnection true when the connection must be closed after what was sent
 * @param onDone run exactly once when the answer was written or can never be written; releases file
 *     slices and the like. Runs on the connection's event loop
 * @param waitedNs how long the request waited for others and not for this broker, e.g. a long poll
 *     for records; nanoseconds
 */
public record ApiResponse(
    ApiMessage message, boolean closeConnection, Runnable onDone, long waitedNs) {
  private static final Runnable NOTHING = () -> {};

  /** An ordinary answer. */
  public static ApiResponse of(ApiMessage message) {
    return new ApiResponse(message, false, NOTHING, 0);
  }

  /** An answer that holds resources until it is written. */
  public static ApiResponse of(ApiMessage message, Runnable onDone) {
    return new ApiResponse(message, false, onDone, 0);
  }

  /** The same after a wait for others. */
  public static ApiResponse of(ApiMessage message, Runnable onDone, long waitedNs) {
    return new ApiResponse(message, false, onDone, waitedNs);
  }

  /** No answer (Produce with acks=0 that went well). */
  public static ApiResponse none() {
    return new ApiResponse(null, false, NOTHING, 0);
  }

  /** No answer but a closed connection. */
  public static ApiResponse close() {
    return new ApiResponse(null, true, NOTHING, 0);
  }
}
