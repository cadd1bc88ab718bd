package io.milena.coordinator.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class TimerQueueProperties {
  record Step(int kind, int key, int time) {}

  @Provide
  Arbitrary<List<Step>> steps() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 9),
            Arbitraries.integers().between(0, 12),
            Arbitraries.integers().between(0, 50))
        .as(Step::new)
        .list()
        .ofMaxSize(300);
  }

  /** As a map from key to due time would do it. */
  @Property(tries = 500)
  void everyTimerIsDueOnceAtItsLastTime(@ForAll("steps") List<Step> steps) {
    TimerQueue<Integer> queue = new TimerQueue<>();
    TreeMap<Integer, Long> model = new TreeMap<>();
    long nowMs = 0;
    for (Step step : steps) {
      if (step.kind() < 6) {
        queue.set(step.key(), nowMs + step.time());
        model.put(step.key(), nowMs + step.time());
      } else if (step.kind() < 8) {
        queue.cancel(step.key());
        model.remove(step.key());
      } else {
        nowMs += step.time();
        long now = nowMs;
        List<Integer> expected =
            model.entrySet().stream()
                .filter(e -> e.getValue() <= now)
                .map(e -> e.getKey())
                .collect(Collectors.toList());
        List<Integer> due = new ArrayList<>();
        for (Integer key = queue.pollDue(nowMs); key != null; key = queue.pollDue(nowMs)) {
          due.add(key);
        }
        List<Long> times = due.stream().map(model::get).toList();
        assertThat(times).isSorted();
        assertThat(due).containsExactlyInAnyOrderElementsOf(expected);
        expected.forEach(model::remove);
      }
      assertThat(queue.size()).isEqualTo(model.size());
      assertThat(queue.nextDueMs())
          .isEqualTo(model.values().stream().min(Long::compare).orElse(Long.MAX_VALUE));
    }
  }

  /** The clock follows a wall clock that jumps, without ever going back or jumping itself. */
  @Property(tries = 300)
  void timeNeverGoesBackAndNeverJumps(@ForAll("steps") List<Step> steps) {
    long wallMs = 1_000_000;
    long monotonicMs = 5;
    SteadyTime time = new SteadyTime(wallMs, monotonicMs);
    long last = time.nowMs(wallMs, monotonicMs);
    for (Step step : steps) {
      monotonicMs += step.time();
      wallMs += step.kind() == 0 ? step.key() * 1_000L - 6_000 : step.time();
      long now = time.nowMs(wallMs, monotonicMs);
      assertThat(now - last).isBetween(0L, 2L * step.time());
      last = now;
    }
    for (int i = 0; i < 20_000 && last != wallMs; i++) {
      wallMs += 100;
      monotonicMs += 100;
      last = time.nowMs(wallMs, monotonicMs);
    }
    assertThat(last).isEqualTo(wallMs);
  }
}
