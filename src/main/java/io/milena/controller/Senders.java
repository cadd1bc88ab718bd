package io.milena.controller;

import io.milena.bus.Addresses;
import io.milena.bus.Asking;
import io.milena.bus.BusMessage;
import io.milena.bus.Envelope;
import io.milena.bus.LocalCodec;
import io.milena.controller.ControllerMessages.ImageUpdate;
import io.milena.controller.ControllerMessages.ImageUpdateReply;
import io.milena.metadata.BrokerImage;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.ImageDelta;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * One {@link BrokerSender} per registered broker. Messages to our own node go by reference over the
 * local bus, so they need neither the cluster nor an encoding. Owned by the controller's context.
 */
final class Senders {
  /** Carrying out an image opens logs; a slow disk may take its time. */
  private static final long ATTEMPT_MS = 10_000;

  private final Vertx vertx;
  private final int ownId;
  private final Supplier<ClusterImage> committed;
  private final Asking.Tools tools;
  private final Asking asking;
  private final Map<Integer, BrokerSender> byBroker = new HashMap<>();

  Senders(Vertx vertx, int ownId, Supplier<ClusterImage> committed, Asking.Tools tools) {
    this.vertx = vertx;
    this.ownId = ownId;
    this.committed = committed;
    this.tools = tools;
    this.asking = new Asking(vertx, tools);
  }

  /** Tells everybody in the committed image what changed; new brokers get all of it. */
  void broadcast(ImageDelta delta) {
    ClusterImage image = committed.get();
    byBroker
        .values()
        .removeIf(
            sender -> {
              BrokerImage now = image.brokers().get(sender.target().brokerId());
              boolean over = now == null || now.epoch() != sender.target().brokerEpoch();
              if (over) {
                sender.close();
              }
              return over;
            });
    for (BrokerImage broker : image.brokers().values()) {
      BrokerSender sender = byBroker.get(broker.id());
      if (sender == null) {
        sender = open(broker);
        byBroker.put(broker.id(), sender);
      } else if (delta.snapshot()) {
        sender.snapshot();
      }
      sender.add(delta);
    }
  }

  /** The sender to that broker, or null. */
  BrokerSender of(int brokerId) {
    return byBroker.get(brokerId);
  }

  /**
   * Completes when all brokers that are not fenced reached the number, or after the limits.
   *
   * @param ownLimitMs for our own broker, which can only be slow
   * @param otherLimitMs for the others, which may be dead
   */
  Future<Void> reached(long number, long ownLimitMs, long otherLimitMs) {
    List<Future<Void>> own = new ArrayList<>();
    List<Future<Void>> others = new ArrayList<>();
    for (BrokerSender sender : byBroker.values()) {
      BrokerImage broker = committed.get().brokers().get(sender.target().brokerId());
      if (broker != null && !broker.fenced()) {
        (broker.id() == ownId ? own : others).add(sender.reached(number));
      }
    }
    return Future.join(within(own, ownLimitMs), within(others, otherLimitMs)).mapEmpty();
  }

  private Future<Void> within(List<Future<Void>> all, long limitMs) {
    if (all.isEmpty()) {
      return Future.succeededFuture();
    }
    Promise<Void> done = Promise.promise();
    long timer = vertx.setTimer(limitMs, t -> done.tryComplete());
    Future.join(all)
        .onComplete(
            reached -> {
              vertx.cancelTimer(timer);
              done.tryComplete();
            });
    return done.future();
  }

  void close() {
    byBroker.values().forEach(BrokerSender::close);
    byBroker.clear();
  }

  private BrokerSender open(BrokerImage broker) {
    boolean own = broker.id() == ownId;
    return new BrokerSender(
        vertx,
        new BrokerSender.Target(broker.id(), broker.epoch(), own),
        committed,
        update -> own ? sendLocal(broker, update) : sendRemote(broker, update),
        tools.random());
  }

  private Future<ImageUpdateReply> sendLocal(BrokerImage broker, ImageUpdate update) {
    BusMessage message =
        BusMessage.ofRecord(envelope(broker), ControllerMessages.IMAGE_UPDATE, update);
    return vertx
        .eventBus()
        .<BusMessage>request(Addresses.localNode(), message, LocalCodec.options(ATTEMPT_MS))
        .map(reply -> reply.body().record(ImageUpdateReply.class));
  }

  private Future<ImageUpdateReply> sendRemote(BrokerImage broker, ImageUpdate update) {
    BusMessage message =
        BusMessage.ofRecord(envelope(broker), ControllerMessages.IMAGE_UPDATE, update);
    long deadlineNs = tools.clock().monotonicNs() + ATTEMPT_MS * 1_000_000L;
    return asking
        .ask(Addresses.control(broker.id(), broker.epoch()), message, ATTEMPT_MS, deadlineNs)
        .map(reply -> reply.record(ImageUpdateReply.class));
  }

  private Envelope envelope(BrokerImage target) {
    ClusterImage image = committed.get();
    BrokerImage own = image.brokers().get(ownId);
    return new Envelope(
        image.clusterId(),
        ownId,
        own == null ? -1 : own.epoch(),
        target.id(),
        target.epoch(),
        image.controllerEpoch(),
        asking.newRequestId());
  }
}
