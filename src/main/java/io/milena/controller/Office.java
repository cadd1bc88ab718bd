package io.milena.controller;

import io.milena.base.Backoff;
import io.milena.base.Clock;
import io.milena.base.RandomSource;
import io.milena.bus.Asking;
import io.milena.config.TopicConfigRules;
import io.milena.controller.model.Commands.Command;
import io.milena.controller.model.ControllerMachine;
import io.milena.controller.model.Plan;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.ImageDelta;
import io.milena.metrics.VerticleMeters;
import io.milena.work.Attempt;
import io.milena.zookeeper.EpochCheckedWrites;
import io.milena.zookeeper.client.ZkException;
import io.milena.zookeeper.client.ZkSession;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.common.errors.NotControllerException;
import org.apache.kafka.common.errors.ThrottlingQuotaExceededException;
import org.apache.kafka.common.errors.UnknownServerException;
import org.apache.kafka.common.protocol.ApiMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The work of one controller under one epoch, from election to resignation: asks the machine, then
 * writes ZooKeeper, then tells the brokers, then answers. One batch of plans is on its way at a
 * time; what arrives meanwhile waits and goes out together (group commit). When a write fails for
 * any reason but a newer controller, everything is read from ZooKeeper again and commands that got
 * no answer are run again (R3). Owned by the controller verticle's context.
 */
final class Office {
  private static final Logger LOG = LoggerFactory.getLogger(Office.class);

  /** Waiting events; beyond it commands are refused. */
  private static final int MAX_QUEUE = 10_000;

  /** Writes gathered into one batch. */
  private static final int MAX_BATCH_WRITES = 20_000;

  private static final int MAX_ATTEMPTS = 4;
  private static final long APPLIED_LIMIT_MS = 1_000;
  private static final long STOPPED_LIMIT_MS = 10_000;
  private static final long FIRST_RELOAD_PAUSE_MS = 20;
  private static final long LONGEST_RELOAD_PAUSE_MS = 2_000;

  /** Everything an office works with. */
  record Tools(
      Vertx vertx,
      ZkSession zk,
      ControllerOptions options,
      TopicConfigRules rules,
      Asking.Tools asking,
      VerticleMeters meters) {
    Clock clock() {
      return asking.clock();
    }

    RandomSource random() {
      return asking.random();
    }
  }

  /** A change to be decided; asynchronous ones are not batched with others. */
  private sealed interface Step permits Decide, Ask, Read {
    /** Monotonic time when it was put in the queue. */
    long queuedNs();
  }

  private record Decide(Function<ControllerMachine, Plan> decision, long queuedNs)
      implements Step {}

  private record Ask(Pending pending, long queuedNs) implements Step {}

  private record Read(Function<ControllerMachine, Future<Plan>> reading, long queuedNs)
      implements Step {}

  /** A command and who waits for it; the command's token is this object. */
  private static final class Pending {
    private final Promise<ApiMessage> answer = Promise.promise();
    private Command command;
    private int attempts;
  }

  private final Tools tools;
  private final EpochCheckedWrites writes;
  private final PlanWriter writer;
  private final ClusterLoader loader;
  private final Senders senders;
  private final Runnable onMoved;
  private final Backoff reloadPause;
  private final Deque<Step> queue = new ArrayDeque<>();
  private final List<Pending> inBatch = new ArrayList<>();
  private ControllerMachine machine;
  private ClusterImage committed;
  private boolean busy;
  private boolean reloadDue;
  private boolean closed;
  private long number;

  /**
   * @param onMoved called once when another controller was elected: close this office
   */
  Office(Tools tools, EpochCheckedWrites writes, Runnable onMoved) {
    this.tools = tools;
    this.writes = writes;
    this.onMoved = onMoved;
    this.writer = new PlanWriter(tools.zk(), writes);
    this.loader = new ClusterLoader(tools.zk());
    this.committed = ClusterImage.empty(tools.options().clusterId());
    this.senders =
        new Senders(tools.vertx(), tools.options().brokerId(), () -> committed, tools.asking());
    this.reloadPause = new Backoff(FIRST_RELOAD_PAUSE_MS, LONGEST_RELOAD_PAUSE_MS, tools.random());
  }

