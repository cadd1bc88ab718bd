package io.milena.group.model.consumer;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.Errors;

/** A member of the consumer protocol as its client knows it: what it was told last. */
class RememberingMember {
  final String instanceId;
  String memberId;
  int epoch;
  Map<Uuid, TreeSet<Integer>> owned = new TreeMap<>();

  RememberingMember(String memberId, String instanceId) {
    this.memberId = memberId;
    this.instanceId = instanceId;
  }

  /** A request in the member's name. */
  ConsumerGroupHeartbeatRequestData says(int saidEpoch) {
    return TestGroups.request(memberId, saidEpoch).setInstanceId(instanceId);
  }

  /** A heartbeat: now and then of a wrong epoch, at times without a word of what it owns. */
  ConsumerGroupHeartbeatRequestData beats(Random random) {
    int off = random.nextInt(12) == 0 ? random.nextInt(3) - 1 : 0;
    ConsumerGroupHeartbeatRequestData request = says(Math.max(1, epoch + off));
    if (random.nextInt(3) > 0) {
      request.setTopicPartitions(TestGroups.holding(owned));
    }
    return request;
  }

  /** An answer to a request of this member came; errors tell it nothing. */
  void learn(ConsumerGroupHeartbeatRequestData request, ConsumerGroupHeartbeatResponseData answer) {
    if (answer.errorCode() != Errors.NONE.code()) {
      return;
    }
    epoch = answer.memberEpoch();
    if (request.memberEpoch() < 0) {
      owned = new TreeMap<>();
    } else if (answer.assignment() != null) {
      owned = TestGroups.told(answer);
    }
  }
}
