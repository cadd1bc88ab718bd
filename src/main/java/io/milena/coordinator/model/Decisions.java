package io.milena.coordinator.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.protocol.Errors;

/** Decisions of the parts of a machine, taken together as one. Stateless. */
public final class Decisions {
  private Decisions() {}

  /**
   * All of them: their records as one append, then what follows each, in this order. A part that
   * throws does not take the others along, neither now nor when the records are settled.
   */
  public static Decision all(List<Supplier<Decision>> parts) {
    List<CoordinatorRecord> records = new ArrayList<>();
    List<Answer> answers = new ArrayList<>();
    List<Timer> timers = new ArrayList<>();
    List<AfterAppend> after = new ArrayList<>();
    Bugs bugs = new Bugs();
    for (Supplier<Decision> each : parts) {
      bugs.guard(
          () -> {
            Decision part = each.get();
            records.addAll(part.records());
            answers.addAll(part.answers());
            timers.addAll(part.timers());
            bugs.addAll(part.bugs());
            if (part.after() != null) {
              after.add(part.after());
            }
          });
    }
    AfterAppend next =
        switch (after.size()) {
          case 0 -> null;
          case 1 -> after.get(0);
          default -> new Each(after);
        };
    return new Decision(records, answers, timers, next, bugs.thrown());
  }

  private record Each(List<AfterAppend> parts) implements AfterAppend {
    @Override
    public Decision committed(long nowMs) {
      return each(part -> part.committed(nowMs));
    }

    @Override
    public Decision failed(Errors error, long nowMs) {
      return each(part -> part.failed(error, nowMs));
    }

    private Decision each(Function<AfterAppend, Decision> go) {
      List<Supplier<Decision>> due = new ArrayList<>(parts.size());
      parts.forEach(part -> due.add(() -> go.apply(part)));
      return all(due);
    }
  }
}
