package io.milena.node;

import io.milena.bus.Addresses;
import io.milena.bus.LocalCodec;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import org.apache.kafka.common.errors.CoordinatorLoadInProgressException;

/** The door to this process's node verticle. Usable from any event loop. */
public final class NodeClient {
  /** Longer than the node itself waits for a block. */
  private static final long TIMEOUT_MS = 10_000;

  private final Vertx vertx;

  /** Asks for a producer id; answered with a {@link Long}. */
  enum Ask {
    NEXT_PRODUCER_ID
  }

  public NodeClient(Vertx vertx) {
    this.vertx = vertx;
  }

  /**
   * A producer id that nobody had before (R39). Fails with {@code
   * CoordinatorLoadInProgressException}, which makes clients try again, when no block could be had
   * in time.
   */
  public Future<Long> nextProducerId() {
    return vertx
        .eventBus()
        .<Long>request(Addresses.localNode(), Ask.NEXT_PRODUCER_ID, LocalCodec.options(TIMEOUT_MS))
        .map(reply -> reply.body())
        .recover(
            e ->
                Future.failedFuture(
                    new CoordinatorLoadInProgressException(
                        "No block of producer ids could be had in time.")));
  }
}
