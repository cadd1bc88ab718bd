package io.milena.controller;

import io.milena.base.Backoff;
import io.milena.base.RandomSource;
import io.milena.controller.ControllerMessages.ImageUpdate;
import io.milena.controller.ControllerMessages.ImageUpdateReply;
import io.milena.controller.model.ImageChange;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.ImageDelta;
import io.milena.metadata.ImageParts;
import io.milena.work.Attempt;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the image to one incarnation of one broker: one message outstanding, what gathers
 * meanwhile is merged into one delta, so a slow broker costs the memory of one. Starts with a
 * snapshot (R7); a broker that missed something gets another. Owned by the controller's context.
 */
final class BrokerSender {
  private static final Logger LOG = LoggerFactory.getLogger(BrokerSender.class);
  private static final long FIRST_PAUSE_MS = 50;
  private static final long LONGEST_PAUSE_MS = 1_000;

  /** Estimated size of a part; the estimate is generous, the bus's bound is 256 KiB (R53). */
  private static final int PART_BYTES = 200 << 10;

  private final Vertx vertx;
  private final Target target;
  private final Supplier<ClusterImage> committed;
  private final Function<ImageUpdate, Future<ImageUpdateReply>> wire;
  private final Backoff backoff;
  private final TreeMap<Long, List<Promise<Void>>> waiters = new TreeMap<>();
  private ImageChange pending = new ImageChange();
  private long pendingNumber;
  private boolean needsSnapshot = true;
  private boolean busy;
  private boolean closed;
  private long reached = -1;

  /**
   * @param inProcess true when messages go by reference and need not be cut into parts
   */
  record Target(int brokerId, long brokerEpoch, boolean inProcess) {}

  /** What the broker said to the image of that number. */
  private record Sent(long number, ImageUpdateReply reply) {}

  /**
   * @param committed the whole image as ZooKeeper holds it
   * @param wire sends one message and answers with a failed future when there was no reply
   */
  BrokerSender(
      Vertx vertx,
      Target target,
      Supplier<ClusterImage> committed,
      Function<ImageUpdate, Future<ImageUpdateReply>> wire,
      RandomSource random) {
    this.vertx = vertx;
    this.target = target;
    this.committed = committed;
    this.wire = wire;
    this.backoff = new Backoff(FIRST_PAUSE_MS, LONGEST_PAUSE_MS, random);
  }

  Target target() {
    return target;
  }

  /** Number that the broker has confirmed, -1 none. */
  long reached() {
    return reached;
  }

  /** True when nothing is on its way or waiting. */
  boolean idle() {
    return !busy && !needsSnapshot && pending.isEmpty();
  }

  /** A further delta, already part of the committed image. */
  void add(ImageDelta delta) {
    if (!needsSnapshot) {
      pending.merge(delta);
    }
    pendingNumber = delta.number();
    send();
  }

  /** The broker says that it missed something. */
  void snapshot() {
    if (!busy || !needsSnapshot) {
      needsSnapshot = true;
      pending = new ImageChange();
      send();
    }
  }

  /** Completes when the broker has carried out the image of that number, or is given up. */
  Future<Void> reached(long number) {
    if (closed || reached >= number) {
      return Future.succeededFuture();
    }
    Promise<Void> promise = Promise.promise();
    waiters.computeIfAbsent(number, n -> new ArrayList<>()).add(promise);
    return promise.future();
  }

  /** Sends nothing more; whoever waits is released. */
  void close() {
    closed = true;
    release(Long.MAX_VALUE);
  }

  private void send() {
    if (busy || closed || (!needsSnapshot && pending.isEmpty())) {
      return;
    }
    busy = true;
    Attempt.of("An image for " + target, this::sendNext)
        .onComplete(
            result -> {
              busy = false;
              if (closed) {
                return;
              }
              Sent sent = result.result();
              if (result.succeeded() && sent.reply().error() == Errors.NONE.code()) {
                backoff.reset();
                reached = Math.max(reached, sent.number());
                release(reached);
                send();
              } else {
                failed(sent == null ? null : sent.reply(), result.cause());
              }
            });
  }

  /** Everything that gathered, or all there is. */
  private Future<Sent> sendNext() {
    ClusterImage image = committed.get();
    boolean snapshot = needsSnapshot;
    ImageDelta delta =
        snapshot
            ? whole(image)
            : pending.toDelta(
                image.clusterId(),
                image.controllerId(),
                image.controllerEpoch(),
                pendingNumber,
                false);
    needsSnapshot = false;
    pending = new ImageChange();
    List<ImageDelta> parts =
        target.inProcess() ? List.of(delta) : ImageParts.split(delta, PART_BYTES);
    return sendPart(parts, 0).map(reply -> new Sent(delta.number(), reply));
  }

  private Future<ImageUpdateReply> sendPart(List<ImageDelta> parts, int part) {
    return wire.apply(new ImageUpdate(reached, part, parts.size(), parts.get(part)))
        .compose(
            reply ->
                reply.error() != Errors.NONE.code() || part + 1 == parts.size() || closed
                    ? Future.succeededFuture(reply)
                    : sendPart(parts, part + 1));
  }

  private void failed(ImageUpdateReply reply, Throwable cause) {
    if (reply != null && reply.error() != ImageUpdateReply.GAP.code()) {
      // A newer controller or a newer incarnation: ZooKeeper will tell us, this target is over.
      LOG.info("Broker {} refused the image: {}", target, Errors.forCode(reply.error()));
      close();
      return;
    }
    if (cause != null) {
      LOG.debug("No answer to an image from {}", target, cause);
    }
    // Unknown outcome or a gap: a snapshot is right in every case.
    needsSnapshot = true;
    pending = new ImageChange();
    vertx.setTimer(backoff.nextMs(), t -> send());
  }

  private void release(long number) {
    Map<Long, List<Promise<Void>>> done = waiters.headMap(number, true);
    List<Promise<Void>> promises = new ArrayList<>();
    done.values().forEach(promises::addAll);
    done.clear();
    promises.forEach(Promise::tryComplete);
  }

  private static ImageDelta whole(ClusterImage image) {
    return new ImageDelta(
        image.clusterId(),
        image.controllerId(),
        image.controllerEpoch(),
        image.number(),
        true,
        List.copyOf(image.brokers().values()),
        List.of(),
        List.copyOf(image.topics().values()),
        List.of(),
        image.brokerConfigs(),
        image.groupConfigs());
  }
}
