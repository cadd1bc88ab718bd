package io.milena.coordinator.model;

import java.util.List;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/**
 * The state of one partition of an internal topic and all decisions about it. Driven by one thread;
 * time is in milliseconds of one clock that never goes back, save where a record carries wall-clock
 * time.
 *
 * <p>Life: made empty; {@link #apply} for each record of the log in order; {@link #loaded} once;
 * then requests and timers, with {@link #apply} for each committed record; {@link #unload} once.
 *
 * @param <Q> the requests it is asked
 */
public interface CoordinatorMachine<Q> {
  /**
   * Steps with the same serial key wait for one another while the records of an earlier one are
   * being appended, so that each decides on what is committed. Null: the request never waits and
   * must decide rightly even while others are pending (heartbeats, reads, offset commits).
   */
  Object serialKey(Q request);

  /** As {@link #serialKey}, for a timer. */
  Object serialKeyOfTimer(Object timerKey);

  /** What a request is about, for log lines: {@code group x}. Never throws. */
  String subject(Q request);

  /** Decides about a request. Changes no durable state. */
  Decision handle(Q request, Token token, long nowMs);

  /** Decides about a timer that is due. Changes no durable state. */
  Decision timer(Object timerKey, long nowMs);

  /**
   * Takes over a committed record, while loading and live: the only place where durable state
   * changes.
   *
   * @param offset of the record in the log; rises from call to call
   */
  void apply(CoordinatorRecord record, long offset, long nowMs);

  /** Everything was loaded: timers to start, records that loading makes due. */
  Decision loaded(long nowMs);

  /** The coordinator goes: whoever still waits is answered. Nothing is called afterwards. */
  List<Answer> unload(Errors error);

  /**
   * The answer to a request that is not decided at all: NOT_COORDINATOR,
   * COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE when a queue is full.
   */
  ApiMessage refusal(Q request, Errors error);
}
