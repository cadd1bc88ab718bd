package io.milena.coordinator.model;

import io.milena.base.Invariant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/**
 * One coordinator at work: takes requests and timers to its machine in their turn, gathers the
 * records that it decides, has them appended batch by batch, and goes on when they are settled.
 *
 * <pre>
 * request ──► turn of its key ──► machine.handle ──► answers, timers: at once
 *                    ▲                   │ records
 *             key given back             ▼
 *                    │            gathered ──► one append in flight ──► committed: apply, after
 *                    └──────────────────────────────────────────────┴─► refused: after.failed
 * </pre>
 *
 * <p>Always holds: one append in flight; what is decided meanwhile goes as the next batch, in the
 * order in which it was decided; the records of one decision are in one batch. A step's key is held
 * until its records are settled. Of one thread; pure: effects go through {@link Effects}.
 *
 * @param <Q> the requests
 */
public final class CoordinatorCore<Q> {
  private static final long ANSWER_CHECK_MS = 1_000;
  private static final long TIMER_AGAIN_MS = 1_000;
  private static final long TIMER_AGAIN_MAX_MS = 60_000;

  private final CoordinatorMachine<Q> machine;
  private final Setup<Q> setup;
  private final Effects effects;
  private final SerialQueues<Step> turns;
  private final ArrayDeque<Step> ready = new ArrayDeque<>();
  private final ArrayDeque<Step> gathered = new ArrayDeque<>();
  private final Map<Object, Step> parkedTimers = new HashMap<>();

  /** Timers that are set because their step broke, with the pause after it breaks again. */
  private final Map<Object, Long> brokenTimers = new HashMap<>();

  private final Set<Asked> open = new LinkedHashSet<>();
  private List<Step> inFlight = List.of();
  private long gatheredBytes;
  private boolean draining;
  private boolean watching;
  private boolean closed;

  /** Timers of the core itself; a machine cannot have such keys. */
  private enum OwnTimer {
    /** Someone may have waited too long for an append. */
    APPEND_OVERDUE,
    /** Someone may have waited too long for an answer. */
    ANSWER_OVERDUE
  }

  /** What a core has done. */
  public interface Effects {
    /**
     * Appends the records as one batch; {@link #committed}, {@link #refused} or {@link #unload}
     * follows.
     */
    void append(List<EncodedRecord> records);

    /** Sets, moves or cancels a timer; {@link #timerDue} follows with its key. */
    void timer(Timer timer);

    /**
     * A machine threw: logged, and the process ends if an invariant is broken.
     *
     * @param doing what, and for whom
     */
    void bug(String doing, Throwable bug);
  }

  /**
   * @param waitLimitMs how long a request may wait for its answer; far more than it ever should
   */
  public record Setup<Q>(RecordCodec codec, Limits limits, ToLongFunction<Q> waitLimitMs) {}

  /**
   * @param batchBytes of one batch, at most, as it is now; a decision that is larger is refused
   * @param appendTimeoutMs after which whoever waits for an append is told to try again
   * @param openRequests unanswered at one time
   * @param gatheredSteps decided and not yet in the log
   * @param gatheredBytes of their records
   * @param queuedPerKey requests that wait for their turn
   */
  public record Limits(
      IntSupplier batchBytes,
      long appendTimeoutMs,
      int openRequests,
      int gatheredSteps,
      long gatheredBytes,
      int queuedPerKey) {}

  /** Gets the answer to one request, once. */
  public interface Reply {
    void answer(ApiMessage body);
  }

  private final class Asked implements Token {
    private final Q request;
    private final Reply reply;
    private final long askedMs;
    private final long untilMs;
    private Object key;

    private Asked(Q request, Reply reply, long askedMs, long untilMs) {
      this.request = request;
      this.reply = reply;
      this.askedMs = askedMs;
      this.untilMs = untilMs;
    }
  }

  /** A request or a timer on its way; {@code asked} is null for a timer. */
  private final class Step {
    private final Object key;
    private final Asked asked;
    private final Object timerKey;
    private Decision decision;
    private List<EncodedRecord> records = List.of();
    private int bytes;
    private long decidedMs;

    /** Something of it threw; what did not was carried out. */
    private boolean broken;

    /** Its timer was set, moved or cancelled by what it decided. */
    private boolean timerMoved;

    private Step(Object key, Asked asked, Object timerKey) {
      this.key = key;
      this.asked = asked;
      this.timerKey = timerKey;
    }
  }

