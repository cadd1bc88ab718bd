package io.milena.network;

import io.milena.base.Clock;
import io.milena.connection.Refusals;
import io.milena.protocol.FrameLimits;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** What the connections of one network loop share. Owned by that event loop. */
final class NetworkLoop {
  /** When memory is short, an unfinished frame must move this many times sooner. */
  private static final int SCARCE_STALL_DIVISOR = 6;

  private static final long MIN_TICK_MS = 5;
  private static final long MAX_TICK_MS = 625;

  private final FrameLimits limits;
  private final MemoryBudget budget;
  private final Refusals refusals;
  private final Clock clock;
  private final long stallNs;
  private final long maxIdleNs;
  private final ConnectionWheel wheel = new ConnectionWheel();
  private Runnable whenEmpty;
  private boolean open;

  NetworkLoop(TcpServerOptions options, TcpServices services, Refusals refusals, Executor loop) {
    limits = new FrameLimits(options.maxRequestBytes());
    budget = new MemoryBudget(options.requestMemoryBytes() / options.instances(), loop);
    this.refusals = refusals;
    clock = services.clock();
    stallNs = TimeUnit.MILLISECONDS.toNanos(options.frameStallMs());
    maxIdleNs = TimeUnit.MILLISECONDS.toNanos(options.maxIdleMs());
  }

  FrameLimits limits() {
    return limits;
  }

  MemoryBudget budget() {
    return budget;
  }

  Refusals refusals() {
    return refusals;
  }

  long nowNs() {
    return clock.monotonicNs();
  }

  /** How long a started frame may stand still. */
  long stallNs(boolean holdsMemory) {
    return holdsMemory && budget.scarce() ? stallNs / SCARCE_STALL_DIVISOR : stallNs;
  }

  /** How long a connection may do nothing. */
  long maxIdleNs() {
    return maxIdleNs;
  }

  /** Milliseconds between two ticks, so that a rotation is a fraction of the shortest deadline. */
  long tickMs() {
    long shortestMs = TimeUnit.NANOSECONDS.toMillis(Math.min(stallNs, maxIdleNs));
    long tickMs = shortestMs / (ConnectionWheel.BUCKETS * SCARCE_STALL_DIVISOR);
    return Math.max(MIN_TICK_MS, Math.min(MAX_TICK_MS, tickMs));
  }

  void tick() {
    wheel.tick(nowNs());
  }

  boolean isOpen() {
    return open;
  }

  /** Connections may be read from now on. */
  void open() {
    open = true;
    wheel.all().forEach(TcpConnection::pump);
  }

  void opened(TcpConnection connection) {
    wheel.add(connection);
  }

  void closed(TcpConnection connection) {
    wheel.remove(connection);
    if (wheel.size() == 0 && whenEmpty != null) {
      whenEmpty.run();
    }
  }

  List<TcpConnection> connections() {
    return wheel.all();
  }

  /** Lets the answers in flight go; {@code then} runs when no connection is left. */
  void drain(Runnable then) {
    whenEmpty = then;
    wheel.all().forEach(TcpConnection::drain);
    if (wheel.size() == 0) {
      then.run();
    }
  }
}
