package io.milena.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.base.RandomSource;
import io.milena.controller.ControllerMessages.ImageUpdate;
import io.milena.controller.ControllerMessages.ImageUpdateReply;
import io.milena.metadata.ClusterImage;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BrokerSenderTest {
  private static final ClusterImage IMAGE = ClusterImage.empty("sender");

  private final Vertx vertx = Vertx.vertx();
  private final Promise<ImageUpdate> arrived = Promise.promise();

  @AfterEach
  void close() {
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  private static RuntimeException bug() {
    return new IllegalStateException("a bug");
  }

  private Future<ImageUpdateReply> arrive(ImageUpdate update) {
    arrived.complete(update);
    return Future.succeededFuture(new ImageUpdateReply(Errors.NONE.code(), 1, IMAGE.number()));
  }

  @Test
  void shouldSendAgainAfterTheSendingItselfBroke() throws Exception {
    Deque<Supplier<ClusterImage>> images =
        new ArrayDeque<>(
            List.of(
                () -> {
                  throw bug();
                },
                () -> IMAGE,
                () -> IMAGE));
    Deque<Boolean> broken = new ArrayDeque<>(List.of(true, false));
    BrokerSender sender =
        new BrokerSender(
            vertx,
            new BrokerSender.Target(1, 7, true),
            () -> images.poll().get(),
            update -> {
              if (broken.poll()) {
                throw bug();
              }
              return arrive(update);
            },
            RandomSource.system());

    vertx.runOnContext(v -> sender.snapshot());

    ImageUpdate update =
        arrived.future().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    assertThat(update.delta().snapshot()).isTrue();
  }
}
