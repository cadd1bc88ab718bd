package io.milena.group.model.consumer.state;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Counts of things; what is counted zero times is not there. */
final class Tally<K> {
  private final Map<K, Integer> counts;

  Tally() {
    this.counts = new HashMap<>();
  }

  private Tally(Map<K, Integer> counts) {
    this.counts = new HashMap<>(counts);
  }

  Tally<K> copy() {
    return new Tally<>(counts);
  }

  void add(K key) {
    counts.merge(key, 1, Integer::sum);
  }

  void remove(K key) {
    counts.computeIfPresent(key, (k, count) -> count == 1 ? null : count - 1);
  }

  int count(K key) {
    return counts.getOrDefault(key, 0);
  }

  Set<K> keys() {
    return counts.keySet();
  }

  boolean isEmpty() {
    return counts.isEmpty();
  }

  Map<K, Integer> counts() {
    return counts;
  }
}
