package io.milena.partition.shard;

import static io.milena.partition.shard.ShardFixture.BROKER;
import static io.milena.partition.shard.ShardFixture.TOPIC;
import static io.milena.partition.shard.ShardFixture.TOPIC_ID;
import static io.milena.partition.shard.ShardFixture.get;
import static io.milena.partition.shard.ShardFixture.image;
import static io.milena.partition.shard.ShardFixture.position;
import static io.milena.partition.shard.ShardFixture.values;
import static org.assertj.core.api.Assertions.assertThat;

import io.milena.config.TopicConfig;
import io.milena.partition.PartitionMessages;
import io.milena.partition.PartitionMessages.AwaitGrowthReply;
import io.milena.partition.PartitionMessages.CancelAwait;
import io.milena.partition.PartitionMessages.DeleteRecords;
import io.milena.partition.PartitionMessages.DescribeProducers;
import io.milena.partition.PartitionMessages.EpochEnd;
import io.milena.partition.PartitionMessages.Isolation;
import io.milena.partition.PartitionMessages.ListOffsets;
import io.milena.partition.PartitionMessages.PartitionDeleteRecords;
import io.milena.partition.PartitionMessages.PartitionDeleteRecordsResult;
import io.milena.partition.PartitionMessages.PartitionEpochEnd;
import io.milena.partition.PartitionMessages.PartitionEpochEndResult;
import io.milena.partition.PartitionMessages.PartitionListOffsets;
import io.milena.partition.PartitionMessages.PartitionListOffsetsResult;
import io.milena.partition.PartitionMessages.PartitionName;
import io.milena.partition.PartitionMessages.PartitionProducers;
import io.milena.partition.PartitionMessages.PartitionRead;
import io.milena.partition.PartitionMessages.PartitionReadResult;
import io.milena.partition.PartitionMessages.Read;
import io.milena.partition.PartitionMessages.Stop;
import io.milena.partition.PartitionMessages.StopPartition;
import io.vertx.core.Future;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

class ReadStoriesTest extends ShardStories {
  @Test
  void shouldSayWhenAPartitionIsUnknown() {
    PartitionReadResult read = shard.read(0);

    assertThat(read.error()).isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
  }

  @Test
  void shouldRefuseTheIdOfAnotherTopic() {
    shard.lead();
    PartitionRead wrong = new PartitionRead(TOPIC, 0, Uuid.randomUuid(), 0, 100, -1, -1);

    PartitionReadResult read = shard.read(wrong, Isolation.READ_UNCOMMITTED);

    assertThat(read.error()).isEqualTo(Errors.INCONSISTENT_TOPIC_ID);
  }

  @Test
  void shouldRefuseOffsetsOutsideTheLog() {
    shard.lead();
    shard.appended(Batches.plain("a"));

    PartitionReadResult beyond = shard.read(2);

    assertThat(beyond.error()).isEqualTo(Errors.OFFSET_OUT_OF_RANGE);
    assertThat(shard.read(-1).error()).isEqualTo(Errors.OFFSET_OUT_OF_RANGE);
    assertThat(shard.read(1).error()).isEqualTo(Errors.NONE);
  }

  @Test
  void shouldGiveOneBatchAboveTheBudgetAndOnlyOffsetsAfterwards() {
    shard.lead();
    shard.appended(Batches.plain("a"));
    shard.appended(Batches.plain("b"));
    Read tiny = new Read(List.of(position(0), position(1)), 10, true, Isolation.READ_UNCOMMITTED);

    List<PartitionReadResult> read = get(shard.client.read(0, tiny)).results();

    assertThat(values(read.get(0))).containsExactly("0=a");
    assertThat(read.get(1).records()).isNull();
    assertThat(read.get(1).highWatermark()).isEqualTo(2);
  }

  @Test
  void shouldHideOpenTransactionsFromCommittedReaders() {
    shard.lead();
    shard.appended(Batches.plain("a"));
    shard.appended(Batches.transactional(9, 0, "open"));

    PartitionReadResult read = shard.read(position(0), Isolation.READ_COMMITTED);

    assertThat(read.lastStableOffset()).isEqualTo(1);
    assertThat(values(read)).containsExactly("0=a");
  }

  // ---- long polls -----------------------------------------------------------------------------

  @Test
  void shouldWakeALongPollWhenARecordIsCommitted() {
    shard.lead();
    Future<AwaitGrowthReply> poll = shard.await(position(0), 60_000, null);

    shard.appended(Batches.plain("a"));

    assertThat(get(poll).satisfied()).isTrue();
  }