  int epoch() {
    return writes.epoch();
  }

  EpochCheckedWrites writes() {
    return writes;
  }

  ClusterLoader loader() {
    return loader;
  }

  Senders senders() {
    return senders;
  }

  /** The image as ZooKeeper holds it. */
  ClusterImage committed() {
    return committed;
  }

  /** True when nothing is being decided or written. */
  boolean idle() {
    return !busy && queue.isEmpty() && !reloadDue;
  }

  /** Reads everything and begins to work. */
  void open() {
    reload();
  }

  /** Drops the queue, sends nothing more (R2). */
  void close() {
    closed = true;
    senders.close();
    List<Pending> waiting = new ArrayList<>(inBatch);
    for (Step step : queue) {
      if (step instanceof Ask ask) {
        waiting.add(ask.pending());
      }
    }
    queue.clear();
    waiting.addAll(unfinishedDeletions());
    waiting.forEach(p -> p.answer.tryFail(new NotControllerException("controller moved")));
  }

  /** Runs a client's command; {@code make} is given the token it must carry. */
  Future<ApiMessage> run(Function<Object, Command> make) {
    if (closed) {
      return Future.failedFuture(new NotControllerException("not the controller"));
    }
    if (queue.size() >= MAX_QUEUE) {
      return Future.failedFuture(
          new ThrottlingQuotaExceededException("The controller has too much to do."));
    }
    Pending pending = new Pending();
    pending.command = make.apply(pending);
    queue.add(new Ask(pending, tools.clock().monotonicNs()));
    cycle();
    return pending.answer.future();
  }

  /** Puts a decision at the end of the queue. */
  void decide(Function<ControllerMachine, Plan> decision) {
    if (!closed) {
      queue.add(new Decide(decision, tools.clock().monotonicNs()));
      cycle();
    }
  }

  /** Puts a decision that must read first at the end of the queue. */
  void read(Function<ControllerMachine, Future<Plan>> reading) {
    if (!closed) {
      queue.add(new Read(reading, tools.clock().monotonicNs()));
      cycle();
    }
  }

  /** The connection to ZooKeeper is there again. */
  void reconnected() {
    cycle();
  }

  private void cycle() {
    if (busy || closed) {
      return;
    }
    if (reloadDue) {
      reload();
      return;
    }
    if (queue.isEmpty() || machine == null) {
      return;
    }
    busy = true;
    long oldestNs = queue.peek().queuedNs();
    long startedNs = tools.clock().monotonicNs();
    next()
        .compose(p -> carryOut(p, false))
        .onComplete(
            done -> {
              tools.meters().handled(oldestNs, startedNs, tools.clock().monotonicNs());
              settled(done.cause());
            });
  }

  /** What a step throws fails the future: the office must not stay busy for ever. */
  private Future<Plan> next() {
    if (queue.peek() instanceof Read read) {
      queue.poll();
      return Future.succeededFuture(machine).compose(read.reading());
    }
    return Attempt.of(this::batch);
  }

  /** Decides everything up to the next step that must read. */
  private Future<Plan> batch() {
    Plan plan = Plan.empty();
    while (!queue.isEmpty()
        && !(queue.peek() instanceof Read)
        && plan.writes().size() < MAX_BATCH_WRITES) {
      Step step = queue.poll();
      if (step instanceof Decide decide) {
        plan.merge(decide.decision().apply(machine));
      } else {
        Pending pending = ((Ask) step).pending();
        pending.attempts++;
        inBatch.add(pending);
        plan.merge(machine.command(pending.command));
      }
    }
    return Future.succeededFuture(plan);
  }

  private Future<Void> carryOut(Plan plan, boolean snapshot) {
    return writer
        .write(plan.writes())
        .map(
            written -> {
              if (!closed) {
                StateChangeLog.log(epoch(), plan);
                tell(plan, snapshot);
                inBatch.clear();
              }
              return null;
            });
  }

