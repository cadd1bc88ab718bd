package io.milena.controller.model;

import io.milena.controller.model.Plan.LeaderStep;
import io.milena.metadata.BrokerImage;
import io.milena.metadata.PartitionImage;
import io.milena.metadata.TopicImage;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What brokers coming, going, bouncing, falling silent and stopping mean for the partitions (R5,
 * R12–R14). Owned by {@link ControllerMachine}.
 */
final class Elections {
  private static final String UNCLEAN = "unclean.leader.election.enable";

  private final ControllerState state;
  private final boolean uncleanByDefault;

  Elections(ControllerState state, boolean uncleanByDefault) {
    this.state = state;
    this.uncleanByDefault = uncleanByDefault;
  }

  /** The registrations are these now; fencing of those that stayed is kept. */
  Plan registered(List<BrokerImage> now) {
    Plan plan = Plan.empty();
    Map<Integer, BrokerImage> byId = new TreeMap<>();
    now.forEach(b -> byId.put(b.id(), b));
    Set<Integer> lost = new HashSet<>();
    for (BrokerImage old : List.copyOf(state.brokers.values())) {
      BrokerImage same = byId.get(old.id());
      if (same == null) {
        state.brokers.remove(old.id());
        state.stopping.remove(old.id());
        plan.change().brokerGone(old.id());
        lost.add(old.id());
      } else if (same.epoch() != old.epoch()) {
        lost.add(old.id());
      }
    }
    boolean came = false;
    for (BrokerImage broker : byId.values()) {
      BrokerImage old = state.brokers.get(broker.id());
      if (old == null || old.epoch() != broker.epoch()) {
        came = true;
        state.stopping.remove(broker.id());
        put(broker, plan);
      } else if (!broker.withFenced(old.fenced()).equals(old)) {
        put(broker.withFenced(old.fenced()), plan);
      }
    }
    if (came || !lost.isEmpty()) {
      settle(lost, lost.isEmpty() ? "broker came" : "broker lost", plan);
    }
    return plan;
  }

  /** Brokers fell silent, or speak again. */
  Plan fence(Set<Integer> ids, boolean fenced) {
    Plan plan = Plan.empty();
    Set<Integer> changed = new HashSet<>();
    for (int id : ids) {
      BrokerImage broker = state.brokers.get(id);
      if (broker != null && broker.fenced() != fenced) {
        put(broker.withFenced(fenced), plan);
        changed.add(id);
      }
    }
    if (!changed.isEmpty()) {
      settle(fenced ? changed : Set.of(), fenced ? "broker silent" : "broker heard again", plan);
    }
    return plan;
  }

  /**
   * A broker wants to stop: what others in sync can lead moves to them; partitions that only it can
   * lead stay as they are, so that it leads them again when it returns.
   */
  Plan stopping(int id) {
    Plan plan = Plan.empty();
    if (!state.brokers.containsKey(id) || !state.stopping.add(id)) {
      return plan;
    }
    Set<Integer> live = state.live();
    eachTopic(
        plan,
        (topic, partition) -> {
          if (!partition.isr().contains(id) || partition.isr().stream().noneMatch(live::contains)) {
            return null;
          }
          return partition.leader() == id
              ? LeaderElection.elect(partition, live, false).partition()
              : LeaderElection.shrink(partition, Set.of(id));
        },
        "broker stops");
    return plan;
  }

  /** Elects for partitions of freshly read topics; {@code stale} holds those decided before R5. */
  Plan takeOver(Map<String, Set<Integer>> stale) {
    Plan plan = Plan.empty();
    Set<Integer> live = state.live();
    for (String name : stale.keySet()) {
      TopicImage topic = state.topics.get(name);
      Set<Integer> staleHere = stale.get(name);
      decide(
          topic, p -> next(topic, p, live, live, staleHere.contains(p.partition())), plan, "start");
    }
    return plan;
  }

  /** Failure path and start path as one write per partition (R5). */
  private void settle(Set<Integer> lost, String reason, Plan plan) {
    Set<Integer> live = state.live();
    Set<Integer> unbroken = new HashSet<>(live);
    unbroken.removeAll(lost);
    eachTopic(plan, (topic, p) -> next(topic, p, live, unbroken, false), reason);
  }

