package io.milena.group.model.consumer.state;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.Uuid;

/** Which member holds which partition: assigned to it, or being given back by it. */
final class PartitionHolders {
  private final Map<Uuid, Map<Integer, String>> holders = new HashMap<>();

  /** Member id, or null when nobody holds the partition. */
  String holder(Uuid topic, int partition) {
    Map<Integer, String> partitions = holders.get(topic);
    return partitions == null ? null : partitions.get(partition);
  }

  void add(Member member) {
    put(member.id(), member.current().assigned());
    put(member.id(), member.current().revoking());
  }

  void remove(Member member) {
    take(member.id(), member.current().assigned());
    take(member.id(), member.current().revoking());
  }

  private void put(String memberId, Map<Uuid, Map<Integer, Integer>> partitions) {
    partitions.forEach(
        (topic, epochs) -> {
          Map<Integer, String> held = holders.computeIfAbsent(topic, t -> new HashMap<>());
          epochs.keySet().forEach(partition -> held.put(partition, memberId));
        });
  }

  private void take(String memberId, Map<Uuid, Map<Integer, Integer>> partitions) {
    partitions.forEach(
        (topic, epochs) -> {
          Map<Integer, String> held = holders.get(topic);
          if (held == null) {
            return;
          }
          epochs.keySet().forEach(partition -> held.remove(partition, memberId));
          if (held.isEmpty()) {
            holders.remove(topic);
          }
        });
  }
}
