package io.milena.api;

import io.vertx.core.Future;

/**
 * Where producer ids come from: blocks that the controller took from ZooKeeper by conditional
 * write, never reused (R39). Usable from any event loop; the answer arrives on the caller's
 * context.
 */
@FunctionalInterface
public interface ProducerIds {
  /**
   * A producer id that nobody had before. Fails with an {@link
   * org.apache.kafka.common.errors.ApiException} that names the error for the client when no block
   * could be had in time.
   */
  Future<Long> next();
}
