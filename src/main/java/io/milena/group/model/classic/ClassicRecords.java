package io.milena.group.model.classic;

import io.milena.coordinator.model.CoordinatorRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.coordinator.group.generated.GroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue.MemberMetadata;

/**
 * Group records: key {@link GroupMetadataKey} (type 2), value {@link GroupMetadataValue} written in
 * version 3, which Kafka 3.9 reads; versions 0 to 4 are loaded.
 *
 * <p>An empty protocol type means none. A rebalance timeout of -1 (version 0) is the session
 * timeout; a time of -1 (before version 2) is not known. Of each member only the metadata for the
 * chosen protocol is kept.
 */
final class ClassicRecords {
  private static final short WRITTEN_VERSION = 3;
  private static final int NO_REBALANCE_TIMEOUT = -1;

  private ClassicRecords() {}

  /** A group that begins: nothing of who joins is kept before the first generation is complete. */
  static CoordinatorRecord begun(ClassicGroup group) {
    return record(
        group.groupId(),
        new GroupMetadataValue()
            .setProtocolType("")
            .setProtocol(null)
            .setLeader(null)
            .setCurrentStateTimestamp(group.stateSinceMs()));
  }

  /** A group that has no members any more. */
  static CoordinatorRecord emptied(ClassicGroup group) {
    return record(group.groupId(), header(group));
  }

  /** The present generation with these assignments; members without one get none. */
  static CoordinatorRecord assigned(ClassicGroup group, Map<String, byte[]> assignments) {
    List<MemberMetadata> members = new ArrayList<>(group.members.size());
    for (ClassicMember member : group.members.all()) {
      byte[] assignment = assignments.getOrDefault(member.memberId(), ClassicMember.NO_ASSIGNMENT);
      members.add(member(member, group.protocolName()).setAssignment(assignment));
    }
    return record(group.groupId(), header(group).setMembers(members));
  }

  /** The present generation with a static member that comes back under a new id. */
  static CoordinatorRecord replaced(
      ClassicGroup group, ClassicMember old, String newId, ClassicMember.JoinTerms terms) {
    ClassicMember replacing = old.withMemberId(newId);
    replacing.agree(terms);
    List<MemberMetadata> members = new ArrayList<>(group.members.size());
    for (ClassicMember member : group.members.all()) {
      ClassicMember written = member == old ? replacing : member;
      members.add(member(written, group.protocolName()).setAssignment(member.assignment));
    }
    GroupMetadataValue value = header(group).setMembers(members);
    if (group.isLeader(old.memberId())) {
      value.setLeader(newId);
    }
    return record(group.groupId(), value);
  }

  /** The group that a record describes. */
  static ClassicGroup load(String groupId, GroupMetadataValue value) {
    List<ClassicMember> members = new ArrayList<>(value.members().size());
    for (MemberMetadata member : value.members()) {
      members.add(load(member, value));
    }
    String type = value.protocolType();
    ClassicGroup.Header header =
        new ClassicGroup.Header(
            value.generation(),
            type == null || type.isEmpty() ? null : type,
            value.protocol(),
            value.leader(),
            value.currentStateTimestamp());
    return ClassicGroup.loaded(groupId, header, members);
  }

  private static ClassicMember load(MemberMetadata member, GroupMetadataValue value) {
    int rebalanceTimeoutMs =
        member.rebalanceTimeout() == NO_REBALANCE_TIMEOUT
            ? member.sessionTimeout()
            : member.rebalanceTimeout();
    String protocol = value.protocol() == null ? "" : value.protocol();
    ClassicMember loaded =
        new ClassicMember(
            new ClassicMember.Identity(
                member.memberId(),
                member.groupInstanceId(),
                member.clientId(),
                member.clientHost(),
                value.protocolType()),
            new ClassicMember.JoinTerms(
                List.of(new ClassicProtocol(protocol, member.subscription())),
                rebalanceTimeoutMs,
                member.sessionTimeout()));
    loaded.assignment = member.assignment();
    return loaded;
  }

  private static GroupMetadataValue header(ClassicGroup group) {
    return new GroupMetadataValue()
        .setProtocolType(group.protocolType())
        .setProtocol(group.protocolName())
        .setGeneration(group.generation())
        .setLeader(group.leaderId())
        .setCurrentStateTimestamp(group.stateSinceMs());
  }

  private static MemberMetadata member(ClassicMember member, String protocol) {
    return new MemberMetadata()
        .setMemberId(member.memberId())
        .setGroupInstanceId(member.groupInstanceId())
        .setClientId(member.clientId())
        .setClientHost(member.clientHost())
        .setRebalanceTimeout(member.rebalanceTimeoutMs)
        .setSessionTimeout(member.sessionTimeoutMs)
        .setSubscription(member.metadata(protocol));
  }

  private static CoordinatorRecord record(String groupId, GroupMetadataValue value) {
    return new CoordinatorRecord(new GroupMetadataKey().setGroup(groupId), value, WRITTEN_VERSION);
  }
}
