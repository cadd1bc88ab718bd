package io.milena.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.base.Clock;
import io.milena.base.RandomSource;
import io.milena.coordinator.model.CoordinatorRecord;
import io.milena.coordinator.model.LogEntry;
import io.milena.coordinator.model.ToyMachine;
import io.milena.coordinator.model.ToyMachine.Ask;
import io.milena.group.model.GroupRecordCodec;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.coordinator.group.generated.GroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CoordinatorRuntimeTest {
  private static final int PARTITION = 7;

  private final List<ToyMachine> machines = new CopyOnWriteArrayList<>();
  private final List<String> replies = new CopyOnWriteArrayList<>();
  private final AtomicBoolean halted = new AtomicBoolean();

  /** The next machine cannot be made. */
  private final AtomicBoolean noMachine = new AtomicBoolean();

  private final ScriptedLog log = new ScriptedLog();
  private Vertx vertx;
  private Context context;
  private CoordinatorRuntime<Ask> runtime;

  @BeforeEach
  void startRuntime() throws Exception {
    vertx = Vertx.vertx();
    context = vertx.getOrCreateContext();
    on(
        () -> {
          runtime = new CoordinatorRuntime<>(vertx, parts());
          return null;
        });
  }

  @AfterEach
  void closeVertx() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private CoordinatorRuntime.Parts<Ask> parts() {
    return new CoordinatorRuntime.Parts<>(
        partition -> "Toy " + partition,
        partition -> {
          if (noMachine.getAndSet(false)) {
            throw new IllegalStateException("no machine, says the test");
          }
          ToyMachine machine = new ToyMachine();
          machines.add(machine);
          return machine;
        },
        new CoordinatorRuntime.Kind<>(
            new GroupRecordCodec(),
            (ask, error) -> ToyMachine.refused(error),
            error -> error == Errors.NOT_ENOUGH_REPLICAS ? Errors.COORDINATOR_NOT_AVAILABLE : error,
            ask -> 60_000),
        log,
        new CoordinatorRuntime.Limits(300, 100, 100, 1 << 20, 100),
        CoordinatorObserver.NONE,
        Clock.system(),
        RandomSource.system(),
        () -> halted.set(true));
  }

  private <T> T on(Callable<T> work) throws Exception {
    Promise<T> done = Promise.promise();
    context.runOnContext(
        v -> {
          try {
            done.complete(work.call());
          } catch (Exception | AssertionError e) {
            done.fail(e);
          }
        });
    return done.future().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private void ask(String label, Ask ask) throws Exception {
    on(
        () -> {
          runtime.ask(PARTITION, ask, body -> replies.add(label + " " + ToyMachine.told(body)));
          return null;
        });
  }

  private void lead(int epoch) throws Exception {
    on(
        () -> {
          runtime.lead(Map.of(PARTITION, epoch));
          return null;
        });
  }

  private void awaitServing() {
    int before = machines.size();
    await(() -> before > 0 && machines.get(machines.size() - 1).loaded);
  }

  private static void await(Callable<Boolean> condition) {
    Awaitility.await().until(condition);
  }

  private void inLog(String name, int sum) {
    log.entries.add(LogEntry.plain(log.entries.size(), record(name, sum)));
  }

  private static CoordinatorRecord record(String name, int sum) {
    return new CoordinatorRecord(
        new GroupMetadataKey().setGroup(name),
        new GroupMetadataValue().setGeneration(sum).setProtocol(null).setLeader(null),
        (short) 3);
  }

  @Test
  void whatIsNotLedIsRefused() throws Exception {
    ask("a", Ask.look("x"));
    assertThat(replies).containsExactly("a NOT_COORDINATOR");
  }

  @Test
  void theWholeLogIsLoadedAndWhatMakesNoSenseIsPassedOver() throws Exception {
    for (int i = 1; i <= 10; i++) {
      inLog("x", i);
    }
    inLog("nonsense", 1);
    inLog("y", 3);
    log.unreadable.put("key type 99", 4);
    lead(1);
    awaitServing();
    ask("x", Ask.look("x"));
    ask("y", Ask.look("y"));
    assertThat(replies).containsExactly("x 10", "y 3");
  }

  @Test
  void recordsOfTransactionsCountFromTheirCommitAndNeverAfterAnAbort() throws Exception {
    log.entries.add(LogEntry.transactional(0, 100, record("kept", 1)));
    log.entries.add(LogEntry.transactional(1, 200, record("dropped", 2)));
    log.entries.add(LogEntry.transactional(2, 300, record("open", 3)));
    log.entries.add(LogEntry.end(3, 200, false));
    log.entries.add(LogEntry.end(4, 100, true));
    lead(1);
    awaitServing();
    assertThat(machines.get(0).sums).containsOnly(Map.entry("kept", 1));
  }

  @Test
  void leadershipLostWhileAnAppendIsUnderWayTellsItsAskerAndTheNextEpochReadsTheLog()
      throws Exception {
    lead(1);
    awaitServing();
    ask("a", Ask.add("x", 5));
    await(() -> log.pending.size() == 1);
    log.write();
    lead(2);
    assertThat(replies).containsExactly("a NOT_COORDINATOR");
    await(() -> machines.size() == 2 && machines.get(1).loaded);
    ask("look", Ask.look("x"));
    assertThat(replies).endsWith("look 5");
    on(
        () -> {
          log.pending.get(0).end().complete(new InternalLog.Appended(Errors.NONE, 0));
          return null;
        });
    ask("again", Ask.look("x"));
    assertThat(replies).endsWith("look 5", "again 5");
  }

  @Test
  void anAppendWhoseEndNobodyKnowsMakesTheLogBeReadAgain() throws Exception {
    lead(1);
    awaitServing();
    ask("a", Ask.add("x", 5));
    on(
        () -> {
          log.write();
          log.refuse(Errors.NOT_LEADER_OR_FOLLOWER);
          return null;
        });
    assertThat(replies).containsExactly("a NOT_COORDINATOR");
    await(() -> machines.size() == 2 && machines.get(1).loaded);
    ask("look", Ask.look("x"));
    assertThat(replies).endsWith("look 5");
  }

  @Test
  void aRefusedAppendIsToldAndNothingIsLoadedAgain() throws Exception {
    lead(1);
    awaitServing();
    ask("a", Ask.add("x", 5));
    on(
        () -> {
          log.refuse(Errors.NOT_ENOUGH_REPLICAS);
          return null;
        });
    ask("b", Ask.add("x", 6));
    on(
        () -> {
          log.commit();
          return null;
        });
    assertThat(replies).containsExactly("a COORDINATOR_NOT_AVAILABLE", "b 6");
    assertThat(machines).hasSize(1);
  }

  @Test
  void anAppendThatTakesTooLongIsToldAndCountsWhenItIsCommittedAfterAll() throws Exception {
    lead(1);
    awaitServing();
    ask("slow", Ask.add("x", 5));
    await(() -> replies.contains("slow COORDINATOR_NOT_AVAILABLE"));
    on(
        () -> {
          log.commit();
          return null;
        });
    ask("look", Ask.look("x"));
    assertThat(replies).endsWith("look 5");
  }

  @Test
  void aLoadThatFailsIsTriedAgainUntilItIsDone() throws Exception {
    log.loadError = Errors.KAFKA_STORAGE_ERROR;
    lead(1);
    await(() -> machines.size() >= 3);
    ask("a", Ask.look("x"));
    assertThat(replies).containsExactly("a NOT_COORDINATOR");
    assertThat(machines.get(0).unloaded).isTrue();
    log.loadError = Errors.NONE;
    await(() -> machines.get(machines.size() - 1).loaded);
  }

  @Test
  void aLoadThatBreaksWhereverItDoesIsTriedAgain() throws Exception {
    inLog("x", 1);
    noMachine.set(true);
    log.spanThrows = new IllegalStateException("no span, says the test");
    log.readThrows = new IllegalStateException("no read, says the test");

    lead(1);

    await(() -> machines.size() == 3 && machines.get(2).loaded);
    assertThat(machines.get(0).unloaded).isTrue();
    assertThat(machines.get(1).unloaded).isTrue();
    assertThat(machines.get(2).sums).containsEntry("x", 1);
  }

  @Test
  void aLoadThatAnErrorEndsOnItsWayIsTriedAgain() throws Exception {
    inLog("x", 1);
    inLog("nonsense", 1);
    Promise<Void> gate = Promise.promise();
    log.gate = gate.future();
    lead(1);
    await(() -> log.reads == 1);

    on(
        () -> {
          machines.get(0).bug = new AssertionError("an Error, says the test");
          gate.complete();
          return null;
        });

    await(() -> machines.size() == 2 && machines.get(1).loaded);
    assertThat(machines.get(0).unloaded).isTrue();
    assertThat(machines.get(1).sums).containsOnly(Map.entry("x", 1));
  }

  @Test
  void anErrorOverACommittedRecordIsFollowedByAFreshStart() throws Exception {
    lead(1);
    awaitServing();
    machines.get(0).bug = new AssertionError("an Error, says the test");
    ask("bad", Ask.add("nonsense", 1));
    on(
        () -> {
          log.commit();
          return null;
        });
    assertThat(replies).containsExactly("bad NOT_COORDINATOR");
    await(() -> machines.size() == 2 && machines.get(1).loaded);
  }

  @Test
  void anAppendThatABugKeepsFromBeginningIsFollowedByAFreshStart() throws Exception {
    lead(1);
    awaitServing();
    log.appendThrows = new AssertionError("no append, says the test");
    ask("first", Ask.add("x", 1));
    assertThat(replies).containsExactly("first NOT_COORDINATOR");
    await(() -> machines.size() == 2 && machines.get(1).loaded);
  }

  @Test
  void aMachineThatBreaksOnACommittedRecordStartsAnew() throws Exception {
    lead(1);
    awaitServing();
    ask("bad", Ask.add("nonsense", 1));
    ask("good", Ask.add("x", 1));
    on(
        () -> {
          log.commit();
          return null;
        });
    assertThat(replies).containsExactly("bad NOT_COORDINATOR", "good NOT_COORDINATOR");
    await(() -> machines.size() == 2 && machines.get(1).loaded);
    assertThat(halted).isFalse();
  }

  @Test
  void anAppendThatCannotBeginForLackOfMemoryIsFollowedByAFreshStart() throws Exception {
    lead(1);
    awaitServing();
    log.appendThrows = new OutOfMemoryError("no direct memory, says the test");
    ask("first", Ask.add("x", 1));
    assertThat(replies).containsExactly("first NOT_COORDINATOR");
    await(() -> machines.size() == 2 && machines.get(1).loaded);
    ask("second", Ask.add("x", 2));
    on(
        () -> {
          log.commit();
          return null;
        });
    assertThat(replies).containsExactly("first NOT_COORDINATOR", "second 2");
  }

  @Test
  void timersRingInTheirTurnAndNotForWhoIsGone() throws Exception {
    lead(1);
    awaitServing();
    ask("t", new Ask("timer", "late", 200));
    ask("t", new Ask("timer", "soon", 20));
    await(() -> machines.get(0).timersHeard.size() == 2);
    assertThat(machines.get(0).timersHeard).containsExactly("soon", "late");
    ask("t", new Ask("timer", "never", 50));
    on(
        () -> {
          runtime.lead(Map.of());
          return null;
        });
    Future<Void> past = Future.future(done -> vertx.setTimer(150, t -> done.complete()));
    past.toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
    assertThat(machines.get(0).timersHeard).hasSize(2);
  }

  /** What it counted at bounds that machines share would be missing for ever. */
  @Test
  void aMachineWhoseLoadIsOvertakenIsLetGoAndHearsNoMore() throws Exception {
    inLog("x", 1);
    Promise<Void> gate = Promise.promise();
    log.gate = gate.future();
    lead(1);
    await(() -> log.reads == 1);
    lead(2);
    assertThat(machines.get(0).unloaded).isTrue();
    on(
        () -> {
          gate.complete();
          return null;
        });
    await(() -> machines.get(1).loaded);
    assertThat(machines.get(0).applied).isEmpty();
    assertThat(machines.get(1).applied).hasSize(1);
  }

  @Test
  void aTimerThatAnotherCancelsAtTheSameTimeDoesNotRing() throws Exception {
    lead(1);
    awaitServing();
    on(
        () -> {
          for (String name : List.of("cancels late", "late", "last")) {
            runtime.ask(PARTITION, new Ask("timer", name, 20), body -> {});
          }
          // All three are due when the loop is free again.
          long untilNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(60);
          while (System.nanoTime() < untilNs) {
            Thread.onSpinWait();
          }
          return null;
        });
    await(() -> machines.get(0).timersHeard.contains("last"));
    assertThat(machines.get(0).timersHeard).containsExactly("cancels late", "last");
  }
}
