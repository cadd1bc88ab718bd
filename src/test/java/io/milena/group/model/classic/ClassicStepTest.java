package io.milena.group.model.classic;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.coordinator.model.CoordinatorRecord;
import io.milena.coordinator.model.Decision;
import io.milena.coordinator.model.Timer;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.coordinator.group.generated.GroupMetadataKey;
import org.junit.jupiter.api.Test;

class ClassicStepTest {
  private static final ClassicTimer FIRST = new ClassicTimer.Join("g");
  private static final ClassicTimer LAST = new ClassicTimer.Sync("g");

  private final ClassicStep step = new ClassicStep(0);

  private static void breaks() {
    throw new AssertionError("a bug");
  }

  private Decision threeOfWhichOneBreaks() {
    step.append(CoordinatorRecord.tombstone(new GroupMetadataKey().setGroup("g")));
    step.afterwards(then -> then.timer(FIRST, 1), (error, then) -> then.timer(FIRST, 1));
    step.afterwards(then -> breaks(), (error, then) -> breaks());
    step.afterwards(then -> then.timer(LAST, 2), (error, then) -> then.timer(LAST, 2));
    return step.decision();
  }

  @Test
  void whatFollowsTheRecordsIsDoneThoughAPartOfItBreaks() {
    Decision due = threeOfWhichOneBreaks().after().committed(7);

    assertThat(due.timers()).containsExactly(new Timer(FIRST, 1), new Timer(LAST, 2));
    assertThat(due.bugs()).hasSize(1);
  }

  @Test
  void whatFollowsAFailureIsDoneThoughAPartOfItBreaks() {
    Decision due = threeOfWhichOneBreaks().after().failed(Errors.NOT_COORDINATOR, 7);

    assertThat(due.timers()).containsExactly(new Timer(FIRST, 1), new Timer(LAST, 2));
    assertThat(due.bugs()).hasSize(1);
  }
}
