package io.milena.bus;

import io.vertx.core.Vertx;

/** Registers the codecs of this package. */
public final class Codecs {
  private Codecs() {}

  /** Once per Vert.x instance, before any verticle is deployed. */
  public static void register(Vertx vertx) {
    vertx.eventBus().registerCodec(new LocalCodec()).registerCodec(new KafkaMessageCodec());
  }
}
