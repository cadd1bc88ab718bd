package io.milena.group.model.consumer.state;

import io.milena.coordinator.model.CoordinatorRecord;
import io.milena.group.model.assignor.AssignmentSpec;
import io.milena.group.model.assignor.AssignmentSpec.SpecMember;
import io.milena.group.model.assignor.PartitionAssignor;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.TopicImage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.Uuid;

/** Asks the assignor what each member of a group is to have, and writes down what changed. */
public final class TargetComputer {
  private final ConsumerGroup group;
  private final Map<String, Member> members;
  private final Map<String, String> formerIds = new HashMap<>();
  private Subscriptions subscriptions;

  /** For the group as it is on record; then say what the step changes. */
  public TargetComputer(ConsumerGroup group) {
    this.group = group;
    this.members = new HashMap<>(group.members());
    this.subscriptions = group.subscriptions();
  }

  /**
   * {@code come} takes the place, and the target, of {@code gone}, which may be null.
   *
   * @param after the subscriptions of all members then
   */
  public TargetComputer with(Member gone, Member come, Subscriptions after) {
    if (gone != null) {
      members.remove(gone.id());
      formerIds.put(come.id(), gone.id());
    }
    members.put(come.id(), come);
    subscriptions = after;
    return this;
  }

  /**
   * Asks the assignor.
   *
   * @param image its topics are assigned; those that it lacks are left out
   * @param records gets those that the new target needs, save its epoch
   * @return all targets by member id
   */
  public Map<String, Map<Uuid, Set<Integer>>> compute(
      PartitionAssignor assignor, ClusterImage image, List<CoordinatorRecord> records) {
    List<Member> ordered = new ArrayList<>(members.values());
    ordered.sort(Comparator.comparing(Member::id));
    Map<Uuid, Integer> counts = new HashMap<>();
    Map<Set<String>, Set<Uuid>> idsOfNames = new HashMap<>();
    List<SpecMember> spec = new ArrayList<>(ordered.size());
    for (Member member : ordered) {
      Set<Uuid> ids =
          idsOfNames.computeIfAbsent(
              subscriptions.topicsOf(member.registration()), names -> ids(names, image, counts));
      String instanceId = member.registration().instanceId();
      spec.add(new SpecMember(member.id(), instanceId, ids, group.target(former(member.id()))));
    }
    Map<String, Map<Uuid, Set<Integer>>> targets =
        spec.isEmpty() ? Map.of() : assignor.assign(new AssignmentSpec(spec, counts));
    for (Member member : ordered) {
      Map<Uuid, Set<Integer>> target = targets.get(member.id());
      if (!target.equals(group.targetOrNull(former(member.id())))) {
        records.add(GroupRecords.target(group.groupId(), member.id(), target));
      }
    }
    return targets;
  }

  private String former(String memberId) {
    return formerIds.getOrDefault(memberId, memberId);
  }

  private static Set<Uuid> ids(Set<String> names, ClusterImage image, Map<Uuid, Integer> counts) {
    Set<Uuid> ids = new HashSet<>();
    for (String name : names) {
      TopicImage topic = image.topic(name);
      if (topic != null && !topic.id().equals(Uuid.ZERO_UUID)) {
        ids.add(topic.id());
        counts.put(topic.id(), topic.partitions().size());
      }
    }
    return Collections.unmodifiableSet(ids);
  }
}
