package io.milena.group.model.consumer;

import static io.milena.group.model.consumer.TestGroups.GROUP;
import static io.milena.group.model.consumer.TestGroups.joining;
import static io.milena.group.model.consumer.TestGroups.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.milena.coordinator.model.CoordinatorRecord;
import io.milena.group.model.Group;
import io.milena.group.model.GroupSettings;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.coordinator.group.generated.GroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue;
import org.junit.jupiter.api.Test;

/** Stories of groups that are turned into the other kind, and of classic members meanwhile. */
class ClassicMembersTest {
  private final TestGroups world = new TestGroups().topic("t", 4);

  /** A classic group of two, in its seventh generation, each with two partitions. */
  static CoordinatorRecord classicGroup() {
    return classicGroup(classicMember("c0", 0, 1), classicMember("c1", 2, 3));
  }

  private static CoordinatorRecord classicGroup(GroupMetadataValue.MemberMetadata... members) {
    return new CoordinatorRecord(
        new GroupMetadataKey().setGroup(GROUP),
        new GroupMetadataValue()
            .setProtocolType("consumer")
            .setProtocol("range")
            .setLeader("c0")
            .setGeneration(7)
            .setCurrentStateTimestamp(1)
            .setMembers(List.of(members)),
        (short) 3);
  }

  private static GroupMetadataValue.MemberMetadata classicMember(String id, Integer... has) {
    return new GroupMetadataValue.MemberMetadata()
        .setMemberId(id)
        .setClientId(TestGroups.CLIENT)
        .setClientHost(TestGroups.HOST)
        .setRebalanceTimeout(20_000)
        .setSessionTimeout(10_000)
        .setSubscription(subscription(List.of()))
        .setAssignment(assigned(partitions(has)));
  }

  private static List<TopicPartition> partitions(Integer... numbers) {
    return java.util.Arrays.stream(numbers).map(p -> new TopicPartition("t", p)).toList();
  }

