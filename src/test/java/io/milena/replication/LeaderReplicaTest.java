package io.milena.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.milena.base.Invariant;
import io.milena.metadata.PartitionImage;
import io.milena.replication.LeaderReplica.Start;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeaderReplicaTest {
  private static final Start EMPTY = new Start(0, 0, 0);

  private static PartitionImage image(List<Integer> isr) {
    return new PartitionImage(0, List.of(1, 2, 3), isr, 1, 5, 0, List.of(), List.of());
  }

  private static LeaderReplica leader(List<Integer> isr, int minInsync) {
    return new LeaderReplica(1, image(isr), minInsync, EMPTY);
  }

  @Test
  void shouldCommitAtOnceWhenTheLeaderIsAloneInSync() {
    LeaderReplica leader = leader(List.of(1), 1);

    boolean moved = leader.appended(10);

    assertThat(moved).isTrue();
    assertThat(leader.highWatermark()).isEqualTo(10);
  }

  @Test
  void shouldTakeTheWholeLogAsCommittedWhenTheLeaderStartsAlone() {
    LeaderReplica leader = new LeaderReplica(1, image(List.of(1)), 1, new Start(3, 10, 12));

    assertThat(leader.highWatermark()).isEqualTo(10);
    assertThat(leader.epochCommitted()).as("writes of the former epoch are under way").isFalse();
  }

  @Test
  void shouldCommitWhatTheSlowestInSyncReplicaHas() {
    LeaderReplica leader = leader(List.of(1, 2, 3), 2);
    leader.appended(10);
    leader.followerFetched(2, 8);

    boolean moved = leader.followerFetched(3, 4);

    assertThat(moved).isTrue();
    assertThat(leader.highWatermark()).isEqualTo(4);
  }

  @Test
  void shouldWaitForAMemberThatWasNotHeardInThisEpoch() {
    LeaderReplica leader = leader(List.of(1, 2), 1);

    boolean moved = leader.appended(10);

    assertThat(moved).isFalse();
    assertThat(leader.highWatermark()).isZero();
  }

  @Test
  void shouldNotCommitWhileTooFewAreInSync() {
    LeaderReplica leader = leader(List.of(1), 2);

    boolean moved = leader.appended(10);

    assertThat(moved).isFalse();
    assertThat(leader.enoughInSync()).isFalse();
  }

  @Test
  void shouldAskForNoMoreInSyncReplicasThanThereAreReplicas() {
    PartitionImage single =
        new PartitionImage(0, List.of(1), List.of(1), 1, 5, 0, List.of(), List.of());

    LeaderReplica leader = new LeaderReplica(1, single, 2, EMPTY);

    assertThat(leader.enoughInSync()).isTrue();
  }

  @Test
  void shouldCommitMoreWhenASlowMemberLeavesTheIsr() {
    LeaderReplica leader = leader(List.of(1, 2, 3), 2);
    leader.appended(10);
    leader.followerFetched(2, 8);
    leader.followerFetched(3, 4);

    boolean moved = leader.imageChanged(image(List.of(1, 2)));

    assertThat(moved).isTrue();
    assertThat(leader.highWatermark()).isEqualTo(8);
  }

  @Test
  void shouldNeverLowerTheHighWatermarkWhenABehindMemberJoins() {
    LeaderReplica leader = leader(List.of(1, 2), 2);
    leader.appended(10);
    leader.followerFetched(2, 10);

    boolean moved = leader.imageChanged(image(List.of(1, 2, 3)));

    assertThat(moved).isFalse();
    assertThat(leader.highWatermark()).isEqualTo(10);
  }

  @Test
  void shouldIgnoreFetchesOfStrangers() {
    LeaderReplica leader = leader(List.of(1, 2), 1);
    leader.appended(10);

    boolean moved = leader.followerFetched(9, 10);

    assertThat(moved).isFalse();
  }

  @Test
  void shouldRefuseToLeadWhereSomebodyElseIsNamed() {
    assertThatThrownBy(() -> new LeaderReplica(2, image(List.of(1, 2)), 1, EMPTY))
        .isInstanceOf(Invariant.Violation.class)
        .hasMessageContaining("broker 2");
  }
}
