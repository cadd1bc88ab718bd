package io.milena.group.model.consumer;

import io.milena.coordinator.model.Decision;
import io.milena.group.model.Group;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataValue.ClassicProtocol;

/** What the classic groups have to tell and do when a group becomes one of the other kind. */
public interface ClassicSide {
  /**
   * A classic group as it is now.
   *
   * @param generation becomes the group epoch
   * @param protocolType "consumer" for one that can be turned
   * @param protocolName null before its first generation
   */
  record View(int generation, String protocolType, String protocolName, List<ViewMember> members) {}

  /**
   * A member of a classic group.
   *
   * @param instanceId null for a dynamic one
   * @param protocols that it offers, the one it likes most first
   * @param assignment as its leader wrote it; empty for none
   */
  record ViewMember(
      String memberId,
      String instanceId,
      String clientId,
      String clientHost,
      int rebalanceTimeoutMs,
      int sessionTimeoutMs,
      List<ClassicProtocol> protocols,
      byte[] assignment) {}

  /** The group, or null when it is not a classic one. */
  View view(Group group);

  /** The classic group was replaced on record: who waits in it is told, its timers stop. */
  Decision upgraded(Group group, Errors error, long nowMs);

  /**
   * A classic group came out of a consumer group, by a record that was just applied: its members'
   * sessions begin.
   *
   * @param protocols of each member, for the record has only the one that was chosen
   * @param rebalance whether members are to be called back
   */
  Decision downgraded(
      String groupId, Map<String, List<ClassicProtocol>> protocols, boolean rebalance, long nowMs);

  /** For where there are no classic groups. */
  ClassicSide NONE =
      new ClassicSide() {
        @Override
        public View view(Group group) {
          return null;
        }

        @Override
        public Decision upgraded(Group group, Errors error, long nowMs) {
          return Decision.NOTHING;
        }

        @Override
        public Decision downgraded(
            String groupId,
            Map<String, List<ClassicProtocol>> protocols,
            boolean rebalance,
            long nowMs) {
          return Decision.NOTHING;
        }
      };
}
