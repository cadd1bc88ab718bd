package io.milena.group.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.coordinator.model.Answer;
import io.milena.coordinator.model.CoordinatorRecord;
import io.milena.coordinator.model.Decision;
import io.milena.coordinator.model.Token;
import io.milena.group.model.GroupLimits.Caps;
import io.milena.group.model.classic.ClassicGroups;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.coordinator.group.generated.GroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue;
import org.junit.jupiter.api.Test;

/** Each bound crossed by one, and room again when something goes. */
class GroupLimitsTest {
  private static final String A = "/10.0.0.1";
  private static final String B = "/10.0.0.2";

  private static Caps caps(int groups, int groupsPerAddress, int pending, int pendingPerAddress) {
    return new Caps(groups, groupsPerAddress, pending, pendingPerAddress, Long.MAX_VALUE);
  }

  @Test
  void theGroupAboveTheCapIsRefusedUntilOneGoes() {
    GroupLimits limits = new GroupLimits(caps(3, 3, 9, 9));
    limits.addGroup("loaded");
    assertThat(limits.admitGroup("g1", A)).isEqualTo(Errors.NONE);
    assertThat(limits.admitGroup("g2", B)).isEqualTo(Errors.NONE);

    assertThat(limits.admitGroup("g3", B)).isEqualTo(Errors.GROUP_MAX_SIZE_REACHED);
    assertThat(limits.admitGroup("g2", A)).isEqualTo(Errors.NONE);

    limits.releaseGroup("loaded");
    assertThat(limits.admitGroup("g3", B)).isEqualTo(Errors.NONE);
    assertThat(limits.groups()).isEqualTo(3);
  }

  @Test
  void oneAddressCannotUseUpTheRoomOfOthers() {
    GroupLimits limits = new GroupLimits(caps(10, 2, 9, 9));
    limits.admitGroup("g1", A);
    limits.admitGroup("g2", A);

    assertThat(limits.admitGroup("g3", A)).isEqualTo(Errors.GROUP_MAX_SIZE_REACHED);
    assertThat(limits.admitGroup("g3", B)).isEqualTo(Errors.NONE);

    limits.releaseGroup("g1");
    limits.releaseGroup("g1");
    assertThat(limits.admitGroup("g4", A)).isEqualTo(Errors.NONE);
    assertThat(limits.admitGroup("g5", A)).isEqualTo(Errors.GROUP_MAX_SIZE_REACHED);
  }

  @Test
  void theLogIsNeverRefused() {
    GroupLimits limits = new GroupLimits(caps(1, 1, 1, 1));

    limits.addGroup("g1");
    limits.addGroup("g2");

    assertThat(limits.groups()).isEqualTo(2);
    assertThat(limits.admitGroup("g3", A)).isEqualTo(Errors.GROUP_MAX_SIZE_REACHED);
  }

  @Test
  void thePendingMemberAboveACapIsRefusedUntilOneGoes() {
    GroupLimits limits = new GroupLimits(caps(9, 9, 3, 2));
    limits.addPendingMember(A);
    assertThat(limits.hasRoomForPendingMember(A)).isTrue();
    limits.addPendingMember(A);

    assertThat(limits.hasRoomForPendingMember(A)).as("of the address").isFalse();
    assertThat(limits.hasRoomForPendingMember(B)).isTrue();
    limits.addPendingMember(B);
    assertThat(limits.hasRoomForPendingMember(B)).as("in all").isFalse();

    limits.releasePendingMember(A);
    assertThat(limits.hasRoomForPendingMember(B)).isTrue();
    assertThat(limits.pendingMembers()).isEqualTo(2);
  }

  @Test
  void verticlesShareTheCaps() {
    assertThat(new Caps(10, 9, 8, Integer.MAX_VALUE, Long.MAX_VALUE).share(4))
        .isEqualTo(new Caps(3, 3, 2, 536_870_912, 1L << 61));
  }

  // ---- classic groups -----------------------------------------------------------------------

  private final List<Answer> told = new ArrayList<>();

  private ClassicGroups classic(GroupTable table) {
    int[] next = {0};
    return new ClassicGroups(
        table, new GroupSettings.Classic(3_000, 6_000, 1_800_000, 100), () -> "id" + next[0]++);
  }

  private Errors join(ClassicGroups classic, String group, String host) {
    JoinGroupRequestData data =
        new JoinGroupRequestData()
            .setGroupId(group)
            .setMemberId("")
            .setSessionTimeoutMs(10_000)
            .setRebalanceTimeoutMs(10_000)
            .setProtocolType("consumer");
    data.protocols().add(new JoinGroupRequestProtocol().setName("range").setMetadata(new byte[0]));
    Caller caller = new Caller(new Token() {}, (short) 9, "client", host);
    Decision decision = classic.join(caller, data, 1_000);
    told.addAll(decision.answers());
    if (!decision.records().isEmpty()) {
      decision.records().forEach(record -> applyGroup(classic, record));
      told.addAll(decision.after().committed(1_000).answers());
    }
    JoinGroupResponseData answer =
        (JoinGroupResponseData)
            told.stream().filter(a -> a.to() == caller.token()).findFirst().orElseThrow().body();
    return Errors.forCode(answer.errorCode());
  }

  private static void applyGroup(ClassicGroups classic, CoordinatorRecord record) {
    classic.apply((GroupMetadataKey) record.key(), (GroupMetadataValue) record.value(), 1_000);
  }

  @Test
  void aFloodOfJoinsEndsAtTheCapOfGroupsAndOfMembersNeverConfirmed() {
    GroupLimits limits = new GroupLimits(caps(3, 2, 4, 3));
    GroupTable table = new GroupTable(limits);
    ClassicGroups classic = classic(table);
    classic.loaded(1_000);

    assertThat(join(classic, "g1", A)).isEqualTo(Errors.MEMBER_ID_REQUIRED);
    assertThat(join(classic, "g2", A)).isEqualTo(Errors.MEMBER_ID_REQUIRED);
    assertThat(join(classic, "g3", A)).isEqualTo(Errors.GROUP_MAX_SIZE_REACHED);
    assertThat(join(classic, "g3", B)).isEqualTo(Errors.MEMBER_ID_REQUIRED);
    assertThat(join(classic, "g4", B)).isEqualTo(Errors.GROUP_MAX_SIZE_REACHED);
    assertThat(join(classic, "g1", A)).isEqualTo(Errors.MEMBER_ID_REQUIRED);
    assertThat(join(classic, "g1", A)).isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE);
    assertThat(limits.groups()).isEqualTo(3);
    assertThat(limits.pendingMembers()).isEqualTo(4);

    classic.unload(Errors.NOT_COORDINATOR);
    table.clear();
    assertThat(limits.groups()).isZero();
    assertThat(limits.pendingMembers()).isZero();
  }
}