  /** A core whose machine has loaded its log; {@link #start} comes next. */
  public CoordinatorCore(CoordinatorMachine<Q> machine, Setup<Q> setup, Effects effects) {
    this.machine = machine;
    this.setup = setup;
    this.effects = effects;
    this.turns = new SerialQueues<>(setup.limits().queuedPerKey(), setup.limits().openRequests());
  }

  /** Everything was loaded: the machine's first decision. */
  public void start(long nowMs) {
    Step step = new Step(null, null, null);
    guarded(step, "loaded", () -> machine.loaded(nowMs), nowMs);
    drain(nowMs);
  }

  // ---- inputs -------------------------------------------------------------------------------

  /** Asks; the reply comes at once or later, in every case once. */
  public void request(Q request, Reply reply, long nowMs) {
    if (closed || full()) {
      reply.answer(
          machine.refusal(
              request, closed ? Errors.NOT_COORDINATOR : Errors.COORDINATOR_NOT_AVAILABLE));
      return;
    }
    Asked asked =
        new Asked(request, reply, nowMs, nowMs + setup.waitLimitMs().applyAsLong(request));
    open.add(asked);
    if (!watching) {
      watching = true;
      effects.timer(new Timer(OwnTimer.ANSWER_OVERDUE, nowMs + ANSWER_CHECK_MS));
    }
    Object key;
    try {
      key = machine.serialKey(request);
    } catch (RuntimeException | Error bug) {
      effects.bug("finding the turn of " + machine.subject(request), bug);
      refuse(asked, Errors.UNKNOWN_SERVER_ERROR);
      return;
    }
    asked.key = key;
    Step step = new Step(key, asked, null);
    if (!takeTurn(step)) {
      refuse(asked, Errors.COORDINATOR_NOT_AVAILABLE);
    }
    drain(nowMs);
  }

  private boolean full() {
    Limits limits = setup.limits();
    return open.size() >= limits.openRequests()
        || gathered.size() >= limits.gatheredSteps()
        || gatheredBytes >= limits.gatheredBytes();
  }

  /** A timer is due. */
  public void timerDue(Object key, long nowMs) {
    if (closed) {
      return;
    }
    if (key == OwnTimer.APPEND_OVERDUE) {
      appendOverdue(nowMs);
    } else if (key == OwnTimer.ANSWER_OVERDUE) {
      answerOverdue(nowMs);
    } else {
      Step step = new Step(machine.serialKeyOfTimer(key), null, key);
      parkedTimers.put(key, step);
      if (!takeTurn(step)) {
        parkedTimers.remove(key);
        // The timer must not be lost: it comes again when there is room.
        effects.timer(new Timer(key, nowMs + TIMER_AGAIN_MS));
      }
    }
    drain(nowMs);
  }

  /**
   * Something happened that the machine must hear of, such as a new cluster image.
   *
   * @param work tells the machine; its decision is carried out
   */
  public void event(Supplier<Decision> work, long nowMs) {
    if (!closed) {
      guarded(new Step(null, null, null), "event", work, nowMs);
      drain(nowMs);
    }
  }

  /** The batch in flight is committed; its first record has {@code baseOffset}. */
  public void committed(long baseOffset, long nowMs) {
    if (closed) {
      return;
    }
    List<Step> done = inFlight;
    inFlight = List.of();
    long offset = baseOffset;
    for (Step step : done) {
      for (EncodedRecord record : step.records) {
        machine.apply(record.record(), offset, nowMs);
        offset++;
      }
      AfterAppend after = step.decision.after();
      guarded(step, "after an append", () -> after.committed(nowMs), nowMs);
    }
    drain(nowMs);
    appendNext(nowMs);
  }

  /**
   * The batch in flight is not in the log and never will be.
   *
   * @param error as clients are to see it
   */
  public void refused(Errors error, long nowMs) {
    if (closed) {
      return;
    }
    List<Step> done = inFlight;
    inFlight = List.of();
    done.forEach(step -> failed(step, error, nowMs));
    drain(nowMs);
    appendNext(nowMs);
  }

  /** The coordinator goes; whoever still waits is told {@code error}. */
  public void unload(Errors error) {
    if (closed) {
      return;
    }
    closed = true;
    try {
      machine.unload(error).forEach(this::answer);
    } catch (RuntimeException | Error bug) {
      effects.bug("unload", bug);
    }
    List.copyOf(open).forEach(asked -> refuse(asked, error));
  }

  /** Requests without an answer yet. */
  public int open() {
    return open.size();
  }

  /** Steps that are decided and not settled. */
  public int unsettled() {
    return gathered.size() + inFlight.size();
  }

