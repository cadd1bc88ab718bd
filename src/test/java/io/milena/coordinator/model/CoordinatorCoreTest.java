package io.milena.coordinator.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.coordinator.model.ToyMachine.Ask;
import io.milena.group.model.GroupRecordCodec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

class CoordinatorCoreTest {
  private final ToyMachine machine = new ToyMachine();
  private final List<List<EncodedRecord>> appends = new ArrayList<>();
  private final Map<Object, Long> timers = new HashMap<>();
  private final List<String> bugs = new ArrayList<>();
  private final List<String> replies = new ArrayList<>();
  private int batchBytes = 10_000;
  private int openRequests = 100;
  private int gatheredSteps = 50;
  private int queuedPerKey = 10;
  private long endOffset = 0;
  private CoordinatorCore<Ask> core = core();

  private CoordinatorCore<Ask> core() {
    CoordinatorCore<Ask> made =
        new CoordinatorCore<>(
            machine,
            new CoordinatorCore.Setup<>(
                new GroupRecordCodec(),
                new CoordinatorCore.Limits(
                    () -> batchBytes, 5_000, openRequests, gatheredSteps, 1 << 20, queuedPerKey),
                ask -> 60_000),
            new CoordinatorCore.Effects() {
              @Override
              public void append(List<EncodedRecord> records) {
                appends.add(records);
              }

              @Override
              public void timer(Timer timer) {
                timers.put(timer.key(), timer.dueMs());
              }

              @Override
              public void bug(String doing, Throwable bug) {
                bugs.add(doing);
              }
            });
    made.start(0);
    return made;
  }

  private void ask(String label, Ask ask, long nowMs) {
    core.request(ask, body -> replies.add(label + " " + ToyMachine.told(body)), nowMs);
  }

  private void commit() {
    long base = endOffset;
    endOffset += appends.get(appends.size() - 1).size();
    core.committed(base, 10);
  }

  private Object ownTimer(String name) {
    return timers.keySet().stream().filter(k -> k.toString().equals(name)).findAny().orElseThrow();
  }

  @Test
  void whatIsDecidedWhileAnAppendIsUnderWayGoesAsOneBatchAfterIt() {
    ask("a", Ask.add("x", 1), 0);
    ask("b", Ask.add("y", 2), 0);
    ask("c", Ask.add("z", 3), 0);
    assertThat(appends).hasSize(1);

    commit();

    assertThat(replies).containsExactly("a 1");
    assertThat(appends).hasSize(2);
    assertThat(appends.get(1)).hasSize(2);
    commit();
    assertThat(replies).containsExactly("a 1", "b 2", "c 3");
    assertThat(machine.applied).containsExactly("0:x=1", "1:y=2", "2:z=3");
  }

  @Test
  void stepsOfOneKeyDecideOnWhatTheOnesBeforeCommitted() {
    ask("a", Ask.add("x", 1), 0);
    ask("b", Ask.add("x", 1), 0);
    ask("c", Ask.add("x", 1), 0);
    ask("look", Ask.look("x"), 0);
    assertThat(replies).containsExactly("look 0");
    commit();
    commit();
    commit();
    assertThat(replies).containsExactly("look 0", "a 1", "b 2", "c 3");
    assertThat(core.open()).isZero();
    assertThat(core.unsettled()).isZero();
  }

  @Test
  void aRefusedAppendChangesNothingAndTheNextStepGoesOn() {
    ask("a", Ask.add("x", 5), 0);
    ask("b", Ask.add("x", 7), 0);
    core.refused(Errors.COORDINATOR_NOT_AVAILABLE, 1);
    commit();
    assertThat(replies).containsExactly("a COORDINATOR_NOT_AVAILABLE", "b 7");
    assertThat(machine.sums).containsEntry("x", 7);
  }

  @Test
  void aDecisionThatCanNeverFitIsRefusedAlone() {
    machine.padding = 20_000;
    ask("big", Ask.add("x", 1), 0);
    machine.padding = 0;
    ask("small", Ask.add("x", 2), 0);
    commit();
    assertThat(replies).containsExactly("big MESSAGE_TOO_LARGE", "small 2");
  }

  @Test
  void aBatchEndsBeforeItIsTooLargeAndNeverCutsADecision() {
    machine.padding = 4_000;
    for (int i = 0; i < 6; i++) {
      ask("a" + i, Ask.add("x" + i, i), 0);
    }
    for (int i = 0; i < 4; i++) {
      commit();
    }
    assertThat(appends).extracting(List::size).containsExactly(1, 2, 2, 1);
    assertThat(replies).hasSize(6);
  }

