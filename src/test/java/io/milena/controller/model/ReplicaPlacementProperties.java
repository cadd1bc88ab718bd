package io.milena.controller.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.base.RandomSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

class ReplicaPlacementProperties {
  @Property(tries = 300)
  void shouldSpreadReplicasAndLeadersEvenly(
      @ForAll @IntRange(min = 1, max = 12) int brokers,
      @ForAll @IntRange(min = 1, max = 12) int wantedFactor,
      @ForAll @IntRange(min = 1, max = 60) int partitions,
      @ForAll @LongRange(min = 0) long seed) {
    int factor = Math.min(wantedFactor, brokers);

    List<List<Integer>> placed =
        ReplicaPlacement.place(candidates(brokers, 0), 0, partitions, factor, seeded(seed));

    Map<Integer, Integer> leaders = new HashMap<>();
    for (List<Integer> replicas : placed) {
      assertThat(replicas).hasSize(factor).doesNotHaveDuplicates();
      leaders.merge(replicas.get(0), 1, Integer::sum);
    }
    int most = leaders.values().stream().mapToInt(i -> i).max().orElseThrow();
    assertThat(most).isLessThanOrEqualTo((partitions + brokers - 1) / brokers);
  }

  @Property(tries = 300)
  void shouldUseEveryRackBeforeUsingOneTwice(
      @ForAll @IntRange(min = 1, max = 4) int racks,
      @ForAll @IntRange(min = 1, max = 4) int perRack,
      @ForAll @IntRange(min = 1, max = 8) int wantedFactor,
      @ForAll @LongRange(min = 0) long seed) {
    int brokers = racks * perRack;
    int factor = Math.min(wantedFactor, brokers);

    List<List<Integer>> placed =
        ReplicaPlacement.place(candidates(brokers, racks), 0, 30, factor, seeded(seed));

    for (List<Integer> replicas : placed) {
      Set<Integer> used = new HashSet<>();
      replicas.forEach(id -> used.add(id % racks));
      assertThat(replicas).hasSize(factor).doesNotHaveDuplicates();
      assertThat(used).hasSize(Math.min(factor, racks));
    }
  }

  private static List<ReplicaPlacement.Candidate> candidates(int brokers, int racks) {
    List<ReplicaPlacement.Candidate> candidates = new ArrayList<>();
    for (int id = 0; id < brokers; id++) {
      candidates.add(new ReplicaPlacement.Candidate(id, racks == 0 ? null : "r" + id % racks));
    }
    return candidates;
  }

  private static RandomSource seeded(long seed) {
    long[] state = {seed};
    return () -> {
      state[0] = state[0] * 6364136223846793005L + 1442695040888963407L;
      return state[0] >>> 16;
    };
  }
}
