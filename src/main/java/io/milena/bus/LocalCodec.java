package io.milena.bus;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.MessageCodec;

/**
 * Passes any object by reference to a consumer in the same process. What the object holds belongs
 * to the receiver once it is sent. Registered once per Vert.x instance by {@link Codecs#register}.
 */
public final class LocalCodec implements MessageCodec<Object, Object> {
  static final String NAME = "milena.local";

  LocalCodec() {}

  /**
   * Options of a local message: this codec, local only (else the sender asks the cluster), and a
   * timeout, which must exceed the deadline of the request itself (architecture.md §9).
   */
  public static DeliveryOptions options(long timeoutMs) {
    return new DeliveryOptions().setCodecName(NAME).setLocalOnly(true).setSendTimeout(timeoutMs);
  }

  @Override
  public void encodeToWire(Buffer buffer, Object message) {
    throw new UnsupportedOperationException(
        message.getClass().getName() + " is a local message and cannot leave the process");
  }

  @Override
  public Object decodeFromWire(int position, Buffer buffer) {
    throw new UnsupportedOperationException("a local message came over the wire");
  }

  @Override
  public Object transform(Object message) {
    return message;
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
