package io.milena.bus;

import io.milena.metrics.BusMeters;
import io.vertx.core.Vertx;

/** Registers the codecs of this package. */
public final class Codecs {
  private Codecs() {}

  /**
   * Once per Vert.x instance, before any verticle is deployed.
   *
   * @param meters count what goes over the wire
   */
  public static void register(Vertx vertx, BusMeters meters) {
    vertx.eventBus().registerCodec(new LocalCodec()).registerCodec(new KafkaMessageCodec(meters));
  }
}
