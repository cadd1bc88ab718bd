package io.milena.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.milena.api.ApiHandler;
import io.milena.api.ApiRequest;
import io.milena.api.ApiResponse;
import io.milena.api.ApiVersionsApi;
import io.milena.connection.ConnectionMeters.Refusal;
import io.milena.network.TcpServerOptions.Listener;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a socket sees of a listener, whether its owner is decent or not. */
@Timeout(60)
class TcpServerTest {
  private static final short V0 = 0;
  private static final byte[] DESCRIBE_CLUSTER =
      RawClient.frame(V0, 7, new DescribeClusterRequestData());

  private static ApiHandler versions() {
    return new ApiVersionsApi(() -> new ApiVersionsApi.Facts("cluster", 1, -1, List.of()));
  }

  private static ApiHandler describeCluster() {
    return describeCluster(request -> Future.succeededFuture(cluster("c")));
  }

  private static ApiHandler describeCluster(
      java.util.function.Function<ApiRequest, Future<ApiResponse>> answers) {
    return new ScriptedApi(SupportedApis.DESCRIBE_CLUSTER, answers);
  }

  private static ApiResponse cluster(String id) {
    return ApiResponse.of(new DescribeClusterResponseData().setClusterId(id));
  }

  private static TcpServerOptions limits(int maxConnections, int perIp, long idleMs, long stallMs) {
    TcpServerOptions d = TestListener.options();
    return new TcpServerOptions(
        d.listeners(),
        d.instances(),
        d.maxRequestBytes(),
        64 << 20,
        d.maxInFlight(),
        d.maxUnsentBytes(),
        maxConnections,
        perIp,
        Map.of(),
        idleMs,
        stallMs,
        d.drainMs(),
        d.sendBufferBytes(),
        d.receiveBufferBytes(),
        d.acceptBacklog());
  }

  @Test
  void shouldAnswerARequest() throws Exception {
    try (TestListener listener = new TestListener(TestListener.options(), describeCluster());
        RawClient client = listener.connect()) {
      ByteBuffer answer = client.send(DESCRIBE_CLUSTER).receive();
      assertThat(answer.getInt()).isEqualTo(7);
      assertThat(answer.get()).as("tagged fields of response header 1").isZero();
      assertThat(new DescribeClusterResponseData(new ByteBufferAccessor(answer), V0).clusterId())
          .isEqualTo("c");
      assertThat(answer.hasRemaining()).isFalse();
    }
  }

  @Test
  void shouldAnnounceItsVersionsInEveryVersionOfApiVersions() throws Exception {
    try (TestListener listener = new TestListener(TestListener.options(), versions());
        RawClient client = listener.connect()) {
      for (short version = 0; version <= 5; version++) {
        ApiVersionsRequestData asked =
            new ApiVersionsRequestData()
                .setClientSoftwareName("apache-kafka-java")
                .setClientSoftwareVersion("4.4.0");
        ByteBuffer answer = client.send(RawClient.frame(version, version, asked)).receive();
        assertThat(answer.getInt()).isEqualTo(version);
        var told = new ApiVersionsResponseData(new ByteBufferAccessor(answer), version);
        assertThat(told.errorCode()).isZero();
        assertThat(told.apiKeys().find(SupportedApis.PRODUCE).minVersion()).isZero();
        assertThat(told.apiKeys().find(SupportedApis.PRODUCE).maxVersion()).isEqualTo((short) 13);
        assertThat(answer.hasRemaining()).isFalse();
      }
    }
  }

  @Test
  void shouldTellTheVersionsWhenAskedInAnUnknownVersion() throws Exception {
    try (TestListener listener = new TestListener(TestListener.options(), versions());
        RawClient client = listener.connect()) {
      ByteBuffer request = ByteBuffer.allocate(16).putInt(12);
      request.putShort(SupportedApis.API_VERSIONS).putShort((short) 99).putInt(5).putInt(0);
      ByteBuffer answer = client.send(request.array()).receive();
      assertThat(answer.getInt()).isEqualTo(5);
      var told = new ApiVersionsResponseData(new ByteBufferAccessor(answer), V0);
      assertThat(told.errorCode()).isEqualTo((short) 35);
      assertThat(told.apiKeys().find(SupportedApis.API_VERSIONS).maxVersion()).isEqualTo((short) 5);
      assertThat(client.send(DESCRIBE_CLUSTER).isClosedByPeer())
          .as("no handler for it in this test")
          .isTrue();
    }
  }

