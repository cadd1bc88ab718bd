package io.milena.coordinator.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Records written in transactions whose end is not known yet; they count from the commit marker on,
 * and never after an abort (R43). Of one thread; pure.
 */
public final class OpenTransactions {
  private final Map<Long, List<LogEntry>> byProducer = new HashMap<>();

  /**
   * Takes over what the log says next.
   *
   * @return the records that count now, in the order of the log, each at its own offset
   */
  public List<LogEntry> next(LogEntry entry) {
    if (entry.producerId() == LogEntry.NO_TRANSACTION) {
      return List.of(entry);
    }
    if (entry.record() != null) {
      byProducer.computeIfAbsent(entry.producerId(), id -> new ArrayList<>()).add(entry);
      return List.of();
    }
    List<LogEntry> ended = byProducer.remove(entry.producerId());
    return ended == null || !entry.committed() ? List.of() : ended;
  }

  /** Transactions without an end. */
  public int size() {
    return byProducer.size();
  }
}
