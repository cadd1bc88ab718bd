package io.milena.work;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.junit.jupiter.api.Test;

class AttemptTest {
  @Test
  void shouldHandOnWhatTheStepPromises() {
    Promise<String> promise = Promise.promise();

    Future<String> attempt = Attempt.of(promise::future);

    assertThat(attempt).isSameAs(promise.future());
  }

  @Test
  void shouldFailWithTheExceptionThatTheStepThrows() {
    RuntimeException thrown = new IllegalStateException("says the test");

    Future<Void> attempt =
        Attempt.of(
            () -> {
              throw thrown;
            });

    assertThat(attempt.cause()).isSameAs(thrown);
  }

  @Test
  void shouldFailWithTheErrorThatTheStepThrows() {
    Error thrown = new OutOfMemoryError("says the test");

    Future<Void> attempt =
        Attempt.of(
            "A test",
            () -> {
              throw thrown;
            });

    assertThat(attempt.cause()).isSameAs(thrown);
  }
}
