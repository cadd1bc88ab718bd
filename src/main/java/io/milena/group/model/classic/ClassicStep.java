package io.milena.group.model.classic;

import io.milena.coordinator.model.AfterAppend;
import io.milena.coordinator.model.Answer;
import io.milena.coordinator.model.Bugs;
import io.milena.coordinator.model.CoordinatorRecord;
import io.milena.coordinator.model.Decision;
import io.milena.coordinator.model.Timer;
import io.milena.coordinator.model.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/** Gathers what one event makes due, until it becomes a {@link Decision}. */
final class ClassicStep {
  /** Time of the event, in the machine's clock. */
  final long nowMs;

  private final List<CoordinatorRecord> records = new ArrayList<>(1);
  private final List<Answer> answers = new ArrayList<>();
  private final List<Timer> timers = new ArrayList<>();
  private final List<Consumer<ClassicStep>> committed = new ArrayList<>(1);
  private final List<BiConsumer<Errors, ClassicStep>> failed = new ArrayList<>(1);
  private final Bugs bugs = new Bugs();

  ClassicStep(long nowMs) {
    this.nowMs = nowMs;
  }

  void answer(Token to, ApiMessage body) {
    answers.add(new Answer(to, body));
  }

  void timer(ClassicTimer key, long dueMs) {
    timers.add(new Timer(key, dueMs));
  }

  void cancel(ClassicTimer key) {
    timers.add(Timer.cancel(key));
  }

  void append(CoordinatorRecord record) {
    records.add(record);
  }

  boolean appends() {
    return !records.isEmpty();
  }

  /** One of several things that are due: if it throws, the others are done all the same. */
  void guard(Runnable part) {
    bugs.guard(part);
  }

  /** What follows the records; it takes nothing along that follows them, too, if it throws. */
  void afterwards(Consumer<ClassicStep> ifCommitted, BiConsumer<Errors, ClassicStep> ifFailed) {
    committed.add(ifCommitted);
    failed.add(ifFailed);
  }

  /** Answers when the records are committed, or with the error; at once if there are none. */
  void answerAfterwards(
      ClassicGroup group, Token to, ApiMessage body, Function<Errors, ApiMessage> refused) {
    if (!appends()) {
      answer(to, body);
      return;
    }
    ClassicGroup.Owed owed = new ClassicGroup.Owed(to, refused);
    group.owe(owed);
    afterwards(
        step -> {
          group.paid(owed);
          step.answer(to, body);
        },
        (error, step) -> {
          group.paid(owed);
          step.answer(to, refused.apply(error));
        });
  }

  Decision decision() {
    if (records.isEmpty()) {
      return Decision.now(answers, timers, bugs);
    }
    AfterAppend after = new Settled(List.copyOf(committed), failed);
    return new Decision(records, answers, timers, after, bugs.thrown());
  }

  private record Settled(
      List<Consumer<ClassicStep>> committed, List<BiConsumer<Errors, ClassicStep>> failed)
      implements AfterAppend {
    @Override
    public Decision committed(long nowMs) {
      ClassicStep step = new ClassicStep(nowMs);
      committed.forEach(action -> step.guard(() -> action.accept(step)));
      return step.decision();
    }

    @Override
    public Decision failed(Errors error, long nowMs) {
      ClassicStep step = new ClassicStep(nowMs);
      failed.forEach(action -> step.guard(() -> action.accept(error, step)));
      return step.decision();
    }
  }
}