  @Test
  void whoWaitsTooLongForAnAppendIsToldButItsKeyStaysHeldUntilTheEndIsKnown() {
    ask("flight", Ask.add("x", 1), 0);
    ask("queued", Ask.add("x", 1), 0);
    ask("gathered", Ask.add("y", 1), 0);
    core.timerDue(ownTimer("APPEND_OVERDUE"), 5_000);
    assertThat(replies)
        .containsExactly(
            "flight COORDINATOR_NOT_AVAILABLE",
            "queued COORDINATOR_NOT_AVAILABLE",
            "gathered COORDINATOR_NOT_AVAILABLE");
    assertThat(machine.sums).isEmpty();
    ask("again", Ask.add("x", 1), 6_000);
    assertThat(replies).hasSize(3);

    commit();
    commit();

    assertThat(replies).hasSize(4).endsWith("again 2");
    assertThat(machine.sums).containsOnly(Map.entry("x", 2));
    assertThat(core.open()).isZero();
  }

  @Test
  void whoComesWhileAnAppendHangsIsToldWhenItHasWaitedAsLong() {
    ask("flight", Ask.add("x", 1), 0);
    ask("late", Ask.add("x", 1), 3_000);
    core.timerDue(ownTimer("APPEND_OVERDUE"), 5_000);
    assertThat(replies).containsExactly("flight COORDINATOR_NOT_AVAILABLE");
    assertThat(timers.get(ownTimer("APPEND_OVERDUE"))).isEqualTo(8_000);

    core.timerDue(ownTimer("APPEND_OVERDUE"), 8_000);

    assertThat(replies).hasSize(2).endsWith("late COORDINATOR_NOT_AVAILABLE");
    assertThat(core.open()).isZero();
  }

  @Test
  void whoseRecordsAreInAHangingBatchIsToldWhenItHasWaitedAsLongWheneverItWasDecided() {
    ask("first", Ask.add("x", 1), 0);
    ask("early", Ask.add("y", 1), 1_000);
    ask("late", Ask.add("z", 1), 4_000);
    core.committed(0, 4_500);

    core.timerDue(ownTimer("APPEND_OVERDUE"), 6_000);

    assertThat(replies).containsExactly("first 1", "early COORDINATOR_NOT_AVAILABLE");
    assertThat(timers.get(ownTimer("APPEND_OVERDUE"))).isEqualTo(9_000);
  }

  @Test
  void whoWaitsForWhatAHangingAppendDecidesIsToldTooAndNobodyElse() {
    ask("member of x", Ask.of("join", "x"), 0);
    ask("member of y", Ask.of("join", "y"), 0);
    ask("leader of x", Ask.add("x", 1), 60);

    core.timerDue(ownTimer("APPEND_OVERDUE"), 5_060);

    assertThat(replies)
        .containsExactlyInAnyOrder(
            "leader of x COORDINATOR_NOT_AVAILABLE", "member of x COORDINATOR_NOT_AVAILABLE");
  }

  @Test
  void unloadingAnswersEverybodyOnceAndALateCommitIsNotHeard() {
    ask("flight", Ask.add("x", 1), 0);
    ask("queued", Ask.add("x", 1), 0);
    ask("waits", Ask.of("wait", ""), 0);
    core.unload(Errors.NOT_COORDINATOR);
    core.committed(0, 1);
    ask("late", Ask.look("x"), 2);
    assertThat(replies)
        .containsExactly(
            "flight NOT_COORDINATOR",
            "queued NOT_COORDINATOR",
            "waits NOT_COORDINATOR",
            "late NOT_COORDINATOR");
    assertThat(machine.applied).isEmpty();
  }

  @Test
  void aFailingHandlerCostsOneRequestItsAnswerAndNothingElse() {
    ask("bad", Ask.of("explode", "x"), 0);
    ask("late", Ask.of("broken-later", "x"), 0);
    ask("good", Ask.add("x", 4), 0);
    commit();
    commit();
    assertThat(replies)
        .containsExactly("bad UNKNOWN_SERVER_ERROR", "late UNKNOWN_SERVER_ERROR", "good 5");
    assertThat(bugs).containsExactly("handle for x", "after an append for x");
  }

  @Test
  void anErrorInAStepCostsOneRequestItsAnswerAndGivesItsTurnBack() {
    machine.bug = new AssertionError("an Error, says the test");
    ask("bad", Ask.of("broken", "x"), 0);
    ask("late", Ask.of("broken-later", "x"), 0);
    ask("good", Ask.add("x", 4), 0);
    commit();
    commit();
    assertThat(replies)
        .containsExactly("bad UNKNOWN_SERVER_ERROR", "late UNKNOWN_SERVER_ERROR", "good 5");
    assertThat(core.open()).isZero();
  }

