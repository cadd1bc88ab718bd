package io.milena.group.model.classic;

import static io.milena.group.model.classic.ClassicRig.GROUP;
import static io.milena.group.model.classic.ClassicRig.INITIAL_DELAY_MS;
import static io.milena.group.model.classic.ClassicRig.REBALANCE_MS;
import static io.milena.group.model.classic.ClassicRig.SESSION_MS;
import static org.assertj.core.api.Assertions.assertThat;

import io.milena.group.model.classic.ClassicRig.Reply;
import java.util.List;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue;
import org.junit.jupiter.api.Test;

/** Stories of classic groups. */
class ClassicGroupTest {
  private ClassicRig rig = ClassicRig.started();

  // Joining.

  @Test
  void aNewMemberIsAskedToComeBackWithTheIdItIsGiven() {
    Reply first = rig.join("");
    assertThat(first.error()).isEqualTo(Errors.MEMBER_ID_REQUIRED);
    assertThat(first.join().memberId()).isEqualTo("c-id0");
    Reply second = rig.join("c-id0");
    assertThat(second.done()).isFalse();
    rig.pass(INITIAL_DELAY_MS);
    assertThat(second.join().generationId()).isEqualTo(1);
    assertThat(second.join().leader()).isEqualTo("c-id0");
    assertThat(rig.state()).isEqualTo("CompletingRebalance");
  }

  @Test
  void anOldClientIsAMemberAtOnce() {
    Reply joined = rig.join(0, ClassicRig.joining("").setRebalanceTimeoutMs(-1));
    rig.pass(INITIAL_DELAY_MS);
    assertThat(joined.error()).isEqualTo(Errors.NONE);
    assertThat(rig.group().members().iterator().next().rebalanceTimeoutMs()).isEqualTo(SESSION_MS);
  }

  @Test
  void anIdThatIsNeverUsedIsForgotten() {
    rig.join("");
    assertThat(rig.groups.newcomers()).isOne();
    rig.pass(SESSION_MS);
    assertThat(rig.groups.newcomers()).isZero();
    assertThat(rig.join("c-id0").error()).isEqualTo(Errors.UNKNOWN_MEMBER_ID);
  }

  @Test
  void membersThatKeepComingProlongTheFirstRebalance() {
    Reply first = rig.joinTwice();
    rig.pass(INITIAL_DELAY_MS - 1);
    Reply second = rig.joinTwice();
    rig.pass(1);
    assertThat(first.done()).isFalse();
    rig.pass(INITIAL_DELAY_MS);
    assertThat(first.join().generationId()).isEqualTo(1);
    assertThat(second.join().generationId()).isEqualTo(1);
  }

  @Test
  void theFirstRebalanceNeverTakesLongerThanTheRebalanceTimeout() {
    Reply first = rig.joinTwice();
    for (int i = 0; i < 100 && !first.done(); i++) {
      rig.pass(1_000);
      rig.joinTwice();
    }
    assertThat(rig.nowMs - ClassicRig.START_MS).isBetween(57_000L, (long) REBALANCE_MS + 1_000);
  }

  @Test
  void aSessionOutsideTheBoundsIsRefused() {
    Reply reply = rig.join(9, ClassicRig.joining("").setSessionTimeoutMs(5_999));
    assertThat(reply.error()).isEqualTo(Errors.INVALID_SESSION_TIMEOUT);
    assertThat(rig.log).isEmpty();
  }

  @Test
  void whoHasNothingInCommonWithTheOthersIsRefused() {
    rig.stable(1);
    assertThat(rig.join(9, ClassicRig.joining("", "roundrobin")).error())
        .isEqualTo(Errors.INCONSISTENT_GROUP_PROTOCOL);
    assertThat(rig.join(9, ClassicRig.joining("").setProtocolType("connect")).error())
        .isEqualTo(Errors.INCONSISTENT_GROUP_PROTOCOL);
  }

  @Test
  void aRefusedJoinFoundsNoGroup() {
    JoinGroupRequestData nothing = ClassicRig.joining("").setProtocolType("");
    assertThat(rig.join(9, nothing).error()).isEqualTo(Errors.INCONSISTENT_GROUP_PROTOCOL);
    assertThat(rig.state()).isEqualTo("none");
    assertThat(rig.log).isEmpty();
  }

