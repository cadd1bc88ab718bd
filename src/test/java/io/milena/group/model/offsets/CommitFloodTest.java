package io.milena.group.model.offsets;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.group.model.GroupLimits;
import io.milena.group.model.GroupLimits.Caps;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** Groups that commits bring into being count in the limits of groups (F34). */
class CommitFloodTest {
  private static final Caps TWO_GROUPS = new Caps(2, 2, 9, 9, Long.MAX_VALUE);

  @Test
  void aFloodOfCommitsForNewGroupsEndsAtTheCap() {
    GroupLimits limits = new GroupLimits(TWO_GROUPS);
    OffsetsBench bench = new OffsetsBench(limits);
    bench.commit("g1", "t", 0, 1);
    bench.commit("g1", "t", 0, 2);
    bench.commit("g2", "t", 0, 1);

    OffsetsBench.Waiter above = bench.commit("g3", "t", 0, 1);
    OffsetCommitResponseData answer = bench.answer(above);
    assertThat(answer.topics().get(0).partitions().get(0).errorCode())
        .isEqualTo(Errors.GROUP_MAX_SIZE_REACHED.code());

    bench.fail(Errors.COORDINATOR_NOT_AVAILABLE);
    assertThat(limits.groups()).as("another commit of the group is under way").isEqualTo(2);
    bench.settle();
    bench.deleteGroup("g1");
    bench.settle();
    bench.committed("g3", "t", 0, 1);
    assertThat(bench.offset("g3", "t", 0)).isEqualTo(1);
    assertThat(limits.groups()).isEqualTo(2);
  }

  @Test
  void aGroupWhoseOnlyCommitFailedCountsNoLonger() {
    GroupLimits limits = new GroupLimits(TWO_GROUPS);
    OffsetsBench bench = new OffsetsBench(limits);

    bench.commit("g1", "t", 0, 1);
    bench.fail(Errors.COORDINATOR_NOT_AVAILABLE);
    bench.commit("g2", "t", 0, 1);
    bench.offsets.unload(Errors.NOT_COORDINATOR);
    bench.groups.clear();

    assertThat(limits.groups()).isZero();
  }
}