  @Test
  void shouldRefuseAMisroutedClientAndBadSoftwareNames() throws Exception {
    try (TestListener listener = new TestListener(TestListener.options(), versions());
        RawClient client = listener.connect()) {
      assertThat(errorOf(client, "cluster", 1, "java")).isZero();
      assertThat(errorOf(client, "cluster", 2, "java")).isEqualTo((short) 129);
      assertThat(errorOf(client, "other", 1, "java")).isEqualTo((short) 129);
      assertThat(errorOf(client, null, 1, "java")).isEqualTo((short) 42);
      assertThat(errorOf(client, null, -1, "-java")).isEqualTo((short) 42);
      assertThat(errorOf(client, null, -1, "ja va")).isEqualTo((short) 42);
    }
  }

  private static short errorOf(RawClient client, String cluster, int node, String name)
      throws Exception {
    ApiVersionsRequestData asked =
        new ApiVersionsRequestData()
            .setClusterId(cluster)
            .setNodeId(node)
            .setClientSoftwareName(name)
            .setClientSoftwareVersion("1");
    ByteBuffer answer = client.send(RawClient.frame((short) 5, 1, asked)).receive();
    answer.getInt();
    return new ApiVersionsResponseData(new ByteBufferAccessor(answer), (short) 5).errorCode();
  }

  /** Puts the promise of every answer into {@code open}, in the order of the requests. */
  private static ApiHandler answeredLater(List<Promise<ApiResponse>> open) {
    return describeCluster(
        request -> {
          Promise<ApiResponse> answer = Promise.promise();
          open.add(answer);
          return answer.future();
        });
  }

  @Test
  void shouldAnswerPipelinedRequestsInTheirOrderWhateverFinishesFirst() throws Exception {
    List<Promise<ApiResponse>> open = new CopyOnWriteArrayList<>();
    try (TestListener listener = new TestListener(TestListener.options(), answeredLater(open));
        RawClient client = listener.connect()) {
      for (int i = 0; i < 10; i++) {
        client.send(RawClient.frame(V0, i, new DescribeClusterRequestData()));
      }
      await().until(() -> open.size() == 10);
      List<Promise<ApiResponse>> reversed = new ArrayList<>(open);
      java.util.Collections.reverse(reversed);
      reversed.forEach(answer -> answer.complete(cluster("late")));
      for (int i = 0; i < 10; i++) {
        assertThat(client.receive().getInt()).isEqualTo(i);
      }
    }
  }

  @Test
  void shouldStopReadingAClientWithTooManyRequestsInFlight() throws Exception {
    List<Promise<ApiResponse>> started = new CopyOnWriteArrayList<>();
    try (TestListener listener = new TestListener(TestListener.options(), answeredLater(started));
        RawClient client = listener.connect()) {
      for (int i = 0; i < 40; i++) {
        client.send(RawClient.frame(V0, i, new DescribeClusterRequestData()));
      }
      await().until(() -> started.size() == 16);
      for (int i = 0; i < 40; i++) {
        int next = i;
        await().until(() -> started.size() > next);
        assertThat(started.size()).isLessThanOrEqualTo(16 + i);
        started.get(i).complete(cluster("x"));
        assertThat(client.receive().getInt()).isEqualTo(i);
      }
    }
  }

  @Test
  void shouldHoldConnectionsUntilItIsOpened() throws Exception {
    AtomicInteger started = new AtomicInteger();
    ApiHandler api =
        describeCluster(
            request -> {
              started.incrementAndGet();
              return Future.succeededFuture(cluster("c"));
            });
    try (TestListener listener = new TestListener(TestListener.options(), false, api);
        RawClient client = listener.connect()) {
      client.send(DESCRIBE_CLUSTER);
      await().until(() -> listener.meters.open.get() == 1);
      assertThat(started).hasValue(0);
      TestListener.await(listener.client.open());
      assertThat(client.receive().getInt()).isEqualTo(7);
    }
  }

  @Test
  void shouldCloseOnALengthNoRequestMayHave() throws Exception {
    try (TestListener listener = new TestListener(TestListener.options(), describeCluster())) {
      for (int length :
          new int[] {-1, Integer.MIN_VALUE, 0, 7, (100 << 20) + 1, Integer.MAX_VALUE}) {
        try (RawClient client = listener.connect()) {
          assertThat(client.sendInt(length).isClosedByPeer()).isTrue();
        }
      }
      assertThat(listener.meters.refused(Refusal.FRAME_LENGTH)).isEqualTo(6);
    }
  }