  @Test
  void aPartThatBreaksAfterTheAppendTakesTheTimersOfTheOthersNotAlong() {
    ask("half", Ask.of("half-broken-later", "x"), 0);
    ask("good", Ask.add("x", 4), 0);

    commit();
    commit();

    assertThat(timers).containsEntry("x", 500L);
    assertThat(replies).containsExactly("half UNKNOWN_SERVER_ERROR", "good 5");
    assertThat(bugs).containsExactly("after an append for x");
  }

  @Test
  void anAnswerThatCannotBeGivenTakesNeitherTimersNorOtherAnswersAlong() {
    CoordinatorCore.Reply broken =
        body -> {
          throw new AssertionError("no way to tell, says the test");
        };
    core.request(new Ask("timer", "t", 100), broken, 0);
    core.request(Ask.of("wait", "w"), broken, 0);
    ask("waits", Ask.of("wait", ""), 0);

    core.unload(Errors.NOT_COORDINATOR);

    assertThat(timers).containsEntry("t", 100L);
    assertThat(replies).containsExactly("waits NOT_COORDINATOR");
    assertThat(bugs).containsExactly("the answer for t", "the answer for w");
  }

  @Test
  void fullQueuesRefuseAndEmptyAgain() {
    queuedPerKey = 2;
    core = core();
    for (int i = 0; i < 5; i++) {
      ask("a" + i, Ask.add("x", 1), 0);
    }
    assertThat(replies)
        .containsExactly("a3 COORDINATOR_NOT_AVAILABLE", "a4 COORDINATOR_NOT_AVAILABLE");
    commit();
    commit();
    commit();
    assertThat(replies).endsWith("a0 1", "a1 2", "a2 3");
  }

  @Test
  void tooManyOpenRequestsAreRefusedBeforeTheMachineHearsOfThem() {
    openRequests = 3;
    core = core();
    for (int i = 0; i < 4; i++) {
      ask("w" + i, Ask.of("wait", ""), 0);
    }
    assertThat(replies).containsExactly("w3 COORDINATOR_NOT_AVAILABLE");
    assertThat(machine.waiting).hasSize(3);
  }

  @Test
  void aRequestThatNobodyEverAnswersIsAnsweredAtItsLimit() {
    ask("forgotten", Ask.of("wait", ""), 0);
    core.timerDue(ownTimer("ANSWER_OVERDUE"), 59_000);
    assertThat(replies).isEmpty();
    core.timerDue(ownTimer("ANSWER_OVERDUE"), 69_000);
    assertThat(replies).containsExactly("forgotten COORDINATOR_NOT_AVAILABLE");
  }

  @Test
  void aTimerWaitsForTheTurnOfItsKeyAndIsDroppedWhenItIsMovedMeanwhile() {
    ask("a", Ask.add("x", 1), 0);
    core.timerDue("serial x", 1);
    core.timerDue("free", 1);
    assertThat(machine.timersHeard).containsExactly("free");
    commit();
    assertThat(machine.timersHeard).containsExactly("free", "serial x");

    ask("b", Ask.add("x", 1), 2);
    core.timerDue("serial x", 3);
    ask("moves it", new Ask("timer", "serial x", 100), 4);
    commit();
    assertThat(machine.timersHeard).containsExactly("free", "serial x");
    assertThat(timers).containsEntry("serial x", 104L);
  }

  @Test
  void aTimerThatBreaksRingsAgainEverLaterUntilItDoesNot() {
    machine.timerBreaks = 2;
    core.timerDue("t", 100);
    assertThat(timers).containsEntry("t", 1_100L);
    core.timerDue("t", 1_100);
    assertThat(timers).containsEntry("t", 3_100L);
    timers.clear();

    core.timerDue("t", 3_100);

    assertThat(timers).isEmpty();
    assertThat(bugs).containsExactly("timer for t", "timer for t");
    machine.timerBreaks = 1;
    machine.bug = new AssertionError("an Error, says the test");
    core.timerDue("t", 4_000);
    assertThat(timers).containsEntry("t", 5_000L);
  }

  @Test
  void aTimerThatBreaksAfterItsAppendRingsAgain() {
    core.timerDue("breaks later x", 100);
    commit();
    assertThat(timers).containsEntry("breaks later x", 1_010L);
    assertThat(bugs).containsExactly("after an append for breaks later x");
  }
}
