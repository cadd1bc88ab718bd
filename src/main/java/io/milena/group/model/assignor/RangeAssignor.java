package io.milena.group.model.assignor;

import io.milena.group.model.assignor.AssignmentSpec.SpecMember;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;

/**
 * Each topic is cut into even ranges, one for each subscriber in order, the first ones longer by
 * one. Topics with the same number of partitions and the same subscribers are cut alike, so that
 * partitions of one number meet at one member (KIP-848). Static members come first, by instance id:
 * their ranges stay theirs whatever member id they come back with.
 */
public final class RangeAssignor implements PartitionAssignor {
  /** Kafka's name. */
  public static final String NAME = "range";

  private static final Comparator<SpecMember> STATIC_FIRST =
      Comparator.comparing(SpecMember::instanceId, Comparator.nullsLast(Comparator.naturalOrder()))
          .thenComparing(SpecMember::memberId);

  /** What is left of a topic while its subscribers are served. */
  private static final class Cut {
    private final int shortest;
    private int longer;
    private int next;

    private Cut(int partitions, int subscribers) {
      this.shortest = partitions / subscribers;
      this.longer = partitions % subscribers;
    }

    private Set<Integer> take() {
      int end = next + shortest + (longer > 0 ? 1 : 0);
      longer--;
      Set<Integer> range = new TreeSet<>();
      for (; next < end; next++) {
        range.add(next);
      }
      return range;
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Map<String, Map<Uuid, Set<Integer>>> assign(AssignmentSpec spec) {
    List<SpecMember> members = new ArrayList<>(spec.members());
    members.sort(STATIC_FIRST);
    Map<Uuid, Integer> subscribers = new HashMap<>();
    members.forEach(m -> m.topicIds().forEach(topic -> subscribers.merge(topic, 1, Integer::sum)));
    Map<Uuid, Cut> cuts = new HashMap<>();
    subscribers.forEach(
        (topic, count) -> cuts.put(topic, new Cut(spec.partitionCounts().get(topic), count)));

    Map<String, Map<Uuid, Set<Integer>>> result = new HashMap<>();
    for (SpecMember member : members) {
      Map<Uuid, Set<Integer>> ranges = new HashMap<>();
      for (Uuid topic : member.topicIds()) {
        Set<Integer> range = cuts.get(topic).take();
        if (!range.isEmpty()) {
          ranges.put(topic, range);
        }
      }
      result.put(member.memberId(), ranges);
    }
    return result;
  }
}