  @Test
  void shouldCloseOnAnUnknownApiOrVersionAndOnGarbage() throws Exception {
    try (TestListener listener = new TestListener(TestListener.options(), describeCluster())) {
      byte[] unknownKey = ByteBuffer.allocate(16).putInt(12).putShort((short) 999).array();
      byte[] unknownVersion =
          ByteBuffer.allocate(16).putInt(12).putShort((short) 60).putShort((short) 3).array();
      byte[] longClientId =
          ByteBuffer.allocate(16)
              .putInt(12)
              .putShort((short) 60)
              .putShort(V0)
              .putInt(1)
              .putShort(Short.MAX_VALUE)
              .array();
      byte[] http =
          "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
      for (byte[] bad : List.of(unknownKey, unknownVersion, longClientId, http)) {
        try (RawClient client = listener.connect()) {
          assertThat(client.send(bad).isClosedByPeer()).isTrue();
        }
      }
      assertThat(listener.meters.refused(Refusal.UNSUPPORTED)).isEqualTo(2);
      assertThat(listener.meters.refused(Refusal.INVALID_REQUEST)).isEqualTo(1);
    }
  }

  @Test
  void shouldCloseWhenABodyCannotBeDecoded() throws Exception {
    ApiHandler api =
        new ScriptedApi(
            SupportedApis.METADATA,
            request -> {
              request.decode(MetadataRequestData::new);
              return Future.succeededFuture(ApiResponse.none());
            });
    try (TestListener listener = new TestListener(TestListener.options(), api);
        RawClient client = listener.connect()) {
      ByteBuffer request = ByteBuffer.allocate(18).putInt(14).putShort((short) 3).putShort(V0);
      request.putInt(1).putShort((short) -1).putInt(Integer.MAX_VALUE);
      assertThat(client.send(request.array()).isClosedByPeer()).isTrue();
      assertThat(listener.meters.refused(Refusal.INVALID_REQUEST)).isEqualTo(1);
    }
  }

