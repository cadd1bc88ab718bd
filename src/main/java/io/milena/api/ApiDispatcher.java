package io.milena.api;

import io.milena.base.Invariant;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import java.util.List;
import org.apache.kafka.common.errors.UnsupportedVersionException;

/** Finds the {@link ApiHandler} of a request. Immutable, shared by all connections. */
public final class ApiDispatcher {
  private final ApiHandler[] byKey;

  /** Takes one handler for each API; two for the same key are a bug. */
  public ApiDispatcher(List<ApiHandler> handlers) {
    int size = handlers.stream().mapToInt(ApiHandler::apiKey).max().orElse(-1) + 1;
    byKey = new ApiHandler[size];
    for (ApiHandler handler : handlers) {
      short key = handler.apiKey();
      Invariant.check(
          byKey[key] == null && SupportedApis.of(key) != null,
          "API key %s has two handlers or no row in SupportedApis",
          key);
      byKey[key] = handler;
    }
  }

  /** True when someone serves that key. */
  public boolean serves(short apiKey) {
    return apiKey >= 0 && apiKey < byKey.length && byKey[apiKey] != null;
  }

  /**
   * Starts a request on the caller's event loop. Never throws: what a handler throws (a body that
   * cannot be decoded, a bug, direct memory that is used up) fails the future, or else the request
   * would keep its buffer and its share of the request memory for ever.
   */
  public Future<ApiResponse> dispatch(ApiRequest request) {
    short key = request.apiKey();
    if (!serves(key)) {
      return Future.failedFuture(new UnsupportedVersionException("API key " + key + " not served"));
    }
    try {
      return byKey[key].handle(request);
    } catch (RuntimeException | Error e) {
      return Future.failedFuture(e);
    }
  }
}
