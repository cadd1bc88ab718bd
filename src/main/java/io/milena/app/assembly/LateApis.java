package io.milena.app.assembly;

import io.milena.api.ApiDispatcher;
import io.milena.api.ApiHandler;
import io.milena.api.ApiRequest;
import io.milena.api.ApiResponse;
import io.milena.protocol.SupportedApi;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Lets the listeners bind before the APIs can be made, which need the broker's id: each handler
 * passes on to the real dispatcher, set once before the listeners are opened. Thread-safe.
 */
final class LateApis {
  private final AtomicReference<ApiDispatcher> real = new AtomicReference<>();

  /** For the listeners. */
  ApiDispatcher dispatcher() {
    List<ApiHandler> handlers = new ArrayList<>();
    for (SupportedApi api : SupportedApis.all()) {
      handlers.add(new Late(api.key()));
    }
    return new ApiDispatcher(handlers);
  }

  /** Sets what serves the requests; before that nothing is read from any connection. */
  void set(ApiDispatcher dispatcher) {
    real.set(dispatcher);
  }

  private final class Late implements ApiHandler {
    private final short key;

    Late(short key) {
      this.key = key;
    }

    @Override
    public short apiKey() {
      return key;
    }

    @Override
    public Future<ApiResponse> handle(ApiRequest request) {
      return real.get().dispatch(request);
    }
  }
}
