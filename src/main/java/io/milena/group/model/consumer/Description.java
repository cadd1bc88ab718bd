package io.milena.group.model.consumer;

import io.milena.group.model.consumer.state.ConsumerGroup;
import io.milena.group.model.consumer.state.Member;
import io.milena.group.model.consumer.state.Registration;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.TopicImage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.Assignment;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.DescribedGroup;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.TopicPartitions;
import org.apache.kafka.common.protocol.Errors;

/** Groups in the words of ConsumerGroupDescribe. */
final class Description {
  private static final byte CLASSIC_MEMBER = 0;
  private static final byte CONSUMER_MEMBER = 1;

  private Description() {}

  static DescribedGroup of(Core core, String groupId) {
    ConsumerGroup group = core.find(groupId);
    if (group == null) {
      String what =
          core.table().find(groupId) == null ? " is not known." : " is not a consumer group.";
      return new DescribedGroup()
          .setGroupId(groupId)
          .setErrorCode(Errors.GROUP_ID_NOT_FOUND.code())
          .setErrorMessage("Group " + groupId + what);
    }
    DescribedGroup described =
        new DescribedGroup()
            .setGroupId(groupId)
            .setGroupState(group.stateName())
            .setGroupEpoch(group.epoch())
            .setAssignmentEpoch(group.targetEpoch())
            .setAssignorName(group.preferredAssignor().orElse(core.defaultAssignor()));
    group
        .members()
        .values()
        .forEach(member -> described.members().add(member(group, member, core.image())));
    return described;
  }

  private static org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.Member member(
      ConsumerGroup group, Member member, ClusterImage image) {
    Registration said = member.registration();
    Map<Uuid, List<Integer>> holds = new HashMap<>();
    collect(member.current().assigned(), holds);
    collect(member.current().revoking(), holds);
    Map<Uuid, List<Integer>> target = new HashMap<>();
    group.target(member.id()).forEach((topic, p) -> target.put(topic, new ArrayList<>(p)));
    return new org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.Member()
        .setMemberId(member.id())
        .setMemberEpoch(member.current().epoch())
        .setInstanceId(said.instanceId())
        .setRackId(said.rackId())
        .setClientId(said.clientId())
        .setClientHost(said.clientHost())
        .setSubscribedTopicNames(sorted(said.topics()))
        .setSubscribedTopicRegex(said.regex())
        .setAssignment(assignment(holds, image))
        .setTargetAssignment(assignment(target, image))
        .setMemberType(member.isClassic() ? CLASSIC_MEMBER : CONSUMER_MEMBER);
  }

  private static void collect(
      Map<Uuid, Map<Integer, Integer>> partitions, Map<Uuid, List<Integer>> into) {
    partitions.forEach(
        (topic, epochs) ->
            into.computeIfAbsent(topic, t -> new ArrayList<>()).addAll(epochs.keySet()));
  }

  /** Topics that are gone have no name to tell; they are left out. */
  private static Assignment assignment(Map<Uuid, List<Integer>> partitions, ClusterImage image) {
    Assignment assignment = new Assignment();
    partitions.forEach(
        (topicId, numbers) -> {
          TopicImage topic = image.topic(topicId);
          if (topic != null) {
            assignment
                .topicPartitions()
                .add(
                    new TopicPartitions()
                        .setTopicId(topicId)
                        .setTopicName(topic.name())
                        .setPartitions(sorted(numbers)));
          }
        });
    return assignment;
  }

  private static <T extends Comparable<T>> List<T> sorted(Collection<T> values) {
    List<T> list = new ArrayList<>(values);
    Collections.sort(list);
    return list;
  }
}
