package io.milena.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.milena.api.ApiHandler;
import io.milena.api.ApiRequest;
import io.milena.api.ApiResponse;
import io.milena.protocol.SupportedApis;
import io.milena.storage.segment.FileSlice;
import io.milena.storage.segment.TestSlices;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers whose records come from files without passing through the heap. */
@Timeout(60)
class FetchAnswerTest {
  private static final int FILE_BYTES = 4 << 20;

  @TempDir Path directory;
  private final byte[] content = new byte[FILE_BYTES];
  private final AtomicInteger released = new AtomicInteger();
  private FileChannel file;

  @BeforeEach
  void writeFile() throws IOException {
    new Random(1).nextBytes(content);
    Path path = Files.write(directory.resolve("0.log"), content);
    file = FileChannel.open(path, StandardOpenOption.READ);
  }

  @AfterEach
  void closeFile() throws IOException {
    file.close();
  }

  private BaseRecords fromMemory(int position, int size) {
    return MemoryRecords.readableRecords(ByteBuffer.wrap(content, position, size).slice());
  }

  private FileSlice fromFile(int position, int size) {
    return TestSlices.of(file, position, size, channel -> released.incrementAndGet());
  }

  private static FetchResponseData answer(BaseRecords... records) {
    FetchableTopicResponse topic =
        new FetchableTopicResponse().setTopic("t").setTopicId(new Uuid(1, 2));
    for (int i = 0; i < records.length; i++) {
      topic
          .partitions()
          .add(
              new PartitionData().setPartitionIndex(i).setHighWatermark(10).setRecords(records[i]));
    }
    FetchResponseData data = new FetchResponseData();
    data.responses().add(topic);
    return data;
  }

  private static ApiHandler fetch(
      java.util.function.Function<ApiRequest, Future<ApiResponse>> answers) {
    return new ScriptedApi(SupportedApis.FETCH, answers);
  }

  @ParameterizedTest
  @ValueSource(shorts = {4, 11, 12, 16, 17, 18})
  void shouldSendTheBytesThatKafkaWouldSend(short version) throws Exception {
    ApiHandler api =
        fetch(
            request -> {
              FileSlice one = fromFile(10, 300_000);
              FileSlice two = fromFile(400_000, 5);
              return Future.succeededFuture(
                  ApiResponse.of(
                      answer(one, MemoryRecords.EMPTY, two, fromMemory(7, 70_000)),
                      () -> {
                        one.release();
                        two.release();
                      }));
            });
    byte[] expected =
        RawClient.bytes(
            answer(
                fromMemory(10, 300_000),
                MemoryRecords.EMPTY,
                fromMemory(400_000, 5),
                fromMemory(7, 70_000)),
            version);
    try (TestListener listener = new TestListener(TestListener.options(), api);
        RawClient client = listener.connect()) {
      ByteBuffer answer =
          client.send(RawClient.frame(version, 3, new FetchRequestData())).receive();
      assertThat(answer.getInt()).isEqualTo(3);
      if (version >= 12) {
        assertThat(answer.get()).isZero();
      }
      byte[] body = new byte[answer.remaining()];
      answer.get(body);
      assertThat(body).isEqualTo(expected);
      await().until(() -> released.get() == 2);
    }
  }

  @Test
  void shouldKeepTheOrderAndStopStartingRequestsWhenTheClientDoesNotRead() throws Exception {
    AtomicInteger started = new AtomicInteger();
    ApiHandler api =
        fetch(
            request -> {
              started.incrementAndGet();
              FileSlice all = fromFile(0, FILE_BYTES);
              return Future.succeededFuture(ApiResponse.of(answer(all), all::release));
            });
    try (TestListener listener = new TestListener(TestListener.options(), api);
        RawClient client = listener.connect()) {
      int requests = 40;
      for (int i = 0; i < requests; i++) {
        client.send(RawClient.frame((short) 11, i, new FetchRequestData()));
      }
      await().until(() -> started.get() > 0);
      byte[] expected = RawClient.bytes(answer(fromMemory(0, FILE_BYTES)), (short) 11);
      assertThat(client.receive().getInt()).isZero();
      assertThat(started.get()).isLessThan(requests);
      for (int i = 1; i < requests; i++) {
        ByteBuffer answer = client.receive();
        assertThat(answer.getInt()).isEqualTo(i);
        assertThat(answer).isEqualTo(ByteBuffer.wrap(expected));
      }
      await().until(() -> released.get() == requests);
    }
  }

  @Test
  void shouldCloseWhenARangeComesUpShort() throws Exception {
    ApiHandler api =
        fetch(
            request -> {
              FileSlice beyond = fromFile(FILE_BYTES - 10, 1000);
              return Future.succeededFuture(ApiResponse.of(answer(beyond), beyond::release));
            });
    try (TestListener listener = new TestListener(TestListener.options(), api);
        RawClient client = listener.connect()) {
      client.send(RawClient.frame((short) 11, 1, new FetchRequestData()));
      await().until(() -> released.get() == 1);
      await().until(() -> listener.meters.open.get() == 0);
    }
  }

  @Test
  void shouldGiveSlicesBackWhenTheClientLeavesInTheMiddle() throws Exception {
    ApiHandler api =
        fetch(
            request -> {
              FileSlice all = fromFile(0, FILE_BYTES);
              return Future.succeededFuture(ApiResponse.of(answer(all), all::release));
            });
    try (TestListener listener = new TestListener(TestListener.options(), api)) {
      RawClient client = listener.connect();
      for (int i = 0; i < 3; i++) {
        client.send(RawClient.frame((short) 11, i, new FetchRequestData()));
      }
      client.receive();
      client.close();
      await().until(() -> listener.meters.open.get() == 0);
      int answered = listener.meters.requests.get();
      await().until(() -> released.get() == answered);
    }
  }
}
