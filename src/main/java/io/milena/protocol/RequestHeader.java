package io.milena.protocol;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.errors.InvalidRequestException;

/**
 * The head of a request. Header 1: int16 API key, int16 version, int32 correlation id, nullable
 * string client id. Header 2 adds tagged fields. The client id keeps its int16 length in both.
 *
 * @param apiKey as sent, maybe unknown
 * @param apiVersion as sent, maybe unsupported
 * @param correlationId of the client
 * @param clientId or null
 * @param api the row of the key; null when the API is unknown, then the client id was not read
 * @param supported false when the version is not served; then the client id was not read
 */
public record RequestHeader(
    short apiKey,
    short apiVersion,
    int correlationId,
    String clientId,
    SupportedApi api,
    boolean supported) {
  private static final int MAX_TAGGED_FIELDS = 10_000;

  /**
   * Reads a header and leaves the position at the first byte of the body.
   *
   * @throws InvalidRequestException when the bytes are no header
   */
  public static RequestHeader read(ByteBuffer frame) {
    try {
      short key = frame.getShort();
      short version = frame.getShort();
      int correlationId = frame.getInt();
      SupportedApi api = SupportedApis.of(key);
      if (api == null || !api.serves(version)) {
        return new RequestHeader(key, version, correlationId, null, api, false);
      }
      String clientId = readClientId(frame);
      if (api.flexible(version)) {
        skipTaggedFields(frame);
      }
      return new RequestHeader(key, version, correlationId, clientId, api, true);
    } catch (BufferUnderflowException e) {
      throw new InvalidRequestException("The request header is longer than its frame", e);
    }
  }

  private static String readClientId(ByteBuffer frame) {
    short length = frame.getShort();
    if (length < 0) {
      return null;
    }
    if (length > frame.remaining()) {
      throw new InvalidRequestException("The client id is longer than its frame");
    }
    byte[] bytes = new byte[length];
    frame.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static void skipTaggedFields(ByteBuffer frame) {
    int count = readUnsignedVarint(frame);
    if (count < 0 || count > MAX_TAGGED_FIELDS) {
      throw new InvalidRequestException("Too many tagged fields in the request header");
    }
    for (int i = 0; i < count; i++) {
      readUnsignedVarint(frame);
      int size = readUnsignedVarint(frame);
      if (size < 0 || size > frame.remaining()) {
        throw new InvalidRequestException("A tagged field is longer than its frame");
      }
      frame.position(frame.position() + size);
    }
  }

  private static int readUnsignedVarint(ByteBuffer frame) {
    int value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      byte part = frame.get();
      value |= (part & 0x7f) << shift;
      if (part >= 0) {
        return value;
      }
    }
    throw new InvalidRequestException("A varint in the request header has more than five bytes");
  }
}
