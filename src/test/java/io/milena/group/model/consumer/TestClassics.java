package io.milena.group.model.consumer;

import io.milena.coordinator.model.CoordinatorRecord;
import io.milena.coordinator.model.Decision;
import io.milena.group.model.Group;
import io.milena.group.model.GroupTable;
import io.milena.group.model.MemberBytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataValue.ClassicProtocol;
import org.apache.kafka.coordinator.group.generated.GroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue;

/** Classic groups as far as their records go; what they are told is noted. */
final class TestClassics implements ClassicSide {
  final List<String> told = new ArrayList<>();
  private final GroupTable table;

  TestClassics(GroupTable table) {
    this.table = table;
  }

  /** Takes over a group record; false when it is another. */
  boolean apply(CoordinatorRecord record) {
    if (!(record.key() instanceof GroupMetadataKey key)) {
      return false;
    }
    if (record.value() != null) {
      table.put(new Classic(key.group(), (GroupMetadataValue) record.value()));
    } else if (table.find(key.group()) instanceof Classic) {
      table.remove(key.group());
    }
    return true;
  }

  @Override
  public View view(Group group) {
    return group instanceof Classic classic ? view(classic.value()) : null;
  }

  private static View view(GroupMetadataValue value) {
    List<ViewMember> members = new ArrayList<>();
    for (GroupMetadataValue.MemberMetadata m : value.members()) {
      List<ClassicProtocol> protocols =
          List.of(new ClassicProtocol().setName(value.protocol()).setMetadata(m.subscription()));
      members.add(
          new ViewMember(
              m.memberId(),
              m.groupInstanceId(),
              m.clientId(),
              m.clientHost(),
              m.rebalanceTimeout(),
              m.sessionTimeout(),
              protocols,
              m.assignment()));
    }
    return new View(value.generation(), value.protocolType(), value.protocol(), members);
  }

  @Override
  public Decision upgraded(Group group, Errors error, long nowMs) {
    told.add("upgraded " + error);
    return Decision.NOTHING;
  }

  @Override
  public Decision downgraded(
      String groupId, Map<String, List<ClassicProtocol>> protocols, boolean rebalance, long nowMs) {
    told.add("downgraded " + (rebalance ? "to rebalance" : "at rest"));
    return Decision.NOTHING;
  }

  /** A group that its last record says everything of. */
  record Classic(String groupId, GroupMetadataValue value) implements Group {
    @Override
    public Kind kind() {
      return Kind.CLASSIC;
    }

    @Override
    public String stateName() {
      return isEmpty() ? "Empty" : "Stable";
    }

    @Override
    public String protocolType() {
      return value.protocolType();
    }

    @Override
    public boolean isEmpty() {
      return value.members().isEmpty();
    }

    @Override
    public long emptySinceMs() {
      return -1;
    }

    @Override
    public boolean subscribes(String topic) {
      return true;
    }

    @Override
    public Errors checkOffsetCommit(OffsetClient client) {
      return Errors.NONE;
    }

    @Override
    public Errors checkOffsetFetch(OffsetClient client) {
      return Errors.NONE;
    }

    @Override
    public Errors checkDelete() {
      return Errors.NONE;
    }

    @Override
    public MemberBytes memberBytes() {
      return new MemberBytes();
    }

    @Override
    public List<CoordinatorRecord> tombstones() {
      return List.of(CoordinatorRecord.tombstone(new GroupMetadataKey().setGroup(groupId)));
    }
  }
}
