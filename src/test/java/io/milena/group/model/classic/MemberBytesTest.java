package io.milena.group.model.classic;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.coordinator.model.Answer;
import io.milena.coordinator.model.CoordinatorRecord;
import io.milena.coordinator.model.Decision;
import io.milena.coordinator.model.Token;
import io.milena.group.model.Caller;
import io.milena.group.model.GroupLimits;
import io.milena.group.model.GroupLimits.Caps;
import io.milena.group.model.GroupSettings;
import io.milena.group.model.GroupTable;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.coordinator.group.generated.GroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue;
import org.junit.jupiter.api.Test;

/** The members of classic groups end at the bound of bytes, and give back what they took (F35). */
class MemberBytesTest {
  private static final String HOST = "/10.0.0.1";
  private static final int CAP = 100_000;
  private static final int METADATA = 10_000;

  private final GroupLimits limits =
      new GroupLimits(
          new Caps(
              Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE, CAP));
  private final GroupTable table = new GroupTable(limits);
  private final Map<Object, ApiMessage> told = new HashMap<>();
  private final Map<Object, Long> timers = new HashMap<>();
  private int ids;
  private long nowMs = 1_000;
  private Errors appends = Errors.NONE;
  private ClassicGroups classic = machine();

  private ClassicGroups machine() {
    ClassicGroups made =
        new ClassicGroups(
            table,
            new GroupSettings.Classic(0, 6_000, 1_800_000, Integer.MAX_VALUE),
            () -> "id" + ids++);
    made.loaded(nowMs);
    return made;
  }

  private void carryOut(Decision decision) {
    assertThat(decision.bugs()).isEmpty();
    for (Answer answer : decision.answers()) {
      told.put(answer.to(), answer.body());
    }
    decision.timers().forEach(timer -> timers.put(timer.key(), timer.dueMs()));
    if (decision.after() == null) {
      return;
    }
    if (appends != Errors.NONE) {
      carryOut(decision.after().failed(appends, nowMs));
      return;
    }
    for (CoordinatorRecord record : decision.records()) {
      classic.apply((GroupMetadataKey) record.key(), (GroupMetadataValue) record.value(), nowMs);
    }
    carryOut(decision.after().committed(nowMs));
  }

  private Object join(String group, String memberId, int metadataBytes, int version) {
    JoinGroupRequestData data =
        new JoinGroupRequestData()
            .setGroupId(group)
            .setMemberId(memberId)
            .setSessionTimeoutMs(10_000)
            .setRebalanceTimeoutMs(10_000)
            .setProtocolType("consumer");
    data.protocols()
        .add(new JoinGroupRequestProtocol().setName("range").setMetadata(new byte[metadataBytes]));
    Caller caller = new Caller(new Token() {}, (short) version, "client", HOST);
    carryOut(classic.join(caller, data, nowMs));
    return caller.token();
  }

  private JoinGroupResponseData joined(Object asked) {
    return (JoinGroupResponseData) told.get(asked);
  }

  /** The delay of the initial rebalance is over. */
  private JoinGroupResponseData gathered(String group, Object asked) {
    carryOut(classic.timer(new ClassicTimer.Join(group), nowMs));
    return joined(asked);
  }

  private Errors sync(String group, String memberId, int generation, int assignmentBytes) {
    SyncGroupRequestData data =
        new SyncGroupRequestData()
            .setGroupId(group)
            .setMemberId(memberId)
            .setGenerationId(generation);
    data.assignments()
        .add(
            new SyncGroupRequestAssignment()
                .setMemberId(memberId)
                .setAssignment(new byte[assignmentBytes]));
    Caller caller = new Caller(new Token() {}, (short) 3, "client", HOST);
    carryOut(classic.sync(caller, data, nowMs));
    return Errors.forCode(((SyncGroupResponseData) told.get(caller.token())).errorCode());
  }

  private void leave(String group, String memberId) {
    carryOut(
        classic.leave(
            new Caller(new Token() {}, (short) 1, "client", HOST),
            new LeaveGroupRequestData().setGroupId(group).setMemberId(memberId),
            nowMs));
  }

