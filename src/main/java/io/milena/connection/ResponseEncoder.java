package io.milena.connection;

import io.milena.protocol.SupportedApi;
import io.netty.buffer.ByteBuf;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.MessageSizeAccumulator;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/**
 * Writes an answer: response header 0 (int32 correlation id) or 1 (and no tagged fields), then the
 * body. Exact sizes are known before the first byte.
 */
final class ResponseEncoder {
  private static final int HEADER_0_BYTES = 4;
  private static final int HEADER_1_BYTES = 5;

  private ResponseEncoder() {}

  /**
   * Sends the answer of a request through {@code out}; it has a message.
   *
   * @return bytes of the frame
   */
  static int send(Outbound out, InFlight done) {
    ApiMessage message = done.answer().message();
    short version = done.request().apiVersion();
    SupportedApi api = done.api();
    boolean tagged = api.taggedResponseHeader(version);
    ObjectSerializationCache cache = new ObjectSerializationCache();
    MessageSizeAccumulator size = new MessageSizeAccumulator();
    message.addSize(size, cache, version);
    int headerBytes = tagged ? HEADER_1_BYTES : HEADER_0_BYTES;
    int frameBytes = Math.addExact(headerBytes, size.totalSize());
    ByteBuf buffer = out.begin(frameBytes, headerBytes + size.sizeExcludingZeroCopy());
    buffer.writeInt(done.request().correlationId());
    if (tagged) {
      buffer.writeByte(0);
    }
    message.write(new OutboundWritable(buffer, out), cache, version);
    out.end(done.answer().onDone());
    return frameBytes;
  }
}
