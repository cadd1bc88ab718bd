package io.milena.api;

import io.milena.base.Clock;
import io.milena.base.RandomSource;
import io.milena.config.TopicConfig;
import io.milena.metadata.BrokerEndpoint;
import io.milena.metadata.BrokerImage;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.PartitionImage;
import io.milena.metadata.TopicImage;
import io.milena.metrics.TopicMeters;
import io.milena.testing.ImageChange;
import io.milena.work.CpuWork;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.security.auth.KafkaPrincipal;

/** What the API tests share: a cluster image, a connection, clocks, scripted shards. */
final class ApiBench {
  static final int SELF = 1;
  static final int OTHER = 2;
  static final String LISTENER = "PLAINTEXT";

  final ScriptedPartitions shards;
  final TestClock clock = new TestClock();
  final FetchSessionSlots slots = new FetchSessionSlots(100);
  final TestConnection connection = new TestConnection(slots);
  final TopicMeters meters = new TopicMeters();
  final ManualCpu cpu = new ManualCpu();
  final Map<String, TopicConfig> configs = new HashMap<>();
  final List<ByteBuf> bodies = new ArrayList<>();
  private ClusterImage image = ClusterImage.empty("cluster");

  ApiBench(int shardCount) {
    shards = new ScriptedPartitions(shardCount);
    List<BrokerImage> brokers = List.of(broker(SELF, 9092), broker(OTHER, 9093));
    image = ImageChange.of(image).brokers(brokers).image();
  }

  ClusterImage image() {
    return image;
  }

  TopicConfig config(ClusterImage ignored, TopicImage topic) {
    return configs.getOrDefault(topic.name(), TopicConfig.defaults());
  }

  /** Adds a topic led by this broker in epoch 5; gives its id. */
  Uuid topic(String name, int partitions) {
    Uuid id = Uuid.randomUuid();
    List<PartitionImage> images = new ArrayList<>();
    for (int p = 0; p < partitions; p++) {
      images.add(
          new PartitionImage(p, List.of(SELF), List.of(SELF), SELF, 5, 0, List.of(), List.of()));
    }
    TopicImage topic = new TopicImage(name, id, images, Map.of());
    image = ImageChange.of(image).topics(List.of(topic)).image();
    return id;
  }

  ApiRequest request(short key, ApiMessage data, int version) {
    ByteBuffer bytes = MessageUtil.toByteBufferAccessor(data, (short) version).buffer();
    ByteBuf body = Unpooled.directBuffer(bytes.remaining()).writeBytes(bytes);
    bodies.add(body);
    return new ApiRequest(connection, key, (short) version, 7, "client", body, clock.monotonicNs());
  }

  /** Asks and decodes what comes back, so that it is known to fit the version. */
  @SuppressWarnings("unchecked")
  <T extends ApiMessage> T ask(ApiHandler api, ApiMessage data, int version) {
    Future<ApiResponse> answer = api.handle(request(api.apiKey(), data, version));
    if (answer.failed()) {
      throw new AssertionError(answer.cause());
    }
    T message = (T) answer.result().message();
    encode(message, version);
    return message;
  }

  /** Every request's body is back with its owner: this bench. */
  void close() {
    for (ByteBuf body : bodies) {
      if (body.refCnt() != 1) {
        throw new AssertionError("a body has " + body.refCnt() + " owners");
      }
      body.release();
    }
  }

  static ByteBuffer encode(ApiMessage message, int version) {
    return MessageUtil.toByteBufferAccessor(message, (short) version).buffer();
  }

  private static BrokerImage broker(int id, int port) {
    return new BrokerImage(
        id,
        10,
        "rack" + id,
        List.of(new BrokerEndpoint(LISTENER, "host" + id, port, "PLAINTEXT")),
        false,
        false);
  }

  /** A clock that stands still until it is moved. */
  static final class TestClock implements Clock {
    long nowMs = 1_700_000_000_000L;

    @Override
    public long wallMs() {
      return nowMs;
    }

    @Override
    public long monotonicNs() {
      return TimeUnit.MILLISECONDS.toNanos(nowMs);
    }
  }

  /** Work that is done when the test says so. */
  static final class ManualCpu implements CpuWork {
    private final Deque<Runnable> waiting = new ArrayDeque<>();

    @Override
    public <T> Future<T> run(Callable<T> work) {
      Promise<T> promise = Promise.promise();
      waiting.add(
          () -> {
            try {
              promise.complete(work.call());
            } catch (Exception e) {
              promise.fail(e);
            }
          });
      return promise.future();
    }

    int waiting() {
      return waiting.size();
    }

    /** Does the piece that came last. */
    void runLast() {
      waiting.removeLast().run();
    }

    void runAll() {
      while (!waiting.isEmpty()) {
        waiting.removeFirst().run();
      }
    }
  }

  /** A connection without a socket. */
  static final class TestConnection implements ClientConnection {
    private final FetchSessions sessions;
    private final StageOne stageOne = new StageOne();

    TestConnection(FetchSessionSlots slots) {
      sessions = new FetchSessions(slots, RandomSource.system());
    }

    @Override
    public String id() {
      return "connection-1";
    }

    @Override
    public String listener() {
      return LISTENER;
    }

    @Override
    public KafkaPrincipal principal() {
      return KafkaPrincipal.ANONYMOUS;
    }

    @Override
    public InetAddress clientAddress() {
      return InetAddress.getLoopbackAddress();
    }

    @Override
    public String localHost() {
      return "127.0.0.1";
    }

    @Override
    public int localPort() {
      return 9092;
    }

    @Override
    public FetchSessions fetchSessions() {
      return sessions;
    }

    @Override
    public StageOne stageOne() {
      return stageOne;
    }

    @Override
    public void clientSoftware(String name, String version) {}
  }
}
