package io.milena.partition;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.MessageCodec;

/** Hands an {@link Envelope} over as it is; it can not leave the process. */
final class EnvelopeCodec implements MessageCodec<Envelope, Envelope> {
  private static final String NAME = "milena.partition";

  /** For every send to a shard; shared, never changed. */
  static final DeliveryOptions OPTIONS =
      new DeliveryOptions().setCodecName(NAME).setLocalOnly(true);

  private EnvelopeCodec() {}

  /** Makes the codec known to the bus of {@code vertx}; repeatable. */
  static void register(Vertx vertx) {
    try {
      vertx.eventBus().registerCodec(new EnvelopeCodec());
    } catch (IllegalStateException alreadyRegistered) {
      // The second client of one Vert.x instance finds the codec of the first: it is the same.
      return;
    }
  }

  @Override
  public void encodeToWire(Buffer buffer, Envelope envelope) {
    throw new UnsupportedOperationException("partition messages never leave the process");
  }

  @Override
  public Envelope decodeFromWire(int position, Buffer buffer) {
    throw new UnsupportedOperationException("partition messages never leave the process");
  }

  @Override
  public Envelope transform(Envelope envelope) {
    return envelope;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public byte systemCodecID() {
    return -1;
  }
}
