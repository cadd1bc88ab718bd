package io.milena.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.config.TopicConfigs;
import io.milena.partition.PartitionMessages.ActiveProducer;
import io.milena.partition.PartitionMessages.DeleteRecords;
import io.milena.partition.PartitionMessages.DeleteRecordsReply;
import io.milena.partition.PartitionMessages.DescribeLogs;
import io.milena.partition.PartitionMessages.DescribeLogsReply;
import io.milena.partition.PartitionMessages.DescribeProducers;
import io.milena.partition.PartitionMessages.DescribeProducersReply;
import io.milena.partition.PartitionMessages.EpochEnd;
import io.milena.partition.PartitionMessages.EpochEndReply;
import io.milena.partition.PartitionMessages.Isolation;
import io.milena.partition.PartitionMessages.ListOffsets;
import io.milena.partition.PartitionMessages.ListOffsetsReply;
import io.milena.partition.PartitionMessages.LogDescription;
import io.milena.partition.PartitionMessages.PartitionDeleteRecordsResult;
import io.milena.partition.PartitionMessages.PartitionEpochEndResult;
import io.milena.partition.PartitionMessages.PartitionListOffsetsResult;
import io.milena.partition.PartitionMessages.PartitionProducers;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.errors.CoordinatorLoadInProgressException;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData.DescribableLogDirTopic;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.message.DescribeProducersRequestData;
import org.apache.kafka.common.message.DescribeProducersRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeProducersResponseData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The small APIs of the data path. */
class OffsetApisTest {
  private final ApiBench bench = new ApiBench(2);