  private int floodUntilRefused() {
    for (int i = 0; ; i++) {
      JoinGroupResponseData answer = joined(join("g" + i, "", METADATA, 3));
      if (answer != null) {
        assertThat(Errors.forCode(answer.errorCode())).isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE);
        return i;
      }
    }
  }

  @Test
  void aFloodOfMembersEndsAtTheBoundAndThereIsRoomAgainWhenOneGoes() {
    JoinGroupResponseData first = gathered("first", join("first", "", METADATA, 3));

    int more = floodUntilRefused();

    assertThat(more).isBetween(5, CAP / METADATA - 1);
    assertThat(limits.memberBytes()).isBetween((long) CAP - 2 * METADATA, (long) CAP);
    assertThat(limits.groups()).as("the refused one founds no group").isEqualTo(1 + more);
    leave("first", first.memberId());
    assertThat(joined(join("late", "", METADATA, 3))).as("waits for its generation").isNull();

    classic.unload(Errors.NOT_COORDINATOR);
    table.clear();
    assertThat(limits.memberBytes()).isZero();
    assertThat(limits.groups()).isZero();
  }

  @Test
  void aMemberKeepsItsPlaceAboveTheBoundAsLongAsItAsksForNoMore() {
    JoinGroupResponseData first = gathered("first", join("first", "", METADATA, 3));
    floodUntilRefused();
    assertThat(sync("first", first.memberId(), 1, 0)).isEqualTo(Errors.NONE);

    JoinGroupResponseData larger = joined(join("first", first.memberId(), METADATA + CAP / 5, 3));
    assertThat(Errors.forCode(larger.errorCode())).isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE);

    JoinGroupResponseData same = joined(join("first", first.memberId(), METADATA, 3));
    assertThat(same.generationId()).isEqualTo(2);
    JoinGroupResponseData smaller = joined(join("first", first.memberId(), 10, 3));
    assertThat(smaller.generationId()).isEqualTo(3);
  }

  @Test
  void assignmentsThatAreTooLargeMakeTheGroupGatherAgain() {
    JoinGroupResponseData joined = gathered("g", join("g", "", METADATA, 3));

    assertThat(sync("g", joined.memberId(), 1, CAP)).isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE);

    assertThat(table.find("g").stateName()).isEqualTo("PreparingRebalance");
    long before = limits.memberBytes();
    JoinGroupResponseData again = joined(join("g", joined.memberId(), METADATA, 3));
    assertThat(sync("g", joined.memberId(), again.generationId(), METADATA)).isEqualTo(Errors.NONE);
    assertThat(limits.memberBytes()).isEqualTo(before + METADATA);
    leave("g", joined.memberId());
    assertThat(limits.memberBytes()).isZero();
  }

  @Test
  void anIdThatWasGivenOutCountsUntilItRunsOut() {
    JoinGroupResponseData given = joined(join("g", "", METADATA, 4));
    assertThat(Errors.forCode(given.errorCode())).isEqualTo(Errors.MEMBER_ID_REQUIRED);
    assertThat(limits.memberBytes()).isBetween(1L, (long) METADATA);

    nowMs += 10_000;
    carryOut(classic.timer(new ClassicTimer.Session("g", given.memberId()), nowMs));

    assertThat(limits.memberBytes()).isZero();
  }

  @Test
  void aMemberWhoseSessionEndsGivesItsBytesBack() {
    JoinGroupResponseData joined = gathered("g", join("g", "", METADATA, 3));
    assertThat(sync("g", joined.memberId(), 1, METADATA)).isEqualTo(Errors.NONE);
    assertThat(limits.memberBytes()).isGreaterThan(2L * METADATA);

    nowMs += 10_000;
    carryOut(classic.timer(new ClassicTimer.Session("g", joined.memberId()), nowMs));

    assertThat(table.find("g").stateName()).isEqualTo("Empty");
    assertThat(limits.memberBytes()).isZero();
  }

  @Test
  void aGroupThatCannotBeFoundedCountsNoLonger() {
    appends = Errors.COORDINATOR_NOT_AVAILABLE;

    joined(join("g", "", METADATA, 3));

    assertThat(limits.memberBytes()).isZero();
    assertThat(limits.groups()).isZero();
  }

  @Test
  void whatTheLogBringsCountsUntilItIsUnloadedHoweverFarTheLoadCame() {
    ClassicGroup other = ClassicGroup.empty("g", nowMs);
    GroupMetadataValue value = (GroupMetadataValue) ClassicRecords.begun(other).value();
    for (int i = 0; i < 2 * CAP / METADATA; i++) {
      value
          .members()
          .add(
              new GroupMetadataValue.MemberMetadata()
                  .setMemberId("m" + i)
                  .setClientId("client")
                  .setClientHost(HOST)
                  .setSubscription(new byte[METADATA])
                  .setAssignment(new byte[1]));
    }
    GroupMetadataKey key = new GroupMetadataKey().setGroup("g");
    ClassicGroups loading =
        new ClassicGroups(table, new GroupSettings.Classic(0, 1, 1, 1), () -> "");

    loading.apply(key, value, nowMs);
    long once = limits.memberBytes();
    assertThat(once).as("the log is never refused").isGreaterThan(CAP);
    loading.apply(key, value, nowMs);
    assertThat(limits.memberBytes()).as("the later record takes its place").isEqualTo(once);
    assertThat(joined(join("h", "", METADATA, 3)).errorCode())
        .isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE.code());

    loading.unload(Errors.NOT_COORDINATOR);
    table.clear();
    assertThat(limits.memberBytes()).isZero();
  }
}