  @Test
  void theProtocolMostMembersLikeBestIsChosen() {
    rig.join(3, ClassicRig.joining("", "a", "b", "c"));
    rig.join(3, ClassicRig.joining("", "b", "a"));
    Reply third = rig.join(3, ClassicRig.joining("", "c", "b", "a"));
    rig.pass(ClassicRig.GATHERED_MS);
    assertThat(third.join().protocolName()).isEqualTo("b");
  }

  @Test
  void aGroupWithoutARecordIsGoneWhenItsFirstAppendFails() {
    rig.nextFailure = Errors.COORDINATOR_NOT_AVAILABLE;
    Reply reply = rig.join(3, ClassicRig.joining(""));
    assertThat(reply.error()).isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE);
    assertThat(rig.state()).isEqualTo("none");
    assertThat(rig.timers.keys()).isEmpty();
    assertThat(rig.groups.newcomers()).isZero();
  }

  // Sync.

  @Test
  void theLeadersAssignmentsReachEveryMember() {
    List<Reply> joins = rig.generation(3);
    Reply follower = rig.sync(joins.get(1));
    assertThat(follower.done()).isFalse();
    Reply leader = rig.sync(joins.get(0));
    assertThat(leader.assignment()).isEqualTo(joins.get(0).join().memberId());
    assertThat(follower.assignment()).isEqualTo(joins.get(1).join().memberId());
    assertThat(rig.state()).isEqualTo("Stable");
    assertThat(rig.sync(joins.get(2)).assignment()).isEqualTo(joins.get(2).join().memberId());
  }

  @Test
  void assignmentsAreToldOnlyWhenTheyAreCommitted() {
    List<Reply> joins = rig.generation(2);
    rig.holdAppends = true;
    Reply leader = rig.sync(joins.get(0));
    Reply follower = rig.sync(joins.get(1));
    assertThat(rig.heartbeat(joins.get(1).join().memberId(), 1).error()).isEqualTo(Errors.NONE);
    assertThat(leader.done() || follower.done()).isFalse();
    assertThat(rig.state()).isEqualTo("CompletingRebalance");
    rig.settle(GROUP, Errors.NONE);
    assertThat(leader.error()).isEqualTo(Errors.NONE);
    assertThat(follower.error()).isEqualTo(Errors.NONE);
  }

  @Test
  void assignmentsThatCannotBeKeptMakeTheGroupRebalance() {
    List<Reply> joins = rig.generation(2);
    Reply follower = rig.sync(joins.get(1));
    rig.nextFailure = Errors.NOT_COORDINATOR;
    Reply leader = rig.sync(joins.get(0));
    assertThat(leader.error()).isEqualTo(Errors.NOT_COORDINATOR);
    assertThat(follower.error()).isEqualTo(Errors.NOT_COORDINATOR);
    assertThat(rig.state()).isEqualTo("PreparingRebalance");
    joins.forEach(joined -> rig.join(joined.join().memberId()));
    assertThat(rig.group().generation()).isEqualTo(2);
  }

  @Test
  void whoNeverFetchesItsAssignmentLosesItsPlace() {
    List<Reply> joins = rig.generation(2);
    Reply leader = rig.sync(joins.get(0));
    for (int i = 0; i < 10; i++) {
      rig.heartbeat(joins.get(0).join().memberId(), 1);
      rig.heartbeat(joins.get(1).join().memberId(), 1);
      rig.pass(REBALANCE_MS / 10 + 1);
    }
    assertThat(leader.error()).isEqualTo(Errors.NONE);
    assertThat(rig.state()).isEqualTo("PreparingRebalance");
    assertThat(rig.group().members()).hasSize(1);
  }

  @Test
  void aSyncIsCheckedInKafkasOrder() {
    List<Reply> joins = rig.generation(1);
    SyncGroupRequestData right = ClassicRig.syncing(joins.get(0).join());
    assertThat(rig.sync(5, right.duplicate().setProtocolName(null)).error())
        .isEqualTo(Errors.INCONSISTENT_GROUP_PROTOCOL);
    assertThat(rig.sync(5, right.duplicate().setGroupId("other")).error())
        .isEqualTo(Errors.UNKNOWN_MEMBER_ID);
    assertThat(rig.sync(5, right.duplicate().setMemberId("x").setGenerationId(9)).error())
        .isEqualTo(Errors.UNKNOWN_MEMBER_ID);
    assertThat(rig.sync(5, right.duplicate().setGenerationId(9).setProtocolName("other")).error())
        .isEqualTo(Errors.ILLEGAL_GENERATION);
    assertThat(rig.sync(5, right.duplicate().setProtocolName("other")).error())
        .isEqualTo(Errors.INCONSISTENT_GROUP_PROTOCOL);
    rig.joinTwice();
    assertThat(rig.sync(5, right).error()).isEqualTo(Errors.REBALANCE_IN_PROGRESS);
  }

  // Rejoining.

  @Test
  void aLeaderThatJoinsAgainMakesTheGroupRebalance() {
    List<Reply> joins = rig.stable(2);
    rig.join(joins.get(0).join().memberId());
    assertThat(rig.state()).isEqualTo("PreparingRebalance");
    assertThat(rig.heartbeat(joins.get(1).join().memberId(), 1).error())
        .isEqualTo(Errors.REBALANCE_IN_PROGRESS);
  }

  @Test
  void aFollowerThatJoinsAgainUnchangedIsToldTheGeneration() {
    List<Reply> joins = rig.stable(2);
    Reply again = rig.join(joins.get(1).join().memberId());
    assertThat(again.join().generationId()).isEqualTo(1);
    assertThat(again.join().members()).isEmpty();
    assertThat(rig.state()).isEqualTo("Stable");
  }

  @Test
  void aFollowerThatChangesItsMindMakesTheGroupRebalance() {
    List<Reply> joins = rig.stable(2);
    rig.join(9, ClassicRig.joining(joins.get(1).join().memberId(), "range", "sticky"));
    assertThat(rig.state()).isEqualTo("PreparingRebalance");
  }

  @Test
  void aMemberThatAsksTwiceIsAnsweredTwice() {
    Reply first = rig.joinTwice();
    Reply second = rig.join("c-id0");
    assertThat(first.error()).isEqualTo(Errors.REBALANCE_IN_PROGRESS);
    rig.pass(INITIAL_DELAY_MS);
    assertThat(second.error()).isEqualTo(Errors.NONE);
  }

  @Test
  void whoDoesNotRejoinInTimeIsLeftOut() {
    List<Reply> joins = rig.stable(3);
    Reply leader = rig.join(joins.get(0).join().memberId());
    for (int i = 0; i < 10; i++) {
      rig.heartbeat(joins.get(1).join().memberId(), 1);
      rig.pass(REBALANCE_MS / 10 + 1);
    }
    assertThat(leader.join().generationId()).isEqualTo(2);
    assertThat(leader.join().members()).hasSize(1);
  }

  // Sessions and leaving.

  @Test
  void aSilentMemberIsLeftOutAndTheOthersAreCalledBack() {
    List<Reply> joins = rig.stable(2);
    String alive = joins.get(1).join().memberId();
    rig.pass(SESSION_MS - 1);
    assertThat(rig.heartbeat(alive, 1).error()).isEqualTo(Errors.NONE);
    rig.pass(1);
    assertThat(rig.heartbeat(alive, 1).error()).isEqualTo(Errors.REBALANCE_IN_PROGRESS);
    Reply again = rig.join(alive);
    assertThat(again.join().generationId()).isEqualTo(2);
    assertThat(again.join().leader()).isEqualTo(alive);
  }

  @Test
  void aTimerThatFiresEarlyIsSetAgain() {
    String memberId = rig.stable(1).get(0).join().memberId();
    ClassicTimer key = new ClassicTimer.Session(GROUP, memberId);
    var decision = rig.groups.timer(key, rig.nowMs + 1);
    assertThat(rig.state()).isEqualTo("Stable");
    assertThat(decision.timers()).hasSize(1);
    assertThat(decision.timers().get(0).dueMs()).isGreaterThan(rig.nowMs + 1);
  }

  @Test
  void aCommitOfOffsetsKeepsASessionAlive() {
    Reply joined = rig.stable(1).get(0);
    String memberId = joined.join().memberId();
    rig.pass(SESSION_MS - 1);
    rig.groups
        .committedOffsets(GROUP, memberId, rig.nowMs)
        .timers()
        .forEach(timer -> assertThat(timer.dueMs()).isEqualTo(rig.nowMs + SESSION_MS));
    rig.pass(1);
    assertThat(rig.state()).isEqualTo("Stable");
  }

  @Test
  void theLastMemberThatLeavesLeavesAnEmptyGeneration() {
    Reply joined = rig.stable(1).get(0);
    rig.takeRecords();
    rig.holdAppends = true;
    Reply left = rig.leave(joined.join().memberId());
    assertThat(left.done()).isFalse();
    rig.settle(GROUP, Errors.NONE);
    assertThat(left.error()).isEqualTo(Errors.NONE);
    assertThat(rig.state()).isEqualTo("Empty");
    GroupMetadataValue value = (GroupMetadataValue) rig.takeRecords().get(0).value();
    assertThat(value.generation()).isEqualTo(2);
    assertThat(value.members()).isEmpty();
    assertThat(value.protocolType()).isEqualTo("consumer");
    assertThat(rig.timers.keys()).isEmpty();
    assertThat(rig.group().emptySinceMs()).isEqualTo(rig.nowMs);
  }

  @Test
  void oldClientsAreToldTheOutcomeOfLeavingInOnePlace() {
    Reply joined = rig.stable(1).get(0);
    LeaveGroupRequestData stranger = new LeaveGroupRequestData().setGroupId(GROUP).setMemberId("x");
    assertThat(rig.leave(2, stranger).error()).isEqualTo(Errors.UNKNOWN_MEMBER_ID);
    assertThat(rig.leave(0, stranger.duplicate().setGroupId("other")).error())
        .isEqualTo(Errors.UNKNOWN_MEMBER_ID);
    LeaveGroupRequestData member =
        new LeaveGroupRequestData().setGroupId(GROUP).setMemberId(joined.join().memberId());
    assertThat(rig.leave(2, member).error()).isEqualTo(Errors.NONE);
    assertThat(rig.state()).isEqualTo("Empty");
  }

  @Test
  void severalMembersLeaveAtOnceEachWithItsOutcome() {
    rig.stable(1);
    rig.joinStatic("i");
    Reply reply =
        rig.leave(
            5,
            new LeaveGroupRequestData()
                .setGroupId(GROUP)
                .setMembers(
                    List.of(
                        new LeaveGroupRequestData.MemberIdentity().setGroupInstanceId("i"),
                        new LeaveGroupRequestData.MemberIdentity().setGroupInstanceId("j"),
                        new LeaveGroupRequestData.MemberIdentity().setMemberId("x"))));
    assertThat(reply.leave().members())
        .extracting(member -> Errors.forCode(member.errorCode()))
        .containsExactly(Errors.NONE, Errors.UNKNOWN_MEMBER_ID, Errors.UNKNOWN_MEMBER_ID);
  }

  @Test
  void whoLeavesWhileItWaitsIsAnswered() {
    List<Reply> joins = rig.generation(2);
    Reply waiting = rig.sync(joins.get(1));
    rig.leave(joins.get(1).join().memberId());
    assertThat(waiting.error()).isEqualTo(Errors.UNKNOWN_MEMBER_ID);
  }

  // Static members.

  @Test
  void aStaticMemberThatComesBackKeepsItsAssignmentWithoutARebalance() {
    Reply first = rig.joinStatic("i");
    rig.pass(INITIAL_DELAY_MS);
    rig.sync(first);
    String oldId = first.join().memberId();
    rig.takeRecords();
    Reply back = rig.joinStatic("i");
    String newId = back.join().memberId();
    assertThat(newId).startsWith("i-").isNotEqualTo(oldId);
    assertThat(back.join().skipAssignment()).isTrue();
    assertThat(back.join().leader()).isEqualTo(newId);
    assertThat(back.join().members()).hasSize(1);
    assertThat(rig.state()).isEqualTo("Stable");
    assertThat(rig.sync(back).assignment()).isEqualTo(oldId);
    assertThat(((GroupMetadataValue) rig.takeRecords().get(0).value()).leader()).isEqualTo(newId);
    assertThat(
            rig.heartbeat(
                    new HeartbeatRequestData()
                        .setGroupId(GROUP)
                        .setMemberId(oldId)
                        .setGroupInstanceId("i")
                        .setGenerationId(1))
                .error())
        .isEqualTo(Errors.FENCED_INSTANCE_ID);
  }

  @Test
  void anOldStaticLeaderIsToldThatSomebodyElseLeads() {
    Reply first = rig.joinStatic("i");
    rig.pass(INITIAL_DELAY_MS);
    rig.sync(first);
    Reply back = rig.join(8, ClassicRig.joining("").setGroupInstanceId("i"));
    assertThat(back.join().leader()).isEqualTo(first.join().memberId());
    assertThat(back.join().members()).isEmpty();
  }

  @Test
  void aStaticMemberKeepsItsOldIdWhenTheNewOneCannotBeKept() {
    Reply first = rig.joinStatic("i");
    rig.pass(INITIAL_DELAY_MS);
    rig.sync(first);
    rig.nextFailure = Errors.COORDINATOR_NOT_AVAILABLE;
    assertThat(rig.joinStatic("i").error()).isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE);
    assertThat(rig.heartbeat(first.join().memberId(), 1).error()).isEqualTo(Errors.NONE);
  }

  @Test
  void aStaticMemberThatComesBackDuringARebalanceFencesItsFormerSelf() {
    Reply first = rig.joinStatic("i");
    Reply second = rig.joinStatic("i");
    assertThat(first.error()).isEqualTo(Errors.FENCED_INSTANCE_ID);
    rig.pass(INITIAL_DELAY_MS);
    assertThat(second.join().generationId()).isEqualTo(1);
    assertThat(rig.group().members()).hasSize(1);
  }

  @Test
  void aStaticMemberThatIsAwayKeepsItsPlaceUntilItsSessionEnds() {
    Reply fixed = rig.joinStatic("i");
    Reply dynamic = rig.joinTwice();
    rig.pass(ClassicRig.GATHERED_MS);
    Reply leader = fixed.join().members().isEmpty() ? dynamic : fixed;
    rig.sync(leader);
    rig.sync(leader == fixed ? dynamic : fixed);
    Reply again = rig.join(9, ClassicRig.joining(dynamic.join().memberId(), "range", "other"));
    rig.pass(SESSION_MS - 1);
    assertThat(again.done()).isFalse();
    rig.pass(1);
    assertThat(again.join().generationId()).isEqualTo(2);
  }

  // Size.

  @Test
  void idsGivenOutCountInTheSizeOfAGroup() {
    rig = new ClassicRig(ClassicRig.classic(2)).load(List.of());
    rig.join("");
    Reply second = rig.join("");
    assertThat(rig.join("").error()).isEqualTo(Errors.GROUP_MAX_SIZE_REACHED);
    assertThat(rig.join(second.join().memberId()).done()).isFalse();
  }

  @Test
  void aStaticMemberComesBackToAFullGroup() {
    rig = new ClassicRig(ClassicRig.classic(1)).load(List.of());
    Reply first = rig.joinStatic("i");
    rig.pass(INITIAL_DELAY_MS);
    rig.sync(first);
    assertThat(rig.joinStatic("i").error()).isEqualTo(Errors.NONE);
    assertThat(rig.joinStatic("j").error()).isEqualTo(Errors.GROUP_MAX_SIZE_REACHED);
  }

  @Test
  void aGroupLoadedTooLargeLosesWhoComesLast() {
    List<Reply> joins = rig.stable(3);
    rig = rig.restarted(ClassicRig.classic(2));
    assertThat(rig.state()).isEqualTo("PreparingRebalance");
    Reply first = rig.join(joins.get(0).join().memberId());
    Reply second = rig.join(joins.get(1).join().memberId());
    Reply third = rig.join(joins.get(2).join().memberId());
    assertThat(third.error()).isEqualTo(Errors.GROUP_MAX_SIZE_REACHED);
    assertThat(first.join().generationId()).isEqualTo(2);
    assertThat(second.join().generationId()).isEqualTo(2);
  }

  @Test
  void aFloodFromOneAddressIsBounded() {
    for (int i = 0; i < Newcomers.MAX_MEMBERS; i++) {
      rig.join(9, ClassicRig.joining("").setGroupId("g" + i));
    }
    assertThat(rig.join("").error()).isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE);
    rig.pass(SESSION_MS);
    assertThat(rig.groups.newcomers()).isZero();
    assertThat(rig.join("").error()).isEqualTo(Errors.MEMBER_ID_REQUIRED);
  }
}
