package io.milena.group.model.consumer.check;

import static io.milena.group.model.consumer.state.CurrentAssignment.JOIN_EPOCH;
import static io.milena.group.model.consumer.state.CurrentAssignment.LEAVE_EPOCH;
import static io.milena.group.model.consumer.state.CurrentAssignment.STATIC_LEAVE_EPOCH;

import io.milena.group.model.consumer.state.CurrentAssignment;
import io.milena.group.model.consumer.state.Member;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData.TopicPartitions;
import org.apache.kafka.common.protocol.Errors;

/** What a heartbeat must say, whatever the group is like; and whose epoch is the right one. */
public final class HeartbeatCheck {
  private static final short CLIENT_NAMES_MEMBER = 1;

  private HeartbeatCheck() {}

  /**
   * Refuses a heartbeat that no group could take.
   *
   * @param assignors that the broker has, by name
   * @throws Refused INVALID_REQUEST, or UNSUPPORTED_ASSIGNOR for one of none of these names
   */
  public static void form(
      ConsumerGroupHeartbeatRequestData request, short apiVersion, List<String> assignors) {
    int epoch = request.memberEpoch();
    if (apiVersion >= CLIENT_NAMES_MEMBER || epoch > JOIN_EPOCH || epoch == LEAVE_EPOCH) {
      notBlank(request.memberId(), "MemberId");
    }
    notBlank(request.groupId(), "GroupId");
    notBlank(request.instanceId(), "InstanceId");
    notBlank(request.rackId(), "RackId");
    if (epoch == JOIN_EPOCH) {
      joining(request);
    } else if (epoch < STATIC_LEAVE_EPOCH) {
      invalid("MemberEpoch is below -2.");
    } else if (epoch == STATIC_LEAVE_EPOCH && request.instanceId() == null) {
      invalid("Only a member with an InstanceId can leave for a while.");
    }
    if (request.serverAssignor() != null && !assignors.contains(request.serverAssignor())) {
      throw new Refused(
          Errors.UNSUPPORTED_ASSIGNOR,
          "ServerAssignor " + request.serverAssignor() + " is none of " + assignors + ".");
    }
  }

  private static void joining(ConsumerGroupHeartbeatRequestData request) {
    if (request.rebalanceTimeoutMs() == -1) {
      invalid("A first heartbeat must tell RebalanceTimeoutMs.");
    }
    if (request.topicPartitions() == null || !request.topicPartitions().isEmpty()) {
      invalid("A first heartbeat must tell that no TopicPartitions are held.");
    }
    if (request.subscribedTopicNames() == null && request.subscribedTopicRegex() == null) {
      invalid("A first heartbeat must subscribe topics by name or by expression.");
    }
  }

  private static void notBlank(String value, String name) {
    if (value != null && value.isBlank()) {
      invalid(name + " is empty.");
    }
  }

  private static void invalid(String message) {
    throw new Refused(Errors.INVALID_REQUEST, message);
  }

  /**
   * Fences a member whose epoch is not the group's. The epoch before is let through when the member
   * holds nothing that it was not given: then it only missed the last answer.
   *
   * @param epoch that the member says it has
   * @param owned what it says it holds; null when it does not say
   * @throws Refused FENCED_MEMBER_EPOCH
   */
  public static void epoch(Member member, int epoch, List<TopicPartitions> owned) {
    CurrentAssignment current = member.current();
    if (epoch == JOIN_EPOCH || epoch == current.epoch()) {
      return;
    }
    boolean missedAnswer =
        epoch < current.epoch()
            && epoch == current.previousEpoch()
            && contains(current.assigned(), owned);
    if (!missedAnswer) {
      throw new Refused(
          Errors.FENCED_MEMBER_EPOCH,
          "Member epoch "
              + epoch
              + " is not the member's, which is "
              + current.epoch()
              + ": it must give up its partitions and rejoin.");
    }
  }

  private static boolean contains(
      Map<Uuid, Map<Integer, Integer>> assigned, List<TopicPartitions> owned) {
    if (owned == null) {
      return false;
    }
    for (TopicPartitions topic : owned) {
      Map<Integer, Integer> partitions = assigned.get(topic.topicId());
      if (partitions == null || !partitions.keySet().containsAll(topic.partitions())) {
        return false;
      }
    }
    return true;
  }
}
