package io.milena.coordinator;

import io.milena.base.Clock;
import io.milena.base.Invariant;
import io.milena.base.RandomSource;
import io.milena.coordinator.model.CoordinatorCore;
import io.milena.coordinator.model.CoordinatorMachine;
import io.milena.coordinator.model.Decision;
import io.milena.coordinator.model.RecordCodec;
import io.milena.coordinator.model.SteadyTime;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.IntFunction;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The coordinators of one kind that share an event loop: one {@link Seat} for each partition of the
 * internal topic that this broker leads. Keeps their timers with one timer of Vert.x, and bounds
 * how many load at a time. Owned by a verticle, used on its context only.
 *
 * @param <Q> the requests
 */
public final class CoordinatorRuntime<Q> {
  private static final Logger LOG = LoggerFactory.getLogger(CoordinatorRuntime.class);
  private static final Logger STATE = LoggerFactory.getLogger("state-change");
  private static final int LOADS_AT_A_TIME = 4;

  /** Timers of one coordinator handled before others have their turn. */
  private static final int TIMERS_PER_TURN = 200;

  private static final long NOT_ARMED = -1;

  private final Vertx vertx;
  private final Context context;
  private final Parts<Q> parts;
  private final Map<Integer, Seat<Q>> seats = new HashMap<>();
  private final ArrayDeque<Seat<Q>> waitingToLoad = new ArrayDeque<>();
  private final SteadyTime time;
  private int loading;

  /** Loaded since the last line that told of it. */
  private final List<Integer> loadedPartitions = new ArrayList<>();

  private long loadedRecords;
  private long loadsBeganMs;
  private long timerId = NOT_ARMED;
  private long armedForMs;
  private boolean stopped;

  /**
   * What a runtime is made of.
   *
   * @param name of a coordinator for log lines, by partition: {@code group coordinator
   *     __consumer_offsets-7}
   * @param machines an empty machine for a partition
   * @param kind what differs between kinds of coordinators
   * @param halt ends the process after a broken invariant
   */
  public record Parts<Q>(
      IntFunction<String> name,
      IntFunction<CoordinatorMachine<Q>> machines,
      Kind<Q> kind,
      InternalLog log,
      Limits limits,
      CoordinatorObserver observer,
      Clock clock,
      RandomSource random,
      Runnable halt) {}

  /**
   * @param refusals the answer to a request that no machine sees
   * @param appendErrors what clients are told when an append is refused
   * @param waitLimitMs how long a request may wait for its answer at all
   */
  public record Kind<Q>(
      RecordCodec codec,
      BiFunction<Q, Errors, ApiMessage> refusals,
      UnaryOperator<Errors> appendErrors,
      ToLongFunction<Q> waitLimitMs) {}

  /**
   * Bounds of each coordinator.
   *
   * @param appendTimeoutMs {@code offsets.commit.timeout.ms} and the like
   * @param openRequests unanswered at one time
   * @param gatheredSteps decided and waiting for the append before theirs
   * @param gatheredBytes of their records
   * @param queuedPerKey requests that wait for an earlier one of, e.g., the same group
   */
  public record Limits(
      long appendTimeoutMs,
      int openRequests,
      int gatheredSteps,
      long gatheredBytes,
      int queuedPerKey) {
    /** 20,000 open requests, 10,000 steps and 16 MiB gathered, 5,000 waiting for one key. */
    public static Limits of(long appendTimeoutMs) {
      return new Limits(appendTimeoutMs, 20_000, 10_000, 16L << 20, 5_000);
    }
  }

