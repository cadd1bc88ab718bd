package io.milena.group.model.consumer;

import static io.milena.group.model.consumer.TestGroups.id;
import static org.assertj.core.api.Assertions.assertThat;

import io.milena.group.model.consumer.MachineDuel.Pair;
import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Stories of a classic group that is turned into a consumer group while it gathers its members, and
 * back before the time for them to come is over. Told to Kafka's coordinator too, of which the
 * timer of that gathering is taken away: see {@code KafkaShard.forgetTimerOfClassicGathering}.
 */
class TurnsToldToKafkaTest {
  private static final int GATHERING_MS = 20_000;
  private static final List<TopicPartition> ALL =
      List.of(new TopicPartition("t", 0), new TopicPartition("t", 1));

  private final MachineDuel duel = new MachineDuel(0);
  private String settled;
  private String newcomer;

  /** One member has everything, another comes, and so the first is called back. */
  @BeforeEach
  void aClassicGroupGathers() {
    duel.topic("t", id("t"), 2);
    settled = idForNewcomer();
    Pair first = join(settled, null);
    duel.advance(TestMachine.INITIAL_DELAY_MS);
    assertThat(generation(first)).isEqualTo(1);
    SyncGroupRequestData all = ClassicMembersTest.sync(settled, 1);
    all.assignments()
        .add(
            new SyncGroupRequestAssignment()
                .setMemberId(settled)
                .setAssignment(ClassicMembersTest.assigned(ALL)));
    duel.sync(all);
    newcomer = idForNewcomer();
    join(newcomer, null);
    assertThat(duel.milena().kind()).isEqualTo("classic PreparingRebalance");
  }

  @Test
  void anEmptyGroupThatIsTurnedBackDoesNotKnowThatItGathered() {
    says("a", 0);
    leave(settled);
    leave(newcomer);
    says("a", -1);
    assertThat(duel.milena().kind()).isEqualTo("consumer Empty");
    duel.advance(GATHERING_MS - 1);
    String late = idForNewcomer();
    assertThat(duel.milena().kind()).isEqualTo("classic Empty");

    duel.advance(1);

    Pair joining = join(late, null);
    duel.advance(TestMachine.INITIAL_DELAY_MS);
    assertThat(generation(joining)).as("the first, for nothing was counted").isEqualTo(1);
  }

  @Test
  void aStableGroupThatIsTurnedBackKeepsItsMembers() {
    says("a", 0);
    leave(newcomer);
    has(settled, generation(join(settled, null)));
    has(settled, generation(join(settled, null)));
    JoinGroupResponseData instead = join("", "i").answer();
    assertThat(duel.milena().kind()).isEqualTo("classic Stable");
    int generation = instead.generationId();

    for (int i = 0; i < 4; i++) {
      duel.advance(GATHERING_MS / 4);
      assertThat(beats(settled, null, generation)).isEqualTo(Errors.NONE);
      assertThat(beats(instead.memberId(), "i", generation)).isEqualTo(Errors.NONE);
    }

    assertThat(duel.milena().kind()).isEqualTo("classic Stable");
  }

  // ---- what members say ---------------------------------------------------------------------

  private String idForNewcomer() {
    JoinGroupResponseData answer = join("", null).answer();
    assertThat(Errors.forCode(answer.errorCode())).isEqualTo(Errors.MEMBER_ID_REQUIRED);
    return answer.memberId();
  }

  private Pair join(String memberId, String instanceId) {
    return duel.join(ClassicMembersTest.rejoin(memberId, List.of()).setGroupInstanceId(instanceId));
  }

  private static int generation(Pair join) {
    JoinGroupResponseData answer = join.answer();
    assertThat(Errors.forCode(answer.errorCode())).isEqualTo(Errors.NONE);
    return answer.generationId();
  }

  private void has(String memberId, int generation) {
    SyncGroupResponseData answer =
        duel.sync(ClassicMembersTest.sync(memberId, generation)).answer();
    assertThat(Errors.forCode(answer.errorCode())).isEqualTo(Errors.NONE);
  }

  private Errors beats(String memberId, String instanceId, int generation) {
    HeartbeatResponseData answer =
        duel.classicHeartbeat(
                ClassicMembersTest.heartbeat(memberId, generation).setGroupInstanceId(instanceId))
            .answer();
    return Errors.forCode(answer.errorCode());
  }

  private void leave(String memberId) {
    LeaveGroupRequestData request = new LeaveGroupRequestData().setGroupId(TestGroups.GROUP);
    request.members().add(new LeaveGroupRequestData.MemberIdentity().setMemberId(memberId));
    duel.leave(request);
  }

  /** A static member of the consumer protocol; told its epoch. */
  private int says(String memberId, int epoch) {
    var request = TestGroups.request(memberId, epoch).setInstanceId("i");
    if (epoch == 0) {
      request
          .setRebalanceTimeoutMs(60_000)
          .setTopicPartitions(List.of())
          .setSubscribedTopicNames(List.of("t"));
    }
    ConsumerGroupHeartbeatResponseData answer = duel.heartbeat(request).answer();
    assertThat(Errors.forCode(answer.errorCode())).as(answer.toString()).isEqualTo(Errors.NONE);
    return answer.memberEpoch();
  }
}
