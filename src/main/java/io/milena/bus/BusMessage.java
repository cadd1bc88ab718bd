package io.milena.bus;

import java.nio.ByteBuffer;
import java.util.function.Supplier;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;

/**
 * What brokers say to each other: an {@link Envelope} and either one of Kafka's generated messages
 * or a record of our own (CBOR). Inside one process the body is passed by reference and must not be
 * changed by the receiver; over the wire it is encoded when sent and decoded when asked for.
 * Immutable.
 */
public final class BusMessage {
  /** {@code apiKey} of a record of our own: which one, the address and the asker know. */
  public static final short OWN_RECORD = -1;

  /** Largest body (R53); larger things are sent in parts. */
  public static final int MAX_BODY_BYTES = 256 << 10;

  private final Envelope envelope;
  private final short apiKey;
  private final short version;
  private final boolean answer;
  private final Object value;
  private final byte[] bytes;
  private final String damage;

  BusMessage(
      Envelope envelope,
      short apiKey,
      short version,
      boolean answer,
      Object value,
      byte[] bytes,
      String damage) {
    this.envelope = envelope;
    this.apiKey = apiKey;
    this.version = version;
    this.answer = answer;
    this.value = value;
    this.bytes = bytes;
    this.damage = damage;
  }

  /** A request or answer of Kafka's, in the given version. */
  public static BusMessage of(Envelope envelope, ApiMessage body, short version) {
    return new BusMessage(envelope, body.apiKey(), version, false, body, null, null);
  }

  /** A record of our own; {@code kind} tells records of one address apart. */
  public static BusMessage ofRecord(Envelope envelope, short kind, Record body) {
    return new BusMessage(envelope, OWN_RECORD, kind, false, body, null, null);
  }

  static BusMessage damaged(String damage) {
    return new BusMessage(null, OWN_RECORD, (short) -1, false, null, null, damage);
  }

  /** The answer to this message with a body of Kafka's, in the version of the question. */
  public BusMessage answer(int epoch, ApiMessage body) {
    return new BusMessage(envelope.answer(epoch), body.apiKey(), version, true, body, null, null);
  }

  /** The answer to this message with a record of our own. */
  public BusMessage answerRecord(int epoch, Record body) {
    return new BusMessage(envelope.answer(epoch), OWN_RECORD, version, true, body, null, null);
  }

  public Envelope envelope() {
    return envelope;
  }

  /** Kafka's key of the message, or {@link #OWN_RECORD}. */
  public short apiKey() {
    return apiKey;
  }

  /** Version of a Kafka message, or the kind of an own record. */
  public short version() {
    return version;
  }

  public boolean isAnswer() {
    return answer;
  }

  /** Null, or why nothing else of this message may be used (length, checksum, format). */
  public String damage() {
    return damage;
  }

  /** The body as one of Kafka's messages; {@code empty} makes one to read into. */
  public <T extends ApiMessage> T message(Supplier<T> empty) {
    T target = empty.get();
    if (value != null) {
      @SuppressWarnings("unchecked") // sender and receiver agree by apiKey
      T same = (T) value;
      if (same.getClass() != target.getClass()) {
        throw new IllegalArgumentException(
            "a " + same.getClass().getName() + " was asked for as " + target.getClass().getName());
      }
      return same;
    }
    target.read(new ByteBufferAccessor(ByteBuffer.wrap(bytes)), version);
    return target;
  }

  /** The body as a record of our own. */
  public <T extends Record> T record(Class<T> type) {
    return value != null ? type.cast(value) : Cbor.decode(bytes, type);
  }

  /** The body as it goes over the wire. */
  byte[] encodedBody() {
    if (value == null) {
      return bytes;
    }
    if (apiKey == OWN_RECORD && value instanceof Record) {
      return Cbor.encode(value);
    }
    ByteBuffer buffer = MessageUtil.toByteBufferAccessor((ApiMessage) value, version).buffer();
    byte[] body = new byte[buffer.remaining()];
    buffer.get(body);
    return body;
  }
}