  private static byte[] subscription(List<TopicPartition> owned) {
    return bytes(
        ConsumerProtocol.serializeSubscription(new Subscription(List.of("t"), null, owned)));
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  static JoinGroupRequestData rejoin(String memberId, List<TopicPartition> owned) {
    JoinGroupRequestData request =
        new JoinGroupRequestData()
            .setGroupId(GROUP)
            .setMemberId(memberId)
            .setProtocolType("consumer")
            .setSessionTimeoutMs(10_000)
            .setRebalanceTimeoutMs(20_000);
    request
        .protocols()
        .add(new JoinGroupRequestProtocol().setName("range").setMetadata(subscription(owned)));
    return request;
  }

  static HeartbeatRequestData heartbeat(String memberId, int generation) {
    return new HeartbeatRequestData()
        .setGroupId(GROUP)
        .setMemberId(memberId)
        .setGenerationId(generation);
  }

  static SyncGroupRequestData sync(String memberId, int generation) {
    return new SyncGroupRequestData()
        .setGroupId(GROUP)
        .setMemberId(memberId)
        .setGenerationId(generation)
        .setProtocolType("consumer")
        .setProtocolName("range");
  }

  static byte[] assigned(List<TopicPartition> partitions) {
    return bytes(ConsumerProtocol.serializeAssignment(new Assignment(partitions)));
  }

  static List<TopicPartition> synced(SyncGroupResponseData answer) {
    return new ArrayList<>(
        ConsumerProtocol.deserializeAssignment(ByteBuffer.wrap(answer.assignment())).partitions());
  }

  private Errors beat(String memberId, int generation) {
    return Errors.forCode(world.classicHeartbeat(heartbeat(memberId, generation)).errorCode());
  }

  private static List<TopicPartition> in(List<TopicPartition> owned, Set<Integer> target) {
    return owned.stream().filter(tp -> target.contains(tp.partition())).toList();
  }

  /** The whole way of a cooperative client: called back, gives back, joins again, has it. */
  private int follow(String memberId, List<TopicPartition> owned) {
    JoinGroupResponseData joined = world.classicJoin(rejoin(memberId, owned));
    List<TopicPartition> told = synced(world.classicSync(sync(memberId, joined.generationId())));
    Set<Integer> kept = told.stream().map(TopicPartition::partition).collect(Collectors.toSet());
    joined = world.classicJoin(rejoin(memberId, in(owned, kept)));
    world.classicSync(sync(memberId, joined.generationId()));
    return joined.generationId();
  }

  @Test
  void aClassicGroupGoesOnWhenAConsumerJoins() {
    world.apply(classicGroup());

    assertThat(world.join("a", "t").memberEpoch()).isEqualTo(8);

    assertThat(world.classics.told).containsExactly("upgraded REBALANCE_IN_PROGRESS");
    assertThat(world.group().kind()).isEqualTo(Group.Kind.CONSUMER);
    assertThat(world.group().members()).containsOnlyKeys("a", "c0", "c1");
    assertThat(beat("c0", 7)).isEqualTo(Errors.REBALANCE_IN_PROGRESS);
    assertThat(follow("c0", partitions(0, 1))).isEqualTo(8);
    assertThat(beat("c0", 8)).isEqualTo(Errors.NONE);
    assertThat(follow("c1", partitions(2, 3))).isEqualTo(8);
    assertThat(world.assigned(world.beat("a", 8))).hasSize(1);
    assertThat(world.group().stateName()).isEqualTo("Stable");
    world.everybodyWasAnsweredOnce();
  }

  @Test
  void aClassicGroupInWhichTwoHaveTheSamePartitionStaysClassic() {
    world.apply(classicGroup(classicMember("c0", 0, 1), classicMember("c1", 1, 2, 3)));

    ConsumerGroupHeartbeatResponseData told = world.join("a", "t");

    assertThat(told.errorCode()).isEqualTo(Errors.GROUP_ID_NOT_FOUND.code());
    assertThat(told.errorMessage()).contains("two members");
    assertThat(world.table.find(GROUP).kind()).isEqualTo(Group.Kind.CLASSIC);
    assertThat(world.classics.told).isEmpty();
  }

  @Test
  void theLastConsumerThatLeavesTurnsTheGroupBack() {
    world.apply(classicGroup());
    world.join("a", "t");

    world.leave("a");

    assertThat(world.table.find(GROUP).kind()).isEqualTo(Group.Kind.CLASSIC);
    assertThat(world.classics.told).endsWith("downgraded to rebalance");
    TestClassics.Classic classic = (TestClassics.Classic) world.table.find(GROUP);
    assertThat(classic.value().generation()).isEqualTo(8);
    assertThat(classic.value().members()).hasSize(2);
    world.advance(60_000);
    assertThat(world.table.find(GROUP)).isSameAs(classic);
  }

  @Test
  void aSilentLastConsumerTurnsTheGroupBackToo() {
    world.apply(classicGroup());
    world.join("a", "t");
    for (int i = 0; i < 9; i++) {
      world.advance(5_000);
      world.classicHeartbeat(heartbeat("c0", 7));
      world.classicHeartbeat(heartbeat("c1", 7));
      if (i == 3) {
        follow("c0", partitions(0, 1));
        follow("c1", partitions(2, 3));
      }
      if (i >= 3) {
        world.classicHeartbeat(heartbeat("c0", 8));
        world.classicHeartbeat(heartbeat("c1", 8));
      }
    }

    assertThat(world.table.find(GROUP).kind()).isEqualTo(Group.Kind.CLASSIC);
  }

  @Test
  void aClassicMemberThatDoesNotRejoinIsPutOut() {
    world.apply(classicGroup());
    world.join("a", "t");
    for (int i = 0; i < 4; i++) {
      beat("c0", 7);
      beat("c1", 7);
      world.beat("a", 8);
      world.advance(5_000);
    }

    assertThat(world.group().members()).containsOnlyKeys("a");
  }

  @Test
  void aClassicMemberThatDoesNotSyncIsPutOut() {
    world.join("a", "t");
    world.classicJoin(rejoin("c0", List.of()));
    for (int i = 0; i < 4; i++) {
      world.classicHeartbeat(heartbeat("c0", world.group().member("c0").current().epoch()));
      world.beat("a", 2);
      world.advance(5_000);
    }

    assertThat(world.group().members()).containsOnlyKeys("a");
  }

  @Test
  void thePolicyMayForbidBothWays() {
    world.migration = GroupSettings.Migration.DISABLED;
    world.withMaxSize(10).apply(classicGroup());
    assertThat(world.join("a", "t").errorCode()).isEqualTo(Errors.GROUP_ID_NOT_FOUND.code());
    assertThat(world.table.find(GROUP).kind()).isEqualTo(Group.Kind.CLASSIC);

    TestGroups other = new TestGroups().topic("t", 4);
    other.migration = GroupSettings.Migration.DISABLED;
    other.withMaxSize(10).join("a", "t");
    assertThat(other.classicJoin(rejoin("c0", List.of())).errorCode())
        .isEqualTo(Errors.INCONSISTENT_GROUP_PROTOCOL.code());
  }

  @Test
  void aClassicMemberHasToAskForItsIdFirst() {
    world.join("a", "t");

    JoinGroupResponseData answer = world.classicJoin(rejoin("", List.of()));

    assertThat(answer.errorCode()).isEqualTo(Errors.MEMBER_ID_REQUIRED.code());
    assertThat(world.classicJoin(rejoin(answer.memberId(), List.of())).errorCode())
        .isEqualTo(Errors.NONE.code());
  }

  @Test
  void wrongClassicRequestsAreRefused() {
    world.join("a", "t");
    world.classicJoin(rejoin("c0", List.of()));
    int generation = world.group().member("c0").current().epoch();

    assertThat(beat("c0", generation + 1)).isEqualTo(Errors.ILLEGAL_GENERATION);
    assertThat(beat("a", 2)).isEqualTo(Errors.UNKNOWN_MEMBER_ID);
    assertThat(beat("x", 2)).isEqualTo(Errors.UNKNOWN_MEMBER_ID);
    assertThat(world.classicSync(sync("c0", generation).setProtocolName("other")).errorCode())
        .isEqualTo(Errors.INCONSISTENT_GROUP_PROTOCOL.code());
    assertThat(world.classicJoin(rejoin("c9", List.of()).setProtocolType("connect")).errorCode())
        .isEqualTo(Errors.INCONSISTENT_GROUP_PROTOCOL.code());
    LeaveGroupRequestData leave = new LeaveGroupRequestData().setGroupId(GROUP);
    leave.members().add(new LeaveGroupRequestData.MemberIdentity().setMemberId("x"));
    leave.members().add(new LeaveGroupRequestData.MemberIdentity().setMemberId("c0"));
    assertThat(world.classicLeave(leave).members().stream().map(m -> Errors.forCode(m.errorCode())))
        .containsExactly(Errors.UNKNOWN_MEMBER_ID, Errors.NONE);
    assertThat(world.group().members()).containsOnlyKeys("a");
  }

  @Test
  void aClassicMemberThatTakesTheLastConsumersPlaceTurnsTheGroupBack() {
    world.heartbeat(joining("a", "t").setInstanceId("i"));
    world.classicJoin(rejoin("c0", List.of()));

    JoinGroupResponseData answer = world.classicJoin(rejoin("", List.of()).setGroupInstanceId("i"));

    assertThat(answer.errorCode()).isEqualTo(Errors.NONE.code());
    TestClassics.Classic classic = (TestClassics.Classic) world.table.find(GROUP);
    assertThat(classic.value().members().stream().map(m -> m.memberId()))
        .containsExactlyInAnyOrder("c0", answer.memberId());
    assertThat(request("a", 2)).isNotNull();
  }

  /** As in a classic group: a session that never ends would keep a dead member for ever. */
  @Test
  void aClassicMemberOfAConsumerGroupKeepsToTheBoundsOfSessions() {
    world.join("a", "t");
    for (int timeoutMs : List.of(-1, 5_999, 1_800_001)) {
      JoinGroupResponseData answer =
          world.classicJoin(rejoin("b", List.of()).setSessionTimeoutMs(timeoutMs));
      assertThat(Errors.forCode(answer.errorCode())).isEqualTo(Errors.INVALID_SESSION_TIMEOUT);
    }
    assertThat(world.group().member("b")).isNull();
  }
}
