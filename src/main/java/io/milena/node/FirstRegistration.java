package io.milena.node;

import io.milena.base.Backoff;
import io.milena.zookeeper.Bootstrap;
import io.milena.zookeeper.client.ZkException;
import io.milena.zookeeper.layout.BrokerZNode;
import io.milena.zookeeper.layout.Paths;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Registers a starting broker. When its id is taken by a stranger's session, that session is waited
 * out: a Kafka that was killed a moment ago stays registered until ZooKeeper gives its session up,
 * and the operator who takes its place is not to try again by hand. A broker that lives keeps its
 * id: then the start fails and says who has it (R6). Of the node's context.
 */
final class FirstRegistration {
  private static final Logger STATE = LoggerFactory.getLogger("state-change");
  private static final long FIRST_PAUSE_MS = 50;
  private static final long LONGEST_PAUSE_MS = 1_000;
  private static final long NANOS_PER_MS = 1_000_000;

  private final Vertx vertx;
  private final NodeVerticle.Parts parts;
  private final NodeOptions options;
  private final Backoff pause;
  private final Promise<Long> registered = Promise.promise();
  private long deadlineNs = -1;

  FirstRegistration(Vertx vertx, NodeVerticle.Parts parts, NodeOptions options) {
    this.vertx = vertx;
    this.parts = parts;
    this.options = options;
    this.pause = new Backoff(FIRST_PAUSE_MS, LONGEST_PAUSE_MS, parts.random());
  }

  /**
   * Completes with the broker epoch; fails with {@link IllegalStateException} when a stranger still
   * has the id after {@link NodeOptions#registrationLimitMs}.
   */
  Future<Long> begin() {
    attempt();
    return registered.future();
  }

  private void attempt() {
    Bootstrap.register(parts.zk(), parts.registration().get())
        .onSuccess(registered::tryComplete)
        .onFailure(
            e -> {
              if (e instanceof ZkException.NodeExists) {
                taken();
              } else {
                registered.tryFail(e);
              }
            });
  }

  private void taken() {
    long nowNs = parts.clock().monotonicNs();
    if (deadlineNs < 0) {
      deadlineNs = nowNs + options.registrationLimitMs() * NANOS_PER_MS;
      STATE.warn(
          "Broker id {} is registered in ZooKeeper by another session; waiting up to {} s for it"
              + " to end",
          options.brokerId(),
          options.registrationLimitMs() / 1000);
    }
    if (nowNs >= deadlineNs) {
      refuse();
    } else {
      vertx.setTimer(pause.nextMs(), t -> attempt());
    }
  }

  private void refuse() {
    parts
        .zk()
        .find(Paths.broker(options.brokerId()))
        .map(
            found ->
                found
                    .map(node -> BrokerZNode.decode(options.brokerId(), node.data()).endpoints())
                    .map(
                        all ->
                            all.stream()
                                .map(e -> e.listener() + "://" + e.host() + ":" + e.port())
                                .collect(Collectors.joining(",", " at ", "")))
                    .orElse(""))
        .otherwise("")
        .onSuccess(
            where ->
                registered.tryFail(
                    new IllegalStateException(
                        ("broker.id %d is in use: a broker that lives is registered under it%s."
                                + " Stop that one, or give this one another broker.id")
                            .formatted(options.brokerId(), where))));
  }
}