  /** Made on the verticle's context. */
  public CoordinatorRuntime(Vertx vertx, Parts<Q> parts) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.parts = parts;
    this.time = new SteadyTime(parts.clock().wallMs(), parts.clock().monotonicMs());
  }

  // ---- leadership ---------------------------------------------------------------------------

  /**
   * Says what is led, all of it.
   *
   * @param epochs leader epoch by partition
   */
  public void lead(Map<Integer, Integer> epochs) {
    if (stopped) {
      return;
    }
    List<Integer> unloaded = new ArrayList<>();
    for (Seat<Q> seat : List.copyOf(seats.values())) {
      Integer epoch = epochs.get(seat.partition());
      if (epoch == null || epoch != seat.leaderEpoch()) {
        if (seat.machine() != null) {
          unloaded.add(seat.partition());
        }
        seats.remove(seat.partition());
        waitingToLoad.remove(seat);
        seat.close();
      }
    }
    if (!unloaded.isEmpty()) {
      STATE.info("Unloaded: {}", names(unloaded));
    }
    epochs.forEach(
        (partition, epoch) -> {
          if (!seats.containsKey(partition)) {
            Seat<Q> seat = new Seat<>(this, partition, epoch);
            seats.put(partition, seat);
            seat.open();
          }
        });
  }

  /** One line for all: there may be fifty of them. */
  private String names(List<Integer> partitions) {
    String first = parts.name().apply(partitions.get(0));
    return partitions.size() == 1 ? first : first + " and " + (partitions.size() - 1) + " more";
  }

  /** Lets every coordinator go: whoever waits is told NOT_COORDINATOR. */
  public void stop() {
    lead(Map.of());
    stopped = true;
    if (timerId != NOT_ARMED) {
      vertx.cancelTimer(timerId);
      timerId = NOT_ARMED;
    }
  }

  // ---- requests -----------------------------------------------------------------------------

  /** Asks the coordinator of a partition; the reply comes once, now or later. */
  public void ask(int partition, Q request, CoordinatorCore.Reply reply) {
    Seat<Q> seat = seats.get(partition);
    if (seat == null) {
      reply.answer(parts.kind().refusals().apply(request, Errors.NOT_COORDINATOR));
    } else {
      seat.ask(request, reply);
    }
  }

  /** Partitions that are led, loading ones too. */
  public List<Integer> partitions() {
    return new ArrayList<>(seats.keySet());
  }

  /** Requests without an answer yet. */
  public int openRequests() {
    return seats.values().stream().mapToInt(Seat::openRequests).sum();
  }

  /** Steps whose records are on their way into the log, or wait for that. */
  public int unsettledSteps() {
    return seats.values().stream().mapToInt(Seat::unsettledSteps).sum();
  }

  /** Shows every machine that serves. */
  public void forEachActive(BiConsumer<Integer, CoordinatorMachine<Q>> look) {
    seats.forEach(
        (partition, seat) -> {
          if (seat.machine() != null) {
            look.accept(partition, seat.machine());
          }
        });
  }

  /** Tells every machine that serves of something; its decision is carried out. */
  public void event(BiFunction<CoordinatorMachine<Q>, Long, Decision> work) {
    for (Seat<Q> seat : List.copyOf(seats.values())) {
      seat.event(machine -> work.apply(machine, nowMs()));
    }
  }

  // ---- for the seats ------------------------------------------------------------------------

  Parts<Q> parts() {
    return parts;
  }

  Context context() {
    return context;
  }

  Vertx vertx() {
    return vertx;
  }

  /** The machines' clock. */
  long nowMs() {
    return time.nowMs(parts.clock().wallMs(), parts.clock().monotonicMs());
  }

  /** Lets the seat load when it is its turn; it says when it is done. */
  void queueLoad(Seat<Q> seat) {
    if (loading == 0 && waitingToLoad.isEmpty()) {
      loadsBeganMs = nowMs();
    }
    waitingToLoad.add(seat);
    loadNext();
  }

  /** A load ended well. */
  void loaded(int partition, int records) {
    loadedPartitions.add(partition);
    loadedRecords += records;
  }

  void loadDone() {
    loading--;
    loadNext();
    if (loading == 0 && waitingToLoad.isEmpty() && !loadedPartitions.isEmpty()) {
      STATE.info(
          "Serving: {}, {} records loaded in {} ms",
          names(loadedPartitions),
          loadedRecords,
          nowMs() - loadsBeganMs);
      loadedPartitions.clear();
      loadedRecords = 0;
    }
  }

  private void loadNext() {
    while (loading < LOADS_AT_A_TIME && !waitingToLoad.isEmpty()) {
      loading++;
      waitingToLoad.poll().load();
    }
  }

  /** What a machine threw: the process ends when an invariant is broken. */
  void bug(String where, Throwable bug) {
    if (bug instanceof Invariant.Violation) {
      LOG.error("{} is broken and ends the process", where, bug);
      parts.halt().run();
    } else {
      LOG.error("{} failed", where, bug);
    }
  }

  // ---- timers -------------------------------------------------------------------------------

  /** A seat has a timer that is due then. */
  void timerAt(long dueMs) {
    if (!stopped && (timerId == NOT_ARMED || dueMs < armedForMs)) {
      arm(dueMs);
    }
  }

  private void arm(long dueMs) {
    if (timerId != NOT_ARMED) {
      vertx.cancelTimer(timerId);
    }
    armedForMs = dueMs;
    timerId = vertx.setTimer(Math.max(1, dueMs - nowMs()), id -> ring());
  }

  private void ring() {
    timerId = NOT_ARMED;
    long nowMs = nowMs();
    for (Seat<Q> seat : List.copyOf(seats.values())) {
      seat.ring(nowMs, TIMERS_PER_TURN);
    }
    long next = Long.MAX_VALUE;
    for (Seat<Q> seat : seats.values()) {
      next = Math.min(next, seat.nextDueMs());
    }
    if (next != Long.MAX_VALUE) {
      timerAt(next);
    }
  }
}
