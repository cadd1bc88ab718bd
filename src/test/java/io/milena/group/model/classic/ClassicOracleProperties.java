package io.milena.group.model.classic;

import io.milena.group.model.classic.ClassicDuel.Pair;
import io.milena.group.model.classic.StoryStep.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.statistics.Statistics;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.protocol.Errors;

/** Whatever clients ask of a classic group, Milena answers and remembers what Kafka does. */
class ClassicOracleProperties {
  private static final int ACTORS = 6;

  private static final class Play {
    final ClassicDuel duel = new ClassicDuel(Integer.MAX_VALUE);
    final List<ClassicActor> actors = new ArrayList<>();
    final List<Pair> lastJoin = new ArrayList<>();

    Play() {
      int[] versions = {9, 9, 3, 0, 9, 8};
      for (int i = 0; i < ACTORS; i++) {
        actors.add(new ClassicActor(versions[i], i >= 4 ? "static" + i : null));
        lastJoin.add(null);
      }
    }

    final Set<String> states = new TreeSet<>();

    void play(StoryStep step) {
      ClassicActor actor = actors.get(step.actor());
      switch (step.kind()) {
        case JOIN -> join(step, actor);
        case JOIN_AS_NEW -> {
          actor.forget();
          join(step, actor);
        }
        case SYNC -> duel.sync(5, actor.syncing(ClassicRig.GROUP, step.choice()));
        case HEARTBEAT -> duel.heartbeat(actor.beating(ClassicRig.GROUP, step.choice()));
        case LEAVE -> duel.leave(actor.leaving(ClassicRig.GROUP, step.choice()));
        case PASS -> duel.pass(1 + step.choice() * 37L % 40_000);
        case ROUND -> round(step.choice());
        case FAIL -> {
          // Kafka leaves timers of a group behind whose first record it could not write.
          if (duel.milena().group() != null) {
            duel.failNextAppend(Errors.COORDINATOR_NOT_AVAILABLE);
          }
        }
        case RESTART -> {
          duel.failNextAppend(Errors.NONE);
          duel.restart();
        }
        case HOLD, COMMIT, REFUSE -> throw new AssertionError(step);
      }
      listen();
      states.add(duel.milena().state());
    }

    /** Most do what good clients do: join, wait, sync. */
    private void round(int choice) {
      for (int i = 0; i < ACTORS; i++) {
        if (choice % (i + 2) != 0 && lastJoin.get(i) == null) {
          join(new StoryStep(Kind.JOIN, i, choice), actors.get(i));
          listen();
        }
      }
      duel.pass(ClassicRig.GATHERED_MS);
      listen();
      for (int i = 0; i < ACTORS; i++) {
        if (choice % (i + 3) != 0 && actors.get(i).told != null) {
          duel.sync(5, actors.get(i).syncing(ClassicRig.GROUP, 1));
        }
      }
    }

    private void join(StoryStep step, ClassicActor actor) {
      JoinGroupRequestData request = actor.joining(ClassicRig.GROUP, step.choice());
      if (actor.instanceId != null && actor.memberId.isEmpty()) {
        ClassicGroup group = duel.milena().group();
        String oldId = group == null ? null : group.members.staticId(actor.instanceId);
        if (oldId != null && group.state() == ClassicState.STABLE) {
          if (group.unsynced.contains(oldId)) {
            return; // Kafka goes on waiting for a sync under the old id, and then rebalances.
          }
          // Kafka puts the old member back, and so changes the order of members.
          duel.failNextAppend(Errors.NONE);
        }
      }
      lastJoin.set(step.actor(), duel.join(actor.joinVersion, request));
    }

    private void listen() {
      for (int i = 0; i < ACTORS; i++) {
        Pair pair = lastJoin.get(i);
        if (pair != null && pair.milena.done()) {
          actors.get(i).hears((JoinGroupResponseData) pair.milena.body());
          lastJoin.set(i, null);
        }
      }
    }
  }

  @Property(tries = 450)
  void milenaAnswersWhatKafkaAnswers(@ForAll("steps") List<StoryStep> steps) {
    Play play = new Play();
    steps.forEach(play::play);
    play.duel.pass(400_000);
    Statistics.label("reached Stable")
        .collect(play.states.contains("Stable"))
        .coverage(checker -> checker.check(true).percentage(share -> share > 50));
    Statistics.label("generations")
        .collect(play.duel.milena().group() != null && play.duel.milena().group().generation() > 2)
        .coverage(checker -> checker.check(true).percentage(share -> share > 50));
  }

  @Provide
  Arbitrary<List<StoryStep>> steps() {
    return StoryStep.stories(ACTORS, 120, Tuple.of(3, Kind.FAIL), Tuple.of(2, Kind.RESTART));
  }
}
