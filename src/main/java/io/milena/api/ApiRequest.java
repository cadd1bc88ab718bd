package io.milena.api;

import io.milena.protocol.RequestBodies;
import io.netty.buffer.ByteBuf;

/**
 * One request as it came off a connection.
 *
 * @param connection where it came from
 * @param apiKey Kafka's API key
 * @param apiVersion a version that we announce for that key
 * @param correlationId of the client
 * @param clientId of the client, or null
 * @param body what follows the request header; reader index at its first byte. Wire buffers are
 *     direct, so {@code nioBuffer()} shares the memory
 * @param receivedNs monotonic time at which the frame was whole
 */
public record ApiRequest(
    ClientConnection connection,
    short apiKey,
    short apiVersion,
    int correlationId,
    String clientId,
    ByteBuf body,
    long receivedNs) {
  /**
   * Decodes the body, e.g. {@code request.decode(FetchRequestData::new)}; records share the memory
   * of {@link #body()}.
   *
   * @throws org.apache.kafka.common.errors.InvalidRequestException when the bytes are no such
   *     request; let it pass, the connection is then closed and one line is logged
   */
  public <T> T decode(RequestBodies.Reader<T> reader) {
    return RequestBodies.read(reader, body.nioBuffer(), apiVersion);
  }
}
