package io.milena.group.model.offsets;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.coordinator.model.CoordinatorRecord;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.coordinator.group.generated.OffsetCommitKey;
import org.apache.kafka.coordinator.group.generated.OffsetCommitValue;

/**
 * Any interleaving of commits, fetches, deletes, failures and time against a naive model: a map
 * that is built from the log alone, and one that remembers what clients were told.
 */
class GroupOffsetsProperties {
  private enum What {
    COMMIT,
    SETTLE,
    FAIL,
    DELETE,
    DELETE_GROUP,
    ADVANCE,
    RELOAD
  }

  private record Event(What what, int group, int partition, int offset) {}

  @Provide
  Arbitrary<List<Event>> events() {
    Arbitrary<What> what =
        Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(8, Arbitraries.just(What.COMMIT)),
            net.jqwik.api.Tuple.of(8, Arbitraries.just(What.SETTLE)),
            net.jqwik.api.Tuple.of(1, Arbitraries.just(What.FAIL)),
            net.jqwik.api.Tuple.of(1, Arbitraries.just(What.DELETE)),
            net.jqwik.api.Tuple.of(1, Arbitraries.just(What.DELETE_GROUP)),
            net.jqwik.api.Tuple.of(1, Arbitraries.just(What.ADVANCE)),
            net.jqwik.api.Tuple.of(1, Arbitraries.just(What.RELOAD)));
    return Combinators.combine(
            what,
            Arbitraries.integers().between(0, 2),
            Arbitraries.integers().between(0, 3),
            Arbitraries.integers().between(0, 1_000))
        .as(Event::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(80);
  }

  @Property(tries = 400)
  void theLogAloneGivesTheLiveState(@ForAll("events") List<Event> events) {
    OffsetsBench bench = new OffsetsBench();
    bench.loaded();
    for (Event event : events) {
      bench = step(bench, event);
      assertThat(live(bench)).isEqualTo(naive(bench.log));
    }
    bench.settle();
    assertThat(live(bench)).isEqualTo(naive(bench.log));
    assertThat(bench.offsets.size()).isEqualTo(naive(bench.log).size());
  }

  /** Commits that settle one by one are what is read, until something takes them away. */
  @Property(tries = 200)
  void whatWasToldCommittedIsThereUntilItIsTakenAway(@ForAll("events") List<Event> events) {
    OffsetsBench bench = new OffsetsBench();
    bench.loaded();
    Map<String, Long> told = new TreeMap<>();
    for (Event event : events) {
      String group = "g" + event.group();
      switch (event.what()) {
        case COMMIT -> {
          bench.committed(group, "t", event.partition(), event.offset());
          told.put(group + "/" + event.partition(), (long) event.offset());
        }
        case DELETE -> {
          bench.delete(group, "t", event.partition());
          bench.settle();
          told.remove(group + "/" + event.partition());
        }
        case DELETE_GROUP -> {
          bench.deleteGroup(group);
          bench.settle();
          told.keySet().removeIf(key -> key.startsWith(group + "/"));
        }
        case FAIL -> {
          bench.commit(group, "t", event.partition(), 5_000);
          bench.fail(Errors.COORDINATOR_NOT_AVAILABLE);
        }
        case ADVANCE -> {
          bench.advance(2 * OffsetsBench.RETENTION_MS);
          told.clear();
        }
        case RELOAD -> bench = reloaded(bench);
        default -> bench.advance(1_000);
      }
      assertThat(live(bench)).isEqualTo(told);
    }
  }

  private static OffsetsBench step(OffsetsBench bench, Event event) {
    String group = "g" + event.group();
    switch (event.what()) {
      case COMMIT -> bench.commit(group, "t", event.partition(), event.offset());
      case SETTLE -> {
        if (bench.appending()) {
          bench.settleOne();
        }
      }
      case FAIL -> {
        if (bench.appending()) {
          bench.fail(Errors.COORDINATOR_NOT_AVAILABLE);
        }
      }
      case DELETE -> bench.delete(group, "t", event.partition());
      case DELETE_GROUP -> {
        bench.settle(); // serial by group: nothing else that deletes is under way
        bench.deleteGroup(group);
      }
      case ADVANCE -> bench.advance(event.offset() * OffsetsBench.RETENTION_MS / 700);
      case RELOAD -> {
        bench.settle();
        return reloaded(bench);
      }
      default -> throw new AssertionError(event);
    }
    return bench;
  }

  private static OffsetsBench reloaded(OffsetsBench old) {
    OffsetsBench bench = new OffsetsBench();
    bench.nowMs = old.nowMs;
    for (int i = 0; i < old.log.size(); i++) {
      bench.log.add(old.log.get(i));
      bench.apply(old.log.get(i), i);
    }
    bench.loaded();
    return bench;
  }

  private static Map<String, Long> live(OffsetsBench bench) {
    Map<String, Long> offsets = new TreeMap<>();
    for (int g = 0; g < 3; g++) {
      for (String told : bench.all("g" + g)) {
        String[] parts = told.substring(2).split("=", 2);
        offsets.put("g" + g + "/" + parts[0], Long.parseLong(parts[1]));
      }
    }
    return offsets;
  }

  private static Map<String, Long> naive(List<CoordinatorRecord> log) {
    Map<String, Long> offsets = new TreeMap<>();
    for (CoordinatorRecord record : log) {
      if (record.key() instanceof OffsetCommitKey key) {
        String name = key.group() + "/" + key.partition();
        if (record.value() instanceof OffsetCommitValue value) {
          offsets.put(name, value.offset());
        } else {
          offsets.remove(name);
        }
      }
    }
    return offsets;
  }
}