  // ---- steps --------------------------------------------------------------------------------

  private boolean takeTurn(Step step) {
    if (step.key == null || turns.enter(step.key)) {
      ready.add(step);
      return true;
    }
    return turns.park(step.key, step);
  }

  /** Runs what is ready, and what becomes ready by it: a loop, so that no chain of steps nests. */
  private void drain(long nowMs) {
    if (draining) {
      return;
    }
    draining = true;
    try {
      for (Step step = ready.poll(); step != null; step = ready.poll()) {
        run(step, nowMs);
      }
    } finally {
      draining = false;
    }
    appendNext(nowMs);
  }

  private void run(Step step, long nowMs) {
    if (step.timerKey != null && !parkedTimers.remove(step.timerKey, step)) {
      // It was moved or cancelled while it waited for its turn.
      release(step);
    } else if (step.asked == null) {
      guarded(step, "timer", () -> machine.timer(step.timerKey, nowMs), nowMs);
    } else if (open.contains(step.asked)) {
      guarded(step, "handle", () -> machine.handle(step.asked.request, step.asked, nowMs), nowMs);
    } else {
      // Its time was over while it waited for its turn.
      release(step);
    }
  }

  /** One failing handler costs one request its answer, never the coordinator. */
  private void guarded(Step step, String doing, Supplier<Decision> work, long nowMs) {
    Decision decision;
    try {
      decision = work.get();
    } catch (Invariant.Violation broken) {
      throw broken;
    } catch (RuntimeException | Error bug) {
      broke(step, doing, bug);
      over(step, nowMs);
      return;
    }
    carryOut(step, doing, decision, nowMs);
  }

  private void broke(Step step, String doing, Throwable bug) {
    step.broken = true;
    effects.bug(doing + about(step), bug);
  }

  private String about(Step step) {
    if (step.asked != null) {
      return " for " + machine.subject(step.asked.request);
    }
    return step.timerKey == null ? "" : " for " + step.timerKey;
  }

  /**
   * Nothing more comes of the step. If it broke, whoever asked is told, and its timer comes again,
   * ever later: what it was to end would never end without.
   */
  private void over(Step step, long nowMs) {
    if (step.broken) {
      refuse(step.asked, Errors.UNKNOWN_SERVER_ERROR);
    }
    if (step.timerKey != null && !step.broken) {
      brokenTimers.remove(step.timerKey);
    } else if (step.timerKey != null && !step.timerMoved) {
      long pauseMs = brokenTimers.getOrDefault(step.timerKey, TIMER_AGAIN_MS);
      brokenTimers.put(step.timerKey, Math.min(2 * pauseMs, TIMER_AGAIN_MAX_MS));
      effects.timer(new Timer(step.timerKey, nowMs + pauseMs));
    }
    release(step);
  }

  /** What is wanted is done, each for itself, whatever else of it broke. */
  private void carryOut(Step step, String doing, Decision decision, long nowMs) {
    decision.bugs().forEach(bug -> broke(step, doing, bug));
    decision.answers().forEach(this::answer);
    for (Timer timer : decision.timers()) {
      parkedTimers.remove(timer.key());
      brokenTimers.remove(timer.key());
      step.timerMoved |= timer.key().equals(step.timerKey);
      effects.timer(timer);
    }
    step.decision = decision;
    if (decision.records().isEmpty()) {
      over(step, nowMs);
      return;
    }
    step.records = encode(step, decision.records());
    if (step.records == null) {
      refuse(step.asked, Errors.UNKNOWN_SERVER_ERROR);
      failed(step, Errors.UNKNOWN_SERVER_ERROR, nowMs);
      return;
    }
    step.bytes = step.records.stream().mapToInt(EncodedRecord::sizeBytes).sum();
    step.decidedMs = nowMs;
    if (step.bytes > setup.limits().batchBytes().getAsInt()) {
      failed(step, Errors.MESSAGE_TOO_LARGE, nowMs);
      return;
    }
    gathered.addLast(step);
    gatheredBytes += step.bytes;
  }

  private List<EncodedRecord> encode(Step step, List<CoordinatorRecord> records) {
    try {
      return records.stream().map(setup.codec()::encode).toList();
    } catch (RuntimeException | Error bug) {
      broke(step, "encoding", bug);
      return null;
    }
  }

  private void failed(Step step, Errors error, long nowMs) {
    AfterAppend after = step.decision.after();
    guarded(step, "after a failed append", () -> after.failed(error, nowMs), nowMs);
  }

