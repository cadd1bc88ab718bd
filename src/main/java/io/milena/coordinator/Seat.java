package io.milena.coordinator;

import io.milena.base.Backoff;
import io.milena.base.Invariant;
import io.milena.coordinator.InternalLog.Appended;
import io.milena.coordinator.model.CoordinatorCore;
import io.milena.coordinator.model.CoordinatorMachine;
import io.milena.coordinator.model.Decision;
import io.milena.coordinator.model.EncodedRecord;
import io.milena.coordinator.model.Timer;
import io.milena.coordinator.model.TimerQueue;
import io.milena.work.Attempt;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One partition of an internal topic under one leader epoch (R45).
 *
 * <pre>
 * loading ──► active ──► closed
 *    ▲           │ nobody knows how an append ended, or a bug
 *    └───────────┘ unload, load again after a pause
 * </pre>
 *
 * The log is the truth: whenever the state in memory may differ from it, the state goes and the log
 * is read again. Owned by the runtime's context.
 */
final class Seat<Q> {
  private static final Logger LOG = LoggerFactory.getLogger(Seat.class);
  private static final Logger STATE = LoggerFactory.getLogger("state-change");
  private static final long FIRST_PAUSE_MS = 50;
  private static final long LONGEST_PAUSE_MS = 5_000;

  private final CoordinatorRuntime<Q> runtime;
  private final int partition;
  private final int leaderEpoch;
  private final String name;
  private final TimerQueue<Object> timers = new TimerQueue<>();
  private final Backoff pause;
  private CoordinatorMachine<Q> machine;

  /** The machine that is being loaded; it may count at bounds that others share. */
  private CoordinatorMachine<Q> unfinished;

  private CoordinatorCore<Q> core;
  private Errors refusal = Errors.COORDINATOR_LOAD_IN_PROGRESS;
  private boolean closed;

  Seat(CoordinatorRuntime<Q> runtime, int partition, int leaderEpoch) {
    this.runtime = runtime;
    this.partition = partition;
    this.leaderEpoch = leaderEpoch;
    this.name = runtime.parts().name().apply(partition);
    this.pause = new Backoff(FIRST_PAUSE_MS, LONGEST_PAUSE_MS, runtime.parts().random());
  }

  int partition() {
    return partition;
  }

  int leaderEpoch() {
    return leaderEpoch;
  }

  /** The machine that serves; null while none does. */
  CoordinatorMachine<Q> machine() {
    return core == null ? null : machine;
  }

  /** Requests without an answer yet. */
  int openRequests() {
    return core == null ? 0 : core.open();
  }

  /** Steps that are decided and not settled. */
  int unsettledSteps() {
    return core == null ? 0 : core.unsettled();
  }

  void ask(Q request, CoordinatorCore.Reply reply) {
    if (core == null) {
      reply.answer(runtime.parts().kind().refusals().apply(request, refusal));
    } else {
      guarded("a request", () -> core.request(request, reply, runtime.nowMs()));
    }
  }

  /** Tells the machine of something, if one serves. */
  void event(Function<CoordinatorMachine<Q>, Decision> work) {
    if (core != null) {
      guarded("an event", () -> core.event(() -> work.apply(machine), runtime.nowMs()));
    }
  }

  // ---- loading ------------------------------------------------------------------------------

  void open() {
    STATE.debug("{} loads in leader epoch {}", name, leaderEpoch);
    runtime.queueLoad(this);
  }

  /** Its turn has come; tells the runtime when it is over. */
  void load() {
    if (closed) {
      runtime.loadDone();
      return;
    }
    long startedMs = runtime.nowMs();
    Future.succeededFuture()
        .compose(begun -> loadFresh())
        .onComplete(
            outcome -> {
              try {
                loaded(startedMs, outcome);
              } catch (RuntimeException | Error bug) {
                cannotLoad(bug);
              } finally {
                runtime.loadDone(); // whatever happens: few may load at a time
              }
            });
  }

