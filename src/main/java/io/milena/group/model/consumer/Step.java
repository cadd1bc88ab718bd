package io.milena.group.model.consumer;

import io.milena.coordinator.model.AfterAppend;
import io.milena.coordinator.model.Answer;
import io.milena.coordinator.model.CoordinatorRecord;
import io.milena.coordinator.model.Decision;
import io.milena.coordinator.model.Timer;
import io.milena.coordinator.model.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/**
 * A decision that is being put together: its records, and what is due when they are committed.
 * Without records that is due at once.
 */
final class Step {
  /** What is due when the records are applied. */
  interface Effect {
    /**
     * @param answers to add to
     * @param timers to add to
     */
    void happens(long nowMs, List<Answer> answers, List<Timer> timers);
  }

  private final Waiting waiting;
  private final long nowMs;
  private final List<CoordinatorRecord> records = new ArrayList<>();
  private final List<Effect> effects = new ArrayList<>(4);
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
    effects.add(effect);
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
    effects.forEach(effect -> effect.happens(atMs, answers, timers));
    return Decision.now(answers, timers);
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
      onFailure.run();
      List<Answer> answers =
          token == null ? List.of() : List.of(new Answer(token, refusal.apply(error)));
      List<Timer> timers =
          retryTimer == null ? List.of() : List.of(new Timer(retryTimer, atMs + retryAfterMs));
      return Decision.now(answers, timers);
    }
  }
}
