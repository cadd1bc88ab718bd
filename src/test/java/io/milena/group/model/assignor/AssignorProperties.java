package io.milena.group.model.assignor;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.group.model.assignor.AssignmentSpec.SpecMember;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.kafka.common.Uuid;

/** What every assignment has to be, whatever members and topics are like. */
class AssignorProperties {
  private final Map<Uuid, Integer> counts = new HashMap<>();
  private final List<Uuid> topics = new ArrayList<>();

  private void topics(int number, Random random) {
    topics.clear();
    counts.clear();
    for (int i = 0; i < number; i++) {
      Uuid topic = new Uuid(1, i + 1);
      topics.add(topic);
      counts.put(topic, 1 + random.nextInt(12));
    }
  }

  private List<SpecMember> members(int number, boolean alike, Random random) {
    List<SpecMember> members = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      Set<Uuid> subscribed = new HashSet<>(topics);
      if (!alike) {
        subscribed.removeIf(topic -> random.nextBoolean());
      }
      members.add(new SpecMember("m" + i, null, subscribed, Map.of()));
    }
    return members;
  }

  private Map<Uuid, Integer> subscribedCounts(List<SpecMember> members) {
    Map<Uuid, Integer> subscribed = new HashMap<>(counts);
    subscribed
        .keySet()
        .removeIf(topic -> members.stream().noneMatch(m -> m.topicIds().contains(topic)));
    return subscribed;
  }

  private Map<String, Map<Uuid, Set<Integer>>> assign(
      PartitionAssignor assignor, List<SpecMember> members) {
    return assignor.assign(new AssignmentSpec(members, subscribedCounts(members)));
  }

  private static List<SpecMember> having(
      List<SpecMember> members, Map<String, Map<Uuid, Set<Integer>>> targets) {
    return members.stream()
        .map(
            m ->
                new SpecMember(
                    m.memberId(),
                    m.instanceId(),
                    m.topicIds(),
                    targets.getOrDefault(m.memberId(), Map.of())))
        .toList();
  }

  private void everyPartitionOnceAndToASubscriber(
      List<SpecMember> members, Map<String, Map<Uuid, Set<Integer>>> result) {
    Set<String> given = new HashSet<>();
    for (SpecMember member : members) {
      result
          .get(member.memberId())
          .forEach(
              (topic, partitions) -> {
                assertThat(member.topicIds()).contains(topic);
                partitions.forEach(p -> assertThat(given.add(topic + "-" + p)).isTrue());
              });
    }
    int expected = subscribedCounts(members).values().stream().mapToInt(n -> n).sum();
    assertThat(given).hasSize(expected);
  }

  private static int load(Map<Uuid, Set<Integer>> target) {
    return target.values().stream().mapToInt(Set::size).sum();
  }

  private static int moved(
      Map<String, Map<Uuid, Set<Integer>>> before, Map<String, Map<Uuid, Set<Integer>>> after) {
    int moved = 0;
    for (Map.Entry<String, Map<Uuid, Set<Integer>>> member : before.entrySet()) {
      Map<Uuid, Set<Integer>> now = after.getOrDefault(member.getKey(), Map.of());
      for (Map.Entry<Uuid, Set<Integer>> topic : member.getValue().entrySet()) {
        Set<Integer> lost = new HashSet<>(topic.getValue());
        lost.removeAll(now.getOrDefault(topic.getKey(), Set.of()));
        moved += lost.size();
      }
    }
    return moved;
  }

  @Property(tries = 300)
  void uniformIsCompleteAndEvenWhenAllSubscribeAlike(
      @ForAll @IntRange(min = 1, max = 12) int memberCount,
      @ForAll @IntRange(min = 1, max = 8) int topicCount,
      @ForAll long seed) {
    Random random = new Random(seed);
    topics(topicCount, random);
    List<SpecMember> members = members(memberCount, true, random);

    Map<String, Map<Uuid, Set<Integer>>> result = assign(new UniformAssignor(), members);

    everyPartitionOnceAndToASubscriber(members, result);
    int least = result.values().stream().mapToInt(AssignorProperties::load).min().orElse(0);
    int most = result.values().stream().mapToInt(AssignorProperties::load).max().orElse(0);
    assertThat(most - least).isLessThanOrEqualTo(1);
  }

  @Property(tries = 300)
  void uniformMovesNoMoreThanANewMembersShare(
      @ForAll @IntRange(min = 1, max = 12) int memberCount, @ForAll long seed) {
    Random random = new Random(seed);
    topics(5, random);
    List<SpecMember> members = new ArrayList<>(members(memberCount, true, random));
    Map<String, Map<Uuid, Set<Integer>>> before = assign(new UniformAssignor(), members);
    assertThat(moved(before, assign(new UniformAssignor(), having(members, before)))).isZero();

    members.add(new SpecMember("new", null, new HashSet<>(topics), Map.of()));
    Map<String, Map<Uuid, Set<Integer>>> after =
        assign(new UniformAssignor(), having(members, before));

    assertThat(moved(before, after)).isEqualTo(load(after.get("new")));
    members.remove(0);
    Map<String, Map<Uuid, Set<Integer>>> without =
        assign(new UniformAssignor(), having(members, after));
    Map<String, Map<Uuid, Set<Integer>>> stayed = new HashMap<>(after);
    stayed.remove("m0");
    assertThat(moved(stayed, without)).isZero();
  }

  @Property(tries = 300)
  void uniformIsCompleteBalancedAndAtRestWhateverIsSubscribed(
      @ForAll @IntRange(min = 1, max = 10) int memberCount,
      @ForAll @IntRange(min = 1, max = 8) int topicCount,
      @ForAll long seed) {
    Random random = new Random(seed);
    topics(topicCount, random);
    List<SpecMember> members = members(memberCount, false, random);

    Map<String, Map<Uuid, Set<Integer>>> result = assign(new UniformAssignor(), members);

    everyPartitionOnceAndToASubscriber(members, result);
    for (SpecMember owner : members) {
      for (Uuid topic : result.get(owner.memberId()).keySet()) {
        for (SpecMember other : members) {
          if (other.topicIds().contains(topic)) {
            assertThat(load(result.get(owner.memberId())))
                .isLessThanOrEqualTo(load(result.get(other.memberId())) + 1);
          }
        }
      }
    }
    assertThat(moved(result, assign(new UniformAssignor(), having(members, result)))).isZero();
  }

  @Property(tries = 300)
  void rangeIsCompleteAndJoinsPartitionsOfOneNumber(
      @ForAll @IntRange(min = 1, max = 12) int memberCount,
      @ForAll @IntRange(min = 1, max = 20) int partitions,
      @ForAll long seed) {
    Random random = new Random(seed);
    topics(3, random);
    topics.forEach(topic -> counts.put(topic, partitions));
    List<SpecMember> members = members(memberCount, true, random);

    Map<String, Map<Uuid, Set<Integer>>> result = assign(new RangeAssignor(), members);

    everyPartitionOnceAndToASubscriber(members, result);
    result
        .values()
        .forEach(target -> assertThat(new HashSet<>(target.values())).hasSizeLessThanOrEqualTo(1));
  }

  @Property(tries = 200)
  void rangeIsCompleteWhateverIsSubscribed(
      @ForAll @IntRange(min = 1, max = 12) int memberCount, @ForAll long seed) {
    Random random = new Random(seed);
    topics(6, random);
    List<SpecMember> members = members(memberCount, false, random);

    everyPartitionOnceAndToASubscriber(members, assign(new RangeAssignor(), members));
  }
}