  private void release(Step step) {
    if (step.key != null) {
      Step next = turns.release(step.key);
      if (next != null) {
        ready.add(next);
      }
    }
  }

  // ---- appends ------------------------------------------------------------------------------

  private void appendNext(long nowMs) {
    if (closed || !inFlight.isEmpty() || gathered.isEmpty()) {
      return;
    }
    List<Step> batch = new ArrayList<>();
    List<EncodedRecord> records = new ArrayList<>();
    int limit = setup.limits().batchBytes().getAsInt();
    int bytes = 0;
    for (Step step = gathered.peek();
        step != null && (batch.isEmpty() || bytes + step.bytes <= limit);
        step = gathered.peek()) {
      gathered.poll();
      bytes += step.bytes;
      batch.add(step);
      records.addAll(step.records);
    }
    gatheredBytes -= bytes;
    inFlight = batch;
    effects.timer(
        new Timer(
            OwnTimer.APPEND_OVERDUE, batch.get(0).decidedMs + setup.limits().appendTimeoutMs()));
    effects.append(records);
  }

  /**
   * Steps that wait for the append in flight never began and fail; of those in flight nobody knows
   * how they end, so that only their askers are told and their keys stay held. So are all who asked
   * under such a key and have waited as long: for their turn, or for what the append decides.
   */
  private void appendOverdue(long nowMs) {
    if (inFlight.isEmpty()) {
      return;
    }
    long timeoutMs = setup.limits().appendTimeoutMs();
    long overdueMs = nowMs - timeoutMs;
    long nextMs = nowMs;
    Set<Object> stuckKeys = new HashSet<>();
    for (Step step : inFlight) {
      if (step.decidedMs <= overdueMs) {
        refuse(step.asked, Errors.COORDINATOR_NOT_AVAILABLE);
        stuckKeys.add(step.key);
      } else {
        nextMs = Math.min(nextMs, step.decidedMs);
      }
    }
    stuckKeys.remove(null);
    nextMs = Math.min(nextMs, refuseStuck(stuckKeys, overdueMs, nowMs));
    List<Step> given = new ArrayList<>();
    while (!gathered.isEmpty() && gathered.peek().decidedMs <= overdueMs) {
      given.add(gathered.poll());
    }
    for (Step step : given) {
      gatheredBytes -= step.bytes;
      failed(step, Errors.COORDINATOR_NOT_AVAILABLE, nowMs);
    }
    nextMs = gathered.isEmpty() ? nextMs : Math.min(nextMs, gathered.peek().decidedMs);
    effects.timer(new Timer(OwnTimer.APPEND_OVERDUE, nextMs + timeoutMs));
  }

  /** Since when the next of them has waited, {@code nowMs} when there is none. */
  private long refuseStuck(Set<Object> stuckKeys, long overdueMs, long nowMs) {
    long nextMs = nowMs;
    for (Asked asked : stuckKeys.isEmpty() ? List.<Asked>of() : List.copyOf(open)) {
      if (!stuckKeys.contains(asked.key)) {
        continue;
      }
      if (asked.askedMs <= overdueMs) {
        refuse(asked, Errors.COORDINATOR_NOT_AVAILABLE);
      } else {
        nextMs = Math.min(nextMs, asked.askedMs);
      }
    }
    return nextMs;
  }

  // ---- answers ------------------------------------------------------------------------------

  @SuppressWarnings("unchecked") // open holds nothing but Asked
  private void answer(Answer answer) {
    if (open.remove(answer.to())) {
      tell((Asked) answer.to(), answer::body);
    }
  }

  private void refuse(Asked asked, Errors error) {
    if (asked != null && open.remove(asked)) {
      tell(asked, () -> machine.refusal(asked.request, error));
    }
  }

  /** One answer that cannot be given costs nobody else his. */
  private void tell(Asked asked, Supplier<ApiMessage> body) {
    try {
      asked.reply.answer(body.get());
    } catch (Invariant.Violation broken) {
      throw broken;
    } catch (RuntimeException | Error bug) {
      effects.bug("the answer for " + machine.subject(asked.request), bug);
    }
  }

  private void answerOverdue(long nowMs) {
    for (Asked asked : List.copyOf(open)) {
      if (asked.untilMs <= nowMs) {
        refuse(asked, Errors.COORDINATOR_NOT_AVAILABLE);
      }
    }
    watching = !open.isEmpty();
    if (watching) {
      effects.timer(new Timer(OwnTimer.ANSWER_OVERDUE, nowMs + ANSWER_CHECK_MS));
    }
  }
}
