package io.milena.connection;

import java.util.ArrayDeque;

/**
 * The rule that answers leave in the order of their requests, whatever the order in which they
 * become ready (architecture D12). Bounded by whoever adds. Owned by one connection.
 */
final class ResponseOrder {
  private final ArrayDeque<InFlight> waiting = new ArrayDeque<>(16);

  /** A request was started after all those before. */
  void started(InFlight request) {
    waiting.addLast(request);
  }

  /** The request whose answer may leave now, removed; null when the oldest has none yet. */
  InFlight next() {
    InFlight oldest = waiting.peekFirst();
    return oldest != null && oldest.isReady() ? waiting.pollFirst() : null;
  }

  /** The oldest request, removed, ready or not; null when there is none. */
  InFlight abandon() {
    return waiting.pollFirst();
  }

  /** Requests whose answers have not left. */
  int size() {
    return waiting.size();
  }
}
