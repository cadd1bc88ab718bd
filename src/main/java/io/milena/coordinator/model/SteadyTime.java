package io.milena.coordinator.model;

/**
 * The one clock of a machine: milliseconds near the wall clock that never go back and never jump.
 * Timers and the timestamps in records are both taken from it, so it goes by the monotonic clock
 * (R10) and follows a wall clock that was set anew by running up to a tenth faster or slower. Of
 * one thread; pure.
 */
public final class SteadyTime {
  private static final long SLEW = 10;
  private static final long CREDIT_MAX_MS = 1_000;

  private long lastMonotonicMs;

  /** Time that passed and was not used for following yet. */
  private long creditMs;

  private long nowMs;

  public SteadyTime(long wallMs, long monotonicMs) {
    this.nowMs = wallMs;
    this.lastMonotonicMs = monotonicMs;
  }

  /** The time, given what both clocks say. */
  public long nowMs(long wallMs, long monotonicMs) {
    long elapsedMs = Math.max(0, monotonicMs - lastMonotonicMs);
    lastMonotonicMs += elapsedMs;
    creditMs = Math.min(CREDIT_MAX_MS, creditMs + elapsedMs);
    long behindMs = wallMs - (nowMs + elapsedMs);
    long slewMs = Math.min(elapsedMs, creditMs / SLEW);
    long followedMs = Math.max(-slewMs, Math.min(slewMs, behindMs));
    creditMs -= Math.abs(followedMs) * SLEW;
    nowMs += elapsedMs + followedMs;
    return nowMs;
  }
}
