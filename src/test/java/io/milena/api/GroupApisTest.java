package io.milena.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.milena.group.GroupMessages.Coordinator;
import io.milena.group.model.GroupRefusals;
import io.milena.group.model.GroupRequest;
import io.vertx.core.Future;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupResponseData.MemberResponse;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.ListGroupsResponseData.ListedGroup;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The group APIs at their lowest and highest versions, coordinators scripted. */
class GroupApisTest {
  private final ApiBench bench = new ApiBench(1);
  private final ScriptedGroups groups = new ScriptedGroups();

  @AfterEach
  void bodiesAreReleased() {
    bench.close();
  }

  private void refusing(Errors error) {
    groups.answer = request -> Future.succeededFuture(GroupRefusals.of(request, error));
  }

  // ---- find coordinator ---------------------------------------------------------------------

  private FindCoordinatorApi find() {
    return new FindCoordinatorApi(
        bench::image, groups, new AdvertisedEndpoint(ApiBench.SELF, Set.of()));
  }

  private static FindCoordinatorRequestData keys(int version, String... keys) {
    FindCoordinatorRequestData data = new FindCoordinatorRequestData();
    return version < 4 ? data.setKey(keys[0]) : data.setCoordinatorKeys(List.of(keys));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void aGroupsCoordinatorIsFound(int version) {
    groups.find = g -> Future.succeededFuture(new Coordinator(Errors.NONE, ApiBench.OTHER));

    FindCoordinatorResponseData response = bench.ask(find(), keys(version, "g"), version);

    assertThat(response.errorCode()).isZero();
    assertThat(response.nodeId()).isEqualTo(ApiBench.OTHER);
    assertThat(response.host() + ":" + response.port()).isEqualTo("host2:9093");
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 6})
  void manyCoordinatorsAreFoundAtOnceEachWithItsOwnTrouble(int version) {
    groups.find =
        g ->
            switch (g) {
              case "new" ->
                  Future.succeededFuture(new Coordinator(Errors.COORDINATOR_NOT_AVAILABLE, -1));
              case "moved" -> Future.succeededFuture(new Coordinator(Errors.NONE, 99));
              case "broken" -> Future.failedFuture(new IllegalStateException("stopped"));
              default -> Future.succeededFuture(new Coordinator(Errors.NONE, ApiBench.SELF));
            };

    FindCoordinatorResponseData response =
        bench.ask(find(), keys(version, "g", "new", "moved", "broken"), version);

    assertThat(response.coordinators())
        .extracting(c -> c.key() + ":" + c.nodeId() + ":" + Errors.forCode(c.errorCode()))
        .containsExactly(
            "g:1:NONE",
            "new:-1:COORDINATOR_NOT_AVAILABLE",
            "moved:-1:COORDINATOR_NOT_AVAILABLE",
            "broken:-1:COORDINATOR_NOT_AVAILABLE");
  }

  @ParameterizedTest
  @CsvSource({
    "1,1,UNSUPPORTED_VERSION",
    "3,1,UNSUPPORTED_VERSION",
    "4,1,UNSUPPORTED_VERSION",
    "6,2,UNSUPPORTED_VERSION",
    "6,7,INVALID_REQUEST"
  })
  void coordinatorsThatDoNotExistAreRefusedForGood(int version, byte type, Errors error) {
    FindCoordinatorResponseData response =
        bench.ask(find(), keys(version, "k").setKeyType(type), version);

    short told = version < 4 ? response.errorCode() : response.coordinators().get(0).errorCode();
    assertThat(Errors.forCode(told)).isEqualTo(error);
    assertThat(groups.found).isEmpty();
  }

