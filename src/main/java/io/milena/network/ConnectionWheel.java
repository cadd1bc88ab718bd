package io.milena.network;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Looks after the deadlines of a loop's connections without a timer for each: they are spread over
 * a few buckets, each tick visits one. A deadline is noticed at most one rotation late. Owned by
 * one event loop.
 */
final class ConnectionWheel {
  static final int BUCKETS = 8;

  private final List<Set<TcpConnection>> buckets = new ArrayList<>(BUCKETS);
  private int next;
  private int size;

  ConnectionWheel() {
    for (int i = 0; i < BUCKETS; i++) {
      buckets.add(new LinkedHashSet<>());
    }
  }

  void add(TcpConnection connection) {
    if (bucketOf(connection).add(connection)) {
      size++;
    }
  }

  void remove(TcpConnection connection) {
    if (bucketOf(connection).remove(connection)) {
      size--;
    }
  }

  /** Visits the next bucket. */
  void tick(long nowNs) {
    Set<TcpConnection> bucket = buckets.get(next);
    next = (next + 1) % BUCKETS;
    for (TcpConnection connection : List.copyOf(bucket)) {
      connection.check(nowNs);
    }
  }

  /** Every connection of the loop, as of now. */
  List<TcpConnection> all() {
    List<TcpConnection> all = new ArrayList<>(size);
    buckets.forEach(all::addAll);
    return all;
  }

  int size() {
    return size;
  }

  private Set<TcpConnection> bucketOf(TcpConnection connection) {
    return buckets.get((int) (connection.number() % BUCKETS));
  }
}
