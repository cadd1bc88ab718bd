package io.milena.metadata;

import java.util.List;

/**
 * One partition as its znode says.
 *
 * @param partition number
 * @param replicas assigned brokers, preferred first
 * @param isr in-sync replicas, a subset of {@code replicas}, never empty (R12)
 * @param leader broker id, or {@link #NO_LEADER}
 * @param leaderEpoch rises by one at each change of leader (R13)
 * @param partitionEpoch version of the partition's znode
 * @param addingReplicas of a reassignment under way
 * @param removingReplicas of a reassignment under way
 */
public record PartitionImage(
    int partition,
    List<Integer> replicas,
    List<Integer> isr,
    int leader,
    int leaderEpoch,
    int partitionEpoch,
    List<Integer> addingReplicas,
    List<Integer> removingReplicas) {
  /** {@code leader} when there is none. */
  public static final int NO_LEADER = -1;

  public PartitionImage {
    replicas = replicas == null ? List.of() : List.copyOf(replicas);
    isr = isr == null ? List.of() : List.copyOf(isr);
    addingReplicas = addingReplicas == null ? List.of() : List.copyOf(addingReplicas);
    removingReplicas = removingReplicas == null ? List.of() : List.copyOf(removingReplicas);
  }
}
