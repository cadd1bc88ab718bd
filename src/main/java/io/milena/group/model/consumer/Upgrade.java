package io.milena.group.model.consumer;

import io.milena.coordinator.model.CoordinatorRecord;
import io.milena.group.model.GroupTable;
import io.milena.group.model.consumer.ClassicSide.View;
import io.milena.group.model.consumer.ClassicSide.ViewMember;
import io.milena.group.model.consumer.check.Refused;
import io.milena.group.model.consumer.state.ConsumerGroup;
import io.milena.group.model.consumer.state.CurrentAssignment;
import io.milena.group.model.consumer.state.GroupLog;
import io.milena.group.model.consumer.state.GroupRecords;
import io.milena.group.model.consumer.state.Member;
import io.milena.group.model.consumer.state.MemberState;
import io.milena.group.model.consumer.state.Registration;
import io.milena.group.model.consumer.topics.TopicHashes;
import io.milena.metadata.ClusterImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerProtocolAssignment;
import org.apache.kafka.common.message.ConsumerProtocolSubscription;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataValue.ClassicMemberMetadata;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataValue.ClassicProtocol;

/**
 * Writes down a classic group as a consumer group: the generation becomes the epoch, and everybody
 * has, and is to have, what its leader assigned.
 */
final class Upgrade {
  private final String groupId;
  private final View view;
  private final ClusterImage image;
  private final Map<Member, Map<Uuid, Set<Integer>>> members = new LinkedHashMap<>();
  private final Map<Uuid, Set<Integer>> given = new HashMap<>();

  Upgrade(String groupId, View view, ClusterImage image) {
    this.groupId = groupId;
    this.view = view;
    this.image = image;
  }

  /**
   * @param records gets those that make the group
   * @return the group that they make
   */
  ConsumerGroup write(List<CoordinatorRecord> records, TopicHashes hashes, long nowMs) {
    view.members().forEach(this::convert);
    Set<String> topics = new HashSet<>();
    members.keySet().forEach(member -> topics.addAll(member.registration().topics()));
    List<CoordinatorRecord> made = new ArrayList<>();
    members.keySet().forEach(member -> made.add(GroupRecords.member(groupId, member)));
    made.add(GroupRecords.epoch(groupId, view.generation(), hashes.of(topics, image)));
    members.forEach((member, has) -> made.add(GroupRecords.target(groupId, member.id(), has)));
    made.add(GroupRecords.targetEpoch(groupId, view.generation(), 0));
    members.keySet().forEach(member -> made.add(GroupRecords.current(groupId, member)));
    records.addAll(made);

    GroupTable scratch = new GroupTable();
    GroupLog log = new GroupLog(scratch);
    made.forEach(record -> log.apply(record, nowMs));
    return (ConsumerGroup) scratch.find(groupId);
  }

  private void convert(ViewMember member) {
    Map<Uuid, Set<Integer>> has = Map.of();
    if (member.assignment().length > 0) {
      ConsumerProtocolAssignment assignment = EmbeddedProtocol.assignment(member.assignment());
      if (assignment.userData() != null && assignment.userData().hasRemaining()) {
        throw new Refused(
            Errors.GROUP_ID_NOT_FOUND,
            "Group " + groupId + " uses an assignor of its own, whose data would be lost.");
      }
      has = EmbeddedProtocol.partitions(assignment, image);
      has.forEach(this::give);
    }
    ConsumerProtocolSubscription subscription = EmbeddedProtocol.subscription(metadata(member));
    String rack = subscription.rackId();
    Registration registration =
        new Registration(
            member.instanceId(),
            rack == null || rack.isEmpty() ? null : rack,
            member.rebalanceTimeoutMs(),
            member.clientId(),
            member.clientHost(),
            Set.copyOf(subscription.topics()),
            "",
            null,
            new ClassicMemberMetadata()
                .setSessionTimeoutMs(member.sessionTimeoutMs())
                .setSupportedProtocols(member.protocols()));
    int epoch = view.generation();
    CurrentAssignment current =
        new CurrentAssignment(epoch, epoch, MemberState.STABLE, inEpoch(has, epoch), Map.of());
    members.put(new Member(member.memberId(), registration, current), has);
  }

  /** A consumer group has one owner for each partition; a leader may have seen it otherwise. */
  private void give(Uuid topicId, Set<Integer> partitions) {
    Set<Integer> others = given.computeIfAbsent(topicId, id -> new HashSet<>());
    for (int partition : partitions) {
      if (!others.add(partition)) {
        throw new Refused(
            Errors.GROUP_ID_NOT_FOUND,
            "The leader of group " + groupId + " gave a partition to two members.");
      }
    }
  }

  private byte[] metadata(ViewMember member) {
    for (ClassicProtocol protocol : member.protocols()) {
      if (view.protocolName() == null || protocol.name().equals(view.protocolName())) {
        return protocol.metadata();
      }
    }
    throw new Refused(
        Errors.GROUP_ID_NOT_FOUND, "Member " + member.memberId() + " told no subscription.");
  }

  private static Map<Uuid, Map<Integer, Integer>> inEpoch(
      Map<Uuid, Set<Integer>> partitions, int epoch) {
    Map<Uuid, Map<Integer, Integer>> result = new HashMap<>();
    partitions.forEach(
        (topic, numbers) -> {
          Map<Integer, Integer> epochs = new HashMap<>();
          numbers.forEach(partition -> epochs.put(partition, epoch));
          result.put(topic, epochs);
        });
    return result;
  }
}
