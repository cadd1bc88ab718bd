package io.milena.group.model.consumer;

import static io.milena.group.model.consumer.TestGroups.holding;
import static io.milena.group.model.consumer.TestGroups.id;
import static io.milena.group.model.consumer.TestGroups.joining;
import static io.milena.group.model.consumer.TestGroups.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.milena.group.model.Group.OffsetClient;
import io.milena.group.model.GroupLimits;
import io.milena.group.model.consumer.state.MemberState;
import io.milena.group.model.consumer.timing.GroupTiming;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData.DescribedGroup;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** Stories of consumer groups. */
class ConsumerGroupsTest {
  private final TestGroups world = new TestGroups().topic("t", 4);

  private static Errors error(ConsumerGroupHeartbeatResponseData answer) {
    return Errors.forCode(answer.errorCode());
  }

  private static Set<String> partitions(int from, int to) {
    return IntStream.range(from, to).mapToObj(p -> "t-" + p).collect(Collectors.toSet());
  }

  @Test
  void theFirstMemberGetsEverything() {
    ConsumerGroupHeartbeatResponseData answer = world.join("a", "t");

    assertThat(error(answer)).isEqualTo(Errors.NONE);
    assertThat(answer.memberEpoch()).isEqualTo(2);
    assertThat(answer.heartbeatIntervalMs()).isEqualTo(5_000);
    assertThat(world.assigned(answer)).isEqualTo(partitions(0, 4));
    assertThat(world.group().stateName()).isEqualTo("Stable");
  }

  /** F35: a flood of group ids is bounded in this protocol, too. */
  @Test
  void groupsCountAtTheBoundOfTheirAddressFromTheirFirstHeartbeatOn() {
    TestGroups bounded =
        new TestGroups()
            .topic("t", 4)
            .withCaps(new GroupLimits.Caps(10, 1, 10, 10, Long.MAX_VALUE));
    bounded.failNextAppend(Errors.NOT_ENOUGH_REPLICAS);

    assertThat(error(bounded.join("a", "t"))).isEqualTo(Errors.NOT_ENOUGH_REPLICAS);
    assertThat(bounded.table.limits().groups()).isZero();
    assertThat(error(bounded.heartbeat(joining("a", "t").setServerAssignor("none"))))
        .isEqualTo(Errors.UNSUPPORTED_ASSIGNOR);
    assertThat(error(bounded.heartbeat(joining("a").setSubscribedTopicRegex("("))))
        .isEqualTo(Errors.INVALID_REGULAR_EXPRESSION);
    assertThat(bounded.table.limits().groups()).isZero();

    assertThat(error(bounded.join("a", "t"))).isEqualTo(Errors.NONE);
    assertThat(error(bounded.heartbeat(joining("b", "t").setGroupId("other"))))
        .isEqualTo(Errors.GROUP_MAX_SIZE_REACHED);
    assertThat(error(bounded.join("b", "t"))).isEqualTo(Errors.NONE);
    assertThat(bounded.table.limits().groups()).isOne();
  }

