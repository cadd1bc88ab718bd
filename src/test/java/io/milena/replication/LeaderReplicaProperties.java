package io.milena.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.metadata.PartitionImage;
import io.milena.replication.LeaderReplica.Start;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class LeaderReplicaProperties {
  /** Kind 0: the log grows by n; 1: follower 2 + n % 2 fetches; 2: the ISR becomes set n. */
  record Step(int kind, int n) {}

  private static final List<List<Integer>> ISRS =
      List.of(List.of(1), List.of(1, 2), List.of(1, 3), List.of(1, 2, 3));

  @Provide
  Arbitrary<List<Step>> steps() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 2), Arbitraries.integers().between(0, 20))
        .as(Step::new)
        .list()
        .ofMaxSize(60);
  }

  @Property
  void theHighWatermarkOnlyRisesAndIsHeldByEveryInSyncReplica(@ForAll("steps") List<Step> steps) {
    List<Integer> isr = List.of(1, 2, 3);
    LeaderReplica leader = new LeaderReplica(1, image(isr), 2, new Start(0, 0, 0));
    Map<Integer, Long> ends = new HashMap<>();
    long end = 0;
    long before = 0;
    for (Step step : steps) {
      if (step.kind() == 0) {
        end += step.n();
        leader.appended(end);
      } else if (step.kind() == 1) {
        int follower = 2 + step.n() % 2;
        long offset = Math.min(end, ends.getOrDefault(follower, 0L) + step.n());
        ends.put(follower, offset);
        leader.followerFetched(follower, offset);
      } else {
        isr = ISRS.get(step.n() % ISRS.size());
        leader.imageChanged(image(isr));
      }
      long now = leader.highWatermark();
      assertThat(now).isBetween(before, end);
      if (now > before) {
        assertThat(isr.size()).isGreaterThanOrEqualTo(2);
        for (int member : isr) {
          assertThat(member == 1 ? end : ends.getOrDefault(member, -1L))
              .isGreaterThanOrEqualTo(now);
        }
      }
      before = now;
    }
  }

  private static PartitionImage image(List<Integer> isr) {
    return new PartitionImage(0, List.of(1, 2, 3), isr, 1, 5, 0, List.of(), List.of());
  }

  @Property
  void tokensAreReleasedInOrderOfTheirOffsets(@ForAll List<Byte> offsets) {
    AckWaiters<Integer> waiters = new AckWaiters<>(1_000);
    offsets.forEach(offset -> waiters.add(offset, (int) offset));
    List<Integer> released = new ArrayList<>();

    for (int highWatermark = Byte.MIN_VALUE; highWatermark <= Byte.MAX_VALUE; highWatermark++) {
      int now = highWatermark;
      waiters.release(
          now,
          token -> {
            assertThat(token).isLessThanOrEqualTo(now);
            released.add(token);
          });
    }

    assertThat(released).isSorted().hasSameSizeAs(offsets);
  }
}
