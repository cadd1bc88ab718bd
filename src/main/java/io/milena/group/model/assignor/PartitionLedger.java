package io.milena.group.model.assignor;

import io.milena.group.model.assignor.AssignmentSpec.SpecMember;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.Uuid;

/**
 * Who is to have which partition, while an assignor works: starts as the last target without what
 * is no longer subscribed or does not exist. Members and topics are numbers here: their places in
 * the lists.
 */
final class PartitionLedger {
  static final int NOBODY = -1;

  private final List<SpecMember> members;
  private final Uuid[] topics;
  private final Map<Uuid, Integer> topicIndex;
  private final int[][] owners;
  private final int[] loads;
  private final boolean[] touched;

  PartitionLedger(AssignmentSpec spec) {
    this.members = spec.members();
    this.topics = spec.partitionCounts().keySet().toArray(new Uuid[0]);
    Arrays.sort(topics, Comparator.naturalOrder());
    this.topicIndex = new HashMap<>(topics.length * 2);
    this.owners = new int[topics.length][];
    for (int t = 0; t < topics.length; t++) {
      topicIndex.put(topics[t], t);
      owners[t] = new int[spec.partitionCounts().get(topics[t])];
      Arrays.fill(owners[t], NOBODY);
    }
    this.loads = new int[members.size()];
    this.touched = new boolean[members.size()];
    for (int m = 0; m < loads.length; m++) {
      takeOver(m);
    }
  }

  private void takeOver(int member) {
    SpecMember spec = members.get(member);
    for (Map.Entry<Uuid, Set<Integer>> topic : spec.target().entrySet()) {
      Integer t = topicIndex.get(topic.getKey());
      boolean kept = t != null && spec.topicIds().contains(topic.getKey());
      for (int partition : topic.getValue()) {
        if (kept && partition < owners[t].length && owners[t][partition] == NOBODY) {
          owners[t][partition] = member;
          loads[member]++;
        } else {
          touched[member] = true;
        }
      }
    }
  }

  int topicCount() {
    return topics.length;
  }

  int indexOf(Uuid topic) {
    return topicIndex.get(topic);
  }

  int partitionCount(int topic) {
    return owners[topic].length;
  }

  int owner(int topic, int partition) {
    return owners[topic][partition];
  }

  /** Partitions that the member has so far. */
  int load(int member) {
    return loads[member];
  }

  void give(int topic, int partition, int member) {
    release(topic, partition);
    owners[topic][partition] = member;
    loads[member]++;
    touched[member] = true;
  }

  void release(int topic, int partition) {
    int old = owners[topic][partition];
    if (old != NOBODY) {
      owners[topic][partition] = NOBODY;
      loads[old]--;
      touched[old] = true;
    }
  }

  /** By member id; whoever was not touched keeps the map it came with. */
  Map<String, Map<Uuid, Set<Integer>>> result() {
    Map<String, Map<Uuid, Set<Integer>>> result = new HashMap<>(members.size() * 2);
    for (int m = 0; m < loads.length; m++) {
      SpecMember spec = members.get(m);
      result.put(spec.memberId(), touched[m] ? new HashMap<>() : spec.target());
    }
    for (int t = 0; t < topics.length; t++) {
      for (int p = 0; p < owners[t].length; p++) {
        int owner = owners[t][p];
        if (owner != NOBODY && touched[owner]) {
          result
              .get(members.get(owner).memberId())
              .computeIfAbsent(topics[t], topic -> new HashSet<>())
              .add(p);
        }
      }
    }
    return result;
  }
}
