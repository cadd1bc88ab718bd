package io.milena.partition.shard;

import static io.milena.partition.shard.ShardFixture.BROKER;
import static io.milena.partition.shard.ShardFixture.TOPIC;
import static io.milena.partition.shard.ShardFixture.TOPIC_ID;
import static io.milena.partition.shard.ShardFixture.get;
import static io.milena.partition.shard.ShardFixture.image;
import static io.milena.partition.shard.ShardFixture.position;
import static io.milena.partition.shard.ShardFixture.values;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.milena.base.Clock;
import io.milena.base.Invariant;
import io.milena.config.TopicConfig;
import io.milena.config.TopicConfigs;
import io.milena.partition.PartitionMessages.AwaitGrowthReply;
import io.milena.partition.PartitionMessages.Configure;
import io.milena.partition.PartitionMessages.Isolation;
import io.milena.partition.PartitionMessages.PartitionAppend;
import io.milena.partition.PartitionMessages.PartitionAppendResult;
import io.milena.partition.PartitionMessages.PartitionReadResult;
import io.milena.storage.OpenLog;
import io.milena.storage.OpenedLog;
import io.milena.storage.directory.StorageOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AppendStoriesTest extends ShardStories {
  @Test
  void shouldReadBackWhatWasProducedWithItsOffsets() {
    shard.lead();
    shard.appended(Batches.plain("a", "b"));
    PartitionAppendResult second = shard.appended(Batches.plain("c"));

    PartitionReadResult read = shard.read(1);

    assertThat(second.error()).isEqualTo(Errors.NONE);
    assertThat(second.baseOffset()).isEqualTo(2);
    assertThat(read.highWatermark()).isEqualTo(3);
    assertThat(values(read)).containsExactly("0=a", "1=b", "2=c");
  }

  @Test
  void shouldRefuseAnUnknownPartitionAndReleaseTheBuffer() {
    PartitionAppend part = Batches.part(TOPIC, TOPIC_ID, Batches.plain("a"));

    PartitionAppendResult result = get(shard.append(part, 1, Long.MAX_VALUE));

    assertThat(result.error()).isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
    assertThat(part.records().refCnt()).isZero();
  }

  @Test
  void shouldTellWhoLeadsWhenAskedAsAFollower() {
    shard.become(image(2, 4, BOTH), TopicConfig.defaults());
    PartitionAppend part = Batches.part(TOPIC, TOPIC_ID, Batches.plain("a"));

    PartitionAppendResult result = get(shard.append(part, 1, Long.MAX_VALUE));

    assertThat(result.error()).isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER);
    assertThat(result.leaderId()).isEqualTo(2);
    assertThat(result.leaderEpoch()).isEqualTo(4);
    assertThat(part.records().refCnt()).isZero();
  }

  @Test
  void shouldRefuseTheIdOfAnotherTopic() {
    shard.lead();
    PartitionAppend part = Batches.part(TOPIC, Uuid.randomUuid(), Batches.plain("a"));

    PartitionAppendResult result = get(shard.append(part, 1, Long.MAX_VALUE));

    assertThat(result.error()).isEqualTo(Errors.UNKNOWN_TOPIC_ID);
  }

  @Test
  void shouldNotShowARecordBeforeItIsCommitted() {
    shard.become(image(BROKER, 3, BOTH), TopicConfig.defaults());

    PartitionAppendResult written = get(shard.append(Batches.plain("a"), 1));

    assertThat(written.error()).isEqualTo(Errors.NONE);
    assertThat(values(shard.read(0))).isEmpty();
    assertThat(values(shard.read(position(0), Isolation.LOG_END))).containsExactly("0=a");
  }

  // ---- acks=all -------------------------------------------------------------------------------

  @Test
  void shouldRefuseAcksAllWhileTooFewAreInSync() {
    shard.become(image(BROKER, 3, ALONE), withMinInsync(2));

    PartitionAppendResult refused = get(shard.append(Batches.plain("a"), -1));

    assertThat(refused.error()).isEqualTo(Errors.NOT_ENOUGH_REPLICAS);
    assertThat(get(shard.append(Batches.plain("a"), 1)).error()).isEqualTo(Errors.NONE);
  }

  @Test
  void shouldCommitWhatWaitedWhenFewerInSyncAreAskedFor() {
    shard.become(image(BROKER, 3, ALONE), withMinInsync(2));
    get(shard.append(Batches.plain("a"), 1));

    get(shard.client.configure(0, new Configure(Map.of(TOPIC, withMinInsync(1)))));

    assertThat(values(shard.read(0))).containsExactly("0=a");
  }

  private static TopicConfig withMinInsync(int replicas) {
    return TopicConfigs.effective(
        Map.of(), Map.of(), Map.of("min.insync.replicas", String.valueOf(replicas)));
  }

  @Test
  void shouldTimeOutAcksAllWhenAFollowerDoesNotFetch() {
    shard.become(image(BROKER, 3, BOTH), TopicConfig.defaults());
    long soonNs = Clock.system().monotonicNs() + TimeUnit.MILLISECONDS.toNanos(50);

    PartitionAppendResult result = get(shard.append(Batches.plain("a"), -1, soonNs));

    assertThat(result.error()).isEqualTo(Errors.REQUEST_TIMED_OUT);
  }

  @Test
  void shouldAnswerAcksAllWhenTheSlowFollowerLeavesTheIsr() {
    shard.become(image(BROKER, 3, BOTH), TopicConfig.defaults());
    Future<PartitionAppendResult> waiting = shard.append(Batches.plain("a"), -1);

    shard.become(image(BROKER, 3, ALONE), TopicConfig.defaults());

    assertThat(get(waiting).error()).isEqualTo(Errors.NONE);
    assertThat(values(shard.read(0))).containsExactly("0=a");
  }

  @Test
  void shouldTellThoseWhoWaitForCommitWhenLeadershipIsLost() {
    shard.become(image(BROKER, 3, BOTH), TopicConfig.defaults());
    Future<PartitionAppendResult> waiting = shard.append(Batches.plain("a"), -1);

    shard.become(image(2, 4, BOTH), TopicConfig.defaults());

    assertThat(get(waiting).error()).isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER);
    assertThat(get(waiting).leaderId()).isEqualTo(2);
  }

  @Test
  void shouldNotPromiseABatchOfAFormerEpoch() {
    shard.lead();
    holdWrites();
    Future<PartitionAppendResult> staged = shard.append(Batches.plain("a"), -1);
    shard.become(image(BROKER, 4, ALONE), TopicConfig.defaults());

    finishWrites();

    assertThat(get(staged).error()).isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER);
    assertThat(values(shard.read(0))).containsExactly("0=a");
  }

  @Test
  void shouldGiveBackTheRoomOfABatchThatAnErrorKeptFromTheLog() {
    shard.lead();
    shard.onShard(() -> logs.log().breakNextCheck());
    PartitionAppend part = Batches.part(TOPIC, TOPIC_ID, Batches.plain("a"));

    PartitionAppendResult broken = get(shard.append(part, 1, Long.MAX_VALUE));

    assertThat(broken.error()).isEqualTo(Errors.UNKNOWN_SERVER_ERROR);
    assertThat(part.records().refCnt()).isZero();
    assertThat(get(shard.client.measure(0)).stagedBytes()).isZero();
  }

  // ---- idempotence ----------------------------------------------------------------------------

  @Test
  void shouldAnswerTheRepeatOfABatchThatTheLogBrokeOver() {
    shard.lead();
    shard.onShard(() -> logs.log().breakNextAppend());
    PartitionAppendResult broken = shard.appended(Batches.idempotent(7, 0, "a"));

    PartitionAppendResult repeated = shard.appended(Batches.idempotent(7, 0, "a"));

    assertThat(broken.error()).isEqualTo(Errors.UNKNOWN_SERVER_ERROR);
    assertThat(repeated.error()).isEqualTo(Errors.KAFKA_STORAGE_ERROR);
  }

  @Test
  void shouldAnswerARepeatedBatchWithItsOldOffset() {
    shard.lead();
    shard.appended(Batches.plain("first"));
    shard.appended(Batches.idempotent(7, 0, "a", "b"));

    PartitionAppendResult repeated = shard.appended(Batches.idempotent(7, 0, "a", "b"));

    assertThat(repeated.error()).isEqualTo(Errors.NONE);
    assertThat(repeated.baseOffset()).isEqualTo(1);
    assertThat(values(shard.read(1))).containsExactly("1=a", "2=b");
  }

  @Test
  void shouldAnswerARepeatOnlyWhenItsOriginalIsWritten() {
    shard.lead();
    holdWrites();
    Future<PartitionAppendResult> original = shard.append(Batches.idempotent(7, 0, "a"), -1);
    Future<PartitionAppendResult> repeat = shard.append(Batches.idempotent(7, 0, "a"), -1);
    shard.onShard(() -> assertThat(repeat.isComplete()).isFalse());

    finishWrites();

    assertThat(get(original).baseOffset()).isZero();
    assertThat(get(repeat).baseOffset()).isZero();
    assertThat(values(shard.read(0))).containsExactly("0=a");
  }

  @Test
  void shouldFailARepeatTogetherWithItsOriginalAndTakeTheNextTry() {
    shard.lead();
    holdWrites();
    Future<PartitionAppendResult> original = shard.append(Batches.idempotent(7, 0, "a"), 1);
    Future<PartitionAppendResult> repeat = shard.append(Batches.idempotent(7, 0, "a"), 1);

    shard.onShard(() -> logs.log().failWrites());

    assertThat(get(original).error()).isEqualTo(Errors.KAFKA_STORAGE_ERROR);
    assertThat(get(repeat).error()).isEqualTo(Errors.KAFKA_STORAGE_ERROR);
    assertThat(shard.appended(Batches.idempotent(7, 0, "a")).baseOffset()).isZero();
  }

  @Test
  void shouldRefuseAGapInTheSequence() {
    shard.lead();
    shard.appended(Batches.idempotent(7, 0, "a"));
    PartitionAppend part = Batches.part(TOPIC, TOPIC_ID, Batches.idempotent(7, 5, "f"));

    PartitionAppendResult result = get(shard.append(part, -1, Long.MAX_VALUE));

    assertThat(result.error()).isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
    assertThat(part.records().refCnt()).isZero();
  }

  // ---- sweeps ------------------------------------------------------------------------------

  @Test
  void shouldGoOnSweepingAfterAnErrorOverAPartition() {
    shard.close();
    shard =
        new ShardFixture(
            Vertx.vertx(),
            new PartitionVerticle.Options(
                StorageOptions.defaults(List.of(dir), 1), 1 << 20, 86_400_000, 5, Long.MAX_VALUE),
            vertx -> logs);
    shard.lead();

    shard.onShard(() -> logs.log().breakNextHousekeeping());

    await().until(() -> logs.log().housekeepings() >= 3);
  }

  // ---- bounds and damage ------------------------------------------------------------------------

  @Test
  void shouldTakeFurtherAppendsLaterWhenTheStagedBytesAreFull() {
    shard.close();
    PartitionVerticle.Options tiny =
        new PartitionVerticle.Options(
            StorageOptions.defaults(List.of(dir), 1), 100, 1_000, 1_000, Long.MAX_VALUE);
    shard = new ShardFixture(Vertx.vertx(), tiny, vertx -> logs);
    shard.lead();
    holdWrites();
    Future<PartitionAppendResult> first = shard.append(Batches.plain("a"), 1);
    Future<PartitionAppendResult> second = shard.append(Batches.plain("b"), 1);
    shard.onShard(() -> assertThat(logs.log().stagedEndOffset()).isEqualTo(1));

    finishWrites();

    assertThat(get(first).baseOffset()).isZero();
    assertThat(get(second).baseOffset()).isEqualTo(1);
  }

  @Test
  void shouldRefuseAppendsButGoOnReadingWhenTheDirectoryIsOffline() {
    shard.lead();
    shard.appended(Batches.plain("a"));
    shard.onShard(() -> logs.log().goOffline());

    PartitionAppendResult refused = shard.appended(Batches.plain("b"));

    assertThat(refused.error()).isEqualTo(Errors.KAFKA_STORAGE_ERROR);
    assertThat(values(shard.read(0))).containsExactly("0=a");
  }

  @Test
  void shouldAnswerEverybodyWhenTheShardStops() {
    shard.become(image(BROKER, 3, BOTH), TopicConfig.defaults());
    Future<PartitionAppendResult> uncommitted = shard.append(Batches.plain("a"), -1);
    Future<AwaitGrowthReply> poll = shard.await(position(0), 60_000, null);
    holdWrites();
    Future<PartitionAppendResult> unwritten = shard.append(Batches.plain("b"), 1);
    shard.onShard(() -> assertThat(unwritten.isComplete()).isFalse());

    shard.stop();

    assertThat(get(uncommitted).error()).isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER);
    assertThat(get(poll).satisfied()).isFalse();
    assertThat(get(unwritten).error()).isEqualTo(Errors.NONE);
  }

  @Test
  void shouldReleaseTheBufferWhenNoShardIsThere() {
    shard.stop();
    PartitionAppend part = Batches.part(TOPIC, TOPIC_ID, Batches.plain("a"));

    Future<PartitionAppendResult> refused = shard.append(part, 1, Long.MAX_VALUE);

    await().until(refused::isComplete);
    assertThat(refused.failed()).isTrue();
    assertThat(part.records().refCnt()).isZero();
  }

  @Test
  void shouldEndTheProcessWhenAnInvariantIsBrokenBehindAFuture(@TempDir Path other) {
    ShardFixture broken =
        new ShardFixture(
            other,
            vertx ->
                new FakeShardLogs(other) {
                  @Override
                  public Future<List<OpenedLog>> open(List<OpenLog> asks) {
                    Invariant.check(false, "two owners of %s", asks);
                    return super.open(asks);
                  }
                });

    assertThatThrownBy(broken::lead).hasStackTraceContaining("two owners");

    assertThat(broken.halted).isTrue();
    broken.close();
  }
}
