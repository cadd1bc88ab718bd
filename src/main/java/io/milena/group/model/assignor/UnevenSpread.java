package io.milena.group.model.assignor;

import io.milena.group.model.assignor.AssignmentSpec.SpecMember;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Members subscribe differently. Free partitions go to the subscriber with the fewest, topics with
 * the most partitions for each subscriber first; then partitions move from the fullest owner of a
 * topic to its emptiest subscriber as long as they differ by more than one. That is repeated until
 * nothing moves, {@link #MAX_ROUNDS} at most: the outcome is balanced for each topic, and an exotic
 * web of subscriptions cannot hold the thread.
 */
final class UnevenSpread {
  static final int MAX_ROUNDS = 16;

  private final PartitionLedger ledger;
  private final int[][] subscribers;
  private final Comparator<Integer> byLoad;

  UnevenSpread(AssignmentSpec spec, PartitionLedger ledger) {
    this.ledger = ledger;
    this.byLoad =
        Comparator.<Integer>comparingInt(ledger::load).thenComparing(Comparator.naturalOrder());
    int[] counts = new int[ledger.topicCount()];
    for (SpecMember member : spec.members()) {
      member.topicIds().forEach(topic -> counts[ledger.indexOf(topic)]++);
    }
    this.subscribers = new int[counts.length][];
    for (int t = 0; t < counts.length; t++) {
      subscribers[t] = new int[counts[t]];
    }
    for (int m = spec.members().size() - 1; m >= 0; m--) {
      int member = m;
      spec.members()
          .get(m)
          .topicIds()
          .forEach(
              topic -> {
                int t = ledger.indexOf(topic);
                subscribers[t][--counts[t]] = member;
              });
    }
  }

  void run() {
    List<Integer> topics = fullestFirst();
    topics.forEach(this::giveFree);
    boolean moved = true;
    for (int round = 0; round < MAX_ROUNDS && moved; round++) {
      moved = false;
      for (int topic : topics) {
        moved |= subscribers[topic].length > 1 && balance(topic);
      }
    }
  }

  private List<Integer> fullestFirst() {
    List<Integer> topics = new ArrayList<>();
    for (int t = 0; t < subscribers.length; t++) {
      if (subscribers[t].length > 0) {
        topics.add(t);
      }
    }
    topics.sort(
        Comparator.<Integer>comparingDouble(
                t -> -(double) ledger.partitionCount(t) / subscribers[t].length)
            .thenComparingInt(t -> subscribers[t].length)
            .thenComparing(Comparator.naturalOrder()));
    return topics;
  }

  private void giveFree(int topic) {
    PriorityQueue<Integer> emptiest = null;
    for (int p = 0; p < ledger.partitionCount(topic); p++) {
      if (ledger.owner(topic, p) != PartitionLedger.NOBODY) {
        continue;
      }
      emptiest = emptiest == null ? queue(topic) : emptiest;
      int member = emptiest.remove();
      ledger.give(topic, p, member);
      emptiest.add(member);
    }
  }

  private PriorityQueue<Integer> queue(int topic) {
    PriorityQueue<Integer> queue = new PriorityQueue<>(byLoad);
    for (int member : subscribers[topic]) {
      queue.add(member);
    }
    return queue;
  }

  /** The fullest owner gives to the emptiest subscriber until they differ by one or less. */
  private boolean balance(int topic) {
    if (spread(topic) <= 1) {
      return false;
    }
    Map<Integer, ArrayDeque<Integer>> owned = owned(topic);
    PriorityQueue<Integer> emptiest = queue(topic);
    PriorityQueue<Integer> fullest = new PriorityQueue<>(byLoad.reversed());
    fullest.addAll(owned.keySet());
    boolean moved = false;
    while (!fullest.isEmpty()) {
      Integer giver = fullest.remove();
      Integer taker = emptiest.element();
      if (ledger.load(giver) - ledger.load(taker) < 2) {
        return moved;
      }
      emptiest.remove(giver);
      emptiest.remove(taker);
      fullest.remove(taker);
      int partition = owned.get(giver).removeLast();
      ledger.give(topic, partition, taker);
      owned.computeIfAbsent(taker, member -> new ArrayDeque<>()).addLast(partition);
      emptiest.add(giver);
      emptiest.add(taker);
      fullest.add(taker);
      if (!owned.get(giver).isEmpty()) {
        fullest.add(giver);
      }
      moved = true;
    }
    return moved;
  }

  private Map<Integer, ArrayDeque<Integer>> owned(int topic) {
    Map<Integer, ArrayDeque<Integer>> owned = new HashMap<>();
    for (int p = 0; p < ledger.partitionCount(topic); p++) {
      owned.computeIfAbsent(ledger.owner(topic, p), member -> new ArrayDeque<>()).addLast(p);
    }
    return owned;
  }

  private int spread(int topic) {
    int min = Integer.MAX_VALUE;
    int max = 0;
    for (int member : subscribers[topic]) {
      min = Math.min(min, ledger.load(member));
      max = Math.max(max, ledger.load(member));
    }
    return max - min;
  }
}