  /** ZooKeeper has it: image, then answers. */
  private void tell(Plan plan, boolean snapshot) {
    if (snapshot || !plan.change().isEmpty()) {
      number++;
      ImageDelta delta =
          plan.change()
              .toDelta(
                  tools.options().clusterId(),
                  tools.options().brokerId(),
                  epoch(),
                  number,
                  snapshot);
      committed = committed.with(delta);
      senders.broadcast(delta);
    }
    if (!plan.answers().isEmpty()) {
      senders
          .reached(number, STOPPED_LIMIT_MS, APPLIED_LIMIT_MS)
          .onComplete(
              reached ->
                  plan.answers().forEach(a -> ((Pending) a.to()).answer.tryComplete(a.body())));
    }
    stopDeleted(plan);
  }

  /** When the brokers have stopped the partitions of deleted topics, the znodes may go. */
  private void stopDeleted(Plan plan) {
    Set<String> deleted = new HashSet<>(plan.change().topicsGone());
    deleted.retainAll(machine.deleting());
    if (!deleted.isEmpty()) {
      senders
          .reached(number, STOPPED_LIMIT_MS, STOPPED_LIMIT_MS)
          .onComplete(reached -> decide(m -> m.topicsStopped(deleted)));
    }
  }

  private void settled(Throwable failure) {
    busy = false;
    if (closed) {
      return;
    }
    if (failure == null) {
      reloadPause.reset();
    } else if (failure instanceof ZkException.ControllerMoved) {
      LOG.info("Resigning: {}", failure.getMessage());
      onMoved.run();
      return;
    } else {
      failed(failure);
    }
    cycle();
  }

  private void failed(Throwable failure) {
    if (failure instanceof ZkException) {
      LOG.warn("Controller reads everything again: {}", failure.getMessage());
    } else {
      LOG.error("Controller reads everything again after a failure of its own", failure);
    }
    boolean ours = !(failure instanceof ZkException zk && zk.retriable());
    List<Pending> again = new ArrayList<>(inBatch);
    inBatch.clear();
    for (int i = again.size() - 1; i >= 0; i--) {
      Pending pending = again.get(i);
      if (ours && pending.attempts >= MAX_ATTEMPTS) {
        pending.answer.tryFail(new UnknownServerException("The change could not be written."));
      } else {
        queue.addFirst(new Ask(pending, tools.clock().monotonicNs()));
      }
    }
    reloadDue = true;
  }

  /** R7: trusts only what ZooKeeper says. */
  private void reload() {
    if (!tools.zk().connected() && machine != null) {
      return; // reconnected() comes back here
    }
    reloadDue = false;
    busy = true;
    // In the queue from now on: whoever closes the office meanwhile finds them there.
    unfinishedDeletions().forEach(p -> queue.addFirst(new Ask(p, tools.clock().monotonicNs())));
    Future.succeededFuture()
        .compose(begun -> loader.load())
        .compose(
            loaded -> {
              ControllerMachine fresh =
                  new ControllerMachine(tools.options().settings(), tools.rules(), tools.random());
              machine = fresh;
              Plan plan = fresh.takeOver(loaded);
              Plan whole = new Plan(plan.writes(), fresh.snapshot(), plan.answers(), plan.steps());
              plan.change().topicsGone().forEach(whole.change()::topicGone);
              return carryOut(whole, true);
            })
        .onComplete(
            done -> {
              if (done.succeeded()) {
                settled(null);
              } else if (done.cause() instanceof ZkException.ControllerMoved) {
                settled(done.cause());
              } else {
                retryReload(done.cause());
              }
            });
  }

  private List<Pending> unfinishedDeletions() {
    List<Pending> unfinished = new ArrayList<>();
    if (machine != null) {
      machine.unfinishedDeletions().forEach(c -> unfinished.add((Pending) c.token()));
    }
    return unfinished;
  }

  private void retryReload(Throwable failure) {
    if (failure instanceof ZkException) {
      LOG.warn("Controller could not read the cluster from ZooKeeper: {}", failure.toString());
    } else {
      LOG.error("Controller could not take over what is in ZooKeeper", failure);
    }
    machine = null;
    reloadDue = true;
    tools
        .vertx()
        .setTimer(
            reloadPause.nextMs(),
            t -> {
              busy = false;
              cycle();
            });
  }
}