  /**
   * The partition's next state, or null when it stays.
   *
   * @param unbroken live brokers that did not bounce
   * @param stale true when the state was decided for an earlier incarnation of the leader
   */
  private PartitionImage next(
      TopicImage topic,
      PartitionImage partition,
      Set<Integer> live,
      Set<Integer> unbroken,
      boolean stale) {
    if (partition.partitionEpoch() < 0) {
      PartitionImage first = LeaderElection.first(partition, live);
      return first == partition ? null : first;
    }
    if (cameBackWhole(partition, live)) {
      return null;
    }
    boolean leaderStays =
        partition.leader() != PartitionImage.NO_LEADER
            && unbroken.contains(partition.leader())
            && !stale;
    if (leaderStays) {
      Set<Integer> gone = new HashSet<>(partition.isr());
      gone.removeAll(unbroken);
      return gone.isEmpty() ? null : LeaderElection.shrink(partition, gone);
    }
    boolean unclean = uncleanAllowed(topic);
    PartitionImage elected = LeaderElection.elect(partition, unbroken, false).partition();
    if (elected.leader() == PartitionImage.NO_LEADER) {
      elected = LeaderElection.elect(partition, live, unclean).partition();
    }
    boolean stillNone =
        elected.leader() == PartitionImage.NO_LEADER
            && partition.leader() == PartitionImage.NO_LEADER;
    return stillNone ? null : elected;
  }

  /**
   * A partition that nobody but its leader holds, and the leader came from a clean stop: nobody
   * else can have led meanwhile and nothing was cut, so there is no change of leader to count
   * (R13). What was sent to its earlier life is fenced by the broker epoch (R4). Kafka leaves such
   * states as they are, too; writing each anew is most of what a restart with many partitions would
   * cost.
   */
  private boolean cameBackWhole(PartitionImage partition, Set<Integer> live) {
    BrokerImage leader = state.brokers.get(partition.leader());
    return leader != null
        && leader.cleanStart()
        && live.contains(leader.id())
        && partition.replicas().equals(List.of(leader.id()))
        && partition.isr().equals(partition.replicas());
  }

  private boolean uncleanAllowed(TopicImage topic) {
    String set = topic.configs().get(UNCLEAN);
    if (set == null) {
      set = state.brokerConfigs.getOrDefault(ConfigEntity.DEFAULT_BROKER, Map.of()).get(UNCLEAN);
    }
    return set == null ? uncleanByDefault : Boolean.parseBoolean(set);
  }

  private interface Step {
    PartitionImage next(TopicImage topic, PartitionImage partition);
  }

  private void eachTopic(Plan plan, Step step, String reason) {
    for (TopicImage topic : List.copyOf(state.topics.values())) {
      decide(topic, p -> step.next(topic, p), plan, reason);
    }
  }

  private void decide(
      TopicImage topic,
      java.util.function.UnaryOperator<PartitionImage> next,
      Plan plan,
      String reason) {
    Map<Integer, PartitionImage> changed = new HashMap<>();
    for (PartitionImage old : topic.partitions()) {
      PartitionImage decided = next.apply(old);
      if (decided == null) {
        continue;
      }
      changed.put(old.partition(), decided);
      boolean unclean =
          decided.leader() != PartitionImage.NO_LEADER && !old.isr().contains(decided.leader());
      plan.writes()
          .add(
              old.partitionEpoch() < 0
                  ? new ZkWrite.CreatePartition(topic.name(), decided)
                  : new ZkWrite.UpdatePartition(topic.name(), decided, unclean));
      plan.steps().add(step(topic.name(), old, decided, unclean ? "unclean: " + reason : reason));
    }
    if (!changed.isEmpty()) {
      plan.change().topic(state.replace(topic, changed));
    }
  }

  private static LeaderStep step(
      String topic, PartitionImage old, PartitionImage now, String reason) {
    return new LeaderStep(
        topic, now.partition(), old.leader(), now.leader(), now.leaderEpoch(), now.isr(), reason);
  }

  private void put(BrokerImage broker, Plan plan) {
    state.brokers.put(broker.id(), broker);
    plan.change().broker(broker);
  }
}
