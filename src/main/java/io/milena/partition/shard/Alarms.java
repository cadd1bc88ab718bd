package io.milena.partition.shard;

import io.milena.base.Clock;
import io.milena.replication.Deadlines;
import io.milena.replication.Deadlines.Due;
import io.vertx.core.Vertx;

/**
 * Every deadline of a shard on one Vert.x timer, which is set for the earliest of them. A timer per
 * request would cost more than the request.
 */
final class Alarms {
  private static final long NANOS_PER_MS = 1_000_000;
  private static final long NOT_ARMED = -1;

  private final Vertx vertx;
  private final Clock clock;
  private final Deadlines<Runnable> deadlines = new Deadlines<>();
  private long timerId = NOT_ARMED;
  private long armedForNs;

  Alarms(Vertx vertx, Clock clock) {
    this.vertx = vertx;
    this.clock = clock;
  }

  /** Runs {@code action} on the shard's context once {@code deadlineNs} has come. */
  Due at(long deadlineNs, Runnable action) {
    Due due = deadlines.schedule(deadlineNs, action);
    if (timerId == NOT_ARMED || deadlineNs - armedForNs < 0) {
      arm(deadlineNs);
    }
    return due;
  }

  void cancel(Due due) {
    deadlines.cancel(due);
  }

  private void arm(long deadlineNs) {
    if (timerId != NOT_ARMED) {
      vertx.cancelTimer(timerId);
    }
    armedForNs = deadlineNs;
    long waitNs = Math.max(0, deadlineNs - clock.monotonicNs());
    timerId = vertx.setTimer(waitNs / NANOS_PER_MS + 1, id -> ring());
  }

  private void ring() {
    timerId = NOT_ARMED;
    try {
      deadlines.expire(clock.monotonicNs(), Runnable::run);
    } finally {
      if (!deadlines.isEmpty()) {
        arm(deadlines.nextNs());
      }
    }
  }

  void stop() {
    if (timerId != NOT_ARMED) {
      vertx.cancelTimer(timerId);
      timerId = NOT_ARMED;
    }
  }
}
