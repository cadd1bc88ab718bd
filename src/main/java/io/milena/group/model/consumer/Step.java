package io.milena.group.model.consumer;

import io.milena.coordinator.model.AfterAppend;
import io.milena.coordinator.model.Answer;
import io.milena.coordinator.model.Bugs;
import io.milena.coordinator.model.CoordinatorRecord;
import io.milena.coordinator.model.Decision;
import io.milena.coordinator.model.Timer;
import io.milena.coordinator.model.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/**
 * A decision that is being put together: its records, and what is due when they are committed.
 * Without records that is due at once.
 */
final class Step {
  /** What is due when the records are applied; one that throws takes no other along. */
  interface Effect {
    /**
     * What it added before it threw is carried out.
     *
     * @param answers to add to
     * @param timers to add to
     */
    void happens(long nowMs, List<Answer> answers, List<Timer> timers);
  }

  /** As it is kept; what another part of the machine could not do comes out as well. */
  private interface Due {
    void happens(long nowMs, List<Answer> answers, List<Timer> timers, Bugs bugs);
  }

  private final Waiting waiting;
  private final long nowMs;
  private final List<CoordinatorRecord> records = new ArrayList<>();
  private final List<Due> effects = new ArrayList<>(4);
  private Token token;
  private Function<Errors, ApiMessage> refusal;
  private Object retryTimer;
  private long retryAfterMs;
  private Runnable onFailure = () -> {};

  /**
   * @param nowMs when it is decided
   */
  Step(Waiting waiting, long nowMs) {
    this.waiting = waiting;
    this.nowMs = nowMs;
  }

  long nowMs() {
    return nowMs;
  }

  List<CoordinatorRecord> records() {
    return records;
  }

  Step then(Effect effect) {
    effects.add((at, answers, timers, bugs) -> effect.happens(at, answers, timers));
    return this;
  }

  /** As {@link #then}, where another part of the machine says what is due: no records. */
  Step thenAsDecided(LongFunction<Decision> by) {
    effects.add(
        (at, answers, timers, bugs) -> {
          Decision decision = by.apply(at);
          answers.addAll(decision.answers());
          timers.addAll(decision.timers());
          bugs.addAll(decision.bugs());
        });
    return this;
  }

  /** Who is to be told when it fails, and how. */
  Step refusing(Token who, Function<Errors, ApiMessage> how) {
    this.token = who;
    this.refusal = how;
    return this;
  }

  /** A step of a timer is tried again when it fails. */
  Step retrying(Object timerKey, long afterMs) {
    this.retryTimer = timerKey;
    this.retryAfterMs = afterMs;
    return this;
  }

  Step onFailure(Runnable action) {
    this.onFailure = action;
    return this;
  }

  /** What comes out. */
  Decision decide() {
    if (records.isEmpty()) {
      return happen(nowMs);
    }
    if (token != null) {
      waiting.add(token, refusal);
    }
    return Decision.append(records, new Settling());
  }

  private Decision happen(long atMs) {
    List<Answer> answers = new ArrayList<>(1);
    List<Timer> timers = new ArrayList<>(2);
    Bugs bugs = new Bugs();
    effects.forEach(effect -> bugs.guard(() -> effect.happens(atMs, answers, timers, bugs)));
    return Decision.now(answers, timers, bugs);
  }

  private final class Settling implements AfterAppend {
    @Override
    public Decision committed(long atMs) {
      waiting.remove(token);
      return happen(atMs);
    }

    @Override
    public Decision failed(Errors error, long atMs) {
      waiting.remove(token);
      Bugs bugs = new Bugs();
      bugs.guard(onFailure);
      List<Answer> answers =
          token == null ? List.of() : List.of(new Answer(token, refusal.apply(error)));
      List<Timer> timers =
          retryTimer == null ? List.of() : List.of(new Timer(retryTimer, atMs + retryAfterMs));
      return Decision.now(answers, timers, bugs);
    }
  }
}
