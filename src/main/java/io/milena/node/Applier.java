package io.milena.node;

import io.milena.base.Clock;
import io.milena.config.TopicConfig;
import io.milena.controller.ControllerMessages.ImageUpdate;
import io.milena.controller.ControllerMessages.ImageUpdateReply;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.ImageDelta;
import io.milena.metadata.ImageParts;
import io.milena.metrics.VerticleMeters;
import io.milena.node.Reconciler.Orders;
import io.milena.partition.PartitionClient;
import io.milena.partition.PartitionMessages.Become;
import io.milena.partition.PartitionMessages.BecomePartition;
import io.milena.partition.PartitionMessages.Configure;
import io.milena.partition.PartitionMessages.Stop;
import io.milena.partition.PartitionMessages.StopPartition;
import io.milena.work.Attempt;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes image updates in order, has the local partitions obey, then publishes. One update is
 * carried out at a time; of those that wait only the newest counts, for every update that was not
 * answered well is followed by a snapshot. Owned by the node's context.
 */
final class Applier {
  private static final Logger LOG = LoggerFactory.getLogger(Applier.class);
  private static final Logger STATE = LoggerFactory.getLogger("state-change");

  private final PartitionClient partitions;
  private final Function<ClusterImage, Future<Void>> coordinators;
  private final Reconciler reconciler;
  private final AtomicReference<ClusterImage> published;
  private final Firsts firsts;
  private final Runnable lossFound;
  private final Clock clock;
  private final VerticleMeters meters;
  private final List<ImageDelta> received = new ArrayList<>();

  /** Partitions that did not obey, with what was logged of them; at most all that are ours. */
  private final Map<TopicPartition, Errors> failing = new HashMap<>();

  /** Topics for which no orders could be made; one line for each is enough. */
  private final Set<String> undecided = new HashSet<>();

  private Waiting waiting;
  private boolean busy;
  private boolean wantsSnapshot;

  /** A log was found damaged by the orders under way. */
  private boolean lossSeen;

  private int highestEpoch = -1;

  /**
   * What completes with the first image.
   *
   * @param heard when it came
   * @param carriedOut when it was carried out and published
   */
  record Firsts(Promise<Void> heard, Promise<Void> carriedOut) {}

  private record Waiting(ImageUpdate update, Promise<ImageUpdateReply> reply, long heardNs) {}

  /**
   * @param lossFound called when orders were carried out that found logs which lost records since a
   *     clean stop: once for all of them, and not again for the same ones
   */
  Applier(
      int brokerId,
      NodeVerticle.Parts parts,
      AtomicReference<ClusterImage> published,
      Firsts firsts,
      Runnable lossFound) {
    this.lossFound = lossFound;
    this.partitions = parts.partitions();
    this.coordinators = parts.coordinators();
    this.reconciler = new Reconciler(brokerId, parts.configs());
    this.published = published;
    this.firsts = firsts;
    this.clock = parts.clock();
    this.meters = parts.meters();
  }

  boolean busy() {
    return busy;
  }

  /** True after a gap, until the snapshot came. */
  boolean wantsSnapshot() {
    return wantsSnapshot;
  }

  /** Takes an update; the answer comes when it was carried out and published, or is refused. */
  Future<ImageUpdateReply> update(ImageUpdate update) {
    if (update.delta().controllerEpoch() < highestEpoch) {
      return Future.succeededFuture(reply(Errors.STALE_CONTROLLER_EPOCH));
    }
    highestEpoch = update.delta().controllerEpoch();
    if (busy) {
      if (waiting != null) {
        waiting.reply().complete(reply(ImageUpdateReply.GAP));
      }
      waiting = new Waiting(update, Promise.promise(), clock.monotonicNs());
      return waiting.reply().future();
    }
    return take(update, clock.monotonicNs());
  }

  /** They hear of leadership before clients do; what they do with it is not waited for. */
  private Future<Void> tellCoordinators(ClusterImage image) {
    return Future.succeededFuture(image)
        .compose(coordinators)
        .otherwise(
            e -> {
              LOG.error("Coordinators did not hear of an image", e);
              return null;
            });
  }

  /** Orders again what failed, e.g. because a disk was full. */
  void retryFailed() {
    if (!busy && reconciler.somethingFailed()) {
      busy = true;
      carryOut(published.get()).onComplete(done -> next());
    }
  }

  private Future<ImageUpdateReply> take(ImageUpdate update, long heardNs) {
    ImageDelta part = update.delta();
    if (update.part() == 0) {
      received.clear();
    }
    boolean follows =
        update.part() == received.size()
            && (received.isEmpty() || received.get(0).number() == part.number());
    if (!follows) {
      return gap();
    }
    received.add(part);
    if (received.size() < update.parts()) {
      return Future.succeededFuture(reply(Errors.NONE));
    }
    ImageDelta delta = ImageParts.join(received);
    received.clear();
    return whole(update.base(), delta, heardNs);
  }

  private Future<ImageUpdateReply> whole(long base, ImageDelta delta, long heardNs) {
    ClusterImage old = published.get();
    if (!delta.snapshot()) {
      if (old.controllerEpoch() != delta.controllerEpoch() || base > old.number()) {
        return gap();
      }
      if (delta.number() <= old.number()) {
        return Future.succeededFuture(reply(Errors.NONE));
      }
    }
    long startedNs = clock.monotonicNs();
    firsts.heard().tryComplete();
    ClusterImage image = old.with(delta);
    busy = true;
    Promise<ImageUpdateReply> answer = Promise.promise();
    carryOut(image)
        .compose(done -> tellCoordinators(image))
        .onComplete(
            done -> {
              published.set(image);
              meters.handled(heardNs, startedNs, clock.monotonicNs());
              wantsSnapshot = false;
              firsts.carriedOut().tryComplete();
              ImageUpdateReply reply = reply(Errors.NONE);
              next();
              answer.complete(reply);
            });
    return answer.future();
  }