  @Test
  void aFloodOfSubscriptionsEndsAtTheBoundOfBytes() {
    int cap = 50_000;
    world
        .withCaps(
            new GroupLimits.Caps(
                Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE, cap))
        .topic("t", 4);
    String[] topics = IntStream.range(0, 50).mapToObj(i -> "topic-" + i).toArray(String[]::new);
    int members = 0;
    while (error(world.join("m" + members, topics)) == Errors.NONE) {
      members++;
    }

    assertThat(members).isBetween(3, 30);
    assertThat(error(world.join("m" + members, topics)))
        .isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE);
    assertThat(world.table.limits().memberBytes()).isBetween(cap / 2L, (long) cap);
    assertThat(error(world.join("m0", topics))).as("asks for no more").isEqualTo(Errors.NONE);
    String regex = "(" + "topic|".repeat(1_000) + "t)";
    assertThat(
            error(
                world.heartbeat(
                    joining("x").setSubscribedTopicNames(null).setSubscribedTopicRegex(regex))))
        .isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE);

    world.leave("m0");
    assertThat(error(world.join("x", topics))).isEqualTo(Errors.NONE);
    world.leave("x");
    for (int i = 1; i < members; i++) {
      world.leave("m" + i);
    }
    assertThat(world.group().members()).isEmpty();
    assertThat(world.table.limits().memberBytes()).isZero();
  }

  @Test
  void aSecondMemberGetsItsHalfWhenTheFirstHasGivenItBack() {
    world.join("a", "t");
    ConsumerGroupHeartbeatResponseData joined = world.join("b", "t");
    assertThat(joined.memberEpoch()).isEqualTo(3);
    assertThat(joined.assignment().topicPartitions()).isEmpty();

    ConsumerGroupHeartbeatResponseData toRevoke = world.beat("a", 2);
    assertThat(toRevoke.memberEpoch()).isEqualTo(2);
    Set<String> kept = world.assigned(toRevoke);
    assertThat(kept).hasSize(2);
    assertThat(world.beat("b", 3).assignment()).isNull();

    ConsumerGroupHeartbeatResponseData revoked =
        world.heartbeat(
            request("a", 2)
                .setTopicPartitions(
                    holding(
                        Map.of(
                            id("t"),
                            toRevoke.assignment().topicPartitions().get(0).partitions()))));
    assertThat(revoked.memberEpoch()).isEqualTo(3);
    Set<String> given = world.assigned(world.beat("b", 3));
    assertThat(given).hasSize(2).doesNotContainAnyElementsOf(kept);
    assertThat(world.group().stateName()).isEqualTo("Stable");
  }

  @Test
  void aPlainHeartbeatWritesNothingAndSetsNoTimer() {
    world.join("a", "t");
    world.takeRecords();
    int timers = world.timerCount();

    ConsumerGroupHeartbeatResponseData answer = world.beat("a", 2);

    assertThat(error(answer)).isEqualTo(Errors.NONE);
    assertThat(answer.assignment()).isNull();
    assertThat(world.takeRecords()).isEmpty();
    assertThat(world.timerCount()).isEqualTo(timers);
    assertThat(world.groups.serialKey(request("a", 2), TestGroups.CLIENT, TestGroups.HOST))
        .isNull();
    assertThat(world.groups.serialKey(joining("b", "t"), TestGroups.CLIENT, TestGroups.HOST))
        .isEqualTo(TestGroups.GROUP);
  }

  @Test
  void aMemberThatLeavesGivesItsPartitionsAway() {
    world.join("a", "t");
    world.join("b", "t");
    assertThat(world.leave("a").memberEpoch()).isEqualTo(-1);

    ConsumerGroupHeartbeatResponseData answer = world.beat("b", 3);

    assertThat(answer.memberEpoch()).isEqualTo(4);
    assertThat(world.assigned(answer)).isEqualTo(partitions(0, 4));
  }

  @Test
  void aSilentMemberIsPutOutWhenItsSessionEnds() {
    world.join("a", "t");
    world.advance(30_000);
    world.beat("a", 2);
    world.advance(44_999);
    assertThat(world.group().members()).containsKey("a");

    world.advance(1);

    assertThat(world.group().members()).isEmpty();
    assertThat(world.group().stateName()).isEqualTo("Empty");
    assertThat(error(world.beat("a", 2))).isEqualTo(Errors.UNKNOWN_MEMBER_ID);
    assertThat(world.timerCount()).isZero();
  }

  @Test
  void aMemberIsPutOutLaterWhenTheFirstAttemptFails() {
    world.join("a", "t");
    world.failNextAppend(Errors.COORDINATOR_NOT_AVAILABLE);
    world.advance(45_000);
    assertThat(world.group().members()).containsKey("a");

    world.advance(500);

    assertThat(world.group().members()).isEmpty();
  }

  @Test
  void aMemberThatDoesNotGiveBackInTimeIsPutOut() {
    world.join("a", "t");
    world.join("b", "t");
    world.beat("a", 2);
    for (int i = 0; i < 5; i++) {
      world.advance(10_000);
      world.beat("a", 2);
      world.beat("b", 3);
    }
    assertThat(world.group().members()).containsKey("a");

    world.advance(10_000);

    assertThat(world.group().members()).containsOnlyKeys("b");
  }

  @Test
  void aWrongEpochIsFencedAndTheOneBeforeIsNot() {
    world.join("a", "t");
    assertThat(error(world.beat("a", 3))).isEqualTo(Errors.FENCED_MEMBER_EPOCH);
    world.join("b", "t");
    world.leave("b");
    world.topic("t", 6);
    assertThat(world.beat("a", 2).memberEpoch()).isGreaterThan(2);

    assertThat(error(world.beat("a", 2))).isEqualTo(Errors.FENCED_MEMBER_EPOCH);
    assertThat(
            error(
                world.heartbeat(
                    request("a", 2).setTopicPartitions(holding(Map.of(id("t"), List.of(0)))))))
        .isEqualTo(Errors.NONE);
  }

  @Test
  void newPartitionsAreAssignedAtTheNextHeartbeat() {
    world.join("a", "t");
    world.topic("t", 6);

    ConsumerGroupHeartbeatResponseData answer = world.beat("a", 2);

    assertThat(answer.memberEpoch()).isEqualTo(3);
    assertThat(world.assigned(answer)).isEqualTo(partitions(0, 6));
  }

  @Test
  void aChangeOfAnotherTopicChangesNothing() {
    world.join("a", "t");
    world.takeRecords();
    world.topic("other", 3);

    world.beat("a", 2);

    assertThat(world.takeRecords()).isEmpty();
  }

  @Test
  void aDeletedTopicIsTakenAway() {
    world.topic("u", 2).join("a", "t", "u");
    world.noTopic("u");

    ConsumerGroupHeartbeatResponseData answer = world.beat("a", 2);

    assertThat(answer.assignment().topicPartitions()).hasSize(1);
  }

  @Test
  void aStaticMemberComesBackToWhatItHad() {
    world.heartbeat(joining("a1", "t").setInstanceId("i"));
    world.join("b", "t");
    world.heartbeat(request("a1", 2).setInstanceId("i"));
    world.heartbeat(
        request("a1", 2)
            .setInstanceId("i")
            .setTopicPartitions(
                holding(
                    Map.of(
                        id("t"),
                        world.group().member("a1").current().assigned().get(id("t")).keySet()))));
    Set<Integer> had = world.group().member("a1").current().assigned().get(id("t")).keySet();

    assertThat(error(world.heartbeat(joining("a2", "t").setInstanceId("i"))))
        .isEqualTo(Errors.UNRELEASED_INSTANCE_ID);
    assertThat(world.heartbeat(request("a1", -2).setInstanceId("i")).memberEpoch()).isEqualTo(-2);
    ConsumerGroupHeartbeatResponseData back =
        world.heartbeat(joining("a2", "t").setInstanceId("i"));

    assertThat(error(back)).isEqualTo(Errors.NONE);
    assertThat(back.memberEpoch()).isEqualTo(world.group().targetEpoch());
    assertThat(back.assignment().topicPartitions().get(0).partitions())
        .containsExactlyInAnyOrderElementsOf(had);
    assertThat(error(world.heartbeat(request("a1", 3).setInstanceId("i"))))
        .isEqualTo(Errors.FENCED_INSTANCE_ID);
  }

  @Test
  void aStaticMemberThatStaysAwayLosesItsPlace() {
    world.heartbeat(joining("a", "t").setInstanceId("i"));
    world.heartbeat(request("a", -2).setInstanceId("i"));

    world.advance(45_000);

    assertThat(world.group().members()).isEmpty();
  }

  @Test
  void aFullGroupTakesNobodyButThoseItKnows() {
    world.withMaxSize(1).heartbeat(joining("a", "t").setInstanceId("i"));

    assertThat(error(world.join("b", "t"))).isEqualTo(Errors.GROUP_MAX_SIZE_REACHED);
    world.heartbeat(request("a", -2).setInstanceId("i"));
    assertThat(error(world.heartbeat(joining("a2", "t").setInstanceId("i"))))
        .isEqualTo(Errors.NONE);
  }

  @Test
  void malformedHeartbeatsAreRefused() {
    assertThat(error(world.heartbeat(joining("", "t")))).isEqualTo(Errors.INVALID_REQUEST);
    assertThat(error(world.heartbeat(joining("a", "t").setTopicPartitions(null))))
        .isEqualTo(Errors.INVALID_REQUEST);
    assertThat(error(world.heartbeat(joining("a", "t").setRebalanceTimeoutMs(-1))))
        .isEqualTo(Errors.INVALID_REQUEST);
    assertThat(error(world.heartbeat(joining("a").setSubscribedTopicNames(null))))
        .isEqualTo(Errors.INVALID_REQUEST);
    assertThat(error(world.heartbeat(request("a", -3)))).isEqualTo(Errors.INVALID_REQUEST);
    assertThat(error(world.heartbeat(request("a", -2)))).isEqualTo(Errors.INVALID_REQUEST);
    assertThat(error(world.heartbeat(joining("a", "t").setServerAssignor("magic"))))
        .isEqualTo(Errors.UNSUPPORTED_ASSIGNOR);
    assertThat(error(world.beat("a", 1))).isEqualTo(Errors.GROUP_ID_NOT_FOUND);
    assertThat(world.log).isEmpty();
  }

  @Test
  void aFailedAppendChangesNothingAndIsTold() {
    world.failNextAppend(Errors.COORDINATOR_NOT_AVAILABLE);
    assertThat(error(world.join("a", "t"))).isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE);
    assertThat(world.group()).isNull();

    assertThat(world.join("a", "t").memberEpoch()).isEqualTo(2);
  }

  @Test
  void theGroupIsTheSameAfterAFailOver() {
    world.join("a", "t");
    world.join("b", "t");
    world.beat("a", 2);
    DescribedGroup before = world.groups.describe(TestGroups.GROUP);

    world.failOver();

    assertThat(world.groups.describe(TestGroups.GROUP)).isEqualTo(before);
    assertThat(world.group().member("a").current().state())
        .isEqualTo(MemberState.UNREVOKED_PARTITIONS);
    world.advance(45_000);
    assertThat(world.group().members()).isEmpty();
  }

  @Test
  void anExpressionIsSearchedAndFollowsNewTopics() {
    world.topic("x-1", 1).topic("x-2", 1);
    world.heartbeat(joining("a").setSubscribedTopicNames(null).setSubscribedTopicRegex("x-.*"));
    world.advance(0);
    assertThat(world.assigned(world.beat("a", 1))).containsExactlyInAnyOrder("x-1-0", "x-2-0");

    world.topic("x-3", 1).topic("y-1", 1);
    world.beat("a", 2);
    world.advance(0);
    assertThat(world.group().subscriptions().topicNames()).doesNotContain("x-3");
    world.advance(10_001);
    world.beat("a", 2);
    world.advance(0);

    assertThat(world.assigned(world.beat("a", 2)))
        .containsExactlyInAnyOrder("x-1-0", "x-2-0", "x-3-0");
  }

  @Test
  void aSearchWhoseBeginningBrokeIsBegunAnewWhenItsTimeIsOver() {
    world.topic("x-1", 1);
    world.heartbeat(joining("a").setSubscribedTopicNames(null).setSubscribedTopicRegex("x-.*"));
    world.loseTimers();
    world.beat("a", 1);
    world.advance(119_999);
    assertThat(world.group().subscriptions().topicNames()).isEmpty();

    world.advance(1);
    world.beat("a", 1);
    world.advance(0);

    assertThat(world.group().subscriptions().topicNames()).containsExactly("x-1");
  }

  @Test
  void aSearchWhoseOutcomeBrokeDoesNotKeepLaterOnesAwayForEver() {
    world.topic("x-1", 1);
    world.heartbeat(joining("a").setSubscribedTopicNames(null).setSubscribedTopicRegex("x-.*"));
    world.breakAfterNextAppend();
    world.advance(0);
    int epoch = world.beat("a", 1).memberEpoch();
    world.topic("x-2", 1);

    for (int i = 0; i < 4; i++) {
      world.advance(30_000);
      assertThat(world.group().subscriptions().topicNames()).containsExactly("x-1");
      world.beat("a", epoch);
    }
    world.advance(0);

    assertThat(world.group().subscriptions().topicNames()).containsExactlyInAnyOrder("x-1", "x-2");
  }

  @Test
  void manyTopicsAreSearchedInSlicesWhileOthersPass() {
    for (int i = 0; i < 3_000; i++) {
      world.topic("n" + i, 1);
    }
    world.heartbeat(joining("a").setSubscribedTopicNames(null).setSubscribedTopicRegex("n.*7"));
    world.advance(0);

    assertThat(world.group().subscriptions().topicNames()).hasSize(300);
  }

  @Test
  void anExpressionThatIsNoneOrTooHeavyIsRefused() {
    assertThat(error(world.heartbeat(joining("a").setSubscribedTopicRegex("(x"))))
        .isEqualTo(Errors.INVALID_REGULAR_EXPRESSION);
    assertThat(error(world.heartbeat(joining("a").setSubscribedTopicRegex("((a{900}){900}){900}"))))
        .isEqualTo(Errors.INVALID_REGULAR_EXPRESSION);
  }

  @Test
  void anExpressionThatNobodyHasAnyMoreIsForgotten() {
    world.heartbeat(joining("a").setSubscribedTopicNames(null).setSubscribedTopicRegex("t"));
    world.advance(0);
    world.join("b", "t");

    world.leave("a");

    assertThat(world.group().subscriptions().resolved()).isEmpty();
    assertThat(world.group().subscriptions().topicNames()).containsExactly("t");
  }

  @Test
  void targetsAreComputedAtMostOnceInTheInterval() {
    world.timing = new GroupTiming(45_000, 5_000, 1_000);
    world.join("a", "t");
    assertThat(world.join("b", "t").memberEpoch()).isEqualTo(2);
    assertThat(world.group().stateName()).isEqualTo("Assigning");
    world.advance(1_000);

    assertThat(world.beat("b", 2).memberEpoch()).isEqualTo(3);
    assertThat(world.group().stateName()).isEqualTo("Reconciling");
  }

  @Test
  void membersOnTheirWayAreAskedToComeSoon() {
    world.quick();
    assertThat(world.join("a", "t").heartbeatIntervalMs()).isEqualTo(5_000);
    assertThat(world.join("b", "t").heartbeatIntervalMs()).isEqualTo(500);
    assertThat(world.beat("a", 2).heartbeatIntervalMs()).isEqualTo(500);
  }

  @Test
  void anOffsetCommitMustComeFromTheMembersEpoch() {
    world.join("a", "t");
    world.topic("t", 6);
    world.beat("a", 2);
    short v9 = 9;

    assertThat(world.group().checkOffsetCommit(new OffsetClient("a", null, 3, v9)))
        .isEqualTo(Errors.NONE);
    OffsetClient late = new OffsetClient("a", null, 2, v9);
    assertThat(world.group().checkOffsetCommit(late)).isEqualTo(Errors.STALE_MEMBER_EPOCH);
    assertThat(world.group().checkOffsetCommit(late, id("t"), 0)).isEqualTo(Errors.NONE);
    assertThat(world.group().checkOffsetCommit(late, id("t"), 5))
        .isEqualTo(Errors.STALE_MEMBER_EPOCH);
    assertThat(world.group().checkOffsetCommit(new OffsetClient("x", null, 3, v9)))
        .isEqualTo(Errors.UNKNOWN_MEMBER_ID);
    assertThat(world.group().checkOffsetCommit(new OffsetClient("", null, -1, v9)))
        .isEqualTo(Errors.UNKNOWN_MEMBER_ID);
    assertThat(world.group().checkOffsetCommit(new OffsetClient("a", null, 3, (short) 8)))
        .isEqualTo(Errors.UNSUPPORTED_VERSION);
  }

  @Test
  void aDeletedGroupLeavesNothingBehind() {
    world.heartbeat(joining("a", "t").setSubscribedTopicRegex("t"));
    world.advance(0);
    world.leave("a");
    List<io.milena.coordinator.model.CoordinatorRecord> tombstones = world.group().tombstones();

    tombstones.forEach(record -> world.groups.apply(record, 0, world.nowMs()));

    assertThat(world.group()).isNull();
    assertThat(error(world.join("a", "t"))).isEqualTo(Errors.NONE);
  }
}
