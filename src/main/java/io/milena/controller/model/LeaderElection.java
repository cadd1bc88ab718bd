package io.milena.controller.model;

import io.milena.metadata.PartitionImage;
import java.util.List;
import java.util.Set;

/** Who leads a partition (R12–R14). Pure functions. */
public final class LeaderElection {
  private LeaderElection() {}

  /**
   * The outcome of an election.
   *
   * @param partition with leader, ISR, leader epoch and partition epoch stepped
   * @param unclean true when records may be lost
   */
  public record Elected(PartitionImage partition, boolean unclean) {}

  /**
   * Elects anew, with the leader epoch raised by one whoever wins (R13).
   *
   * @param partition as it is
   * @param live brokers that may lead
   * @param uncleanAllowed the topic's {@code unclean.leader.election.enable}
   */
  public static Elected elect(PartitionImage partition, Set<Integer> live, boolean uncleanAllowed) {
    List<Integer> liveIsr = partition.isr().stream().filter(live::contains).toList();
    for (int replica : partition.replicas()) {
      if (liveIsr.contains(replica)) {
        return new Elected(step(partition, replica, liveIsr), false);
      }
    }
    if (uncleanAllowed) {
      for (int replica : partition.replicas()) {
        if (live.contains(replica)) {
          return new Elected(step(partition, replica, List.of(replica)), true);
        }
      }
    }
    return new Elected(step(partition, PartitionImage.NO_LEADER, partition.isr()), false);
  }

  /**
   * The first state of a new partition: the first live replica leads, all live replicas are in
   * sync.
   *
   * @return the partition as given (leader none) when no replica lives
   */
  public static PartitionImage first(PartitionImage partition, Set<Integer> live) {
    List<Integer> isr = partition.replicas().stream().filter(live::contains).toList();
    if (isr.isEmpty()) {
      return partition;
    }
    return new PartitionImage(
        partition.partition(),
        partition.replicas(),
        isr,
        isr.get(0),
        0,
        0,
        partition.addingReplicas(),
        partition.removingReplicas());
  }

  /**
   * The partition without some members of its ISR; the leader and its epoch stay (R13).
   *
   * @param gone never the leader
   */
  public static PartitionImage shrink(PartitionImage partition, Set<Integer> gone) {
    List<Integer> isr = partition.isr().stream().filter(id -> !gone.contains(id)).toList();
    return new PartitionImage(
        partition.partition(),
        partition.replicas(),
        isr,
        partition.leader(),
        partition.leaderEpoch(),
        partition.partitionEpoch() + 1,
        partition.addingReplicas(),
        partition.removingReplicas());
  }

  private static PartitionImage step(PartitionImage old, int leader, List<Integer> isr) {
    return new PartitionImage(
        old.partition(),
        old.replicas(),
        isr,
        leader,
        old.leaderEpoch() + 1,
        old.partitionEpoch() + 1,
        old.addingReplicas(),
        old.removingReplicas());
  }
}
