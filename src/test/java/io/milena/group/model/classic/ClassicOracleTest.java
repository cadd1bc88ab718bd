package io.milena.group.model.classic;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.group.model.classic.ClassicDuel.Pair;
import java.util.List;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** Stories told to Milena and to Kafka; every line is compared. */
class ClassicOracleTest {
  @Test
  void aFullGroupTurnsTheSameMembersAway() {
    ClassicDuel duel = new ClassicDuel(2);
    Pair first = duel.join(3, ClassicRig.joining(""));
    duel.join(3, ClassicRig.joining(""));
    assertThat(duel.join(3, ClassicRig.joining("")).milena.error())
        .isEqualTo(Errors.GROUP_MAX_SIZE_REACHED);
    duel.pass(ClassicRig.GATHERED_MS);
    assertThat(duel.join(3, ClassicRig.joining("")).milena.error())
        .isEqualTo(Errors.GROUP_MAX_SIZE_REACHED);
    assertThat(duel.join(3, ClassicRig.joining("stranger")).milena.error())
        .isEqualTo(Errors.GROUP_MAX_SIZE_REACHED);
    assertThat(duel.join(3, ClassicRig.joining(first.milena.join().memberId())).milena.error())
        .isEqualTo(Errors.NONE);
  }

  @Test
  void aGroupThatCannotBeFoundedRefusesItsFirstMember() {
    ClassicDuel duel = new ClassicDuel(Integer.MAX_VALUE);
    duel.failNextAppend(Errors.NOT_COORDINATOR);
    assertThat(duel.join(3, ClassicRig.joining("")).milena.error())
        .isEqualTo(Errors.NOT_COORDINATOR);
  }

  @Test
  void anIdOfAGroupThatCouldNotBeFoundedIsUnknown() {
    ClassicDuel duel = new ClassicDuel(Integer.MAX_VALUE);
    duel.failNextAppend(Errors.COORDINATOR_NOT_AVAILABLE);
    Pair given = duel.join(9, ClassicRig.joining(""));
    assertThat(given.milena.error()).isEqualTo(Errors.MEMBER_ID_REQUIRED);
    assertThat(duel.join(9, ClassicRig.joining(given.milena.join().memberId())).milena.error())
        .isEqualTo(Errors.UNKNOWN_MEMBER_ID);
  }

  @Test
  void aStaticMemberWhoseNewIdCannotBeKeptStaysWhoItWas() {
    ClassicDuel duel = new ClassicDuel(Integer.MAX_VALUE);
    Pair first = stableStatic(duel);
    duel.failNextAppend(Errors.COORDINATOR_NOT_AVAILABLE);
    assertThat(duel.join(9, staticJoining()).milena.error())
        .isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE);
    duel.heartbeat(
        new HeartbeatRequestData()
            .setGroupId(ClassicRig.GROUP)
            .setGroupInstanceId("i")
            .setMemberId(first.milena.join().memberId())
            .setGenerationId(1));
  }

  @Test
  void aStaticMemberComesBackAsKafkaTellsIt() {
    for (int version : new int[] {5, 8, 9}) {
      ClassicDuel duel = new ClassicDuel(Integer.MAX_VALUE);
      stableStatic(duel);
      Pair back = duel.join(version, staticJoining());
      assertThat(back.milena.join().skipAssignment()).isEqualTo(version == 9);
      duel.restart();
      duel.pass(ClassicRig.SESSION_MS);
    }
  }

  @Test
  void leavingThatCannotBeKeptIsToldAsKafkaTellsIt() {
    ClassicDuel duel = new ClassicDuel(Integer.MAX_VALUE);
    Pair first = stableStatic(duel);
    duel.failNextAppend(Errors.COORDINATOR_NOT_AVAILABLE);
    duel.leave(
        new LeaveGroupRequestData()
            .setGroupId(ClassicRig.GROUP)
            .setMembers(List.of(new MemberIdentity().setMemberId(first.milena.join().memberId()))));
    assertThat(duel.milena().state()).isEqualTo("Empty");
  }

  private static Pair stableStatic(ClassicDuel duel) {
    Pair joined = duel.join(9, staticJoining());
    duel.pass(ClassicRig.GATHERED_MS);
    ClassicActor actor = new ClassicActor(9, "i");
    actor.hears(joined.milena.join());
    duel.sync(5, actor.syncing(ClassicRig.GROUP, 1));
    assertThat(duel.milena().state()).isEqualTo("Stable");
    return joined;
  }

  private static JoinGroupRequestData staticJoining() {
    return ClassicRig.joining("").setGroupInstanceId("i");
  }
}
