package io.milena.group.model.offsets;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.coordinator.model.Answer;
import io.milena.coordinator.model.CoordinatorRecord;
import io.milena.group.model.Group;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.coordinator.group.generated.LegacyOffsetCommitKey;
import org.apache.kafka.coordinator.group.generated.LegacyOffsetCommitValue;
import org.apache.kafka.coordinator.group.generated.OffsetCommitKey;
import org.apache.kafka.coordinator.group.generated.OffsetCommitValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Commits, fetches and deletes of offsets as stories. */
class GroupOffsetsTest {
  private final OffsetsBench bench = new OffsetsBench();

  private static List<Short> codes(OffsetCommitResponseData answer) {
    return answer.topics().get(0).partitions().stream().map(p -> p.errorCode()).toList();
  }

  // ---- commit -------------------------------------------------------------------------------

  @Test
  void aCommitIsToldWhenItIsCommittedAndReadFromThenOn() {
    OffsetsBench.Waiter waiter = bench.commit("g", "t", 3, 42);

    assertThat(bench.answers).doesNotContainKey(waiter);
    assertThat(bench.offset("g", "t", 3)).isEqualTo(-1);

    bench.settle();

    assertThat(codes(bench.answer(waiter))).containsExactly((short) 0);
    assertThat(bench.offset("g", "t", 3)).isEqualTo(42);
    assertThat(bench.written()).containsExactly("g/t-3 v3");
  }

