package io.milena.group.model.consumer;

import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.JoinGroupResponseData.JoinGroupResponseMember;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/** Answers as texts in which only what may differ does not show: orders, messages, intervals. */
final class DuelText {
  private DuelText() {}

  static String of(ApiMessage answer) {
    if (answer instanceof ConsumerGroupHeartbeatResponseData heartbeat) {
      return heartbeat(heartbeat);
    }
    if (answer instanceof JoinGroupResponseData join) {
      return join(join);
    }
    if (answer instanceof SyncGroupResponseData sync) {
      return sync(sync);
    }
    if (answer instanceof OffsetCommitResponseData commit) {
      // By name as the client asked: ids are Kafka's broker's to take out again.
      OffsetCommitResponseData named = commit.duplicate();
      named.topics().forEach(topic -> topic.setTopicId(Uuid.ZERO_UUID));
      return named.toString();
    }
    return answer.toString();
  }

  private static String heartbeat(ConsumerGroupHeartbeatResponseData answer) {
    return Errors.forCode(answer.errorCode())
        + " member "
        + answer.memberId()
        + " epoch "
        + answer.memberEpoch()
        + " assignment "
        + (answer.assignment() == null ? "untold" : TestGroups.told(answer));
  }

  private static String join(JoinGroupResponseData answer) {
    Errors error = Errors.forCode(answer.errorCode());
    if (error == Errors.MEMBER_ID_REQUIRED) {
      return error + " member " + answer.memberId();
    }
    if (error != Errors.NONE) {
      // Clients read nothing else of it.
      return error.name();
    }
    JoinGroupResponseData sorted = answer.duplicate();
    sorted.members().sort(Comparator.comparing(JoinGroupResponseMember::memberId));
    return sorted.toString();
  }

  private static String sync(SyncGroupResponseData answer) {
    if (answer.assignment().length == 0) {
      return answer.toString();
    }
    Map<String, TreeSet<Integer>> has = new TreeMap<>();
    ConsumerProtocol.deserializeAssignment(ByteBuffer.wrap(answer.assignment()))
        .partitions()
        .forEach(tp -> has.computeIfAbsent(tp.topic(), t -> new TreeSet<>()).add(tp.partition()));
    return answer.duplicate().setAssignment(new byte[0]) + " has " + has;
  }

  static String offsets(OffsetFetchResponseGroup group) {
    if (group.errorCode() != 0) {
      return Errors.forCode(group.errorCode()).name();
    }
    TreeSet<String> offsets = new TreeSet<>();
    group
        .topics()
        .forEach(
            topic ->
                topic
                    .partitions()
                    .forEach(
                        p ->
                            offsets.add(
                                topic.name()
                                    + "-"
                                    + p.partitionIndex()
                                    + " at "
                                    + p.committedOffset()
                                    + " "
                                    + Errors.forCode(p.errorCode()))));
    return offsets.toString();
  }
}
