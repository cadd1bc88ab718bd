package io.milena.group.model.offsets;

import static io.milena.group.model.offsets.OffsetsBench.CHECK_MS;
import static io.milena.group.model.offsets.OffsetsBench.RETENTION_MS;
import static org.assertj.core.api.Assertions.assertThat;

import io.milena.group.model.Group;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When offsets run out, and what stays. */
class OffsetExpiryTest {
  private final OffsetsBench bench = new OffsetsBench();

  @BeforeEach
  void load() {
    bench.loaded();
  }

  @Test
  void offsetsOfSimpleConsumersRunOutAfterTheirCommitAndTheGroupGoesWithThem() {
    bench.committed("g", "t", 0, 1);
    bench.advance(RETENTION_MS / 2);
    bench.committed("g", "t", 1, 1);

    bench.advance(RETENTION_MS / 2 + CHECK_MS);
    assertThat(bench.all("g")).containsExactly("t-1=1");
    assertThat(bench.groups.find("g")).isNotNull();

    bench.advance(RETENTION_MS / 2 + CHECK_MS);
    assertThat(bench.groups.find("g")).isNull();
    assertThat(bench.written()).endsWith("-g/t-1", "-g");
    assertThat(bench.offsets.counts().expired()).isEqualTo(2);
  }

  @Test
  void offsetsOfAGroupStayAsLongAsItHasMembersAndRunOutAfterItBecameEmpty() {
    ScriptedGroup group = bench.joined("g").consuming("t");
    bench.committed("g", "t", 0, 1);

    bench.advance(3 * RETENTION_MS);
    assertThat(bench.offset("g", "t", 0)).isEqualTo(1);

    group.emptied(bench.nowMs);
    bench.advance(RETENTION_MS - 2 * CHECK_MS);
    assertThat(bench.offset("g", "t", 0)).isEqualTo(1);

    bench.advance(3 * CHECK_MS);
    assertThat(bench.groups.find("g")).isNull();
  }

  @Test
  void anEmptyGroupOfAnOldLogCountsFromTheCommit() {
    bench.joined("g").emptied(-1);
    bench.committed("g", "t", 0, 1);

    bench.advance(RETENTION_MS + CHECK_MS);

    assertThat(bench.groups.find("g")).isNull();
  }

  @Test
  void offsetsOfTopicsThatAStableGroupGaveUpRunOutWhileItLives() {
    ScriptedGroup group = bench.joined("g").consuming("read");
    bench.committed("g", "read", 0, 1);
    bench.committed("g", "left", 0, 1);
    group.state = "PreparingRebalance";

    bench.advance(RETENTION_MS + CHECK_MS);
    assertThat(bench.all("g")).containsExactly("left-0=1", "read-0=1");

    group.state = "Stable";
    bench.advance(CHECK_MS);
    assertThat(bench.all("g")).containsExactly("read-0=1");
    assertThat(bench.groups.find("g")).isSameAs(group);
  }

  @Test
  void aGroupOfStrangersKeepsItsOffsetsWhileItHasMembers() {
    ScriptedGroup group = bench.joined("g").consuming();
    group.protocolType = "connect";
    bench.committed("g", "t", 0, 1);

    bench.advance(2 * RETENTION_MS);

    assertThat(bench.offset("g", "t", 0)).isEqualTo(1);
  }

  @Test
  void aGroupOfTheNewProtocolCountsFromTheCommit() {
    ScriptedGroup group = bench.joined("g").consuming("read");
    group.kind = Group.Kind.CONSUMER;
    group.state = "Reconciling";
    bench.committed("g", "read", 0, 1);
    bench.committed("g", "left", 0, 1);

    bench.advance(RETENTION_MS + CHECK_MS);

    assertThat(bench.all("g")).containsExactly("read-0=1");
  }

  @Test
  void anOldClientMaySayWhenItsOffsetsRunOut() {
    bench.commit(OffsetsBench.commitData("g", "t", 0, 1).setRetentionTimeMs(CHECK_MS), 2);
    bench.commit(OffsetsBench.commitData("g", "t", 1, 1).setRetentionTimeMs(Long.MAX_VALUE), 2);
    bench.settle();

    bench.advance(2 * CHECK_MS);
    assertThat(bench.all("g")).containsExactly("t-1=1");

    bench.advance(2 * RETENTION_MS);
    assertThat(bench.all("g")).containsExactly("t-1=1");
  }

  @Test
  void anEmptyGroupWithoutOffsetsIsRemoved() {
    bench.joined("g").emptied(bench.nowMs);
    bench.joined("h").consuming("t");

    bench.advance(CHECK_MS);

    assertThat(bench.groups.find("g")).isNull();
    assertThat(bench.groups.find("h")).isNotNull();
    assertThat(bench.written()).containsExactly("-g");
  }

