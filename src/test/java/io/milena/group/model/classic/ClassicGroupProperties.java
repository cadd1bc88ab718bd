package io.milena.group.model.classic;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.group.model.classic.ClassicRig.Reply;
import io.milena.group.model.classic.StoryStep.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.protocol.Errors;

/**
 * Any interleaving of requests, time and appends that are held, refused or committed late keeps one
 * generation with one leader and one owner of each share; whoever waits is answered at last; and
 * nothing is left when everybody is gone.
 */
class ClassicGroupProperties {
  private static final int ACTORS = 8;
  private static final int MAX_SIZE = 5;
  private static final int STATIC_ACTORS = 3;

  /** Who asked for its share of which generation, by the name it had then. */
  private record Asking(String groupId, String name, int generation) {}

  private static final class Model {
    final ClassicRig rig = new ClassicRig(ClassicRig.classic(MAX_SIZE)).load(List.of());
    final List<ClassicActor> actors = new ArrayList<>();
    final Map<Reply, ClassicActor> joins = new HashMap<>();
    final Map<Reply, Asking> syncs = new HashMap<>();
    final List<Reply> replies = new ArrayList<>();
    final Map<ClassicGroup, Map<Integer, String>> leaders = new IdentityHashMap<>();
    final Map<ClassicGroup, Map<Integer, String>> deciders = new IdentityHashMap<>();
    final Map<ClassicGroup, Integer> generations = new IdentityHashMap<>();

    Model() {
      int[] versions = {9, 9, 4, 3, 0, 9, 9, 8};
      for (int i = 0; i < ACTORS; i++) {
        actors.add(
            new ClassicActor(versions[i], i >= ACTORS - STATIC_ACTORS ? "static" + i : null));
      }
    }

    /** Actors share two groups. */
    private static String groupOf(int actor) {
      return "g" + actor % 2;
    }

    void play(StoryStep step) {
      ClassicActor actor = actors.get(step.actor());
      String groupId = groupOf(step.actor());
      switch (step.kind()) {
        case JOIN -> join(actor, groupId, step.choice());
        case JOIN_AS_NEW -> {
          actor.forget();
          join(actor, groupId, step.choice());
        }
        case SYNC -> sync(actor, groupId, step.choice());
        case ROUND -> round(step.choice());
        case HEARTBEAT -> replies.add(rig.heartbeat(actor.beating(groupId, step.choice())));
        case LEAVE -> replies.add(rig.leave(5, actor.leaving(groupId, step.choice())));
        case PASS -> rig.pass(1 + step.choice() * 37L % 40_000);
        case HOLD -> rig.holdAppends = step.choice() % 2 == 0;
        case COMMIT -> rig.settle(groupId, Errors.NONE);
        case REFUSE -> rig.settle(groupId, Errors.COORDINATOR_NOT_AVAILABLE);
        case FAIL -> rig.nextFailure = Errors.NOT_COORDINATOR;
        case RESTART -> throw new AssertionError(step);
      }
      check();
    }

    /** Most do what good clients do: join, wait, sync. */
    private void round(int choice) {
      for (int i = 0; i < ACTORS; i++) {
        if (choice % (i + 2) != 0) {
          join(actors.get(i), groupOf(i), choice);
          check();
        }
      }
      rig.pass(ClassicRig.GATHERED_MS);
      check();
      for (int i = 0; i < ACTORS; i++) {
        if (choice % (i + 3) != 0) {
          sync(actors.get(i), groupOf(i), 1);
        }
      }
    }

    private void sync(ClassicActor actor, String groupId, int choice) {
      SyncGroupRequestData request = actor.syncing(groupId, choice);
      Asking asking = new Asking(groupId, actor.name(), request.generationId());
      Reply reply = rig.sync(5, request);
      syncs.put(reply, asking);
      replies.add(reply);
    }

    private void join(ClassicActor actor, String groupId, int choice) {
      Reply reply = rig.join(actor.joinVersion, actor.joining(groupId, choice));
      joins.put(reply, actor);
      replies.add(reply);
    }

