package io.milena.network;

import io.milena.api.ApiDispatcher;
import io.milena.api.ApiResponse;
import io.milena.api.FetchSessionSlots;
import io.milena.api.FetchSessions;
import io.milena.base.Clock;
import io.milena.base.RandomSource;
import io.milena.connection.ConnectionMeters;
import io.milena.network.TcpServerOptions.Listener;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.message.ProduceResponseData.TopicProduceResponse;
import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * CPU per request of the listeners alone: Produce requests that nobody stores. Prints the CPU of
 * the event loop thread (the client runs on another) and the wall time. Arguments: requests, bytes
 * of a request's records, requests in flight, 1 to decode bodies with kafka-clients.
 */
public final class NullApiBench {
  private static final short VERSION = 11;

  private NullApiBench() {}

  public static void main(String[] args) throws Exception {
    int requests = argument(args, 0, 500_000);
    int recordBytes = argument(args, 1, 200);
    int window = argument(args, 2, 5);
    boolean decode = argument(args, 3, 0) == 1;
    Vertx vertx = Vertx.vertx();
    TcpServerClient server =
        TcpServerClient.bind(
                vertx,
                TcpServerOptions.defaults(List.of(new Listener("PLAINTEXT", "127.0.0.1", 0))),
                services(decode))
            .await(10, TimeUnit.SECONDS);
    server.open().await(10, TimeUnit.SECONDS);
    int port = server.ports().get("PLAINTEXT");
    for (int round = 0; round < 4; round++) {
      round(port, requests, recordBytes, window);
    }
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  private static int argument(String[] args, int index, int otherwise) {
    return args.length > index ? Integer.parseInt(args[index]) : otherwise;
  }

  private static TcpServices services(boolean decode) {
    ScriptedApi produce =
        new ScriptedApi(
            SupportedApis.PRODUCE,
            request -> {
              if (decode) {
                request.decode(ProduceRequestData::new);
              }
              return Future.succeededFuture(ApiResponse.of(answer()));
            });
    return new TcpServices(
        new ApiDispatcher(List.of(produce)),
        loop -> {
          FetchSessionSlots slots = new FetchSessionSlots(10);
          return () -> new FetchSessions(slots, RandomSource.system());
        },
        ConnectionMeters.NONE,
        Clock.system());
  }

  private static ProduceResponseData answer() {
    TopicProduceResponse topic = new TopicProduceResponse().setName("topic");
    topic.partitionResponses().add(new PartitionProduceResponse().setIndex(0).setBaseOffset(1));
    ProduceResponseData data = new ProduceResponseData();
    data.responses().add(topic);
    return data;
  }

  private static void round(int port, int requests, int recordBytes, int window) throws Exception {
    TopicProduceData topic = new TopicProduceData().setName("topic");
    topic
        .partitionData()
        .add(
            new PartitionProduceData()
                .setRecords(
                    MemoryRecords.readableRecords(java.nio.ByteBuffer.allocate(recordBytes))));
    ProduceRequestData data = new ProduceRequestData().setAcks((short) 1).setTimeoutMs(1000);
    data.topicData().add(topic);
    byte[] request = RawClient.frame(VERSION, 1, data);
    int answerBytes = RawClient.bytes(answer(), VERSION).length + Integer.BYTES + Integer.BYTES + 1;
    long cpuBefore = loopCpuNs();
    long start = System.nanoTime();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setTcpNoDelay(true);
      OutputStream out = socket.getOutputStream();
      InputStream in = socket.getInputStream();
      for (int i = 0; i < requests + window; i++) {
        if (i < requests) {
          out.write(request);
        }
        if (i >= window && in.readNBytes(answerBytes).length < answerBytes) {
          throw new IllegalStateException("closed");
        }
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    double cpuUs = (loopCpuNs() - cpuBefore) / 1e3;
    double gigabytes = (double) requests * request.length / 1e9;
    System.out.printf(
        "%d requests of %d bytes, window %d: %.2f us loop CPU each, %.3f CPU s/GB, %.0f/s%n",
        requests,
        request.length,
        window,
        cpuUs / requests,
        cpuUs / 1e6 / gigabytes,
        requests / seconds);
  }

  private static long loopCpuNs() {
    var threads = ManagementFactory.getThreadMXBean();
    long sum = 0;
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith("vert.x-eventloop")) {
        sum += Math.max(0, threads.getThreadCpuTime(thread.getId()));
      }
    }
    return sum;
  }
}