  @Test
  void shouldAnswerALongPollAtItsDeadline() {
    shard.lead();

    AwaitGrowthReply reply = get(shard.await(position(0), 30, null));

    assertThat(reply.satisfied()).isFalse();
  }

  @Test
  void shouldAnswerALongPollAtOnceWhenThereIsSomethingAlready() {
    shard.lead();
    shard.appended(Batches.plain("a"));

    AwaitGrowthReply reply = get(shard.await(position(0), 60_000, null));

    assertThat(reply.satisfied()).isTrue();
  }

  @Test
  void shouldWakeALongPollWhenLeadershipMoves() {
    shard.lead();
    Future<AwaitGrowthReply> poll = shard.await(position(0), 60_000, null);

    shard.become(image(2, 4, BOTH), TopicConfig.defaults());

    assertThat(get(poll).satisfied()).isTrue();
    assertThat(shard.read(0).error()).isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER);
  }

  @Test
  void shouldEndALongPollThatIsCancelled() {
    shard.lead();
    Object key = new Object();
    Future<AwaitGrowthReply> poll = shard.await(position(0), 60_000, key);

    get(shard.client.cancelAwait(0, new CancelAwait(key)));

    assertThat(get(poll).satisfied()).isFalse();
  }

  @Test
  void shouldWakeALongPollAndForgetThePartitionWhenItIsDeleted() {
    shard.lead();
    Future<AwaitGrowthReply> poll = shard.await(position(0), 60_000, null);
    Stop delete = new Stop(List.of(new StopPartition(TOPIC, 0, true)));

    List<Errors> stopped = get(shard.client.stop(0, delete)).results();

    assertThat(stopped).containsExactly(Errors.NONE);
    assertThat(get(poll).satisfied()).isTrue();
    assertThat(logs.log().deleted()).isTrue();
    assertThat(shard.read(0).error()).isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
  }

  @Test
  void shouldPutTheLogAsideWhenItsTopicWasMadeAnew() {
    shard.lead();
    shard.appended(Batches.plain("old"));
    PartitionMessages.BecomePartition anew =
        new PartitionMessages.BecomePartition(
            TOPIC, Uuid.randomUuid(), image(BROKER, 0, ALONE), BROKER, TopicConfig.defaults());

    List<Errors> results =
        get(shard.client.become(0, new PartitionMessages.Become(List.of(anew)))).results();

    assertThat(results).containsExactly(Errors.NONE);
    assertThat(logs.opened).hasSize(2);
    assertThat(logs.opened.get(0).closed()).isTrue();
    assertThat(shard.read(0).error()).isEqualTo(Errors.INCONSISTENT_TOPIC_ID);
  }

  // ---- epochs -----------------------------------------------------------------------------------

  private static PartitionRead withEpochs(long offset, int current, int lastFetched) {
    return new PartitionRead(TOPIC, 0, TOPIC_ID, offset, 1 << 20, current, lastFetched);
  }

  @Test
  void shouldFenceReadersByTheirLeaderEpoch() {
    shard.lead();

    PartitionReadResult old = shard.read(withEpochs(0, 2, -1), Isolation.READ_UNCOMMITTED);

    assertThat(old.error()).isEqualTo(Errors.FENCED_LEADER_EPOCH);
    assertThat(shard.read(withEpochs(0, 4, -1), Isolation.READ_UNCOMMITTED).error())
        .isEqualTo(Errors.UNKNOWN_LEADER_EPOCH);
    assertThat(shard.read(withEpochs(0, 3, -1), Isolation.READ_UNCOMMITTED).error())
        .isEqualTo(Errors.NONE);
  }

  @Test
  void shouldTellAReaderWhereItsLogDiverges() {
    shard.lead();
    shard.appended(Batches.plain("a"));
    shard.become(image(BROKER, 5, ALONE), TopicConfig.defaults());
    shard.appended(Batches.plain("b"));

    PartitionReadResult read = shard.read(withEpochs(3, -1, 3), Isolation.LOG_END);

    assertThat(read.error()).isEqualTo(Errors.NONE);
    assertThat(read.records()).isNull();
    assertThat(read.divergingEpoch()).isEqualTo(3);
    assertThat(read.divergingEndOffset()).isEqualTo(1);
  }

  @Test
  void shouldTellWhereAnEpochEnded() {
    shard.lead();
    shard.appended(Batches.plain("a", "b"));
    shard.become(image(BROKER, 5, ALONE), TopicConfig.defaults());
    EpochEnd ask = new EpochEnd(List.of(new PartitionEpochEnd(TOPIC, 0, -1, 4)));

    PartitionEpochEndResult end = get(shard.client.epochEnd(0, ask)).results().get(0);

    assertThat(end).isEqualTo(new PartitionEpochEndResult(Errors.NONE, 3, 2));
  }

  @Test
  void shouldIgnoreAnOlderImage() {
    shard.lead();

    Errors result = shard.become(image(2, 2, BOTH), TopicConfig.defaults());

    assertThat(result).isEqualTo(Errors.FENCED_LEADER_EPOCH);
    assertThat(shard.appended(Batches.plain("a")).error()).isEqualTo(Errors.NONE);
  }

  // ---- offsets and administration ---------------------------------------------------------------

  private PartitionListOffsetsResult offset(long timestampMs, Isolation isolation) {
    ListOffsets ask =
        new ListOffsets(List.of(new PartitionListOffsets(TOPIC, 0, -1, timestampMs)), isolation);
    return get(shard.client.listOffsets(0, ask)).results().get(0);
  }

  private static PartitionListOffsetsResult found(long offset, long timestampMs, int epoch) {
    return new PartitionListOffsetsResult(Errors.NONE, offset, timestampMs, epoch);
  }

  @Test
  void shouldAnswerEverySpecialTimestamp() {
    shard.lead();
    shard.appended(Batches.at(100, "a"));
    shard.appended(Batches.at(300, "b"));
    shard.appended(Batches.at(200, "c"));
    shard.appended(Batches.transactional(9, 0, "open"));
    Isolation all = Isolation.READ_UNCOMMITTED;

    PartitionListOffsetsResult latest = offset(-1, all);

    assertThat(latest).isEqualTo(found(4, -1, 3));
    assertThat(offset(-1, Isolation.READ_COMMITTED)).isEqualTo(found(3, -1, 3));
    assertThat(offset(-2, all)).isEqualTo(found(0, -1, 3));
    assertThat(offset(-3, Isolation.READ_COMMITTED)).isEqualTo(found(-1, -1, -1));
    assertThat(offset(-3, all)).isEqualTo(found(3, 1_000, 3));
    assertThat(offset(-4, all)).isEqualTo(found(0, -1, 3));
    assertThat(offset(-5, all)).isEqualTo(found(-1, -1, -1));
    assertThat(offset(-6, all)).isEqualTo(found(-1, -1, -1));
    assertThat(offset(150, all)).isEqualTo(found(1, 300, 3));
    assertThat(offset(5_000, all)).isEqualTo(found(-1, -1, -1));
  }

  @Test
  void shouldHideTheLatestOffsetUntilTheFormerEpochsAreCommitted() {
    shard.become(image(BROKER, 3, BOTH), TopicConfig.defaults());
    get(shard.append(Batches.plain("a"), 1));

    shard.become(image(BROKER, 4, BOTH), TopicConfig.defaults());

    assertThat(offset(-1, Isolation.READ_UNCOMMITTED).error())
        .isEqualTo(Errors.OFFSET_NOT_AVAILABLE);
    assertThat(offset(-1, Isolation.LOG_END).offset()).isEqualTo(1);
  }

  private PartitionDeleteRecordsResult deleteUpTo(long offset) {
    DeleteRecords ask =
        new DeleteRecords(List.of(new PartitionDeleteRecords(TOPIC, 0, offset)), Long.MAX_VALUE);
    return get(shard.client.deleteRecords(0, ask)).results().get(0);
  }

  @Test
  void shouldMoveTheLogStartUpToTheHighWatermarkAndNoFurther() {
    shard.lead();
    shard.appended(Batches.plain("a", "b"));

    PartitionDeleteRecordsResult deleted = deleteUpTo(-1);

    assertThat(deleted).isEqualTo(new PartitionDeleteRecordsResult(Errors.NONE, 2));
    assertThat(deleteUpTo(3).error()).isEqualTo(Errors.OFFSET_OUT_OF_RANGE);
    assertThat(shard.read(0).error()).isEqualTo(Errors.OFFSET_OUT_OF_RANGE);
  }

  @Test
  void shouldDescribeActiveProducers() {
    shard.lead();
    shard.appended(Batches.idempotent(7, 0, "a", "b"));
    DescribeProducers ask = new DescribeProducers(List.of(new PartitionName(TOPIC, 0)));

    PartitionProducers described = get(shard.client.describeProducers(0, ask)).results().get(0);

    assertThat(described.error()).isEqualTo(Errors.NONE);
    assertThat(described.producers()).hasSize(1);
    assertThat(described.producers().get(0).producerId()).isEqualTo(7);
    assertThat(described.producers().get(0).lastSequence()).isEqualTo(1);
  }
}