  @AfterEach
  void bodiesAreReleased() {
    bench.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 4, 7, 11})
  void shouldListOffsetsInTheOrderOfTheRequest(int version) {
    bench.topic("t", 3);
    bench.shards.on(
        ListOffsets.class,
        (shard, ask) ->
            Future.succeededFuture(
                new ListOffsetsReply(
                    ask.parts().stream()
                        .map(
                            p ->
                                new PartitionListOffsetsResult(
                                    Errors.NONE, 10 + p.partition(), 99, 5))
                        .toList())));

    ListOffsetsResponseData response =
        bench.ask(
            new ListOffsetsApi(bench::image, bench.shards),
            listOffsets(-1, 2, 1, 0, 1, 8),
            version);

    List<ListOffsetsPartitionResponse> parts = response.topics().get(0).partitions();
    assertThat(parts)
        .extracting(ListOffsetsPartitionResponse::offset)
        .containsExactly(12L, 11L, 10L, -1L, -1L);
    assertThat(parts)
        .extracting(ListOffsetsPartitionResponse::errorCode)
        .containsExactly(
            (short) 0,
            (short) 0,
            (short) 0,
            Errors.INVALID_REQUEST.code(),
            Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
    assertThat(parts.get(0).leaderEpoch()).isEqualTo(version < 4 ? -1 : 5);
    assertThat(bench.shards.asked(ListOffsets.class))
        .hasSize(2)
        .allMatch(ask -> ask.isolation() == Isolation.READ_UNCOMMITTED);
  }

  @ParameterizedTest
  @CsvSource({
    "-2,1,true",
    "-3,6,false",
    "-3,7,true",
    "-4,7,false",
    "-5,9,true",
    "-6,10,false",
    "-6,11,true",
    "-7,11,false",
    "-9223372036854775808,11,false"
  })
  void shouldKnowSpecialTimestampsFromTheirVersionsOn(long timestamp, int version, boolean known) {
    bench.topic("t", 1);
    bench.shards.on(
        ListOffsets.class,
        (shard, ask) ->
            Future.succeededFuture(
                new ListOffsetsReply(
                    List.of(new PartitionListOffsetsResult(Errors.NONE, 1, 1, 1)))));

    ListOffsetsResponseData response =
        bench.ask(
            new ListOffsetsApi(bench::image, bench.shards), listOffsets(timestamp, 0), version);

    assertThat(response.topics().get(0).partitions().get(0).errorCode())
        .isEqualTo(known ? 0 : Errors.UNSUPPORTED_VERSION.code());
  }

  private static ListOffsetsRequestData listOffsets(long timestamp, int... partitions) {
    ListOffsetsTopic topic = new ListOffsetsTopic().setName("t");
    for (int p : partitions) {
      topic
          .partitions()
          .add(new ListOffsetsPartition().setPartitionIndex(p).setTimestamp(timestamp));
    }
    return new ListOffsetsRequestData().setReplicaId(-1).setTopics(List.of(topic));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void shouldTellWhereAnEpochEnded(int version) {
    bench.topic("t", 2);
    bench.shards.on(
        EpochEnd.class,
        (shard, ask) ->
            Future.succeededFuture(
                new EpochEndReply(
                    List.of(new PartitionEpochEndResult(Errors.NONE, 4, 70 + shard)))));
    OffsetForLeaderEpochRequestData data = new OffsetForLeaderEpochRequestData();
    data.topics()
        .add(
            new OffsetForLeaderTopic()
                .setTopic("t")
                .setPartitions(
                    List.of(
                        new OffsetForLeaderPartition().setPartition(1).setLeaderEpoch(4),
                        new OffsetForLeaderPartition().setPartition(0).setLeaderEpoch(4))));

    OffsetForLeaderEpochResponseData response =
        bench.ask(new OffsetForLeaderEpochApi(bench::image, bench.shards), data, version);

    assertThat(response.topics().find("t").partitions())
        .extracting(end -> end.partition() + ":" + end.leaderEpoch() + ":" + end.endOffset())
        .containsExactly("1:4:71", "0:4:70");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void shouldDeleteRecordsButNotOfInternalOrCompactedTopics(int version) {
    bench.topic("t", 1);
    bench.topic("__consumer_offsets", 1);
    bench.topic("c", 1);
    bench.configs.put(
        "c", TopicConfigs.effective(Map.of(), Map.of(), Map.of("cleanup.policy", "compact")));
    bench.shards.on(
        DeleteRecords.class,
        (shard, ask) ->
            Future.succeededFuture(
                new DeleteRecordsReply(
                    List.of(new PartitionDeleteRecordsResult(Errors.NONE, 33)))));
    DeleteRecordsRequestData data = new DeleteRecordsRequestData().setTimeoutMs(1000);
    for (String name : List.of("t", "__consumer_offsets", "c", "unknown")) {
      data.topics()
          .add(
              new DeleteRecordsTopic()
                  .setName(name)
                  .setPartitions(
                      List.of(new DeleteRecordsPartition().setPartitionIndex(0).setOffset(33))));
    }

    DeleteRecordsResponseData response =
        bench.ask(
            new DeleteRecordsApi(bench::image, bench.shards, bench::config, bench.clock),
            data,
            version);

    assertThat(response.topics().find("t").partitions().find(0).lowWatermark()).isEqualTo(33);
    assertThat(response.topics())
        .extracting(topic -> Errors.forCode(topic.partitions().find(0).errorCode()))
        .containsExactly(
            Errors.NONE,
            Errors.INVALID_TOPIC_EXCEPTION,
            Errors.POLICY_VIOLATION,
            Errors.UNKNOWN_TOPIC_OR_PARTITION);
    assertThat(bench.shards.asked(DeleteRecords.class)).hasSize(1);
  }

  @Test
  void shouldDescribeProducers() {
    bench.topic("t", 2);
    bench.shards.on(
        DescribeProducers.class,
        (shard, ask) ->
            Future.succeededFuture(
                new DescribeProducersReply(
                    List.of(
                        shard == 0
                            ? new PartitionProducers(
                                Errors.NONE, List.of(new ActiveProducer(8, 1, 4, 99, -1, -1)))
                            : new PartitionProducers(Errors.NOT_LEADER_OR_FOLLOWER, List.of())))));
    DescribeProducersRequestData data = new DescribeProducersRequestData();
    data.topics().add(new TopicRequest().setName("t").setPartitionIndexes(List.of(0, 1)));

    DescribeProducersResponseData response =
        bench.ask(new DescribeProducersApi(bench::image, bench.shards), data, 0);

    assertThat(response.topics().get(0).partitions().get(0).activeProducers())
        .singleElement()
        .satisfies(producer -> assertThat(producer.lastSequence()).isEqualTo(4));
    assertThat(response.topics().get(0).partitions().get(1).errorCode())
        .isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER.code());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 5})
  void shouldDescribeLogDirectories(int version) {
    bench.shards.on(
        DescribeLogs.class,
        (shard, ask) ->
            Future.succeededFuture(
                new DescribeLogsReply(
                    List.of(new LogDescription("t", shard, "/a", 500 + shard, 0, 9, 9, true)))));
    DescribeLogDirsApi api =
        new DescribeLogDirsApi(
            bench.shards,
            () ->
                Future.succeededFuture(
                    List.of(
                        new LogDirSpaces.Space("/a", true, 1000, 400),
                        new LogDirSpaces.Space("/b", false, -1, -1))));

    DescribeLogDirsResponseData all =
        bench.ask(api, new DescribeLogDirsRequestData().setTopics(null), version);
    DescribeLogDirsRequestData one = new DescribeLogDirsRequestData();
    one.topics().add(new DescribableLogDirTopic().setTopic("t").setPartitions(List.of(1)));
    DescribeLogDirsResponseData some = bench.ask(api, one, version);
    DescribeLogDirsResponseData none = bench.ask(api, new DescribeLogDirsRequestData(), version);

    assertThat(all.results().get(0).topics().get(0).partitions()).hasSize(2);
    assertThat(all.results().get(0).totalBytes()).isEqualTo(1000);
    assertThat(all.results().get(1).errorCode()).isEqualTo(Errors.KAFKA_STORAGE_ERROR.code());
    assertThat(some.results().get(0).topics().get(0).partitions())
        .singleElement()
        .satisfies(part -> assertThat(part.partitionSize()).isEqualTo(501));
    assertThat(none.results().get(0).topics()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 4, 5})
  void shouldGiveEachIdempotentProducerItsOwnId(int version) {
    long[] next = {41};
    InitProducerIdApi api = new InitProducerIdApi(() -> Future.succeededFuture(next[0]++));

    InitProducerIdResponseData first = bench.ask(api, idempotent(), version);
    InitProducerIdResponseData second = bench.ask(api, idempotent(), version);

    assertThat(first.producerId()).isEqualTo(41);
    assertThat(first.producerEpoch()).isZero();
    assertThat(second.producerId()).isEqualTo(42);
  }

  private static InitProducerIdRequestData idempotent() {
    return new InitProducerIdRequestData().setTransactionalId(null);
  }

  @Test
  void shouldEndTransactionalProducersAndTellAFailureToAllocate() {
    InitProducerIdApi api =
        new InitProducerIdApi(
            () -> Future.failedFuture(new CoordinatorLoadInProgressException("no block")));

    InitProducerIdResponseData transactional =
        bench.ask(api, new InitProducerIdRequestData().setTransactionalId("tx"), 4);
    InitProducerIdResponseData half = bench.ask(api, idempotent().setProducerId(5), 4);
    InitProducerIdResponseData failed = bench.ask(api, idempotent(), 4);

    assertThat(transactional.errorCode()).isEqualTo(Errors.UNSUPPORTED_VERSION.code());
    assertThat(transactional.producerId()).isEqualTo(-1);
    assertThat(half.errorCode()).isEqualTo(Errors.INVALID_REQUEST.code());
    assertThat(failed.errorCode()).isEqualTo(Errors.COORDINATOR_LOAD_IN_PROGRESS.code());
  }
}
