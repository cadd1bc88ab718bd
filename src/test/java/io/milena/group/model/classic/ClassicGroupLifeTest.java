package io.milena.group.model.classic;

import static io.milena.group.model.classic.ClassicRig.GROUP;
import static io.milena.group.model.classic.ClassicRig.INITIAL_DELAY_MS;
import static io.milena.group.model.classic.ClassicRig.REBALANCE_MS;
import static io.milena.group.model.classic.ClassicRig.SESSION_MS;
import static org.assertj.core.api.Assertions.assertThat;

import io.milena.coordinator.model.CoordinatorRecord;
import io.milena.group.model.Caller;
import io.milena.group.model.Group.OffsetClient;
import io.milena.group.model.GroupRequest;
import io.milena.group.model.classic.ClassicRig.Reply;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.coordinator.group.generated.GroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue;
import org.junit.jupiter.api.Test;

/** How classic groups begin and end, and what others ask of them. */
class ClassicGroupLifeTest {
  private ClassicRig rig = ClassicRig.started();

  // Restart, unloading.

  @Test
  void aRestartFindsTheLastCommittedGeneration() {
    List<Reply> joins = rig.stable(2);
    rig = rig.restarted(ClassicRig.classic(10));
    for (Reply joined : joins) {
      assertThat(rig.heartbeat(joined.join().memberId(), 1).error()).isEqualTo(Errors.NONE);
      assertThat(rig.sync(joined).assignment()).isEqualTo(joined.join().memberId());
    }
    rig.pass(SESSION_MS);
    assertThat(rig.state()).isEqualTo("Empty");
  }

  @Test
  void everyVersionOfGroupRecordsIsLoaded() {
    for (short version = 0; version <= 4; version++) {
      GroupMetadataValue value =
          new GroupMetadataValue()
              .setProtocolType("consumer")
              .setProtocol("range")
              .setGeneration(5)
              .setLeader("m")
              .setMembers(
                  List.of(
                      new GroupMetadataValue.MemberMetadata()
                          .setMemberId("m")
                          .setClientId("c")
                          .setClientHost("/h")
                          .setSessionTimeout(SESSION_MS)
                          .setRebalanceTimeout(version == 0 ? -1 : REBALANCE_MS)
                          .setSubscription(new byte[] {1})
                          .setAssignment(new byte[] {2})));
      rig =
          new ClassicRig(ClassicRig.classic(9))
              .load(
                  List.of(
                      new CoordinatorRecord(
                          new GroupMetadataKey().setGroup(GROUP), value, version)));
      assertThat(rig.state()).as("version %d", version).isEqualTo("Stable");
      assertThat(rig.group().generation()).isEqualTo(5);
      ClassicMember member = rig.group().members().iterator().next();
      assertThat(member.rebalanceTimeoutMs()).isEqualTo(version == 0 ? SESSION_MS : REBALANCE_MS);
    }
  }

  @Test
  void whoWaitsIsToldWhenTheCoordinatorGoes() {
    List<Reply> joins = rig.generation(2);
    Reply syncing = rig.sync(joins.get(1));
    Reply founding = new Reply();
    rig.holdAppends = true;
    rig.groups.join(
        new Caller(founding, (short) 3, "c", "/h"),
        ClassicRig.joining("").setGroupId("new"),
        rig.nowMs);
    Reply leader = rig.sync(joins.get(0));
    rig.unload(Errors.NOT_COORDINATOR);
    assertThat(List.of(syncing, founding, leader))
        .allSatisfy(reply -> assertThat(reply.error()).isEqualTo(Errors.NOT_COORDINATOR));
  }

  @Test
  void aLeaveInFlightIsToldWhenTheCoordinatorGoes() {
    Reply joined = rig.stable(1).get(0);
    rig.holdAppends = true;
    Reply left = rig.leave(joined.join().memberId());
    rig.unload(Errors.NOT_COORDINATOR);
    assertThat(left.error()).isEqualTo(Errors.NOT_COORDINATOR);
  }

  @Test
  void aTombstoneTakesAnEmptyGroupAway() {
    Reply joined = rig.stable(1).get(0);
    rig.leave(joined.join().memberId());
    rig.group().tombstones();
    rig.groups.apply(new GroupMetadataKey().setGroup(GROUP), null, rig.nowMs);
    assertThat(rig.state()).isEqualTo("none");
  }

  @Test
  void membersThatCameAfterTheEndWasDecidedStay() {
    Reply joined = rig.stable(1).get(0);
    rig.leave(joined.join().memberId());
    rig.group().tombstones();
    Reply back = rig.joinTwice();
    rig.groups.apply(new GroupMetadataKey().setGroup(GROUP), null, rig.nowMs);
    rig.pass(INITIAL_DELAY_MS);
    assertThat(back.join().generationId()).isEqualTo(3);
  }