  @Test
  void tooManyNamesCloseTheConnection() {
    List<String> many = Collections.nCopies(GroupAsks.MAX_NAMED + 1, "g");
    FindCoordinatorRequestData keys = new FindCoordinatorRequestData().setCoordinatorKeys(many);
    DescribeGroupsRequestData describe = new DescribeGroupsRequestData().setGroups(many);
    DeleteGroupsRequestData delete = new DeleteGroupsRequestData().setGroupsNames(many);

    assertThatThrownBy(() -> bench.ask(find(), keys, 6))
        .isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> bench.ask(new DescribeGroupsApi(groups), describe, 6))
        .isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> bench.ask(new DeleteGroupsApi(groups), delete, 3))
        .isInstanceOf(InvalidRequestException.class);
    assertThat(groups.asked).isEmpty();
  }

  // ---- classic protocol ---------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(ints = {0, 9})
  void aJoinReachesItsCoordinatorWithWhoAsks(int version) {
    groups.answer =
        request ->
            Future.succeededFuture(
                new JoinGroupResponseData()
                    .setGenerationId(3)
                    .setProtocolName("range")
                    .setMemberId("m"));

    JoinGroupResponseData response = bench.ask(new JoinGroupApi(groups), join("g"), version);

    GroupRequest question = groups.asked.get(0);
    assertThat(response.generationId()).isEqualTo(3);
    assertThat(question.apiKey()).isEqualTo((short) 11);
    assertThat(question.apiVersion()).isEqualTo((short) version);
    assertThat(question.groupId()).isEqualTo("g");
    assertThat(question.clientId()).isEqualTo("client");
    assertThat(question.clientHost()).isEqualTo("/127.0.0.1");
  }

  private static JoinGroupRequestData join(String group) {
    return new JoinGroupRequestData()
        .setGroupId(group)
        .setMemberId("m")
        .setSessionTimeoutMs(1)
        .setProtocolType("consumer");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 9})
  void withoutAGroupIdNobodyJoinsSyncsOrBeats(int version) {
    JoinGroupResponseData join = bench.ask(new JoinGroupApi(groups), join(""), version);
    SyncGroupResponseData sync =
        bench.ask(new SyncGroupApi(groups), sync("").setProtocolType("t"), version / 2);
    HeartbeatResponseData beat =
        bench.ask(
            new HeartbeatApi(groups),
            new HeartbeatRequestData().setGroupId("").setMemberId("m"),
            version / 2);

    assertThat(Errors.forCode(join.errorCode())).isEqualTo(Errors.INVALID_GROUP_ID);
    assertThat(join.memberId()).isEqualTo("m");
    assertThat(Errors.forCode(sync.errorCode())).isEqualTo(Errors.INVALID_GROUP_ID);
    assertThat(Errors.forCode(beat.errorCode())).isEqualTo(Errors.INVALID_GROUP_ID);
    assertThat(groups.asked).isEmpty();
  }

  private static SyncGroupRequestData sync(String group) {
    return new SyncGroupRequestData().setGroupId(group).setMemberId("m").setGenerationId(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5})
  void aSyncReachesItsCoordinator(int version) {
    groups.answer =
        request ->
            Future.succeededFuture(new SyncGroupResponseData().setAssignment(new byte[] {1}));
    SyncGroupRequestData data = sync("g");
    if (version >= 5) {
      data.setProtocolType("consumer").setProtocolName("range");
    }

    SyncGroupResponseData response = bench.ask(new SyncGroupApi(groups), data, version);

    assertThat(response.assignment()).containsExactly(1);
  }

  @Test
  void aSyncThatDoesNotSayItsProtocolIsRefused() {
    SyncGroupResponseData response = bench.ask(new SyncGroupApi(groups), sync("g"), 5);

    assertThat(Errors.forCode(response.errorCode())).isEqualTo(Errors.INCONSISTENT_GROUP_PROTOCOL);
  }

  @ParameterizedTest
  @CsvSource({
    "0,REBALANCE_IN_PROGRESS,REBALANCE_IN_PROGRESS",
    "4,NOT_COORDINATOR,NOT_COORDINATOR",
    "0,COORDINATOR_LOAD_IN_PROGRESS,NONE",
    "4,COORDINATOR_LOAD_IN_PROGRESS,NONE"
  })
  void aHeartbeatIsAnsweredAndNothingIsWrongWhileItsCoordinatorLoads(
      int version, Errors error, Errors told) {
    refusing(error);

    HeartbeatResponseData response =
        bench.ask(
            new HeartbeatApi(groups),
            new HeartbeatRequestData().setGroupId("g").setMemberId("m"),
            version);

    assertThat(Errors.forCode(response.errorCode())).isEqualTo(told);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void anOldMemberLeavesAsTheOnlyOneOfAList(int version) {
    groups.answer =
        request ->
            Future.succeededFuture(
                new LeaveGroupResponseData()
                    .setMembers(
                        List.of(
                            new MemberResponse()
                                .setMemberId("m")
                                .setErrorCode(Errors.UNKNOWN_MEMBER_ID.code()))));

    LeaveGroupResponseData response =
        bench.ask(
            new LeaveGroupApi(groups),
            new LeaveGroupRequestData().setGroupId("g").setMemberId("m"),
            version);

    assertThat(Errors.forCode(response.errorCode())).isEqualTo(Errors.UNKNOWN_MEMBER_ID);
    assertThat(groups.<LeaveGroupRequestData>body().members())
        .containsExactly(new MemberIdentity().setMemberId("m"));
  }

  @Test
  void membersLeaveTogether() {
    LeaveGroupResponseData told =
        new LeaveGroupResponseData()
            .setMembers(
                List.of(
                    new MemberResponse().setMemberId("m"),
                    new MemberResponse().setMemberId("n").setErrorCode((short) 25)));
    groups.answer = request -> Future.succeededFuture(told);
    LeaveGroupRequestData data =
        new LeaveGroupRequestData()
            .setGroupId("g")
            .setMembers(
                List.of(
                    new MemberIdentity().setMemberId("m"), new MemberIdentity().setMemberId("n")));

    LeaveGroupResponseData response = bench.ask(new LeaveGroupApi(groups), data, 5);

    assertThat(response).isEqualTo(told);
    assertThat(groups.<LeaveGroupRequestData>body().members()).hasSize(2);
  }

  // ---- administration -----------------------------------------------------------------------

  private static ListGroupsResponseData listed(String id, String state, String type) {
    return new ListGroupsResponseData()
        .setGroups(
            List.of(
                new ListedGroup()
                    .setGroupId(id)
                    .setProtocolType("consumer")
                    .setGroupState(state)
                    .setGroupType(type)));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5})
  void groupsOfAllCoordinatorsAreListed(int version) {
    groups.all =
        Future.succeededFuture(
            List.of(listed("a", "Stable", "classic"), listed("b", "Empty", "consumer")));

    ListGroupsResponseData response =
        bench.ask(new ListGroupsApi(groups), new ListGroupsRequestData(), version);

    assertThat(response.groups()).extracting(ListedGroup::groupId).containsExactly("a", "b");
  }

  @Test
  void groupsAreListedByStateAndType() {
    groups.all =
        Future.succeededFuture(
            List.of(
                listed("a", "Stable", "classic"),
                listed("b", "Stable", "consumer"),
                listed("c", "Empty", "classic")));

    ListGroupsResponseData stable =
        bench.ask(
            new ListGroupsApi(groups),
            new ListGroupsRequestData().setStatesFilter(List.of("stable")),
            4);
    ListGroupsResponseData both =
        bench.ask(
            new ListGroupsApi(groups),
            new ListGroupsRequestData()
                .setStatesFilter(List.of("Stable", "Dead"))
                .setTypesFilter(List.of("Classic")),
            5);

    assertThat(stable.groups()).extracting(ListedGroup::groupId).containsExactly("a", "b");
    assertThat(both.groups()).extracting(ListedGroup::groupId).containsExactly("a");
  }

  @Test
  void aListThatWouldLackGroupsIsNotGiven() {
    groups.all =
        Future.succeededFuture(
            List.of(
                listed("a", "Stable", "classic"),
                new ListGroupsResponseData()
                    .setErrorCode(Errors.COORDINATOR_LOAD_IN_PROGRESS.code())));

    ListGroupsResponseData response =
        bench.ask(new ListGroupsApi(groups), new ListGroupsRequestData(), 5);

    assertThat(Errors.forCode(response.errorCode())).isEqualTo(Errors.COORDINATOR_LOAD_IN_PROGRESS);
    assertThat(response.groups()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 6})
  void groupsAreDescribedEachByItsCoordinator(int version) {
    groups.answer =
        request ->
            Future.succeededFuture(
                request.groupId().equals("gone")
                    ? new DescribeGroupsResponseData()
                        .setGroups(
                            List.of(
                                new DescribeGroupsResponseData.DescribedGroup()
                                    .setGroupId("gone")
                                    .setErrorCode(Errors.GROUP_ID_NOT_FOUND.code())
                                    .setErrorMessage("no such group")))
                    : new DescribeGroupsResponseData()
                        .setGroups(
                            List.of(
                                new DescribeGroupsResponseData.DescribedGroup()
                                    .setGroupId(request.groupId())
                                    .setGroupState("Stable"))));
    DescribeGroupsRequestData data =
        new DescribeGroupsRequestData().setGroups(List.of("g", "gone"));

    DescribeGroupsResponseData response =
        bench.ask(
            new DescribeGroupsApi(groups),
            data.setIncludeAuthorizedOperations(version >= 3),
            version);

    assertThat(response.groups()).extracting(g -> g.groupId()).containsExactly("g", "gone");
    assertThat(response.groups().get(0).authorizedOperations())
        .isEqualTo(version >= 3 ? AllowedOperations.ALL_ON_GROUP : AllowedOperations.NOT_TOLD);
    assertThat(response.groups().get(1).authorizedOperations())
        .isEqualTo(AllowedOperations.NOT_TOLD);
    assertThat(groups.asked)
        .allSatisfy(q -> assertThat(((DescribeGroupsRequestData) q.body()).groups()).hasSize(1));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void groupsAreDeletedOnceEach(int version) {
    groups.answer =
        request ->
            Future.succeededFuture(
                GroupRefusals.of(
                    request,
                    request.groupId().equals("busy") ? Errors.NON_EMPTY_GROUP : Errors.NONE));

    DeleteGroupsResponseData response =
        bench.ask(
            new DeleteGroupsApi(groups),
            new DeleteGroupsRequestData().setGroupsNames(List.of("g", "busy", "g")),
            version);

    assertThat(response.results())
        .extracting(r -> r.groupId() + ":" + Errors.forCode(r.errorCode()))
        .containsExactly("g:NONE", "busy:NON_EMPTY_GROUP");
    assertThat(response.results().find("busy").errorMessage())
        .isEqualTo(Errors.NON_EMPTY_GROUP.message());
  }

  @Test
  void aStoppedCoordinatorIsAnErrorInTheAnswer() {
    groups.answer = request -> Future.failedFuture(new IllegalStateException("stopped"));
    groups.all = Future.failedFuture(new IllegalStateException("stopped"));

    DescribeGroupsResponseData described =
        bench.ask(
            new DescribeGroupsApi(groups),
            new DescribeGroupsRequestData().setGroups(List.of("g")),
            0);
    ListGroupsResponseData list =
        bench.ask(new ListGroupsApi(groups), new ListGroupsRequestData(), 0);

    assertThat(Errors.forCode(described.groups().get(0).errorCode()))
        .isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE);
    assertThat(Errors.forCode(list.errorCode())).isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE);
  }

  // ---- consumer protocol --------------------------------------------------------------------

  private static ConsumerGroupHeartbeatRequestData beat(String group) {
    return new ConsumerGroupHeartbeatRequestData().setGroupId(group).setMemberId("m");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aMemberOfTheConsumerProtocolBeats(int version) {
    groups.answer =
        request ->
            Future.succeededFuture(
                new ConsumerGroupHeartbeatResponseData().setMemberId("m").setMemberEpoch(4));

    ConsumerGroupHeartbeatResponseData response =
        bench.ask(new ConsumerGroupHeartbeatApi(groups, true), beat("g"), version);

    assertThat(response.memberEpoch()).isEqualTo(4);
  }

  @Test
  void theConsumerProtocolNeedsAGroupIdAndMayBeSwitchedOff() {
    ConsumerGroupHeartbeatResponseData nameless =
        bench.ask(new ConsumerGroupHeartbeatApi(groups, true), beat(""), 1);
    ConsumerGroupHeartbeatResponseData off =
        bench.ask(new ConsumerGroupHeartbeatApi(groups, false), beat("g"), 1);

    assertThat(Errors.forCode(nameless.errorCode())).isEqualTo(Errors.INVALID_REQUEST);
    assertThat(Errors.forCode(off.errorCode())).isEqualTo(Errors.UNSUPPORTED_VERSION);
    assertThat(groups.asked).isEmpty();
  }

  @Test
  void aSubscriptionWithoutEndClosesTheConnection() {
    ConsumerGroupHeartbeatRequestData data =
        beat("g")
            .setSubscribedTopicNames(
                IntStream.rangeClosed(0, GroupAsks.MAX_NAMED).mapToObj(i -> "t" + i).toList());

    assertThatThrownBy(() -> bench.ask(new ConsumerGroupHeartbeatApi(groups, true), data, 1))
        .isInstanceOf(InvalidRequestException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void consumerGroupsAreDescribed(int version) {
    refusing(Errors.NONE);
    ConsumerGroupDescribeRequestData data =
        new ConsumerGroupDescribeRequestData()
            .setGroupIds(List.of("g", ""))
            .setIncludeAuthorizedOperations(true);

    ConsumerGroupDescribeResponseData response =
        bench.ask(new ConsumerGroupDescribeApi(groups, true), data, version);
    ConsumerGroupDescribeResponseData off =
        bench.ask(new ConsumerGroupDescribeApi(groups, false), data, version);
    ConsumerGroupDescribeResponseData none =
        bench.ask(
            new ConsumerGroupDescribeApi(groups, true),
            new ConsumerGroupDescribeRequestData(),
            version);

    assertThat(response.groups())
        .extracting(g -> g.groupId() + ":" + Errors.forCode(g.errorCode()))
        .containsExactly("g:NONE", ":INVALID_GROUP_ID");
    assertThat(response.groups().get(0).authorizedOperations())
        .isEqualTo(AllowedOperations.ALL_ON_GROUP);
    assertThat(off.groups())
        .allSatisfy(g -> assertThat(g.errorCode()).isEqualTo(Errors.UNSUPPORTED_VERSION.code()));
    assertThat(none.groups()).isEmpty();
  }
}