  @Test
  void aCommitWithoutAGroupMakesASimpleOne() {
    bench.committed("g", "t", 0, 1);
    bench.committed("", "t", 0, 2);

    assertThat(bench.groups.find("g").protocolType()).isEmpty();
    assertThat(bench.groups.find("g").isEmpty()).isTrue();
    assertThat(bench.offset("", "t", 0)).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({"2,ILLEGAL_GENERATION", "8,ILLEGAL_GENERATION", "9,GROUP_ID_NOT_FOUND"})
  void aMemberOfAnUnknownGroupIsRefused(int version, Errors error) {
    OffsetCommitRequestData data = OffsetsBench.commitData("g", "t", 0, 1);
    data.setGenerationIdOrMemberEpoch(4).setMemberId("m");

    OffsetsBench.Waiter waiter = bench.commit(data, version);

    assertThat(codes(bench.answer(waiter))).containsExactly(error.code());
    assertThat(bench.appending()).isFalse();
    assertThat(bench.groups.find("g")).isNull();
  }

  @Test
  void theGroupDecidesWhoOfItsMembersMayCommit() {
    ScriptedGroup group = bench.joined("g").consuming("t");
    group.commit = Errors.REBALANCE_IN_PROGRESS;
    OffsetCommitRequestData data = OffsetsBench.commitData("g", "t", 0, 1);
    data.setGenerationIdOrMemberEpoch(4).setMemberId("m").setGroupInstanceId("i");

    OffsetsBench.Waiter waiter = bench.commit(data, 10);

    assertThat(codes(bench.answer(waiter))).containsExactly(Errors.REBALANCE_IN_PROGRESS.code());
    assertThat(group.asked).isEqualTo(new Group.OffsetClient("m", "i", 4, (short) 10));
  }

  /** As Kafka 4.4: a heartbeat under way must not cost a member its commit. */
  @Test
  void aLateEpochWillDoForPartitionsThatTheMemberHasHadSinceThen() {
    Uuid id = Uuid.randomUuid();
    bench.topics(OffsetsBench.topicImage("t", id));
    ScriptedGroup group = bench.joined("g").consuming("t");
    group.commit = Errors.STALE_MEMBER_EPOCH;
    group.owned = Map.of(id, Set.of(0));
    OffsetCommitRequestData data = OffsetsBench.commitData("g", "t", 0, 7);
    data.setGenerationIdOrMemberEpoch(4).setMemberId("m");

    OffsetsBench.Waiter taken = bench.commit(data, 9);
    bench.settle();
    data.topics().get(0).partitions().add(new OffsetCommitRequestPartition().setPartitionIndex(1));
    OffsetsBench.Waiter refused = bench.commit(data, 9);

    assertThat(codes(bench.answer(taken))).containsExactly((short) 0);
    assertThat(bench.offset("g", "t", 0)).isEqualTo(7);
    short stale = Errors.STALE_MEMBER_EPOCH.code();
    assertThat(codes(bench.answer(refused))).containsExactly(stale, stale);
  }

  @Test
  void tooMuchMetadataIsRefusedAloneAndTheRestIsCommitted() {
    OffsetCommitRequestData data = OffsetsBench.commitData("g", "t", 0, 1);
    data.topics()
        .get(0)
        .partitions()
        .add(
            new OffsetCommitRequestPartition()
                .setPartitionIndex(1)
                .setCommittedOffset(9)
                .setCommittedMetadata("x".repeat(OffsetsBench.METADATA_MAX + 1)));
    data.topics()
        .get(0)
        .partitions()
        .add(
            new OffsetCommitRequestPartition()
                .setPartitionIndex(2)
                .setCommittedOffset(9)
                .setCommittedMetadata("x".repeat(OffsetsBench.METADATA_MAX)));
    data.topics()
        .get(0)
        .partitions()
        .add(
            new OffsetCommitRequestPartition()
                .setPartitionIndex(3)
                .setCommittedOffset(9)
                .setCommittedMetadata(null));

    OffsetsBench.Waiter waiter = bench.commit(data, 9);
    bench.settle();

    assertThat(codes(bench.answer(waiter)))
        .containsExactly((short) 0, Errors.OFFSET_METADATA_TOO_LARGE.code(), (short) 0, (short) 0);
    assertThat(bench.all("g")).containsExactly("t-0=1", "t-2=9", "t-3=9");
    assertThat(bench.offsets.counts().committed()).isEqualTo(3);
  }

  @Test
  void theRecordsVersionIsOneThatKafka39Reads() {
    OffsetCommitRequestData old = OffsetsBench.commitData("g", "old", 0, 1);
    bench.commit(old.setRetentionTimeMs(60_000), 4);
    OffsetCommitRequestData ided = OffsetsBench.commitData("g", "ided", 0, 1);
    ided.topics().get(0).setTopicId(Uuid.randomUuid());
    bench.commit(ided, 10);
    bench.commit("g", "plain", 0, 1);
    bench.settle();

    assertThat(bench.written()).containsExactly("g/old-0 v1", "g/ided-0 v3", "g/plain-0 v3");
  }

  @Test
  void commitsDoNotQueueAndTheLastInTheLogWins() {
    OffsetsBench.Waiter first = bench.commit("g", "t", 0, 10);
    OffsetsBench.Waiter second = bench.commit("g", "t", 0, 7);

    bench.settleOne();
    assertThat(bench.answers).containsKey(first).doesNotContainKey(second);
    assertThat(bench.offset("g", "t", 0)).isEqualTo(10);

    bench.settleOne();
    assertThat(bench.offset("g", "t", 0)).isEqualTo(7);
  }

  @Test
  void aFailedCommitChangesNothingAndSaysWhy() {
    bench.committed("g", "t", 0, 10);
    OffsetsBench.Waiter lost = bench.commit("g", "t", 0, 11);
    bench.fail(Errors.COORDINATOR_NOT_AVAILABLE);
    OffsetsBench.Waiter large = bench.commit("g", "t", 0, 12);
    bench.fail(Errors.MESSAGE_TOO_LARGE);

    assertThat(codes(bench.answer(lost))).containsExactly(Errors.COORDINATOR_NOT_AVAILABLE.code());
    assertThat(codes(bench.answer(large)))
        .containsExactly(Errors.INVALID_COMMIT_OFFSET_SIZE.code());
    assertThat(bench.offset("g", "t", 0)).isEqualTo(10);
  }

  // ---- fetch --------------------------------------------------------------------------------

  @Test
  void aFetchTellsOffsetEpochAndMetadataAndMinusOneForTheRest() {
    bench.committed("g", "t", 1, 5);

    OffsetsBench.Waiter waiter =
        bench.fetch("g", true, OffsetsBench.topic("t", Uuid.ZERO_UUID, 1, 2));

    assertThat(bench.fetched(waiter).get(0).partitions())
        .extracting(
            p ->
                p.partitionIndex()
                    + ":"
                    + p.committedOffset()
                    + ":"
                    + p.committedLeaderEpoch()
                    + ":"
                    + p.metadata()
                    + ":"
                    + p.errorCode())
        .containsExactly("1:5:4:m:0", "2:-1:-1::0");
  }

  @Test
  void anUnknownGroupHasNothing() {
    assertThat(bench.offset("nobody", "t", 0)).isEqualTo(-1);
    assertThat(bench.all("nobody")).isEmpty();
  }

  @Test
  void theGroupDecidesWhoMayFetch() {
    ScriptedGroup group = bench.joined("g").consuming("t");
    group.fetch = Errors.STALE_MEMBER_EPOCH;
    OffsetsBench.Waiter stale = bench.fetch("g", true);
    group.fetch = Errors.GROUP_ID_NOT_FOUND;
    OffsetsBench.Waiter dead = bench.fetch("g", true);

    OffsetFetchResponseData answer = bench.answer(stale);
    assertThat(answer.groups().get(0).errorCode()).isEqualTo(Errors.STALE_MEMBER_EPOCH.code());
    assertThat(bench.fetched(dead)).isEmpty();
  }

  @Test
  void aStableFetchWaitsForTheCommitsBeforeItAndForNoneAfterIt() {
    bench.committed("g", "t", 0, 1);
    bench.commit("g", "t", 0, 2);
    OffsetsBench.Waiter stable = bench.fetch("g", true, OffsetsBench.topic("t", Uuid.ZERO_UUID, 0));
    OffsetsBench.Waiter hasty = bench.fetch("g", false, OffsetsBench.topic("t", Uuid.ZERO_UUID, 0));
    bench.commit("g", "t", 0, 3);

    assertThat(bench.answers).doesNotContainKey(stable).containsKey(hasty);

    bench.settleOne();

    assertThat(bench.fetched(stable).get(0).partitions().get(0).committedOffset()).isEqualTo(2);
    assertThat(bench.fetched(hasty).get(0).partitions().get(0).committedOffset()).isEqualTo(1);
  }

  @Test
  void aStableFetchIsAnsweredAlsoWhenTheCommitFails() {
    bench.commit("g", "t", 0, 2);
    OffsetsBench.Waiter stable = bench.fetch("g", true);

    bench.fail(Errors.COORDINATOR_NOT_AVAILABLE);

    assertThat(bench.fetched(stable)).isEmpty();
  }

  @Test
  void offsetsOfAnotherTopicOfThatNameAreNotTold() {
    Uuid id = Uuid.randomUuid();
    OffsetCommitRequestData data = OffsetsBench.commitData("g", "t", 0, 8);
    data.topics().get(0).setTopicId(id);
    bench.commit(data, 10);
    bench.settle();

    OffsetsBench.Waiter same = bench.fetch("g", false, OffsetsBench.topic("t", id, 0));
    OffsetsBench.Waiter other =
        bench.fetch("g", false, OffsetsBench.topic("t", Uuid.randomUuid(), 0));

    assertThat(bench.fetched(same).get(0).partitions().get(0).committedOffset()).isEqualTo(8);
    assertThat(bench.fetched(other).get(0).partitions().get(0).committedOffset()).isEqualTo(-1);
    assertThat(bench.offset("g", "t", 0)).isEqualTo(8);
  }

  // ---- delete -------------------------------------------------------------------------------

  @Test
  void offsetsOfTopicsThatNobodyReadsAreDeleted() {
    bench.joined("g").consuming("read");
    bench.committed("g", "read", 0, 1);
    bench.committed("g", "left", 0, 1);

    OffsetsBench.Waiter read = bench.delete("g", "read", 0);
    OffsetsBench.Waiter left = bench.delete("g", "left", 0);
    OffsetsBench.Waiter never = bench.delete("g", "never", 5);
    bench.settle();

    assertThat(deleteCode(read)).isEqualTo(Errors.GROUP_SUBSCRIBED_TO_TOPIC);
    assertThat(deleteCode(left)).isEqualTo(Errors.NONE);
    assertThat(deleteCode(never)).isEqualTo(Errors.NONE);
    assertThat(bench.all("g")).containsExactly("read-0=1");
    assertThat(bench.offsets.counts().deleted()).isEqualTo(1);
  }

  private Errors deleteCode(OffsetsBench.Waiter waiter) {
    OffsetDeleteResponseData answer = bench.answer(waiter);
    return Errors.forCode(
        answer.topics().iterator().next().partitions().iterator().next().errorCode());
  }

  @Test
  void offsetsOfAnUnknownGroupOrOneOfStrangersAreNotDeleted() {
    ScriptedGroup connect = bench.joined("connect").consuming();
    connect.protocolType = "connect";

    OffsetsBench.Waiter unknown = bench.delete("unknown", "t", 0);
    OffsetsBench.Waiter strangers = bench.delete("connect", "t", 0);

    assertThat(this.<OffsetDeleteResponseData>told(unknown).errorCode())
        .isEqualTo(Errors.GROUP_ID_NOT_FOUND.code());
    assertThat(this.<OffsetDeleteResponseData>told(strangers).errorCode())
        .isEqualTo(Errors.NON_EMPTY_GROUP.code());
  }

  private <T extends org.apache.kafka.common.protocol.ApiMessage> T told(
      OffsetsBench.Waiter waiter) {
    return bench.answer(waiter);
  }

  private Errors groupCode(OffsetsBench.Waiter waiter) {
    DeleteGroupsResponseData answer = bench.answer(waiter);
    return Errors.forCode(answer.results().iterator().next().errorCode());
  }

  @Test
  void aDeletedGroupTakesItsOffsetsAlong() {
    bench.committed("g", "t", 0, 1);
    bench.committed("g", "u", 7, 1);

    OffsetsBench.Waiter waiter = bench.deleteGroup("g");
    bench.settle();

    assertThat(groupCode(waiter)).isEqualTo(Errors.NONE);
    assertThat(bench.written()).endsWith("-g/t-0", "-g/u-7", "-g");
    assertThat(bench.groups.find("g")).isNull();
    assertThat(bench.offsets.size()).isZero();
  }

  @Test
  void aGroupThatLivesIsNotDeleted() {
    bench.joined("members").consuming("t");
    bench.committed("committing", "t", 0, 1);
    bench.commit("committing", "t", 0, 2);

    assertThat(groupCode(bench.deleteGroup("unknown"))).isEqualTo(Errors.GROUP_ID_NOT_FOUND);
    assertThat(groupCode(bench.deleteGroup("members"))).isEqualTo(Errors.NON_EMPTY_GROUP);
    assertThat(groupCode(bench.deleteGroup("committing"))).isEqualTo(Errors.NON_EMPTY_GROUP);
  }

  @Test
  void aLargeGroupIsDeletedInSlicesAndACommitMeanwhileKeepsIt() {
    for (int p = 0; p < 2_500; p++) {
      bench.committed("g", "t", p, p);
    }
    bench.longestStep = 0;

    OffsetsBench.Waiter refused = bench.deleteGroup("g");
    bench.commit("g", "t", 0, 77);
    bench.settle();

    assertThat(groupCode(refused)).isEqualTo(Errors.NON_EMPTY_GROUP);
    assertThat(bench.offset("g", "t", 0)).isEqualTo(77);
    assertThat(bench.offset("g", "t", 2_499)).isEqualTo(2_499);

    OffsetsBench.Waiter deleted = bench.deleteGroup("g");
    bench.settle();

    assertThat(groupCode(deleted)).isEqualTo(Errors.NONE);
    assertThat(bench.offsets.size()).isZero();
    assertThat(bench.longestStep).isLessThanOrEqualTo(TombstoneSlice.MAX_RECORDS + 1);
  }

  @Test
  void aFailedDeletionSaysSoAndKeepsTheOffsets() {
    bench.committed("g", "t", 0, 1);
    OffsetsBench.Waiter offset = bench.delete("g", "t", 0);
    bench.fail(Errors.NOT_COORDINATOR);
    OffsetsBench.Waiter group = bench.deleteGroup("g");
    bench.fail(Errors.NOT_COORDINATOR);

    assertThat(this.<OffsetDeleteResponseData>told(offset).errorCode())
        .isEqualTo(Errors.NOT_COORDINATOR.code());
    assertThat(groupCode(group)).isEqualTo(Errors.NOT_COORDINATOR);
    assertThat(bench.offset("g", "t", 0)).isEqualTo(1);
  }

  // ---- log ----------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(shorts = {0, 1, 2, 3, 4})
  void everyVersionOfTheValueIsLoaded(short version) {
    OffsetCommitValue value =
        new OffsetCommitValue().setOffset(12).setMetadata("m").setCommitTimestamp(5);

    bench.apply(
        new CoordinatorRecord(
            new OffsetCommitKey().setGroup("g").setTopic("t").setPartition(2), value, version),
        0);

    assertThat(bench.all("g")).containsExactly("t-2=12");
  }

  /** A transaction's record counts from its commit, which may stand behind newer commits. */
  @Test
  void theNewestRecordOfTheLogCountsWhateverTheOrderInWhichTheyAreLoaded() {
    bench.apply(loaded(20), 7);
    bench.apply(loaded(10), 3);

    assertThat(bench.all("g")).containsExactly("t-2=20");

    bench.apply(loaded(30), 8);

    assertThat(bench.all("g")).containsExactly("t-2=30");
  }

  private static CoordinatorRecord loaded(long offset) {
    OffsetCommitValue value = new OffsetCommitValue().setOffset(offset).setMetadata("");
    return new CoordinatorRecord(
        new OffsetCommitKey().setGroup("g").setTopic("t").setPartition(2), value, (short) 3);
  }

  @Test
  void theOldestKeyTypeIsLoaded() {
    LegacyOffsetCommitKey key =
        new LegacyOffsetCommitKey().setGroup("g").setTopic("t").setPartition(2);
    LegacyOffsetCommitValue value =
        new LegacyOffsetCommitValue().setOffset(12).setMetadata("m").setCommitTimestamp(5);

    bench.apply(new CoordinatorRecord(key, value, (short) 0), 0);
    assertThat(bench.all("g")).containsExactly("t-2=12");

    bench.apply(CoordinatorRecord.tombstone(key), 1);
    assertThat(bench.offsets.size()).isZero();
  }

  @ParameterizedTest
  @EnumSource(names = {"NOT_COORDINATOR", "COORDINATOR_NOT_AVAILABLE"})
  void whoeverWaitsIsAnsweredWhenTheCoordinatorGoes(Errors error) {
    bench.committed("h", "t", 0, 1);
    OffsetsBench.Waiter commit = bench.commit("g", "t", 0, 1);
    OffsetsBench.Waiter fetch = bench.fetch("g", true);
    OffsetsBench.Waiter delete = bench.deleteGroup("h");

    List<Answer> answers = bench.offsets.unload(error);

    assertThat(answers).extracting(Answer::to).containsExactlyInAnyOrder(commit, fetch, delete);
  }

  @Test
  void aFetchThatBreaksTakesNeitherTheCommitsAnswerNorTheOtherFetchesAlong() {
    bench.joined("g");
    OffsetsBench.Waiter commit = bench.commit("g", "t", 0, 5);
    OffsetsBench.Waiter broken = bench.fetch("g", true);
    OffsetsBench.Waiter whole = bench.fetch("g", true);
    bench.group("g").fetchBreaks = 1;
    bench.bugs = 1;

    bench.settle();

    assertThat(bench.answers).containsKeys(commit, broken, whole);
    OffsetFetchResponseData told = bench.answer(broken);
    assertThat(told.groups().get(0).errorCode()).isEqualTo(Errors.UNKNOWN_SERVER_ERROR.code());
    assertThat(bench.fetched(whole).get(0).partitions().get(0).committedOffset()).isEqualTo(5);
  }
}
