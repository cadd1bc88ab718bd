package io.milena.group.model.consumer;

import io.milena.coordinator.model.CoordinatorRecord;
import io.milena.group.model.consumer.state.ConsumerGroup;
import io.milena.group.model.consumer.state.Member;
import io.milena.metadata.ClusterImage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMemberMetadataValue.ClassicProtocol;
import org.apache.kafka.coordinator.group.generated.GroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue;

/**
 * Writes down a consumer group as a classic one: the epoch becomes the generation, and everybody
 * has what it was to have.
 */
final class Downgrade {
  /** The version that Kafka 3.9 reads. */
  private static final short VERSION = 3;

  private final ConsumerGroup group;
  private final ClusterImage image;
  private final List<Member> members;
  private final Map<String, String> formerIds = new HashMap<>();

  /**
   * @param members of the classic group; all speak the classic protocol
   */
  Downgrade(ConsumerGroup group, ClusterImage image, List<Member> members) {
    this.group = group;
    this.image = image;
    this.members = new ArrayList<>(members);
    this.members.sort(Comparator.comparing(Member::id));
  }

  /** {@code come} has the target of {@code gone}. */
  Downgrade replacing(String gone, String come) {
    formerIds.put(come, gone);
    return this;
  }

  CoordinatorRecord record(long nowMs) {
    String protocol = vote();
    List<GroupMetadataValue.MemberMetadata> written = new ArrayList<>();
    for (Member member : members) {
      byte[] metadata = metadata(member, protocol);
      Map<Uuid, Set<Integer>> target =
          group.target(formerIds.getOrDefault(member.id(), member.id()));
      written.add(
          new GroupMetadataValue.MemberMetadata()
              .setMemberId(member.id())
              .setGroupInstanceId(member.registration().instanceId())
              .setClientId(member.registration().clientId())
              .setClientHost(member.registration().clientHost())
              .setRebalanceTimeout(member.registration().rebalanceTimeoutMs())
              .setSessionTimeout(member.registration().classic().sessionTimeoutMs())
              .setSubscription(metadata)
              .setAssignment(EmbeddedProtocol.assignmentBytes(target, image, metadata)));
    }
    return new CoordinatorRecord(
        new GroupMetadataKey().setGroup(group.groupId()),
        new GroupMetadataValue()
            .setProtocolType(ConsumerGroup.PROTOCOL_TYPE)
            .setProtocol(protocol)
            .setGeneration(group.epoch())
            .setLeader(members.get(0).id())
            .setCurrentStateTimestamp(nowMs)
            .setMembers(written),
        VERSION);
  }

  /** What members offer, by member id. */
  Map<String, List<ClassicProtocol>> protocols() {
    Map<String, List<ClassicProtocol>> protocols = new HashMap<>();
    members.forEach(m -> protocols.put(m.id(), offered(m)));
    return protocols;
  }

  private static List<ClassicProtocol> offered(Member member) {
    return member.registration().classic().supportedProtocols();
  }

  /** Of what all offer, the one that most like best. */
  private String vote() {
    Map<String, Integer> offers = new HashMap<>();
    members.forEach(m -> offered(m).forEach(p -> offers.merge(p.name(), 1, Integer::sum)));
    Map<String, Integer> votes = new HashMap<>();
    for (Member member : members) {
      offered(member).stream()
          .map(ClassicProtocol::name)
          .filter(name -> offers.get(name) == members.size())
          .findFirst()
          .ifPresent(name -> votes.merge(name, 1, Integer::sum));
    }
    return votes.entrySet().stream()
        .max(
            Map.Entry.<String, Integer>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
        .map(Map.Entry::getKey)
        .orElseThrow(() -> new IllegalStateException(group.groupId() + " has no protocol"));
  }

  private static byte[] metadata(Member member, String protocol) {
    return offered(member).stream()
        .filter(p -> p.name().equals(protocol))
        .map(ClassicProtocol::metadata)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(member.id() + " does not offer " + protocol));
  }
}
