package io.milena.app.assembly;

import io.milena.app.meters.GroupMeters;
import io.milena.base.Clock;
import io.milena.base.ProcessEnd;
import io.milena.base.RandomSource;
import io.milena.group.GroupClient;
import io.milena.group.GroupOptions;
import io.milena.group.GroupVerticle;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.TopicImage;
import io.milena.metrics.Metrics;
import io.milena.partition.PartitionClient;
import io.milena.work.CpuWork;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

/** This broker's group coordinators: their verticles, the door to them, and who they lead for. */
final class Groups {
  private final Vertx vertx;
  private final GroupOptions options;
  private final GroupClient client;
  private final GroupMeters meters;
  private final Metrics metrics;
  private final Clock clock;
  private final List<String> deployments = new ArrayList<>();
  private final AtomicBoolean stopped = new AtomicBoolean();

  Groups(Vertx vertx, GroupOptions options, Cluster cluster, Metrics metrics, Clock clock) {
    this.vertx = vertx;
    this.options = options;
    this.client =
        GroupClient.create(vertx, options.verticles(), options.brokerId(), cluster.image(), clock);
    this.metrics = metrics;
    this.clock = clock;
    this.meters = new GroupMeters(client, metrics);
  }

  GroupClient client() {
    return client;
  }

  GroupMeters meters() {
    return meters;
  }

  /** Deploys the verticles; they serve when they are told what this broker leads. */
  Future<Void> start(Cluster cluster, PartitionClient partitions, CpuWork work) {
    GroupVerticle.Surroundings around =
        new GroupVerticle.Surroundings(
            partitions,
            cluster.controller(),
            cluster.image(),
            new GroupTimings(cluster::layers),
            image -> maxMessageBytes(cluster, image),
            work,
            meters,
            index -> metrics.verticle("group-" + index),
            clock,
            RandomSource.system(),
            () -> ProcessEnd.halt(Assembly.HALT_CODE));
    List<Future<String>> deployed =
        IntStream.range(0, options.verticles())
            .mapToObj(i -> vertx.deployVerticle(new GroupVerticle(i, options, around)))
            .toList();
    return Future.all(deployed)
        .map(
            all -> {
              deployments.addAll(all.list());
              return null;
            });
  }

  private static int maxMessageBytes(Cluster cluster, ClusterImage image) {
    TopicImage topic = image.topic(GroupClient.TOPIC);
    return topic == null ? 1 << 20 : cluster.topicConfig(image, topic).maxMessageBytes();
  }

  /** Tells the coordinators of a new image. */
  Future<Void> follow(ClusterImage image) {
    if (stopped.get()) {
      return Future.succeededFuture();
    }
    return client.follow(image);
  }

  /** Whoever waits for a group is told to look for its coordinator elsewhere. */
  Future<Void> stop() {
    stopped.set(true);
    List<Future<?>> gone = new ArrayList<>();
    deployments.forEach(id -> gone.add(vertx.undeploy(id)));
    deployments.clear();
    return Future.join(gone).mapEmpty();
  }
}
