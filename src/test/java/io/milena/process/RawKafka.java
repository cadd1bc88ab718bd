package io.milena.process;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/** One plain connection that speaks any API at any version. */
final class RawKafka implements AutoCloseable {
  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;
  private int correlationId;

  RawKafka(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(20_000);
    socket.setTcpNoDelay(true);
    in = new DataInputStream(socket.getInputStream());
    out = socket.getOutputStream();
  }

  /** Sends a request and waits for its answer. */
  ApiMessage call(ApiKeys key, short version, ApiMessage request) throws IOException {
    send(key, version, request);
    return receive(key, version);
  }

  /** Sends a request without waiting. */
  void send(ApiKeys key, short version, ApiMessage request) throws IOException {
    RequestHeaderData header =
        new RequestHeaderData()
            .setRequestApiKey(key.id)
            .setRequestApiVersion(version)
            .setCorrelationId(++correlationId)
            .setClientId("raw");
    ObjectSerializationCache cache = new ObjectSerializationCache();
    short headerVersion = key.requestHeaderVersion(version);
    int size = header.size(cache, headerVersion) + request.size(cache, version);
    ByteBuffer buffer = ByteBuffer.allocate(4 + size);
    buffer.putInt(size);
    header.write(new ByteBufferAccessor(buffer), cache, headerVersion);
    request.write(new ByteBufferAccessor(buffer), cache, version);
    sendBytes(buffer.array());
  }

  void sendBytes(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
  }

  /** The next answer, which must be for that API and version. */
  ApiMessage receive(ApiKeys key, short version) throws IOException {
    ByteBuffer frame = receiveFrame();
    ByteBufferAccessor readable = new ByteBufferAccessor(frame);
    ResponseHeaderData header =
        new ResponseHeaderData(readable, key.responseHeaderVersion(version));
    if (header.correlationId() > correlationId) {
      throw new IOException("correlation id " + header.correlationId() + " was never sent");
    }
    ApiMessage response = key.messageType.newResponse();
    response.read(readable, version);
    if (frame.hasRemaining()) {
      throw new IOException(frame.remaining() + " bytes left after " + key + " v" + version);
    }
    return response;
  }

  ByteBuffer receiveFrame() throws IOException {
    byte[] frame = new byte[in.readInt()];
    in.readFully(frame);
    return ByteBuffer.wrap(frame);
  }

  /** True when the other side closes without another byte. */
  boolean closedByPeer() throws IOException {
    try {
      return in.read() < 0;
    } catch (java.net.SocketException e) {
      return true; // a reset is a close too
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
