package io.milena.api;

import io.vertx.core.Future;

/**
 * Serves one Kafka API. Shared by all connections, so it keeps no state of a request in fields.
 *
 * <p>Two stages: {@link #handle} is called for the requests of a connection in their order and, by
 * the time it returns, has handed the work on to its owners (stage one); the future is the answer
 * (stage two) and may complete in any order.
 */
public interface ApiHandler {
  /** Kafka's API key, e.g. 0 for Produce. */
  short apiKey();

  /**
   * Starts the request. Runs on the connection's event loop. Whatever goes wrong with one partition
   * or resource is a value in the answer, UNKNOWN_SERVER_ERROR if nothing better fits; a failed
   * future (a body that cannot be decoded, a bug) is logged once and closes the connection, which
   * every client takes as a reason to try again elsewhere.
   *
   * @param request header and body; its buffer is released by the caller after the future
   *     completed, so what must live longer is retained
   */
  Future<ApiResponse> handle(ApiRequest request);
}