  @Test
  void shouldCloseAfterTheEarlierAnswersWhenARequestFails() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    ApiHandler api =
        describeCluster(
            request ->
                calls.getAndIncrement() == 0
                    ? Future.succeededFuture(cluster("c"))
                    : Future.failedFuture(new IllegalStateException("a bug, on purpose")));
    try (TestListener listener = new TestListener(TestListener.options(), api);
        RawClient client = listener.connect()) {
      client.send(DESCRIBE_CLUSTER).send(DESCRIBE_CLUSTER);
      assertThat(client.receive().getInt()).isEqualTo(7);
      assertThat(client.isClosedByPeer()).isTrue();
    }
  }

  @Test
  void shouldRunOnDoneOnceWhenTheClientLeavesBeforeTheAnswer() throws Exception {
    Promise<ApiResponse> answer = Promise.promise();
    AtomicInteger done = new AtomicInteger();
    AtomicInteger started = new AtomicInteger();
    ApiHandler api =
        describeCluster(
            request -> {
              started.incrementAndGet();
              return answer.future();
            });
    try (TestListener listener = new TestListener(TestListener.options(), api)) {
      RawClient client = listener.connect();
      client.send(DESCRIBE_CLUSTER);
      await().until(() -> started.get() == 1);
      client.close();
      await().until(() -> listener.meters.open.get() == 0);
      answer.complete(ApiResponse.of(new DescribeClusterResponseData(), done::incrementAndGet));
      await().until(() -> done.get() == 1);
    }
    assertThat(done).hasValue(1);
  }

  @Test
  void shouldCloseAConnectionWhoseFrameMakesNoProgress() throws Exception {
    try (TestListener listener =
            new TestListener(limits(100, 100, 600_000, 200), describeCluster());
        RawClient lengthOnly = listener.connect();
        RawClient halfBody = listener.connect();
        RawClient silent = listener.connect()) {
      lengthOnly.sendInt(100);
      halfBody.sendInt(100).sendInt(1);
      assertThat(lengthOnly.isClosedByPeer()).isTrue();
      assertThat(halfBody.isClosedByPeer()).isTrue();
      assertThat(listener.meters.refused(Refusal.STALLED_FRAME)).isEqualTo(2);
      assertThat(silent.send(DESCRIBE_CLUSTER).receive().getInt()).isEqualTo(7);
    }
  }

  @Test
  void shouldCloseAnIdleConnectionButNotOneThatWaitsForAnAnswer() throws Exception {
    Promise<ApiResponse> answer = Promise.promise();
    try (TestListener listener =
            new TestListener(
                limits(100, 100, 200, 30_000), describeCluster(request -> answer.future()));
        RawClient idle = listener.connect();
        RawClient waiting = listener.connect()) {
      waiting.send(DESCRIBE_CLUSTER);
      assertThat(idle.isClosedByPeer()).isTrue();
      assertThat(listener.meters.refused(Refusal.IDLE)).isEqualTo(1);
      answer.complete(cluster("late"));
      assertThat(waiting.receive().getInt()).isEqualTo(7);
    }
  }

  @Test
  void shouldRefuseConnectionsBeyondTheLimits() throws Exception {
    try (TestListener listener =
            new TestListener(limits(100, 2, 600_000, 30_000), describeCluster());
        RawClient first = listener.connect();
        RawClient second = listener.connect()) {
      assertThat(first.send(DESCRIBE_CLUSTER).receive().getInt()).isEqualTo(7);
      assertThat(second.send(DESCRIBE_CLUSTER).receive().getInt()).isEqualTo(7);
      try (RawClient third = listener.connect()) {
        assertThat(third.isClosedByPeer()).isTrue();
      }
      assertThat(listener.meters.refused(Refusal.TOO_MANY_FROM_ADDRESS)).isEqualTo(1);
      first.close();
      await().until(() -> listener.meters.open.get() == 1);
      try (RawClient fourth = listener.connect()) {
        assertThat(fourth.send(DESCRIBE_CLUSTER).receive().getInt()).isEqualTo(7);
      }
    }
  }

  @Test
  void shouldSayInOneLineThatAPortIsTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
      TcpServerOptions options =
          TcpServerOptions.defaults(
              List.of(new Listener("PLAINTEXT", "127.0.0.1", taken.getLocalPort())));
      assertThatThrownBy(() -> new TestListener(options, describeCluster()))
          .hasRootCauseInstanceOf(java.net.BindException.class)
          .hasMessageContaining("Cannot listen on PLAINTEXT://127.0.0.1:" + taken.getLocalPort());
    }
  }

  @Test
  void shouldSendTheAnswersInFlightBeforeItStops() throws Exception {
    Promise<ApiResponse> answer = Promise.promise();
    AtomicInteger started = new AtomicInteger();
    ApiHandler api =
        describeCluster(
            request -> {
              started.incrementAndGet();
              return answer.future();
            });
    try (TestListener listener = new TestListener(TestListener.options(), api);
        RawClient client = listener.connect()) {
      client.send(DESCRIBE_CLUSTER);
      await().until(() -> started.get() == 1);
      Future<Void> stopped = listener.client.close();
      answer.complete(cluster("last"));
      assertThat(client.receive().getInt()).isEqualTo(7);
      assertThat(client.isClosedByPeer()).isTrue();
      TestListener.await(stopped);
    }
  }

  @Test
  void shouldKeepItsMemoryWhenManyPromiseHugeFrames() throws Exception {
    try (TestListener listener =
        new TestListener(limits(1000, 1000, 600_000, 30_000), describeCluster())) {
      List<RawClient> liars = new ArrayList<>();
      long before = directBytes();
      for (int i = 0; i < 200; i++) {
        liars.add(listener.connect().sendInt(99 << 20).sendInt(0));
      }
      await().until(() -> listener.meters.open.get() == 200);
      try (RawClient decent = listener.connect()) {
        assertThat(decent.send(DESCRIBE_CLUSTER).receive().getInt()).isEqualTo(7);
      }
      assertThat(directBytes() - before).isLessThan(64L << 20);
      for (RawClient liar : liars) {
        liar.close();
      }
      await().until(() -> listener.meters.open.get() == 0);
    }
  }

  private static long directBytes() {
    return io.netty.util.internal.PlatformDependent.usedDirectMemory();
  }

  @Test
  void shouldShareAPortAmongItsInstances() throws Exception {
    TcpServerOptions d = TestListener.options();
    TcpServerOptions two =
        new TcpServerOptions(
            List.of(new Listener("PLAINTEXT", "127.0.0.1", 0), new Listener("B", "127.0.0.1", 0)),
            2,
            d.maxRequestBytes(),
            d.requestMemoryBytes(),
            d.maxInFlight(),
            d.maxUnsentBytes(),
            d.maxConnections(),
            d.maxConnectionsPerIp(),
            Map.of(),
            d.maxIdleMs(),
            d.frameStallMs(),
            d.drainMs(),
            -1,
            -1,
            50);
    java.util.Set<String> threads = java.util.concurrent.ConcurrentHashMap.newKeySet();
    ApiHandler api =
        describeCluster(
            request -> {
              threads.add(Thread.currentThread().getName());
              return Future.succeededFuture(cluster("c"));
            });
    try (TestListener listener = new TestListener(two, api)) {
      assertThat(listener.client.ports()).containsOnlyKeys("PLAINTEXT", "B");
      for (int i = 0; i < 4; i++) {
        try (RawClient client = listener.connect()) {
          assertThat(client.send(DESCRIBE_CLUSTER).receive().getInt()).isEqualTo(7);
        }
      }
      assertThat(threads).hasSize(2);
    }
  }
}
