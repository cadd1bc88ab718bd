package io.milena.group.model.consumer.state;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.Uuid;

/**
 * What a member has; record type 8. Partitions come with the epoch in which the member got them
 * (KIP-1251): an offset commit that names an older one is stale.
 *
 * @param epoch the member's
 * @param previousEpoch the one before; a heartbeat whose answer was lost may still name it
 * @param state of its reconciliation
 * @param assigned topic id → partition → epoch
 * @param revoking what it was told to give back and may still hold; as {@code assigned}
 */
public record CurrentAssignment(
    int epoch,
    int previousEpoch,
    MemberState state,
    Map<Uuid, Map<Integer, Integer>> assigned,
    Map<Uuid, Map<Integer, Integer>> revoking) {
  /** Epoch with which a member joins. */
  public static final int JOIN_EPOCH = 0;

  /** Epoch with which a member leaves. */
  public static final int LEAVE_EPOCH = -1;

  /** Epoch with which a static member leaves that will come back. */
  public static final int STATIC_LEAVE_EPOCH = -2;

  /** Of a member that joins. */
  public static final CurrentAssignment INITIAL =
      new CurrentAssignment(JOIN_EPOCH, -1, MemberState.STABLE, Map.of(), Map.of());

  /** Nothing is left to do for that target. */
  public boolean reconciledTo(int targetEpoch) {
    return state == MemberState.STABLE && epoch == targetEpoch;
  }

  /** The same partitions under another member id: of a static member that came back. */
  public CurrentAssignment rejoined() {
    return new CurrentAssignment(JOIN_EPOCH, 0, state, assigned, revoking);
  }

  /** Of a static member that is away: it keeps its partitions, and may commit none of them. */
  public CurrentAssignment away() {
    Map<Uuid, Map<Integer, Integer>> kept = new HashMap<>();
    assigned.forEach(
        (topic, partitions) -> {
          Map<Integer, Integer> zero = new HashMap<>(partitions);
          zero.replaceAll((partition, epoch) -> 0);
          kept.put(topic, zero);
        });
    return new CurrentAssignment(STATIC_LEAVE_EPOCH, previousEpoch, state, kept, Map.of());
  }

  /** The epoch in which the member got the partition, or null when it has no claim on it. */
  public Integer assignmentEpoch(Uuid topic, int partition) {
    Integer epoch = assigned.getOrDefault(topic, Map.of()).get(partition);
    return epoch != null ? epoch : revoking.getOrDefault(topic, Map.of()).get(partition);
  }
}