  private void next() {
    busy = false;
    if (waiting != null) {
      Waiting due = waiting;
      waiting = null;
      Attempt.of("An image that waited", () -> take(due.update(), due.heardNs()))
          .onComplete(due.reply());
    }
  }

  private Future<ImageUpdateReply> gap() {
    received.clear();
    wantsSnapshot = true;
    return Future.succeededFuture(reply(ImageUpdateReply.GAP));
  }

  private ImageUpdateReply reply(Errors error) {
    return new ImageUpdateReply(error.code(), highestEpoch, published.get().number());
  }

  // ---- orders --------------------------------------------------------------------------------

  /** Never fails: what could not be done is tried again later. */
  private Future<Void> carryOut(ClusterImage image) {
    return Attempt.of("Carrying out an image", () -> carryOut(reconciler.orders(image)))
        .otherwiseEmpty();
  }

  /** One message per shard and kind. */
  private Future<Void> carryOut(Orders orders) {
    undecided.retainAll(orders.undecided().keySet());
    orders
        .undecided()
        .forEach(
            (topic, bug) -> {
              if (undecided.add(topic)) {
                LOG.error("No orders for topic {}, tried again", topic, bug);
              }
            });
    if (orders.isEmpty()) {
      return Future.succeededFuture();
    }
    STATE.info(
        "Carrying out: {} partition(s) stop, {} become, {} topic(s) change settings",
        orders.stop().size(),
        orders.become().size(),
        orders.configure().size());
    return Future.succeededFuture(orders.stop())
        .compose(this::stop)
        .transform(stopped -> become(orders.become()))
        .transform(became -> configure(orders.configure()))
        .transform(
            done -> {
              if (done.failed()) {
                LOG.error("Orders to partitions failed", done.cause());
              }
              return Future.succeededFuture();
            });
  }

  private Future<Void> stop(List<StopPartition> stops) {
    Map<Integer, List<StopPartition>> byShard = new HashMap<>();
    for (StopPartition stop : stops) {
      failing.remove(new TopicPartition(stop.topic(), stop.partition()));
      int shard = partitions.shardOf(stop.topic(), stop.partition());
      byShard.computeIfAbsent(shard, s -> new ArrayList<>()).add(stop);
    }
    List<Future<?>> all = new ArrayList<>();
    byShard.forEach((shard, parts) -> all.add(partitions.stop(shard, new Stop(parts))));
    return Future.join(all).mapEmpty();
  }

  private Future<Void> become(List<BecomePartition> parts) {
    Map<Integer, List<BecomePartition>> byShard = new HashMap<>();
    for (BecomePartition part : parts) {
      STATE.debug("Become {}-{}: {}", part.topic(), part.image().partition(), part.image());
      int shard = partitions.shardOf(part.topic(), part.image().partition());
      byShard.computeIfAbsent(shard, s -> new ArrayList<>()).add(part);
    }
    List<Future<?>> all = new ArrayList<>();
    byShard.forEach((shard, ofShard) -> all.add(become(shard, ofShard)));
    return Future.join(all).onComplete(done -> tellLoss()).mapEmpty();
  }

  private Future<Void> become(int shard, List<BecomePartition> parts) {
    return partitions
        .become(shard, new Become(parts))
        .transform(
            reply -> {
              for (int i = 0; i < parts.size(); i++) {
                Errors error =
                    reply.succeeded()
                        ? reply.result().results().get(i)
                        : Errors.UNKNOWN_SERVER_ERROR;
                reconciler.became(parts.get(i), error);
                tell(parts.get(i), error);
              }
              return Future.succeededFuture();
            });
  }

  /** A partition on a broken disk is tried again every few seconds: one line is enough. */
  private void tell(BecomePartition part, Errors error) {
    TopicPartition name = new TopicPartition(part.topic(), part.image().partition());
    if (error == Errors.NONE) {
      failing.remove(name);
    } else if (error == Errors.ELIGIBLE_LEADERS_NOT_AVAILABLE) {
      if (failing.put(name, error) != error) {
        LOG.error(
            "{} lost records since the clean stop; it is not led in epoch {} again",
            name,
            part.image().leaderEpoch());
        lossSeen = true;
      }
    } else if (failing.put(name, error) != error) {
      LOG.error("{} did not become what the controller wants, tried again: {}", name, error);
    }
  }

  private void tellLoss() {
    if (lossSeen) {
      lossSeen = false;
      lossFound.run();
    }
  }

  private Future<Void> configure(Map<String, TopicConfig> byTopic) {
    Map<Integer, Map<String, TopicConfig>> byShard = new HashMap<>();
    byTopic.forEach(
        (topic, config) -> {
          for (int partition : reconciler.partitions(topic)) {
            int shard = partitions.shardOf(topic, partition);
            byShard.computeIfAbsent(shard, s -> new HashMap<>()).put(topic, config);
          }
        });
    List<Future<?>> all = new ArrayList<>();
    byShard.forEach(
        (shard, configs) -> all.add(partitions.configure(shard, new Configure(configs))));
    return Future.join(all).mapEmpty();
  }
}
