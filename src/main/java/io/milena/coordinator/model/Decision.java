package io.milena.coordinator.model;

import java.util.List;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * What a machine wants done after one event. {@code answers} and {@code timers} take effect at
 * once; what may happen only when the records are committed comes from {@code after}.
 *
 * @param records appended together, all or none; empty when nothing is to be remembered
 * @param after asked when the records are settled; null exactly when there are no records
 * @param bugs thrown by parts of it, which therefore are missing; the others are carried out. They
 *     are logged, and the step's asker is told if it has no answer when the step is over
 */
public record Decision(
    List<CoordinatorRecord> records,
    List<Answer> answers,
    List<Timer> timers,
    AfterAppend after,
    List<Throwable> bugs) {
  /** Nothing to do. */
  public static final Decision NOTHING = new Decision(List.of(), List.of(), List.of(), null);

  public Decision {
    records = List.copyOf(records);
    answers = List.copyOf(answers);
    timers = List.copyOf(timers);
    bugs = List.copyOf(bugs);
    if (records.isEmpty() != (after == null)) {
      throw new IllegalArgumentException("records and what follows them belong together");
    }
  }

  /** One that is whole. */
  public Decision(
      List<CoordinatorRecord> records,
      List<Answer> answers,
      List<Timer> timers,
      AfterAppend after) {
    this(records, answers, timers, after, List.of());
  }

  /** One answer, nothing to remember. */
  public static Decision answer(Token to, ApiMessage body) {
    return new Decision(List.of(), List.of(new Answer(to, body)), List.of(), null);
  }

  /** Answers and timers, nothing to remember. */
  public static Decision now(List<Answer> answers, List<Timer> timers) {
    return new Decision(List.of(), answers, timers, null);
  }

  /** As {@link #now(List, List)}, with what was thrown on the way. */
  public static Decision now(List<Answer> answers, List<Timer> timers, Bugs bugs) {
    return new Decision(List.of(), answers, timers, null, bugs.thrown());
  }

  /** Records, and what follows them. */
  public static Decision append(List<CoordinatorRecord> records, AfterAppend after) {
    return new Decision(records, List.of(), List.of(), after);
  }
}
