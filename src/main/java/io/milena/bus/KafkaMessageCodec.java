package io.milena.bus;

import io.milena.metrics.BusMeters;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.MessageCodec;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * {@link BusMessage} on the wire, big-endian:
 *
 * <pre>
 * byte   format, 1
 * int    length of what follows the checksum
 * int    CRC32C of what follows
 * ----
 * short  length of the cluster id, then its UTF-8 bytes
 * int    sender id       long sender epoch
 * int    target id       long target epoch
 * int    epoch           long request id
 * short  api key         short version       byte flags (1 = answer)
 * ...    body to the end
 * </pre>
 *
 * A message that does not fit this is delivered as damaged, so that its receiver can refuse it
 * (R51): an exception here would close the connection to the peer and take innocent messages along.
 */
public final class KafkaMessageCodec implements MessageCodec<BusMessage, BusMessage> {
  static final String NAME = "milena.kafka";
  private static final byte FORMAT = 1;
  private static final int PREFIX_BYTES = 9;
  private static final int FIXED_BYTES = 2 + 4 + 8 + 4 + 8 + 4 + 8 + 2 + 2 + 1;
  private static final int MAX_CONTENT_BYTES = BusMessage.MAX_BODY_BYTES + 1024;
  private static final byte ANSWER = 1;

  private final BusMeters meters;

  KafkaMessageCodec(BusMeters meters) {
    this.meters = meters;
  }

  /** Options of a message to another broker, or to ourselves by a clustered address. */
  public static DeliveryOptions options(long timeoutMs) {
    return new DeliveryOptions().setCodecName(NAME).setSendTimeout(timeoutMs);
  }

  @Override
  public void encodeToWire(Buffer wire, BusMessage message) {
    byte[] body = message.encodedBody();
    if (body.length > BusMessage.MAX_BODY_BYTES) {
      throw new IllegalArgumentException(
          "bus message of " + body.length + " bytes, key " + message.apiKey() + ": send parts");
    }
    Envelope envelope = message.envelope();
    byte[] clusterId = envelope.clusterId().getBytes(StandardCharsets.UTF_8);
    int length = FIXED_BYTES + clusterId.length + body.length;
    Buffer content =
        Buffer.buffer(length)
            .appendShort((short) clusterId.length)
            .appendBytes(clusterId)
            .appendInt(envelope.senderId())
            .appendLong(envelope.senderEpoch())
            .appendInt(envelope.targetId())
            .appendLong(envelope.targetEpoch())
            .appendInt(envelope.epoch())
            .appendLong(envelope.requestId())
            .appendShort(message.apiKey())
            .appendShort(message.version())
            .appendByte(message.isAnswer() ? ANSWER : 0)
            .appendBytes(body);
    byte[] bytes = content.getBytes();
    wire.appendByte(FORMAT).appendInt(bytes.length).appendInt(checksum(bytes)).appendBytes(bytes);
    meters.sent(envelope.targetId(), PREFIX_BYTES + bytes.length);
  }

  @Override
  public BusMessage decodeFromWire(int position, Buffer wire) {
    int available = wire.length() - position;
    if (available < PREFIX_BYTES) {
      return BusMessage.damaged("only " + available + " bytes");
    }
    if (wire.getByte(position) != FORMAT) {
      return BusMessage.damaged("format " + wire.getByte(position));
    }
    int length = wire.getInt(position + 1);
    if (length < FIXED_BYTES || length > MAX_CONTENT_BYTES || length > available - PREFIX_BYTES) {
      return BusMessage.damaged("length " + length + " of " + available + " bytes");
    }
    byte[] bytes = wire.getBytes(position + PREFIX_BYTES, position + PREFIX_BYTES + length);
    if (checksum(bytes) != wire.getInt(position + 5)) {
      return BusMessage.damaged("checksum of " + length + " bytes");
    }
    BusMessage message = decode(Buffer.buffer(bytes));
    if (message.damage() == null) {
      meters.received(message.envelope().senderId(), PREFIX_BYTES + length);
    }
    return message;
  }

  private static BusMessage decode(Buffer content) {
    int idLength = content.getShort(0);
    if (idLength < 0 || idLength > content.length() - FIXED_BYTES) {
      return BusMessage.damaged("cluster id of " + idLength + " bytes");
    }
    int at = 2 + idLength;
    Envelope envelope =
        new Envelope(
            content.getString(2, at),
            content.getInt(at),
            content.getLong(at + 4),
            content.getInt(at + 12),
            content.getLong(at + 16),
            content.getInt(at + 24),
            content.getLong(at + 28));
    return new BusMessage(
        envelope,
        content.getShort(at + 36),
        content.getShort(at + 38),
        content.getByte(at + 40) == ANSWER,
        null,
        content.getBytes(at + 41, content.length()),
        null);
  }

  private static int checksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  @Override
  public BusMessage transform(BusMessage message) {
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
