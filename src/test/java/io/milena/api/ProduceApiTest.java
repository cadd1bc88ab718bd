package io.milena.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.config.TopicConfig;
import io.milena.config.TopicConfigs;
import io.milena.partition.PartitionMessages.Append;
import io.milena.partition.PartitionMessages.AppendReply;
import io.milena.partition.PartitionMessages.PartitionAppend;
import io.milena.partition.PartitionMessages.PartitionAppendResult;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProduceApiTest {
  private final ApiBench bench = new ApiBench(2);
  private final ProduceApi api =
      new ProduceApi(
          bench::image, bench.shards, bench::config, bench.cpu, bench.clock, bench.meters);

  private final List<ByteBuf> handedOver = new ArrayList<>();

  ProduceApiTest() {
    bench.shards.on(Append.class, (shard, append) -> Future.succeededFuture(accept(append)));
  }

  /** The shard owns the buffers: it takes them and says where they went. */
  private AppendReply accept(Append append) {
    List<PartitionAppendResult> results = new ArrayList<>();
    for (PartitionAppend part : append.parts()) {
      handedOver.add(part.records());
      results.add(new PartitionAppendResult(Errors.NONE, 100 + part.partition(), 3, null, -1, -1));
    }
    return new AppendReply(results);
  }

  private AppendReply fail(Append append, Errors error) {
    append.parts().forEach(part -> handedOver.add(part.records()));
    return new AppendReply(
        append.parts().stream()
            .map(part -> new PartitionAppendResult(error, -1, -1, "because", ApiBench.OTHER, 9))
            .toList());
  }

  @AfterEach
  void everyBufferHasItsOwner() {
    handedOver.forEach(ByteBuf::release);
    bench.close();
  }

  private MemoryRecords records(Compression compression, String... values) {
    SimpleRecord[] records = new SimpleRecord[values.length];
    for (int i = 0; i < values.length; i++) {
      records[i] = new SimpleRecord(bench.clock.nowMs, "k".getBytes(), values[i].getBytes());
    }
    return MemoryRecords.withRecords(compression, records);
  }

  private MemoryRecords plain() {
    return records(Compression.NONE, "one", "two");
  }

  /** Big enough when decompressed that it is validated off the loop. */
  private MemoryRecords costly() {
    return records(Compression.gzip().build(), "x".repeat(100_000));
  }

  private static ProduceRequestData produce(int acks, TopicProduceData... topics) {
    ProduceRequestData data = new ProduceRequestData().setAcks((short) acks).setTimeoutMs(1500);
    for (TopicProduceData topic : topics) {
      data.topicData().add(topic);
    }
    return data;
  }

  private static TopicProduceData topic(String name, PartitionProduceData... parts) {
    return new TopicProduceData().setName(name).setPartitionData(List.of(parts));
  }

  private static PartitionProduceData part(int index, BaseRecords records) {
    return new PartitionProduceData().setIndex(index).setRecords(records);
  }

  private static PartitionProduceResponse answer(ProduceResponseData response, int topic, int at) {
    return response.responses().stream().toList().get(topic).partitionResponses().get(at);
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 7, 8, 9, 10, 12})
  void shouldHandTheClientsOwnBytesToTheShardAndAnswerWithOffsets(int version) {
    bench.topic("t", 1);
    MemoryRecords records = plain();

    ProduceResponseData response =
        bench.ask(api, produce(-1, topic("t", part(0, records))), version);

    PartitionProduceResponse answer = answer(response, 0, 0);
    assertThat(answer.errorCode()).isZero();
    assertThat(answer.baseOffset()).isEqualTo(100);
    assertThat(answer.logStartOffset()).isEqualTo(3);
    assertThat(answer.logAppendTimeMs()).isEqualTo(-1);
    Append append = bench.shards.asked(Append.class).get(0);
    assertThat(append.acks()).isEqualTo((short) -1);
    assertThat(append.deadlineNs()).isEqualTo(bench.clock.monotonicNs() + 1_500_000_000L);
    PartitionAppend part = append.parts().get(0);
    assertThat(part.records().nioBuffer()).isEqualTo(records.buffer());
    assertThat(part.records().unwrap()).isNotNull();
    assertThat(part.batches()).singleElement().satisfies(b -> assertThat(b.position()).isZero());
    assertThat(part.batches().get(0).recordCount()).isEqualTo(2);
  }

  @Test
  void shouldFindTopicsByIdInVersion13() {
    Uuid id = bench.topic("t", 1);
    Uuid unknown = Uuid.randomUuid();

    ProduceResponseData response =
        bench.ask(
            api,
            produce(
                1,
                topic("", part(0, plain())).setTopicId(id),
                topic("", part(0, plain())).setTopicId(unknown)),
            13);

    assertThat(answer(response, 0, 0).errorCode()).isZero();
    assertThat(answer(response, 1, 0).errorCode()).isEqualTo(Errors.UNKNOWN_TOPIC_ID.code());
    PartitionAppend part = bench.shards.asked(Append.class).get(0).parts().get(0);
    assertThat(part.topic()).isEqualTo("t");
    assertThat(part.topicId()).isEqualTo(id);
  }

  @Test
  void shouldAskEachShardOnceAndMergeInTheOrderOfTheRequest() {
    bench.topic("a", 4);
    bench.topic("b", 4);

    ProduceResponseData response =
        bench.ask(
            api,
            produce(
                1,
                topic("a", part(3, plain()), part(0, plain()), part(9, plain())),
                topic("b", part(2, plain()), part(1, plain()))),
            9);

    assertThat(bench.shards.asked(Append.class)).hasSize(2);
    assertThat(answer(response, 0, 0).baseOffset()).isEqualTo(103);
    assertThat(answer(response, 0, 1).baseOffset()).isEqualTo(100);
    assertThat(answer(response, 0, 2).errorCode())
        .isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
    assertThat(answer(response, 1, 0).baseOffset()).isEqualTo(102);
    assertThat(answer(response, 1, 1).baseOffset()).isEqualTo(101);
  }

  @Test
  void shouldRefuseOnePartitionAndAppendTheOthers() {
    bench.topic("t", 3);
    MemoryRecords broken = plain();
    broken.buffer().put(broken.sizeInBytes() - 1, (byte) 99);

    ProduceResponseData response =
        bench.ask(api, produce(1, topic("t", part(0, broken), part(1, plain()), part(2, null))), 9);

    assertThat(answer(response, 0, 0).errorCode()).isEqualTo(Errors.CORRUPT_MESSAGE.code());
    assertThat(answer(response, 0, 0).errorMessage()).contains("CRC");
    assertThat(answer(response, 0, 1).errorCode()).isZero();
    assertThat(answer(response, 0, 2).errorCode()).isEqualTo(Errors.INVALID_RECORD.code());
    assertThat(bench.meters.of("t").failedProduceRequests.sum()).isEqualTo(2);
    assertThat(bench.meters.of("t").messagesIn.sum()).isEqualTo(2);
  }

  @Test
  void shouldNameTheRecordsThatAreToBlame() {
    bench.topic("t", 1);
    MemoryRecords old =
        MemoryRecords.withRecords(
            Compression.NONE,
            new SimpleRecord(bench.clock.nowMs, "ok".getBytes()),
            new SimpleRecord(bench.clock.nowMs + 7_200_000, "future".getBytes()));

    ProduceResponseData response = bench.ask(api, produce(1, topic("t", part(0, old))), 8);

    PartitionProduceResponse answer = answer(response, 0, 0);
    assertThat(answer.errorCode()).isEqualTo(Errors.INVALID_TIMESTAMP.code());
    assertThat(answer.recordErrors())
        .singleElement()
        .satisfies(e -> assertThat(e.batchIndex()).isEqualTo(1));
  }

  @ParameterizedTest
  @ValueSource(ints = {-2, 2, 100})
  void shouldRefuseOtherAcks(int acks) {
    bench.topic("t", 1);

    ProduceResponseData response = bench.ask(api, produce(acks, topic("t", part(0, plain()))), 9);

    assertThat(answer(response, 0, 0).errorCode()).isEqualTo(Errors.INVALID_REQUIRED_ACKS.code());
    assertThat(bench.shards.asked).isEmpty();
  }

  @Test
  void shouldStayQuietWithAcksZeroWhenAllWentWell() {
    bench.topic("t", 1);

    ApiResponse answer = ask(produce(0, topic("t", part(0, plain()))), 9).result();

    assertThat(answer.message()).isNull();
    assertThat(answer.closeConnection()).isFalse();
  }

  @Test
  void shouldCloseTheConnectionWithAcksZeroWhenSomethingFailed() {
    bench.topic("t", 1);
    bench.shards.on(
        Append.class, (s, a) -> Future.succeededFuture(fail(a, Errors.NOT_LEADER_OR_FOLLOWER)));

    ApiResponse answer = ask(produce(0, topic("t", part(0, plain()))), 9).result();

    assertThat(answer.message()).isNull();
    assertThat(answer.closeConnection()).isTrue();
  }

  @Test
  void shouldNameTheLeaderAndItsAddressFromVersion10() {
    bench.topic("t", 1);
    bench.shards.on(
        Append.class, (s, a) -> Future.succeededFuture(fail(a, Errors.NOT_LEADER_OR_FOLLOWER)));

    ProduceResponseData response = bench.ask(api, produce(1, topic("t", part(0, plain()))), 10);

    PartitionProduceResponse answer = answer(response, 0, 0);
    assertThat(answer.currentLeader().leaderId()).isEqualTo(ApiBench.OTHER);
    assertThat(answer.currentLeader().leaderEpoch()).isEqualTo(9);
    assertThat(response.nodeEndpoints().find(ApiBench.OTHER).host()).isEqualTo("host2");
    assertThat(response.nodeEndpoints().find(ApiBench.OTHER).port()).isEqualTo(9093);
  }

  @Test
  void shouldRefuseInternalTopicsTransactionalIdsAndTransactionalBatches() {
    bench.topic("__consumer_offsets", 1);
    bench.topic("t", 1);
    MemoryRecords transactional =
        MemoryRecords.withTransactionalRecords(
            Compression.NONE, 5, (short) 0, 0, new SimpleRecord(bench.clock.nowMs, new byte[1]));

    ProduceResponseData mixed =
        bench.ask(
            api,
            produce(
                -1,
                topic("__consumer_offsets", part(0, plain())),
                topic("t", part(0, transactional))),
            9);
    ProduceResponseData named =
        bench.ask(api, produce(-1, topic("t", part(0, plain()))).setTransactionalId("tx"), 9);

    assertThat(answer(mixed, 0, 0).errorCode()).isEqualTo(Errors.INVALID_TOPIC_EXCEPTION.code());
    assertThat(answer(mixed, 1, 0).errorCode()).isEqualTo(Errors.INVALID_TXN_STATE.code());
    assertThat(answer(named, 0, 0).errorCode()).isEqualTo(Errors.INVALID_TXN_STATE.code());
    assertThat(answer(named, 0, 0).errorMessage()).contains("transactions");
    assertThat(bench.shards.asked).isEmpty();
  }

  @Test
  void shouldTellTheLogAppendTime() {
    bench.topic("t", 1);
    bench.configs.put("t", with("message.timestamp.type", "LogAppendTime"));

    ProduceResponseData response = bench.ask(api, produce(1, topic("t", part(0, plain()))), 9);

    assertThat(answer(response, 0, 0).logAppendTimeMs()).isEqualTo(bench.clock.nowMs);
  }

  @Test
  void shouldGiveTheShardADirectCopyOfWhatWasRecompressed() {
    bench.topic("t", 1);
    bench.configs.put("t", with("compression.type", "lz4"));

    bench.ask(api, produce(1, topic("t", part(0, plain()))), 9);

    PartitionAppend part = bench.shards.asked(Append.class).get(0).parts().get(0);
    assertThat(part.records().isDirect()).isTrue();
    assertThat(part.batches().get(0).codecId()).isEqualTo(3);
    assertThat(part.batches().get(0).sizeBytes()).isEqualTo(part.records().readableBytes());
    ByteBuffer stored = part.records().nioBuffer();
    assertThat(MemoryRecords.readableRecords(stored).batches().iterator().next().isValid())
        .isTrue();
  }

  @Test
  void shouldKeepTheOrderOfAConnectionWhileABatchIsValidatedOffTheLoop() {
    bench.topic("t", 4);

    Future<ApiResponse> first = ask(produce(1, topic("t", part(0, costly()))), 9);
    Future<ApiResponse> second = ask(produce(1, topic("t", part(1, plain()))), 9);
    Future<ApiResponse> third = ask(produce(1, topic("t", part(2, costly()))), 9);
    assertThat(bench.shards.asked).isEmpty();
    bench.cpu.runLast();
    assertThat(bench.shards.asked).isEmpty();
    bench.cpu.runLast();

    assertThat(List.of(first, second, third)).allMatch(Future::succeeded);
    assertThat(bench.shards.asked(Append.class))
        .extracting(append -> append.parts().get(0).partition())
        .containsExactly(0, 1, 2);
    assertThat(bench.connection.stageOne().busy()).isFalse();
  }

  @Test
  void shouldAnswerAPartitionWithAnErrorWhenItsShardIsGone() {
    bench.topic("t", 2);
    bench.shards.on(
        Append.class,
        (shard, append) -> {
          if (shard == 0) {
            return Future.succeededFuture(accept(append));
          }
          append.parts().forEach(part -> handedOver.add(part.records()));
          return Future.failedFuture(new IllegalStateException("stopped"));
        });

    ProduceResponseData response =
        bench.ask(api, produce(1, topic("t", part(0, plain()), part(1, plain()))), 9);

    assertThat(answer(response, 0, 0).errorCode()).isZero();
    assertThat(answer(response, 0, 1).errorCode()).isEqualTo(Errors.UNKNOWN_SERVER_ERROR.code());
  }

  @Test
  void shouldAnswerOnlyWhenTheShardDid() {
    bench.topic("t", 1);
    Promise<AppendReply> reply = Promise.promise();
    Append[] seen = new Append[1];
    bench.shards.on(
        Append.class,
        (shard, append) -> {
          seen[0] = append;
          return reply.future();
        });

    Future<ApiResponse> answer = ask(produce(-1, topic("t", part(0, plain()))), 9);
    assertThat(answer.isComplete()).isFalse();
    reply.complete(accept(seen[0]));

    assertThat(answer.succeeded()).isTrue();
  }

  private Future<ApiResponse> ask(ProduceRequestData data, int version) {
    return api.handle(bench.request(api.apiKey(), data, version));
  }

  private static TopicConfig with(String name, String value) {
    return TopicConfigs.effective(Map.of(), Map.of(), Map.of(name, value));
  }
}
