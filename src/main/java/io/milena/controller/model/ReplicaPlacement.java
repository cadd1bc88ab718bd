package io.milena.controller.model;

import io.milena.base.RandomSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Where the replicas of new partitions go. As Kafka: leaders go round the brokers from a random
 * start, followers follow at a distance that grows with each round so that the load of a lost
 * broker spreads; with racks, brokers are dealt rack by rack and no rack gets a second replica
 * while another has none. Pure.
 */
public final class ReplicaPlacement {
  /** A broker that may take replicas; {@code rack} may be null. */
  public record Candidate(int id, String rack) {}

  /** Not enough brokers. */
  public static final class ImpossibleException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ImpossibleException(String message) {
      super(message);
    }
  }

  private final List<Candidate> order;
  private final int racks;
  private final int start;
  private int shift;

  private ReplicaPlacement(List<Candidate> order, int racks, int start, int shift) {
    this.order = order;
    this.racks = racks;
    this.start = start;
    this.shift = shift;
  }

  /**
   * Places {@code count} partitions from number {@code first} on.
   *
   * @param candidates live brokers
   * @param replicationFactor replicas per partition, positive
   * @return per partition its brokers, preferred leader first
   * @throws ImpossibleException when there are fewer brokers than replicas; its message is for the
   *     client
   */
  public static List<List<Integer>> place(
      Collection<Candidate> candidates,
      int first,
      int count,
      int replicationFactor,
      RandomSource random) {
    if (replicationFactor > candidates.size()) {
      throw new ImpossibleException(
          "Replication factor "
              + replicationFactor
              + " is larger than the number of available brokers, "
              + candidates.size());
    }
    List<Candidate> order = deal(candidates);
    int n = order.size();
    int racks = (int) order.stream().map(Candidate::rack).distinct().count();
    ReplicaPlacement placement =
        new ReplicaPlacement(order, racks, random.nextInt(n), random.nextInt(n));
    List<List<Integer>> result = new ArrayList<>(count);
    for (int p = 0; p < count; p++) {
      result.add(placement.replicas(first + p, replicationFactor));
    }
    return result;
  }

  /** Brokers by id; when every broker has a rack, one of each rack in turn. */
  private static List<Candidate> deal(Collection<Candidate> candidates) {
    Map<Integer, Candidate> byId = new TreeMap<>();
    candidates.forEach(c -> byId.put(c.id(), c));
    if (byId.values().stream().anyMatch(c -> c.rack() == null)) {
      return byId.values().stream().map(c -> new Candidate(c.id(), "")).toList();
    }
    Map<String, List<Candidate>> byRack = new TreeMap<>();
    byId.values().forEach(c -> byRack.computeIfAbsent(c.rack(), r -> new ArrayList<>()).add(c));
    List<Candidate> dealt = new ArrayList<>(byId.size());
    for (int round = 0; dealt.size() < byId.size(); round++) {
      for (List<Candidate> rack : byRack.values()) {
        if (round < rack.size()) {
          dealt.add(rack.get(round));
        }
      }
    }
    return dealt;
  }

  private List<Integer> replicas(int partition, int replicationFactor) {
    int n = order.size();
    if (partition > 0 && partition % n == 0) {
      shift++;
    }
    int leader = (partition + start) % n;
    List<Integer> replicas = new ArrayList<>(replicationFactor);
    Set<String> usedRacks = new HashSet<>();
    take(order.get(leader), replicas, usedRacks);
    // first pass: only racks without a replica; second pass: whoever is left
    for (int pass = 0; pass < 2 && replicas.size() < replicationFactor; pass++) {
      for (int j = 0; j < n - 1 && replicas.size() < replicationFactor; j++) {
        Candidate next = order.get((leader + 1 + (shift + j) % (n - 1)) % n);
        boolean rackFree = racks == 1 || !usedRacks.contains(next.rack());
        if (!replicas.contains(next.id()) && (rackFree || pass == 1)) {
          take(next, replicas, usedRacks);
        }
      }
    }
    return List.copyOf(replicas);
  }

  private static void take(Candidate broker, List<Integer> replicas, Set<String> usedRacks) {
    replicas.add(broker.id());
    usedRacks.add(broker.rack());
  }
}
