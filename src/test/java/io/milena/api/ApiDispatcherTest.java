package io.milena.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.protocol.SupportedApis;
import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import java.util.List;
import org.junit.jupiter.api.Test;

class ApiDispatcherTest {
  /** Direct memory that is used up; JUnit would take a real OutOfMemoryError for its own. */
  private static final class NoMemory extends Error {
    private static final long serialVersionUID = 1L;
  }

  @Test
  void shouldFailTheRequestWhoseHandlerRunsOutOfMemory() {
    ApiHandler handler =
        new ApiHandler() {
          @Override
          public short apiKey() {
            return SupportedApis.PRODUCE;
          }

          @Override
          public Future<ApiResponse> handle(ApiRequest request) {
            throw new NoMemory();
          }
        };
    ApiRequest request =
        new ApiRequest(null, SupportedApis.PRODUCE, (short) 9, 1, null, Unpooled.EMPTY_BUFFER, 0);

    Future<ApiResponse> answer = new ApiDispatcher(List.of(handler)).dispatch(request);

    assertThat(answer.cause()).isInstanceOf(NoMemory.class);
  }
}
