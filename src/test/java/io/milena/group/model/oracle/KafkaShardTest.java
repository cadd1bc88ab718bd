package io.milena.group.model.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.coordinator.common.runtime.CoordinatorMetadataImage;
import org.junit.jupiter.api.Test;

/** The oracle itself speaks. */
class KafkaShardTest {
  private final KafkaShard kafka =
      new KafkaShard(Map.of("group.initial.rebalance.delay.ms", "3000"), 1_000_000)
          .load(List.of(), CoordinatorMetadataImage.EMPTY);

  @Test
  void aClassicMemberGetsItsIdThenItsGeneration() {
    JoinGroupRequestData request = join("");
    JoinGroupResponseData first =
        kafka.join(KafkaShard.from(ApiKeys.JOIN_GROUP, 9, "c"), request).join();
    assertThat(Errors.forCode(first.errorCode())).isEqualTo(Errors.MEMBER_ID_REQUIRED);
    assertThat(kafka.takeRecords()).hasSize(1);
    CompletableFuture<JoinGroupResponseData> second =
        kafka.join(KafkaShard.from(ApiKeys.JOIN_GROUP, 9, "c"), join(first.memberId()));
    assertThat(second).isNotDone();
    kafka.advanceTo(kafka.nowMs() + 3_000);
    assertThat(second.join().generationId()).isEqualTo(1);
  }

  @Test
  void aConsumerGroupMemberGetsAnEpoch() {
    ConsumerGroupHeartbeatRequestData request =
        new ConsumerGroupHeartbeatRequestData()
            .setGroupId("g")
            .setMemberId("m")
            .setMemberEpoch(0)
            .setRebalanceTimeoutMs(60_000)
            .setSubscribedTopicNames(List.of("t"))
            .setTopicPartitions(List.of());
    var answer =
        kafka
            .write(
                shard ->
                    shard.consumerGroupHeartbeat(
                        KafkaShard.from(ApiKeys.CONSUMER_GROUP_HEARTBEAT, 1, "c"), request))
            .join();
    assertThat(answer.memberEpoch()).isPositive();
    assertThat(kafka.takeRecords()).isNotEmpty();
  }

  private static JoinGroupRequestData join(String memberId) {
    JoinGroupRequestData.JoinGroupRequestProtocolCollection protocols =
        new JoinGroupRequestData.JoinGroupRequestProtocolCollection();
    protocols.add(
        new JoinGroupRequestData.JoinGroupRequestProtocol()
            .setName("range")
            .setMetadata(new byte[] {0, 0, 0, 0, 0, 0, -1, -1, -1, -1}));
    return new JoinGroupRequestData()
        .setGroupId("g")
        .setMemberId(memberId)
        .setProtocolType("consumer")
        .setSessionTimeoutMs(10_000)
        .setRebalanceTimeoutMs(60_000)
        .setProtocols(protocols);
  }
}
