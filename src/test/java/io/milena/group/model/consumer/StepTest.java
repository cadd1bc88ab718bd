package io.milena.group.model.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.coordinator.model.Answer;
import io.milena.coordinator.model.Decision;
import io.milena.coordinator.model.Timer;
import io.milena.coordinator.model.Token;
import io.milena.group.model.consumer.state.GroupRecords;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

class StepTest {
  private static final Token ASKER = new Token() {};

  private final Step step =
      new Step(new Waiting(), 0)
          .refusing(ASKER, error -> new HeartbeatResponseData().setErrorCode(error.code()));

  /** Whose timer is noted as set but is not would stay in its group for ever. */
  @Test
  void whatIsDueBeforeAndAfterAnEffectThatBreaksIsDoneAllTheSame() {
    step.records().add(GroupRecords.noRegex("g", "x"));
    step.then((at, answers, timers) -> timers.add(new Timer("before", at)));
    step.then(
        (at, answers, timers) -> {
          timers.add(new Timer("in it", at));
          throw new IllegalStateException("a bug");
        });
    step.then(
        (at, answers, timers) -> {
          throw new AssertionError("a bug");
        });
    step.thenAsDecided(at -> Decision.answer(ASKER, new HeartbeatResponseData()));

    Decision due = step.decide().after().committed(7);

    assertThat(due.timers()).containsExactly(new Timer("before", 7), new Timer("in it", 7));
    assertThat(due.answers()).extracting(Answer::to).containsExactly(ASKER);
    assertThat(due.bugs()).extracting(Throwable::getMessage).containsExactly("a bug", "a bug");
  }

  @Test
  void whoAskedIsToldOfAFailureThatCannotBeCleanedUpAfter() {
    step.records().add(GroupRecords.noRegex("g", "x"));
    step.retrying("again", 500)
        .onFailure(
            () -> {
              throw new IllegalStateException("a bug");
            });

    Decision due = step.decide().after().failed(Errors.NOT_COORDINATOR, 7);

    assertThat(due.timers()).containsExactly(new Timer("again", 507));
    assertThat(due.answers()).hasSize(1);
    assertThat(due.bugs()).hasSize(1);
  }
}