  private Future<LogLoad.Loaded> loadFresh() {
    unfinished = runtime.parts().machines().apply(partition);
    return new LogLoad(
            new LogLoad.Ground(
                runtime.parts().log(), runtime.context(), () -> !closed, runtime::nowMs),
            new LogLoad.Target(name, partition, leaderEpoch),
            unfinished)
        .run();
  }

  private void cannotLoad(Throwable cause) {
    LOG.error("{} cannot be loaded", name, cause);
    dropUnfinished();
    if (core != null) {
      drop();
    }
    again(Errors.COORDINATOR_LOAD_IN_PROGRESS);
  }

  private void loaded(long startedMs, AsyncResult<LogLoad.Loaded> outcome) {
    if (closed) {
      return;
    }
    if (outcome.failed()) {
      cannotLoad(outcome.cause());
      return;
    }
    LogLoad.Loaded loaded = outcome.result();
    if (loaded.error() != Errors.NONE) {
      STATE.info("{} cannot be loaded in epoch {}: {}", name, leaderEpoch, loaded.error());
      dropUnfinished();
      again(refusalWhen(loaded.error()));
      return;
    }
    long tookMs = runtime.nowMs() - startedMs;
    STATE.debug(
        "{} serves in leader epoch {}: {} records loaded in {} ms",
        name,
        leaderEpoch,
        loaded.records(),
        tookMs);
    runtime.loaded(partition, loaded.records());
    if (loaded.transactions().size() > 0) {
      LOG.warn("{} holds {} open transaction(s)", name, loaded.transactions().size());
    }
    runtime.parts().observer().loaded(loaded.records(), tookMs);
    serve();
  }

  private void serve() {
    core = new CoordinatorCore<>(unfinished, setup(), new CoreEffects());
    machine = unfinished;
    unfinished = null;
    guarded("after loading", () -> core.start(runtime.nowMs()));
  }

  private CoordinatorCore.Setup<Q> setup() {
    CoordinatorRuntime.Limits limits = runtime.parts().limits();
    return new CoordinatorCore.Setup<>(
        runtime.parts().kind().codec(),
        new CoordinatorCore.Limits(
            () -> runtime.parts().log().maxBatchBytes(),
            limits.appendTimeoutMs(),
            limits.openRequests(),
            limits.gatheredSteps(),
            limits.gatheredBytes(),
            limits.queuedPerKey()),
        runtime.parts().kind().waitLimitMs());
  }

  /** Somebody else may lead: clients look again. Anything else passes. */
  private static Errors refusalWhen(Errors error) {
    return switch (error) {
      case NOT_LEADER_OR_FOLLOWER,
          FENCED_LEADER_EPOCH,
          UNKNOWN_TOPIC_OR_PARTITION,
          KAFKA_STORAGE_ERROR,
          NOT_COORDINATOR ->
          Errors.NOT_COORDINATOR;
      default -> Errors.COORDINATOR_LOAD_IN_PROGRESS;
    };
  }

  private void again(Errors meanwhile) {
    refusal = meanwhile;
    runtime
        .vertx()
        .setTimer(
            pause.nextMs(),
            t -> {
              if (!closed) {
                runtime.queueLoad(this);
              }
            });
  }

  // ---- the end ------------------------------------------------------------------------------

  /** Another leads, or the process stops. */
  void close() {
    closed = true;
    refusal = Errors.NOT_COORDINATOR;
    dropUnfinished();
    if (core != null) {
      STATE.debug("{} is unloaded, it served in leader epoch {}", name, leaderEpoch);
      drop();
    }
  }

  /** Nobody waits for a machine that never served, but what it counted has to be given back. */
  private void dropUnfinished() {
    CoordinatorMachine<Q> gone = unfinished;
    unfinished = null;
    if (gone != null) {
      try {
        gone.unload(Errors.NOT_COORDINATOR);
      } catch (RuntimeException | Error bug) {
        runtime.bug(name + ": giving a load up", bug);
      }
    }
  }

