package io.milena.group.model.consumer.state;

import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData.TopicPartitions;

/**
 * Leads one member from what it has to what it is to have. It first gives back, then takes; it
 * takes a partition only when nobody holds it, so no partition ever has two owners.
 */
public final class Reconciler {
  private final Member member;
  private final int targetEpoch;
  private final Map<Uuid, Set<Integer>> target;
  private final View view;

  /**
   * What the world says.
   *
   * @param group asked for the holders of partitions
   * @param subscribes whether a topic id is subscribed by the member and exists
   * @param subscribesNothing neither by name nor by expression
   * @param owned what the member says it holds; null when it does not say
   */
  public record View(
      ConsumerGroup group,
      Predicate<Uuid> subscribes,
      boolean subscribesNothing,
      List<TopicPartitions> owned) {}

  /**
   * @param targetEpoch of {@code target}
   */
  public Reconciler(Member member, int targetEpoch, Map<Uuid, Set<Integer>> target, View view) {
    this.member = member;
    this.targetEpoch = targetEpoch;
    this.target = target;
    this.view = view;
  }

  /**
   * The next step.
   *
   * @param subscriptionChanged what is not subscribed any more goes even without a new target
   * @return what the member is to have now; the very same when nothing changed; null when the
   *     member must give up everything and join anew
   */
  public CurrentAssignment step(boolean subscriptionChanged) {
    CurrentAssignment current = member.current();
    switch (current.state()) {
      case STABLE:
        if (current.epoch() != targetEpoch) {
          return towardsTarget(current.epoch());
        }
        return subscriptionChanged ? withoutUnsubscribed() : current;
      case UNREVOKED_PARTITIONS:
        if (mayHold(current.revoking())) {
          return subscriptionChanged ? withoutUnsubscribed() : current;
        }
        return towardsTarget(current.epoch());
      case UNRELEASED_PARTITIONS:
        return towardsTarget(current.epoch());
      default:
        boolean holdsNothing = view.owned() != null && view.owned().isEmpty();
        return holdsNothing ? towardsTarget(targetEpoch) : null;
    }
  }

  /** A member that does not say what it holds may hold everything. */
  private boolean mayHold(Map<Uuid, Map<Integer, Integer>> partitions) {
    if (view.owned() == null) {
      return true;
    }
    for (TopicPartitions topic : view.owned()) {
      Map<Integer, Integer> asked = partitions.get(topic.topicId());
      if (asked != null && topic.partitions().stream().anyMatch(asked::containsKey)) {
        return true;
      }
    }
    return false;
  }

  private CurrentAssignment withoutUnsubscribed() {
    CurrentAssignment current = member.current();
    Map<Uuid, Map<Integer, Integer>> kept = new HashMap<>();
    Map<Uuid, Map<Integer, Integer>> revoking = new HashMap<>(current.revoking());
    current
        .assigned()
        .forEach(
            (topic, partitions) -> {
              if (view.subscribes().test(topic)) {
                kept.put(topic, partitions);
              } else {
                Map<Integer, Integer> both = new HashMap<>(revoking.getOrDefault(topic, Map.of()));
                both.putAll(partitions);
                revoking.put(topic, both);
              }
            });
    if (kept.size() == current.assigned().size()) {
      // Kafka writes it down once more when the last subscription goes; so do we, to be alike.
      boolean lastGone = view.subscribesNothing() && kept.isEmpty() && revoking.isEmpty();
      return lastGone
          ? new CurrentAssignment(current.epoch(), current.epoch(), current.state(), kept, revoking)
          : current;
    }
    if (mayHold(revoking)) {
      return new CurrentAssignment(
          current.epoch(), current.epoch(), MemberState.UNREVOKED_PARTITIONS, kept, revoking);
    }
    return new CurrentAssignment(
        current.epoch(), current.epoch(), current.state(), kept, current.revoking());
  }

  private CurrentAssignment towardsTarget(int epochUntilRevoked) {
    CurrentAssignment current = member.current();
    Map<Uuid, Map<Integer, Integer>> next = new HashMap<>();
    Map<Uuid, Map<Integer, Integer>> revoking = new HashMap<>();
    current.assigned().forEach((topic, had) -> split(topic, had, next, revoking));
    if (!revoking.isEmpty() && mayHold(revoking)) {
      return new CurrentAssignment(
          epochUntilRevoked,
          current.epoch(),
          MemberState.UNREVOKED_PARTITIONS,
          Collections.unmodifiableMap(next),
          Collections.unmodifiableMap(revoking));
    }
    boolean unreleased = takeFree(next);
    MemberState state = unreleased ? MemberState.UNRELEASED_PARTITIONS : MemberState.STABLE;
    return new CurrentAssignment(
        targetEpoch, current.epoch(), state, Collections.unmodifiableMap(next), Map.of());
  }

  private void split(
      Uuid topic,
      Map<Integer, Integer> had,
      Map<Uuid, Map<Integer, Integer>> kept,
      Map<Uuid, Map<Integer, Integer>> revoking) {
    Set<Integer> wanted = wanted(topic);
    Map<Integer, Integer> keep = new HashMap<>();
    Map<Integer, Integer> give = new HashMap<>();
    had.forEach((p, epoch) -> (wanted.contains(p) ? keep : give).put(p, epoch));
    if (!keep.isEmpty()) {
      kept.put(topic, keep);
    }
    if (!give.isEmpty()) {
      revoking.put(topic, give);
    }
  }

  private Set<Integer> wanted(Uuid topic) {
    Set<Integer> partitions = target.get(topic);
    return partitions != null && view.subscribes().test(topic) ? partitions : Set.of();
  }

  /** Adds what is free; true when something of the target is held by others. */
  private boolean takeFree(Map<Uuid, Map<Integer, Integer>> next) {
    boolean unreleased = false;
    for (Uuid topic : target.keySet()) {
      Map<Integer, Integer> has = next.getOrDefault(topic, Map.of());
      Set<Integer> free = new HashSet<>();
      for (int partition : wanted(topic)) {
        if (has.containsKey(partition)) {
          continue;
        }
        if (free(topic, partition)) {
          free.add(partition);
        } else {
          unreleased = true;
        }
      }
      if (!free.isEmpty()) {
        Map<Integer, Integer> epochs = next.computeIfAbsent(topic, t -> new HashMap<>());
        free.forEach(partition -> epochs.put(partition, targetEpoch));
      }
    }
    return unreleased;
  }

  /** What the member itself is giving back it may have again. */
  private boolean free(Uuid topic, int partition) {
    return view.group().holder(topic, partition) == null
        || member.current().revoking().getOrDefault(topic, Map.of()).containsKey(partition);
  }
}
