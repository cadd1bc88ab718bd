package io.milena.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.base.Clock;
import io.milena.base.RandomSource;
import io.milena.config.TopicConfig;
import io.milena.controller.ControllerMessages.ImageUpdate;
import io.milena.controller.ControllerMessages.ImageUpdateReply;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.ImageDelta;
import io.milena.metadata.PartitionImage;
import io.milena.metadata.TopicImage;
import io.milena.metrics.VerticleMeters;
import io.milena.partition.PartitionClient;
import io.milena.partition.PartitionMessages.Become;
import io.milena.partition.PartitionMessages.BecomeReply;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** What bugs of others may do to the one who carries out images: nothing that lasts. */
class ApplierTest {
  private final AtomicReference<ClusterImage> published =
      new AtomicReference<>(ClusterImage.empty("applier"));
  private final List<String> became = new ArrayList<>();

  /** Topics whose settings nobody can make out. */
  private final Set<String> odd = new HashSet<>();

  private Function<ClusterImage, Future<Void>> coordinators = image -> Future.succeededFuture();

  private final Applier applier =
      new Applier(
          1,
          new NodeVerticle.Parts(
              null,
              null,
              null,
              partitions(),
              (image, topic) -> config(topic),
              image -> coordinators.apply(image),
              Clock.system(),
              RandomSource.system(),
              new VerticleMeters("node")),
          published,
          new Applier.Firsts(Promise.promise(), Promise.promise()),
          () -> {});

  private TopicConfig config(TopicImage topic) {
    if (odd.contains(topic.name())) {
      throw new AssertionError("a bug");
    }
    return TopicConfig.defaults();
  }

  private PartitionClient partitions() {
    return (PartitionClient)
        Proxy.newProxyInstance(
            PartitionClient.class.getClassLoader(),
            new Class<?>[] {PartitionClient.class},
            (proxy, method, args) ->
                switch (method.getName()) {
                  case "shardOf" -> 0;
                  case "become" -> become((Become) args[1]);
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  private Future<BecomeReply> become(Become orders) {
    orders.parts().forEach(part -> became.add(part.topic()));
    return Future.succeededFuture(
        new BecomeReply(Collections.nCopies(orders.parts().size(), Errors.NONE)));
  }

  private Future<ImageUpdateReply> snapshot(long number, String... topics) {
    List<TopicImage> images = new ArrayList<>();
    for (String topic : topics) {
      PartitionImage partition =
          new PartitionImage(0, List.of(1), List.of(1), 1, 0, 0, List.of(), List.of());
      images.add(
          new TopicImage(topic, new Uuid(1, topic.hashCode()), List.of(partition), Map.of()));
    }
    return applier.update(
        new ImageUpdate(
            -1,
            0,
            1,
            new ImageDelta(
                "applier", 1, 1, number, true, List.of(), List.of(), images, List.of(), Map.of(),
                Map.of())));
  }

  @Test
  void shouldOpenAllOtherTopicsAndTryTheOneAgainForWhichABugLetsNoOrdersBeMade() {
    odd.add("odd");

    Future<ImageUpdateReply> reply = snapshot(1, "a", "odd", "z");

    assertThat(reply.result().error()).isEqualTo(Errors.NONE.code());
    assertThat(applier.busy()).isFalse();
    assertThat(became).containsExactlyInAnyOrder("a", "z");
    odd.clear();
    applier.retryFailed();
    assertThat(became).containsExactlyInAnyOrder("a", "z", "odd");
    assertThat(applier.busy()).isFalse();
  }

  @Test
  void shouldPublishAnImageThoughTheCoordinatorsBreakOverIt() {
    coordinators =
        image -> {
          throw new IllegalStateException("a bug");
        };

    Future<ImageUpdateReply> reply = snapshot(1, "a");

    assertThat(reply.result().error()).isEqualTo(Errors.NONE.code());
    assertThat(published.get().number()).isEqualTo(1);
  }
}
