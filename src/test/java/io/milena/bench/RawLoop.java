package io.milena.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.PriorityQueue;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/**
 * Many connections that speak Kafka's protocol on one thread: whoever calls {@link #run}. Answers
 * come in the order of the requests of a connection.
 */
final class RawLoop implements AutoCloseable {
  private static final int LENGTH_BYTES = 4;
  private static final int READ_BYTES = 64 * 1024;

  /** Something to be done at a time of {@code System.nanoTime}. */
  private record Later(long dueNs, long number, Runnable work) {}

  private final Selector selector = Selector.open();
  private final PriorityQueue<Later> later =
      new PriorityQueue<>(Comparator.comparingLong(Later::dueNs).thenComparingLong(Later::number));
  private final ByteBuffer readBuffer = ByteBuffer.allocateDirect(READ_BYTES);
  private long laters;

  RawLoop() throws IOException {}

  /** Does something after a while. */
  void after(long ms, Runnable work) {
    later.add(new Later(System.nanoTime() + ms * 1_000_000, laters++, work));
  }

  Connection connect(InetSocketAddress address) throws IOException {
    SocketChannel channel = SocketChannel.open(address);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.configureBlocking(false);
    Connection connection = new Connection(channel);
    connection.key = channel.register(selector, SelectionKey.OP_READ, connection);
    return connection;
  }

  /** Works until {@code done}; fails after {@code limitMs}. */
  void run(BooleanSupplier done, long limitMs, String what) throws IOException {
    long endNs = System.nanoTime() + limitMs * 1_000_000;
    while (!done.getAsBoolean()) {
      long nowNs = System.nanoTime();
      if (nowNs > endNs) {
        throw new IOException(what + " took longer than " + limitMs + " ms");
      }
      while (!later.isEmpty() && later.peek().dueNs() <= nowNs) {
        later.poll().work().run();
      }
      long untilNs = later.isEmpty() ? endNs : Math.min(endNs, later.peek().dueNs());
      long waitMs = Math.max(0, (untilNs - System.nanoTime()) / 1_000_000);
      if (waitMs == 0) {
        selector.selectNow();
      } else {
        selector.select(waitMs);
      }
      Iterator<SelectionKey> keys = selector.selectedKeys().iterator();
      while (keys.hasNext()) {
        SelectionKey key = keys.next();
        keys.remove();
        serve(key);
      }
    }
  }

  /** Works for a while. */
  void runFor(long ms) throws IOException {
    boolean[] over = {false};
    after(ms, () -> over[0] = true);
    run(() -> over[0], ms + 10_000, "a pause");
  }

  private void serve(SelectionKey key) throws IOException {
    Connection connection = (Connection) key.attachment();
    if (key.isValid() && key.isReadable()) {
      connection.read();
    }
    if (key.isValid() && key.isWritable()) {
      connection.flush();
    }
  }

  @Override
  public void close() throws IOException {
    for (SelectionKey key : selector.keys()) {
      key.channel().close();
    }
    selector.close();
  }

  /** One whole frame with its length; the correlation id is set when it is sent. */
  static ByteBuffer frame(ApiKeys key, short version, ApiMessage body, String clientId) {
    RequestHeaderData header =
        new RequestHeaderData()
            .setRequestApiKey(key.id)
            .setRequestApiVersion(version)
            .setClientId(clientId);
    ObjectSerializationCache cache = new ObjectSerializationCache();
    short headerVersion = key.requestHeaderVersion(version);
    int size = header.size(cache, headerVersion) + body.size(cache, version);
    ByteBuffer frame = ByteBuffer.allocate(LENGTH_BYTES + size);
    frame.putInt(size);
    header.write(new ByteBufferAccessor(frame), cache, headerVersion);
    body.write(new ByteBufferAccessor(frame), cache, version);
    return frame.flip();
  }

  /** The body of an answer. */
  static ApiMessage decode(ApiKeys key, short version, ByteBuffer frame) {
    ByteBufferAccessor readable = new ByteBufferAccessor(frame);
    new ResponseHeaderData(readable, key.responseHeaderVersion(version));
    ApiMessage body = key.messageType.newResponse();
    body.read(readable, version);
    return body;
  }

  /** One connection. */
  final class Connection {
    private static final int CORRELATION_AT = LENGTH_BYTES + 2 + 2;

    private final SocketChannel channel;
    private final Deque<ByteBuffer> out = new ArrayDeque<>();
    private final Deque<Consumer<ByteBuffer>> waiting = new ArrayDeque<>();
    private SelectionKey key;
    private ByteBuffer in = ByteBuffer.allocate(16 * 1024);
    private int correlationId;

    private Connection(SocketChannel channel) {
      this.channel = channel;
    }

    /** Sends a request. */
    <T extends ApiMessage> void send(
        ApiKeys api, short version, ApiMessage body, Consumer<T> answer) {
      sendFrame(
          frame(api, version, body, "bench"),
          frame -> {
            @SuppressWarnings("unchecked")
            T decoded = (T) decode(api, version, frame);
            answer.accept(decoded);
          });
    }

    /** Sends a frame that is not touched afterwards until its answer came. */
    void sendFrame(ByteBuffer frame, Consumer<ByteBuffer> answer) {
      frame.putInt(CORRELATION_AT, ++correlationId);
      waiting.add(answer);
      out.add(frame);
      flush();
    }

    private void flush() {
      try {
        while (!out.isEmpty()) {
          channel.write(out.peek());
          if (out.peek().hasRemaining()) {
            break;
          }
          out.remove();
        }
        key.interestOps(
            out.isEmpty() ? SelectionKey.OP_READ : SelectionKey.OP_READ | SelectionKey.OP_WRITE);
      } catch (IOException e) {
        throw new IllegalStateException("the broker closed a connection", e);
      }
    }

    private void read() throws IOException {
      int count;
      do {
        readBuffer.clear();
        count = channel.read(readBuffer);
        if (count < 0) {
          throw new IOException("the broker closed a connection");
        }
        readBuffer.flip();
        take(readBuffer);
      } while (count == READ_BYTES);
    }

    private void take(ByteBuffer bytes) {
      if (in.remaining() < bytes.remaining()) {
        in = ByteBuffer.allocate((in.position() + bytes.remaining()) * 2).put(in.flip());
      }
      in.put(bytes).flip();
      while (in.remaining() >= LENGTH_BYTES
          && in.remaining() >= LENGTH_BYTES + in.getInt(in.position())) {
        int length = in.getInt();
        ByteBuffer frame = in.slice(in.position(), length);
        in.position(in.position() + length);
        waiting.remove().accept(frame);
      }
      in.compact();
    }

    /** Requests without an answer yet. */
    int inFlight() {
      return waiting.size();
    }

    void close() {
      try {
        key.cancel();
        channel.close();
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
