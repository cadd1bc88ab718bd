package io.milena.group.model;

import io.milena.coordinator.model.Decision;
import io.milena.group.model.classic.ClassicGroup;
import io.milena.group.model.classic.ClassicGroups;
import io.milena.group.model.classic.ClassicMember;
import io.milena.group.model.consumer.ClassicSide;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataValue.ClassicProtocol;

/** The classic groups of the same partition as the consumer groups see them. */
final class ClassicBridge implements ClassicSide {
  private final GroupTable table;
  private final ClassicGroups classics;

  /**
   * @param table of both
   */
  ClassicBridge(GroupTable table, ClassicGroups classics) {
    this.table = table;
    this.classics = classics;
  }

  @Override
  public View view(Group group) {
    if (!(group instanceof ClassicGroup classic)) {
      return null;
    }
    List<ViewMember> members = classic.members().stream().map(ClassicBridge::view).toList();
    return new View(classic.generation(), classic.protocolType(), classic.protocolName(), members);
  }

  private static ViewMember view(ClassicMember member) {
    List<ClassicProtocol> protocols =
        member.protocols().stream()
            .map(p -> new ClassicProtocol().setName(p.name()).setMetadata(p.metadata()))
            .toList();
    return new ViewMember(
        member.memberId(),
        member.groupInstanceId(),
        member.clientId(),
        member.clientHost(),
        member.rebalanceTimeoutMs(),
        member.sessionTimeoutMs(),
        protocols,
        member.assignment());
  }

  @Override
  public Decision upgraded(Group group, Errors error, long nowMs) {
    return group instanceof ClassicGroup classic
        ? classics.upgraded(classic, error, nowMs)
        : Decision.NOTHING;
  }

  @Override
  public Decision downgraded(
      String groupId, Map<String, List<ClassicProtocol>> protocols, boolean rebalance, long nowMs) {
    if (!(table.find(groupId) instanceof ClassicGroup classic)) {
      return Decision.NOTHING;
    }
    Map<String, List<io.milena.group.model.classic.ClassicProtocol>> offered = new HashMap<>();
    protocols.forEach(
        (memberId, list) ->
            offered.put(
                memberId,
                list.stream()
                    .map(
                        p ->
                            new io.milena.group.model.classic.ClassicProtocol(
                                p.name(), p.metadata()))
                    .toList()));
    return classics.downgraded(classic, offered, rebalance, nowMs);
  }
}