  @Test
  void aLoadingCoordinatorLetsMembersKeepWhatTheyHave() {
    GroupRequest heartbeat =
        new GroupRequest((short) 12, (short) 4, GROUP, new HeartbeatRequestData(), "c", "/h");
    assertThat(
            ((HeartbeatResponseData)
                    ClassicGroups.refusal(heartbeat, Errors.COORDINATOR_LOAD_IN_PROGRESS))
                .errorCode())
        .isZero();
  }

  // What offsets and administration ask.

  @Test
  void commitsAreCheckedAsKafkaDoes() {
    assertThat(ClassicGroup.empty("s", 0).checkOffsetCommit(client("", null, -1)))
        .isEqualTo(Errors.NONE);
    List<Reply> joins = rig.generation(1);
    String memberId = joins.get(0).join().memberId();
    ClassicGroup group = rig.group();
    assertThat(group.checkOffsetCommit(client("", null, -1))).isEqualTo(Errors.UNKNOWN_MEMBER_ID);
    assertThat(group.checkOffsetCommit(client("x", null, 1))).isEqualTo(Errors.UNKNOWN_MEMBER_ID);
    assertThat(group.checkOffsetCommit(client(memberId, null, 0)))
        .isEqualTo(Errors.ILLEGAL_GENERATION);
    assertThat(group.checkOffsetCommit(client(memberId, null, 1)))
        .isEqualTo(Errors.REBALANCE_IN_PROGRESS);
    rig.sync(joins.get(0));
    assertThat(group.checkOffsetCommit(client(memberId, null, 1))).isEqualTo(Errors.NONE);
    rig.joinTwice();
    assertThat(group.checkOffsetCommit(client(memberId, null, 1))).isEqualTo(Errors.NONE);
  }

  private static OffsetClient client(String memberId, String instanceId, int generation) {
    return new OffsetClient(memberId, instanceId, generation, (short) 9);
  }

  @Test
  void aTopicIsUnsubscribedOnlyWhenThatIsCertain() {
    JoinGroupRequestData request = ClassicRig.joining("");
    request.protocols().forEach(each -> each.setMetadata(ClassicRig.subscription("t")));
    Reply joined = rig.join(3, request);
    rig.pass(INITIAL_DELAY_MS);
    assertThat(rig.group().subscribes("other")).isTrue();
    rig.sync(joined);
    assertThat(rig.group().subscribes("t")).isTrue();
    assertThat(rig.group().subscribes("other")).isFalse();
    rig.leave(joined.join().memberId());
    assertThat(rig.group().subscribes("t")).isFalse();
  }

  @Test
  void unreadableSubscriptionsKeepEveryOffset() {
    JoinGroupRequestData request = ClassicRig.joining("");
    request.protocols().forEach(each -> each.setMetadata(new byte[] {0, 0, 9}));
    Reply joined = rig.join(3, request);
    rig.pass(INITIAL_DELAY_MS);
    rig.sync(joined);
    assertThat(rig.group().subscribes("any")).isTrue();
  }

  @Test
  void aGroupIsDescribedWithItsMembers() {
    Reply joined = rig.stable(1).get(0);
    var described = rig.groups.describe(rig.group());
    assertThat(described.groupState()).isEqualTo("Stable");
    assertThat(described.protocolData()).isEqualTo("range");
    assertThat(described.members().get(0).memberId()).isEqualTo(joined.join().memberId());
    assertThat(described.members().get(0).memberMetadata())
        .isEqualTo(ClassicRig.subscription("of-range"));
  }

  // Between the protocols.

  @Test
  void anUpgradedGroupAnswersWhoWaitsAndStopsItsTimers() {
    rig.stable(1);
    Reply waiting = rig.joinTwice();
    var decision = rig.groups.upgraded(rig.group(), Errors.REBALANCE_IN_PROGRESS, rig.nowMs);
    assertThat(decision.answers()).hasSize(1);
    assertThat(decision.answers().get(0).to()).isSameAs(waiting);
    assertThat(decision.timers()).allSatisfy(timer -> assertThat(timer.dueMs()).isNegative());
  }

  @Test
  void aDowngradedGroupCallsItsMembersBack() {
    rig.stable(2);
    ClassicRig next = rig.restarted(ClassicRig.classic(9));
    next.groups.downgraded(
        next.group(),
        Map.of(
            next.group().leaderId(),
            List.of(
                new ClassicProtocol("range", new byte[] {1}),
                new ClassicProtocol("sticky", new byte[] {2}))),
        true,
        next.nowMs);
    assertThat(next.state()).isEqualTo("PreparingRebalance");
  }

  @Test
  void aDowngradedGroupThatHasWhatItIsToHaveGoesOn() {
    rig.stable(2);
    ClassicRig next = rig.restarted(ClassicRig.classic(9));
    next.groups.downgraded(next.group(), Map.of(), false, next.nowMs);
    assertThat(next.state()).isEqualTo("Stable");
  }
}
