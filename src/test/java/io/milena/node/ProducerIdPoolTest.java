package io.milena.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.base.RandomSource;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.message.AllocateProducerIdsResponseData;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProducerIdPoolTest {
  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void shouldAskAgainAfterTheAskingItselfBroke() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    ProducerIdPool pool =
        new ProducerIdPool(
            vertx,
            () -> {
              if (asked.incrementAndGet() == 1) {
                throw new IllegalStateException("a bug");
              }
              return Future.succeededFuture(
                  new AllocateProducerIdsResponseData()
                      .setProducerIdStart(1_000)
                      .setProducerIdLen(1_000));
            },
            RandomSource.system());

    vertx.runOnContext(v -> pool.fill());

    pool.held().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    assertThat(asked.get()).isEqualTo(2);
  }
}