  private void drop() {
    CoordinatorCore<Q> gone = core;
    core = null;
    machine = null;
    timers.clear();
    gone.unload(Errors.NOT_COORDINATOR);
  }

  /** What is in memory may not be what is in the log: read it again. */
  private void reload(String why) {
    if (closed || core == null) {
      return;
    }
    STATE.warn("{} is unloaded and loads again: {}", name, why);
    drop();
    again(Errors.NOT_COORDINATOR);
  }

  /** A bug below ends in a fresh start, for half a step may have been taken. */
  private void guarded(String doing, Runnable work) {
    long startedNs = runtime.parts().clock().monotonicNs();
    try {
      work.run();
    } catch (RuntimeException | Error bug) {
      runtime.bug(name + ": " + doing, bug);
      if (!(bug instanceof Invariant.Violation)) {
        reload(doing + " failed");
      }
    }
    runtime.parts().observer().stepTook(runtime.parts().clock().monotonicNs() - startedNs);
  }

  // ---- timers -------------------------------------------------------------------------------

  void ring(long nowMs, int max) {
    // One by one: what a timer brings about may cancel or move others that are due by now.
    for (int rung = 0; rung < max; rung++) {
      Object key = timers.pollDue(nowMs);
      if (key == null) {
        return;
      }
      guarded("a timer", () -> core.timerDue(key, nowMs));
    }
  }

  long nextDueMs() {
    return timers.nextDueMs();
  }

  // ---- effects ------------------------------------------------------------------------------

  private final class CoreEffects implements CoordinatorCore.Effects {
    @Override
    public void append(List<EncodedRecord> records) {
      CoordinatorCore<Q> asking = core;
      long startedMs = runtime.nowMs();
      // What is thrown, too, ends the append: the core would wait for it for ever.
      Attempt.of(() -> runtime.parts().log().append(partition, leaderEpoch, records))
          .onComplete(
              outcome -> {
                if (core == asking) {
                  appended(records.size(), startedMs, outcome);
                }
              });
    }

    @Override
    public void timer(Timer timer) {
      if (timer.dueMs() == Timer.CANCEL) {
        timers.cancel(timer.key());
      } else {
        timers.set(timer.key(), timer.dueMs());
        runtime.timerAt(timer.dueMs());
      }
    }

    @Override
    public void bug(String doing, Throwable bug) {
      runtime.bug(name + ": " + doing, bug);
    }
  }

  private void appended(int records, long startedMs, AsyncResult<Appended> outcome) {
    long nowMs = runtime.nowMs();
    if (outcome.failed()) {
      runtime.bug(name + ": an append", outcome.cause());
      runtime.parts().observer().appendFailed();
      reload("nobody knows how an append ended");
      return;
    }
    Appended appended = outcome.result();
    Errors error = appended.error();
    if (error == Errors.NONE) {
      runtime.parts().observer().committed(records, nowMs - startedMs);
      pause.reset();
      guarded("a committed append", () -> core.committed(appended.baseOffset(), nowMs));
      return;
    }
    runtime.parts().observer().appendFailed();
    if (endUnknown(error)) {
      reload("an append ended with " + error);
      return;
    }
    LOG.warn("{}: an append was refused: {}", name, error);
    guarded(
        "a refused append",
        () -> core.refused(runtime.parts().kind().appendErrors().apply(error), nowMs));
  }

  /** Leadership is lost, or a bug struck: the batch may be in the log or not. */
  private static boolean endUnknown(Errors error) {
    return switch (error) {
      case NOT_LEADER_OR_FOLLOWER,
          FENCED_LEADER_EPOCH,
          UNKNOWN_LEADER_EPOCH,
          UNKNOWN_TOPIC_OR_PARTITION,
          REQUEST_TIMED_OUT,
          UNKNOWN_SERVER_ERROR ->
          true;
      default -> false;
    };
  }
}
