package io.milena.app.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Promise;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How the main thread waits. */
class WaitingTest {
  @Test
  void shouldGiveUpAfterTheLimit() {
    assertThatThrownBy(() -> Waiting.on("Godot", Promise.promise().future(), 20))
        .isInstanceOf(StartFailure.class)
        .hasMessageContaining("Godot took more than");
  }

  @Test
  void shouldWaitForARecoveryAsLongAsItTakes() {
    Promise<String> recovery = Promise.promise();
    CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS)
        .execute(() -> recovery.complete("done"));

    assertThat(Waiting.<String>patiently("recovering", recovery.future(), 10)).isEqualTo("done");
  }

  @Test
  void shouldTellAFailureWhilePatient() {
    Promise<String> recovery = Promise.promise();
    recovery.fail(new IllegalStateException("no disk"));

    assertThatThrownBy(() -> Waiting.patiently("recovering", recovery.future(), 10))
        .isInstanceOf(StartFailure.class)
        .hasMessage("recovering: no disk");
  }
}
