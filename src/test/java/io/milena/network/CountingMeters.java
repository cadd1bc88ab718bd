package io.milena.network;

import io.milena.connection.ConnectionMeters;
import io.milena.connection.FinishedRequest;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts what the listeners report. */
final class CountingMeters implements ConnectionMeters {
  private final Map<Refusal, Integer> refusals = new ConcurrentHashMap<>();
  final AtomicInteger requests = new AtomicInteger();
  final AtomicInteger accepted = new AtomicInteger();
  final AtomicInteger open = new AtomicInteger();

  @Override
  public void requestDone(FinishedRequest request) {
    requests.incrementAndGet();
  }

  @Override
  public void refused(String listener, Refusal why) {
    refusals.merge(why, 1, Integer::sum);
  }

  @Override
  public void opened(String listener) {
    accepted.incrementAndGet();
    open.incrementAndGet();
  }

  @Override
  public void closed(String listener) {
    open.decrementAndGet();
  }

  int refused(Refusal why) {
    return refusals.getOrDefault(why, 0);
  }
}
