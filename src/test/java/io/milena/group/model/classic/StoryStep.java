package io.milena.group.model.classic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;
import net.jqwik.api.Tuple.Tuple2;

/**
 * What happens next to classic groups.
 *
 * @param actor whom it concerns, from 0
 * @param choice decides how, 1 to 1,000
 */
record StoryStep(Kind kind, int actor, int choice) {
  /** Clients ask, time passes, appends are held, settled and refused, another broker takes over. */
  enum Kind {
    JOIN,
    JOIN_AS_NEW,
    SYNC,
    HEARTBEAT,
    LEAVE,
    PASS,
    ROUND,
    HOLD,
    COMMIT,
    REFUSE,
    FAIL,
    RESTART
  }

  /**
   * Stories of at least 20 steps, in which clients ask as often as they do in all stories.
   *
   * @param more what else happens, and how often
   */
  @SafeVarargs
  static Arbitrary<List<StoryStep>> stories(
      int actors, int maxSteps, Tuple2<Integer, Kind>... more) {
    List<Tuple2<Integer, Kind>> kinds =
        new ArrayList<>(
            List.of(
                Tuple.of(30, Kind.JOIN),
                Tuple.of(5, Kind.JOIN_AS_NEW),
                Tuple.of(25, Kind.SYNC),
                Tuple.of(10, Kind.HEARTBEAT),
                Tuple.of(5, Kind.LEAVE),
                Tuple.of(20, Kind.PASS),
                Tuple.of(15, Kind.ROUND)));
    kinds.addAll(Arrays.asList(more));
    return Combinators.combine(
            Arbitraries.frequency(kinds),
            Arbitraries.integers().between(0, actors - 1),
            Arbitraries.integers().between(1, 1_000))
        .as(StoryStep::new)
        .list()
        .ofMinSize(20)
        .ofMaxSize(maxSteps);
  }
}
