package io.milena.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.config.TopicConfigs;
import io.milena.partition.PartitionMessages.AbortedTransaction;
import io.milena.partition.PartitionMessages.AwaitGrowth;
import io.milena.partition.PartitionMessages.AwaitGrowthReply;
import io.milena.partition.PartitionMessages.CancelAwait;
import io.milena.partition.PartitionMessages.Done;
import io.milena.partition.PartitionMessages.Isolation;
import io.milena.partition.PartitionMessages.PartitionRead;
import io.milena.partition.PartitionMessages.PartitionReadResult;
import io.milena.partition.PartitionMessages.Read;
import io.milena.partition.PartitionMessages.ReadReply;
import io.milena.storage.segment.FileSlice;
import io.milena.storage.segment.FileSliceFixture;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FetchApiTest {
  private final ApiBench bench = new ApiBench(2);
  private final FetchApi api =
      new FetchApi(
          bench::image,
          bench.shards,
          bench::config,
          bench.cpu,
          bench.clock,
          bench.meters,
          new FetchApi.Options(1 << 20, 60_000));

  private int slices;
  private int released;

  /** Bytes that each partition has for a reader; absent for none. */
  private final Map<Integer, Integer> available = new HashMap<>();

  private final Map<Integer, Errors> failing = new HashMap<>();
  private final List<Promise<AwaitGrowthReply>> waits = new ArrayList<>();
  private FileChannel file;

  FetchApiTest() {
    bench.shards.on(
        Read.class,
        (shard, read) ->
            Future.succeededFuture(new ReadReply(read.parts().stream().map(this::read).toList())));
    bench.shards.on(
        AwaitGrowth.class,
        (shard, await) -> {
          Promise<AwaitGrowthReply> reply = Promise.promise();
          waits.add(reply);
          return reply.future();
        });
    bench.shards.on(CancelAwait.class, (shard, cancel) -> Future.succeededFuture(Done.DONE));
  }

  private PartitionReadResult read(PartitionRead part) {
    Errors error = failing.getOrDefault(part.partition(), Errors.NONE);
    if (error != Errors.NONE) {
      return new PartitionReadResult(error, -1, -1, -1, null, List.of(), -1, -1, ApiBench.OTHER, 9);
    }
    int bytes = available.getOrDefault(part.partition(), 0);
    FileSlice slice = null;
    if (bytes > 0) {
      slice = FileSliceFixture.slice(file, bytes, () -> released++);
      slices++;
    }
    return new PartitionReadResult(
        error, 50, 40, 2, slice, List.of(new AbortedTransaction(7, 11)), -1, -1, -1, -1);
  }

  @AfterEach
  void everySliceIsReleasedOnce() throws IOException {
    assertThat(released).isEqualTo(slices);
    bench.close();
    if (file != null) {
      file.close();
    }
  }

  private static FetchRequestData fetch(String topic, int... partitions) {
    FetchTopic asked = new FetchTopic().setTopic(topic);
    for (int p : partitions) {
      asked
          .partitions()
          .add(new FetchPartition().setPartition(p).setFetchOffset(10).setPartitionMaxBytes(1000));
    }
    return new FetchRequestData()
        .setMaxWaitMs(500)
        .setMinBytes(1)
        .setMaxBytes(10_000)
        .setTopics(new ArrayList<>(List.of(asked)));
  }

  private FetchResponseData ask(FetchRequestData data, int version) {
    Future<ApiResponse> answer = start(data, version);
    assertThat(answer.isComplete()).isTrue();
    return done(answer);
  }

  private Future<ApiResponse> start(FetchRequestData data, int version) {
    return api.handle(bench.request(api.apiKey(), data, version));
  }

  private static FetchResponseData done(Future<ApiResponse> answer) {
    answer.result().onDone().run();
    return (FetchResponseData) answer.result().message();
  }

  private static PartitionData part(FetchResponseData response, int at) {
    return response.responses().get(0).partitions().get(at);
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 11, 12})
  void shouldAnswerAtOnceWhenThereIsEnough(int version) {
    bench.topic("t", 2);
    available.put(0, 300);

    FetchResponseData response = ask(fetch("t", 0, 1).setIsolationLevel((byte) 1), version);

    assertThat(part(response, 0).records().sizeInBytes()).isEqualTo(300);
    assertThat(part(response, 0).highWatermark()).isEqualTo(50);
    assertThat(part(response, 0).lastStableOffset()).isEqualTo(40);
    assertThat(part(response, 0).logStartOffset()).isEqualTo(2);
    assertThat(part(response, 0).preferredReadReplica()).isEqualTo(-1);
    assertThat(part(response, 0).abortedTransactions())
        .singleElement()
        .satisfies(aborted -> assertThat(aborted.producerId()).isEqualTo(7));
    assertThat(part(response, 1).records().sizeInBytes()).isZero();
    assertThat(bench.shards.asked(Read.class))
        .hasSize(2)
        .allMatch(read -> read.isolation() == Isolation.READ_COMMITTED);
    assertThat(bench.meters.of("t").bytesOut.sum()).isEqualTo(300);
  }

  @Test
  void shouldEncodeAtTheLowestAndHighestVersion() {
    Uuid id = bench.topic("t", 1);

    FetchResponseData lowest = ask(fetch("t", 0).setMaxWaitMs(0).setSessionEpoch(-1), 4);
    runCpu();
    FetchRequestData byId = fetch("", 0).setMaxWaitMs(0);
    byId.topics().get(0).setTopicId(id);
    FetchResponseData highest = ask(byId, 18);

    assertThat(ApiBench.encode(lowest, 4).remaining()).isPositive();
    assertThat(ApiBench.encode(highest, 18).remaining()).isPositive();
    assertThat(highest.responses().get(0).topicId()).isEqualTo(id);
    assertThat(bench.shards.asked(Read.class).get(1).parts().get(0).topicId()).isEqualTo(id);
  }

  private void runCpu() {
    bench.cpu.runAll();
  }

  @Test
  void shouldWaitForGrowthAndReadAgain() {
    bench.topic("t", 1);

    Future<ApiResponse> answer = start(fetch("t", 0), 12);
    assertThat(answer.isComplete()).isFalse();
    AwaitGrowth await = bench.shards.asked(AwaitGrowth.class).get(0);
    available.put(0, 80);
    waits.get(0).complete(new AwaitGrowthReply(true));

    assertThat(part(done(answer), 0).records().sizeInBytes()).isEqualTo(80);
    assertThat(await.minBytes()).isEqualTo(1);
    assertThat(await.deadlineNs()).isEqualTo(bench.clock.monotonicNs() + 500_000_000L);
  }

  @Test
  void shouldAnswerWithLittleWhenTheDeadlineComes() {
    bench.topic("t", 1);
    available.put(0, 30);

    Future<ApiResponse> answer = start(fetch("t", 0).setMinBytes(100), 12);
    assertThat(bench.shards.asked(AwaitGrowth.class).get(0).minBytes()).isEqualTo(100);
    bench.clock.nowMs += 500;
    waits.get(0).complete(new AwaitGrowthReply(false));

    assertThat(part(done(answer), 0).records().sizeInBytes()).isEqualTo(30);
  }

  @Test
  void shouldShareTheMissingBytesAmongShardsAndEndTheWaitsItNoLongerNeeds() {
    bench.topic("t", 2);
    available.put(0, 100);

    Future<ApiResponse> answer = start(fetch("t", 0, 1).setMinBytes(1000), 12);
    assertThat(bench.shards.asked(AwaitGrowth.class))
        .extracting(AwaitGrowth::minBytes)
        .containsExactly(550L, 450L);
    available.put(0, 550);
    waits.get(0).complete(new AwaitGrowthReply(true));
    assertThat(answer.isComplete()).isFalse();
    available.put(1, 450);
    waits.get(3).complete(new AwaitGrowthReply(true));

    assertThat(answer.isComplete()).isTrue();
    done(answer);
    assertThat(bench.shards.asked(CancelAwait.class)).hasSize(2);
    assertThat(bench.shards.asked(CancelAwait.class).get(0).key())
        .isSameAs(bench.shards.asked(AwaitGrowth.class).get(1).key());
  }

  @Test
  void shouldEndItsWaitsWhenTheConnectionGoes() {
    bench.topic("t", 1);
    Future<ApiResponse> answer = start(fetch("t", 0), 12);

    bench.connection.fetchSessions().close();
    available.put(0, 80);
    waits.get(0).complete(new AwaitGrowthReply(false));

    assertThat(bench.shards.asked(CancelAwait.class)).hasSize(1);
    assertThat(answer.isComplete()).isTrue();
    done(answer);
  }

  @Test
  void shouldTakeTheFirstRecordsHoweverLargeAndThenOnlyWhatFits() {
    bench.topic("t", 4);
    available.put(0, 5000);
    available.put(1, 900);
    available.put(3, 100);

    FetchResponseData response = ask(fetch("t", 2, 0, 1, 3).setMaxBytes(1000), 12);

    assertThat(response.responses().get(0).partitions())
        .extracting(p -> p.records().sizeInBytes())
        .containsExactly(0, 5000, 0, 0);
  }

  @Test
  void shouldRotateSoThatNoPartitionStarves() {
    bench.topic("t", 2);
    available.put(0, 900);
    available.put(1, 900);
    FetchResponseData first = ask(fetch("t", 0, 1).setMaxBytes(1000).setSessionEpoch(0), 12);
    FetchRequestData next = fetch("t").setMaxBytes(1000).setSessionId(first.sessionId());
    next.topics().clear();

    FetchResponseData second = ask(next.setSessionEpoch(1), 12);
    FetchResponseData third = ask(next.duplicate().setSessionEpoch(2), 12);

    assertThat(part(first, 0).records().sizeInBytes()).isEqualTo(900);
    assertThat(part(second, 0).partitionIndex()).isEqualTo(1);
    assertThat(part(third, 0).partitionIndex()).isEqualTo(0);
    assertThat(part(third, 0).records().sizeInBytes()).isEqualTo(900);
  }

  @Test
  void shouldAnswerEachPartitionWithItsOwnErrorAtOnce() {
    bench.topic("t", 2);
    failing.put(1, Errors.OFFSET_OUT_OF_RANGE);

    FetchResponseData response = ask(fetch("t", 0, 1, 7), 12);

    assertThat(response.responses().get(0).partitions())
        .extracting(PartitionData::errorCode)
        .containsExactly(
            (short) 0, Errors.OFFSET_OUT_OF_RANGE.code(), Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
    assertThat(part(response, 1).highWatermark()).isEqualTo(-1);
  }

  @Test
  void shouldNameTheLeaderAndItsAddressFromVersion16() {
    Uuid id = bench.topic("t", 1);
    failing.put(0, Errors.NOT_LEADER_OR_FOLLOWER);
    FetchRequestData data = fetch("", 0);
    data.topics().get(0).setTopicId(id);

    FetchResponseData response = ask(data, 16);

    assertThat(part(response, 0).currentLeader().leaderId()).isEqualTo(ApiBench.OTHER);
    assertThat(part(response, 0).currentLeader().leaderEpoch()).isEqualTo(9);
    assertThat(response.nodeEndpoints().find(ApiBench.OTHER).port()).isEqualTo(9093);
    assertThat(ApiBench.encode(response, 16).remaining()).isPositive();
  }

  @Test
  void shouldReadToTheLogEndForReplicas() {
    Uuid id = bench.topic("t", 1);
    available.put(0, 10);
    FetchRequestData data = fetch("", 0);
    data.topics().get(0).setTopicId(id);
    data.replicaState().setReplicaId(3);

    ask(data, 17);

    assertThat(bench.shards.asked(Read.class).get(0).isolation()).isEqualTo(Isolation.LOG_END);
  }

  @Test
  void shouldAnswerUnknownIdsAndForgottenSessions() {
    FetchRequestData byId = fetch("", 0);
    byId.topics().get(0).setTopicId(Uuid.randomUuid());

    FetchResponseData unknownId = ask(byId, 13);
    FetchResponseData unknownSession = ask(fetch("t", 0).setSessionId(77).setSessionEpoch(3), 12);

    assertThat(part(unknownId, 0).errorCode()).isEqualTo(Errors.UNKNOWN_TOPIC_ID.code());
    assertThat(unknownSession.errorCode()).isEqualTo(Errors.FETCH_SESSION_ID_NOT_FOUND.code());
    assertThat(unknownSession.responses()).isEmpty();
  }

  @Test
  void shouldRefuseAnOldEpochOfASession() {
    bench.topic("t", 1);
    available.put(0, 10);
    int id = ask(fetch("t", 0).setSessionEpoch(0), 12).sessionId();

    ask(fetch("t", 0).setSessionId(id).setSessionEpoch(1), 12);
    FetchResponseData repeated = ask(fetch("t", 0).setSessionId(id).setSessionEpoch(1), 12);

    assertThat(repeated.errorCode()).isEqualTo(Errors.INVALID_FETCH_SESSION_EPOCH.code());
  }

  @Test
  void shouldServeWithoutASessionWhenNoSlotIsFree() {
    bench.topic("t", 1);
    available.put(0, 10);
    while (bench.slots.take()) {
      continue;
    }

    FetchResponseData response = ask(fetch("t", 0).setSessionEpoch(0), 12);

    assertThat(response.sessionId()).isZero();
    assertThat(part(response, 0).records().sizeInBytes()).isEqualTo(10);
  }

  @Test
  void shouldKeepZstdFromClientsThatCannotReadIt(@TempDir Path folder) throws IOException {
    bench.topic("t", 2);
    bench.topic("z", 1);
    bench.configs.put(
        "z", TopicConfigs.effective(Map.of(), Map.of(), Map.of("compression.type", "zstd")));
    MemoryRecords records =
        MemoryRecords.withRecords(Compression.zstd().build(), new SimpleRecord(new byte[100]));
    Path log = folder.resolve("log");
    Files.write(log, bytes(records.buffer()));
    file = FileChannel.open(log, StandardOpenOption.READ);
    available.put(0, records.sizeInBytes());

    FetchRequestData data = fetch("t", 0);
    data.topics().add(fetch("z", 0).topics().get(0));
    Future<ApiResponse> old = start(data, 9);
    runCpu();
    FetchResponseData told = done(old);
    FetchResponseData newer = ask(fetch("t", 0), 10);

    assertThat(part(told, 0).errorCode()).isEqualTo(Errors.UNSUPPORTED_COMPRESSION_TYPE.code());
    assertThat(told.responses().get(1).partitions().get(0).errorCode())
        .isEqualTo(Errors.UNSUPPORTED_COMPRESSION_TYPE.code());
    assertThat(part(newer, 0).errorCode()).isZero();
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
