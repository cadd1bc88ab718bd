package io.milena.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.milena.api.ApiResponse;
import io.milena.connection.ConnectionMeters.Refusal;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that promise much and send a byte now and then. */
@Timeout(60)
class SlowDripTest {
  private static final byte[] QUESTION =
      RawClient.frame((short) 0, 7, new DescribeClusterRequestData());
  private static final int BUDGET_BYTES = 4 << 20;
  private static final int PROMISED_BYTES = 900 << 10;
  private static final int DRIP_MS = 20;

  private final ScheduledExecutorService tap = Executors.newSingleThreadScheduledExecutor();
  private final List<RawClient> drips = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() throws IOException {
    tap.shutdownNow();
    for (RawClient drip : drips) {
      drip.close();
    }
  }

  private static TestListener listener(long stallMs) throws Exception {
    TcpServerOptions d = TestListener.options();
    TcpServerOptions options =
        new TcpServerOptions(
            d.listeners(),
            1,
            d.maxRequestBytes(),
            BUDGET_BYTES,
            d.maxInFlight(),
            d.maxUnsentBytes(),
            1_000,
            1_000,
            Map.of(),
            600_000,
            stallMs,
            d.drainMs(),
            d.sendBufferBytes(),
            d.receiveBufferBytes(),
            d.acceptBacklog());
    return new TestListener(
        options,
        new ScriptedApi(
            SupportedApis.DESCRIBE_CLUSTER,
            request ->
                Future.succeededFuture(
                    ApiResponse.of(new DescribeClusterResponseData().setClusterId("c")))));
  }

  /** Frames that begin with some bytes and then get one more every few milliseconds. */
  private void drip(TestListener listener, int connections, int firstBytes) throws Exception {
    for (int i = 0; i < connections; i++) {
      drips.add(listener.connect().sendInt(PROMISED_BYTES).send(new byte[firstBytes]));
    }
    tap.scheduleWithFixedDelay(this::oneByteEach, DRIP_MS, DRIP_MS, TimeUnit.MILLISECONDS);
  }

  private void oneByteEach() {
    for (RawClient drip : drips) {
      try {
        drip.send(new byte[1]);
      } catch (IOException closedByTheBroker) {
        drips.remove(drip);
      }
    }
  }

  @Test
  void othersAreServedWhileManyFramesDrip() throws Exception {
    try (TestListener listener = listener(30_000);
        RawClient decent = listener.connect()) {
      drip(listener, 60, 1);
      await().until(() -> listener.meters.open.get() == 61);
      long startNs = System.nanoTime();

      for (int i = 0; i < 200; i++) {
        assertThat(decent.send(QUESTION).receive().getInt()).isEqualTo(7);
      }

      assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isLessThan(Duration.ofSeconds(5));
      assertThat(drips).as("nobody was in their way").hasSize(60);
    }
  }

  @Test
  void framesThatDripLeaveWhenTheirMemoryIsWanted() throws Exception {
    try (TestListener listener = listener(1_500);
        RawClient decent = listener.connect()) {
      drip(listener, 60, 40_000); // together more than half the budget, for good
      // On a slow machine the first are sent away before the last one is accepted.
      await().until(() -> listener.meters.accepted.get() == 61);
      byte[] large = RawClient.frame((short) 0, 7, new DescribeClusterRequestData());
      List<RawClient> wanting = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        // whole frames of decent clients that need what the drips hold
        wanting.add(listener.connect().sendInt(PROMISED_BYTES).send(new byte[PROMISED_BYTES / 2]));
      }

      await().until(() -> listener.meters.refused(Refusal.STALLED_FRAME) >= 50);
      assertThat(decent.send(large).receive().getInt()).isEqualTo(7);
      for (RawClient client : wanting) {
        client.close();
      }
    }
  }

  @Test
  void aSlowFrameIsLeftAloneWhileThereIsMemory() throws Exception {
    try (TestListener listener = listener(300)) {
      drip(listener, 1, 1);
      RawClient slow = drips.get(0);
      await().pollDelay(Duration.ofSeconds(2)).until(() -> true);

      assertThat(listener.meters.refused(Refusal.STALLED_FRAME)).isZero();
      assertThat(drips).containsExactly(slow);
    }
  }
}
