package io.milena.network;

import io.milena.api.ApiHandler;
import io.milena.api.ApiRequest;
import io.milena.api.ApiResponse;
import io.vertx.core.Future;
import java.util.function.Function;

/** An API whose answers a test writes. */
record ScriptedApi(short apiKey, Function<ApiRequest, Future<ApiResponse>> answers)
    implements ApiHandler {
  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    return answers.apply(request);
  }
}