    void check() {
      rig.table.all().forEach(group -> checkGroup((ClassicGroup) group));
      syncs.entrySet().removeIf(entry -> entry.getKey().done() && checkSync(entry));
      joins.entrySet().removeIf(entry -> entry.getKey().done() && checkJoin(entry));
      assertThat(rig.timers.keys()).hasSizeLessThanOrEqualTo(2 * (3 * ACTORS + 2) + replies.size());
    }

    private void checkGroup(ClassicGroup group) {
      int before = generations.getOrDefault(group, 0);
      assertThat(group.generation()).isGreaterThanOrEqualTo(before);
      generations.put(group, group.generation());
      long waiting = group.members().stream().filter(member -> member.joining != null).count();
      assertThat(group.members.joining()).isEqualTo((int) waiting);
      assertThat(group.members().stream().map(ClassicMember::memberId)).containsAll(group.unsynced);
      assertThat(group.isEmpty() && !group.members().isEmpty()).isFalse();
      if (!group.members().isEmpty()) {
        assertThat(group.members.find(group.leaderId())).isNotNull();
        assertThat(group.members.vote()).isNotNull();
      }
      if (group.state() != ClassicState.PREPARING_REBALANCE) {
        assertThat(waiting).isZero();
        assertThat(group.members().size()).isLessThanOrEqualTo(MAX_SIZE + STATIC_ACTORS);
      }
      if (group.state() != ClassicState.COMPLETING_REBALANCE) {
        assertThat(group.members()).allMatch(member -> member.syncing == null);
      }
    }

    private boolean checkJoin(Map.Entry<Reply, ClassicActor> entry) {
      JoinGroupResponseData answer = entry.getKey().join();
      if (!answer.members().isEmpty() && !answer.skipAssignment()) {
        ClassicGroup group =
            (ClassicGroup) rig.table.find(groupOf(actors.indexOf(entry.getValue())));
        String before =
            leaders
                .computeIfAbsent(group, key -> new HashMap<>())
                .putIfAbsent(answer.generationId(), answer.memberId());
        assertThat(before == null || before.equals(answer.memberId()))
            .as("leaders %s and %s of one generation", before, answer.memberId())
            .isTrue();
        assertThat(answer.leader()).isEqualTo(answer.memberId());
      }
      entry.getValue().hears(answer);
      return true;
    }

    private boolean checkSync(Map.Entry<Reply, Asking> entry) {
      Reply reply = entry.getKey();
      if (reply.error() == Errors.NONE && !reply.assignment().isEmpty()) {
        ClassicGroup group = (ClassicGroup) rig.table.find(entry.getValue().groupId());
        String[] share = reply.assignment().split("\\|");
        assertThat(share[2]).as("whose share").isEqualTo(entry.getValue().name());
        String decider =
            deciders
                .computeIfAbsent(group, key -> new HashMap<>())
                .computeIfAbsent(Integer.valueOf(share[1]), key -> share[0]);
        assertThat(share[0]).as("who decided").isEqualTo(decider);
        assertThat(Integer.parseInt(share[1])).isEqualTo(entry.getValue().generation());
      }
      return true;
    }

    void end() {
      rig.holdAppends = false;
      rig.nextFailure = Errors.NONE;
      rig.settleAll();
      rig.letAllTimersRunOut();
      check();
      assertThat(replies).allMatch(Reply::done);
      assertThat(rig.groups.newcomers()).isZero();
      assertThat(rig.table.all())
          .allSatisfy(
              group -> {
                ClassicGroup classic = (ClassicGroup) group;
                assertThat(classic.stateName()).isEqualTo("Empty");
                assertThat(classic.pending()).isEmpty();
                assertThat(classic.unsynced).isEmpty();
                assertThat(classic.members.indexSize()).isZero();
              });
    }
  }

  @Property(tries = 1_000)
  void aGroupStaysOneGroup(@ForAll("steps") List<StoryStep> steps) {
    Model model = new Model();
    steps.forEach(model::play);
    model.end();
  }

  @Provide
  Arbitrary<List<StoryStep>> steps() {
    return StoryStep.stories(
        ACTORS,
        150,
        Tuple.of(6, Kind.HOLD),
        Tuple.of(10, Kind.COMMIT),
        Tuple.of(3, Kind.REFUSE),
        Tuple.of(3, Kind.FAIL));
  }
}