  @Test
  void aCommitUnderWayIsNeverOvertakenByATombstone() {
    bench.committed("g", "t", 0, 1);
    bench.nowMs += 2 * RETENTION_MS;
    bench.commit("g", "t", 0, 2);

    bench.timers.cancel(OffsetExpiry.Sweep.OF_ALL);
    bench.take(bench.offsets.timer(OffsetExpiry.Sweep.OF_ALL, bench.nowMs));
    bench.take(bench.offsets.timer(new OffsetExpiry.Remove("g"), bench.nowMs));
    bench.settle();

    assertThat(bench.offset("g", "t", 0)).isEqualTo(2);
    assertThat(bench.written()).doesNotContain("-g/t-0");
  }

  @Test
  void aHundredThousandOffsetsRunOutInShortSteps() {
    for (int p = 0; p < 100_000; p++) {
      bench.commit("g" + p % 10, "t", p / 10, p);
    }
    bench.settle();
    bench.longestStep = 0;

    bench.advance(RETENTION_MS + CHECK_MS);

    assertThat(bench.offsets.size()).isZero();
    assertThat(bench.groups.size()).isZero();
    assertThat(bench.longestStep).isLessThanOrEqualTo(TombstoneSlice.MAX_RECORDS + 1);
  }

  // ---- topics that are gone -----------------------------------------------------------------

  @Test
  void offsetsOfADeletedTopicCountNoLongerAndGo() {
    Uuid id = Uuid.randomUuid();
    bench.topics(OffsetsBench.topicImage("t", id), OffsetsBench.topicImage("u", id));
    bench.joined("g").consuming("t", "u");
    bench.committed("g", "t", 0, 1);
    bench.committed("g", "u", 0, 1);

    bench.topics(OffsetsBench.topicImage("u", id));
    assertThat(bench.all("g")).containsExactly("u-0=1");
    assertThat(bench.offsets.size()).isEqualTo(2);

    bench.advance(OffsetExpiry.GONE_GRACE_MS);
    assertThat(bench.offsets.size()).isEqualTo(1);
    assertThat(bench.written()).endsWith("-g/t-0");
  }

  @Test
  void aTopicOfTheSameNameStartsAnew() {
    bench.topics(OffsetsBench.topicImage("t", Uuid.randomUuid()));
    bench.joined("g").consuming("t");
    bench.committed("g", "t", 0, 1_000);
    bench.committed("g", "t", 1, 1_000);

    bench.topics(OffsetsBench.topicImage("t", Uuid.randomUuid()));
    assertThat(bench.offset("g", "t", 0)).isEqualTo(-1);

    bench.committed("g", "t", 0, 3);
    assertThat(bench.all("g")).containsExactly("t-0=3");

    bench.advance(3 * CHECK_MS);
    assertThat(bench.all("g")).containsExactly("t-0=3");
    assertThat(bench.offsets.size()).isEqualTo(1);

    bench.topics();
    bench.advance(CHECK_MS);
    assertThat(bench.offsets.size()).isZero();
  }

  @Test
  void anImageThatLackedTheTopicForAMomentCostsNothing() {
    Uuid id = Uuid.randomUuid();
    bench.topics(OffsetsBench.topicImage("t", id));
    bench.joined("g").consuming("t");
    bench.committed("g", "t", 0, 1);

    bench.topics();
    bench.topics(OffsetsBench.topicImage("t", id));
    bench.advance(3 * CHECK_MS);

    assertThat(bench.offset("g", "t", 0)).isEqualTo(1);
  }

  @Test
  void aTopicThatVanishedUnseenIsFoundByTwoSweeps() {
    bench.topics(OffsetsBench.topicImage("other", Uuid.randomUuid()));
    bench.joined("g").consuming("t", "other");
    bench.committed("g", "t", 0, 1);
    bench.committed("g", "other", 0, 1);

    bench.advance(CHECK_MS);
    assertThat(bench.offset("g", "t", 0)).isEqualTo(1);

    bench.advance(CHECK_MS);
    assertThat(bench.all("g")).containsExactly("other-0=1");
    assertThat(bench.offsets.size()).isEqualTo(1);
  }

  @Test
  void withoutAnImageNoTopicIsTakenForGone() {
    bench.joined("g").consuming("t");
    bench.committed("g", "t", 0, 1);

    bench.advance(5 * CHECK_MS);

    assertThat(bench.offset("g", "t", 0)).isEqualTo(1);
  }
}
