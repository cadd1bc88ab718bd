package io.milena.controller.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.base.RandomSource;
import io.milena.config.TopicConfigRules;
import io.milena.metadata.BrokerEndpoint;
import io.milena.metadata.BrokerImage;
import io.milena.metadata.PartitionImage;
import io.milena.metadata.TopicImage;
import io.milena.testing.TopicRequests;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignment;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/** Stories of one controller: events in, plans out. */
class ControllerMachineTest {
  private static final Object TOKEN = "token";
  private static final Uuid TOPIC_ID = new Uuid(5, 6);

  private final ControllerMachine machine =
      new ControllerMachine(
          new ControllerMachine.Settings(1, 1, false, true), TopicConfigRules.none(), counting());

  @Test
  void shouldWriteTopicThenPartitionsThenAnswerWhenATopicIsCreated() {
    takeOver(List.of(broker(1, 100)));

    Plan plan = machine.command(create("t", 3, 1));

    assertThat(plan.writes().get(0)).isInstanceOf(ZkWrite.CreateTopic.class);
    assertThat(plan.writes().subList(1, 4)).allMatch(w -> w instanceof ZkWrite.CreatePartition);
    TopicImage topic = plan.change().topics().get(0);
    assertThat(topic.partitions())
        .allMatch(p -> p.leader() == 1 && p.leaderEpoch() == 0 && p.partitionEpoch() == 0)
        .allMatch(p -> p.isr().equals(List.of(1)));
    assertThat(created(plan, "t").numPartitions()).isEqualTo(3);
    assertThat(created(plan, "t").topicId()).isEqualTo(topic.id());
  }

  @Test
  void shouldRefuseHostileAndCollidingNames() {
    takeOver(List.of(broker(1, 100)));
    machine.command(create("a.b", 1, 1));

    for (String name : List.of("", ".", "..", "a/b", "a\0b", "x".repeat(250), "ä", "a_b")) {
      Plan plan = machine.command(create(name, 1, 1));
      assertThat(created(plan, name).errorCode())
          .as(name)
          .isEqualTo(Errors.INVALID_TOPIC_EXCEPTION.code());
      assertThat(plan.writes()).isEmpty();
    }
  }

  @Test
  void shouldRefuseWhatCannotBePlaced() {
    takeOver(List.of(broker(1, 100)));

    assertThat(created(machine.command(create("t", 1, 2)), "t").errorCode())
        .isEqualTo(Errors.INVALID_REPLICATION_FACTOR.code());
    assertThat(created(machine.command(create("t", 0, 1)), "t").errorCode())
        .isEqualTo(Errors.INVALID_PARTITIONS.code());
    assertThat(created(machine.command(create("t", 1, 0)), "t").errorCode())
        .isEqualTo(Errors.INVALID_REPLICATION_FACTOR.code());
    assertThat(created(machine.command(create("t", Integer.MAX_VALUE, 1)), "t").errorCode())
        .isEqualTo(Errors.POLICY_VIOLATION.code());
  }

  @Test
  void shouldRefuseManualAssignmentsWithGapsOrUnknownBrokers() {
    takeOver(List.of(broker(1, 100)));

    assertThat(assignError(Map.of(1, List.of(1)))).isEqualTo(Errors.INVALID_REPLICA_ASSIGNMENT);
    assertThat(assignError(Map.of(0, List.of(9)))).isEqualTo(Errors.INVALID_REPLICA_ASSIGNMENT);
    assertThat(assignError(Map.of(0, List.of(1, 1)))).isEqualTo(Errors.INVALID_REPLICA_ASSIGNMENT);
    assertThat(assignError(Map.of(0, List.of(1)))).isEqualTo(Errors.NONE);
  }

  @Test
  void shouldChangeNothingWhenOnlyValidating() {
    takeOver(List.of(broker(1, 100)));
    Commands.CreateTopics command = create("t", 2, 1);
    command.request().setValidateOnly(true);

    Plan plan = machine.command(command);

    assertThat(plan.writes()).isEmpty();
    assertThat(plan.change().isEmpty()).isTrue();
    assertThat(created(plan, "t").errorCode()).isEqualTo(Errors.NONE.code());
    assertThat(created(plan, "t").numPartitions()).isEqualTo(2);
  }

  @Test
  void shouldRecogniseItsOwnTopicWhenACommandIsRunAgain() {
    takeOver(List.of(broker(1, 100)));
    Commands.CreateTopics command = create("t", 1, 1);
    machine.command(command);

    Plan again = machine.command(command);

    assertThat(created(again, "t").errorCode()).isEqualTo(Errors.NONE.code());
    assertThat(again.writes()).isEmpty();
    assertThat(created(machine.command(create("t", 1, 1)), "t").errorCode())
        .isEqualTo(Errors.TOPIC_ALREADY_EXISTS.code());
  }

  @Test
  void shouldKeepTheMarkerUntilBrokersStoppedWhenATopicIsDeleted() {
    takeOver(List.of(broker(1, 100)));
    machine.command(create("t", 1, 1));

    Plan first = machine.command(delete("t"));
    Plan meanwhile = machine.command(create("t", 1, 1));
    Plan second = machine.topicsStopped(List.of("t"));

    assertThat(first.writes()).containsExactly(new ZkWrite.MarkDeletion("t"));
    assertThat(first.change().topicsGone()).containsExactly("t");
    assertThat(first.answers()).isEmpty();
    assertThat(created(meanwhile, "t").errorCode()).isEqualTo(Errors.TOPIC_ALREADY_EXISTS.code());
    assertThat(second.writes()).containsExactly(new ZkWrite.RemoveTopic("t"));
    assertThat(deleted(second).responses().find("t").errorCode()).isEqualTo(Errors.NONE.code());
    assertThat(created(machine.command(create("t", 1, 1)), "t").errorCode())
        .isEqualTo(Errors.NONE.code());
  }

  @Test
  void shouldFinishDeletionsOfItsPredecessor() {
    Plan plan =
        machine.takeOver(
            new Loaded(
                List.of(broker(1, 100)),
                List.of(loaded("t", TOPIC_ID, 1, 200)),
                Map.of(),
                Map.of(),
                Map.of(),
                Set.of("t", "gone")));

    assertThat(plan.writes()).containsExactlyInAnyOrder(new ZkWrite.RemoveMarker("gone"));
    assertThat(machine.deleting()).containsExactly("t");
    assertThat(machine.snapshot().topics()).isEmpty();
  }

  @Test
  void shouldRaiseTheLeaderEpochOnceWhenItsBrokerRestarted() {
    Plan plan = takeOver(List.of(broker(1, 100)), loaded("t", TOPIC_ID, 1, 50));

    PartitionImage partition = partition("t");
    assertThat(partition.leader()).isEqualTo(1);
    assertThat(partition.leaderEpoch()).isEqualTo(4);
    assertThat(partition.partitionEpoch()).isEqualTo(8);
    assertThat(plan.writes()).hasSize(1);
  }

  @Test
  void shouldLeaveLeadersOfThePresentIncarnationAlone() {
    Plan plan = takeOver(List.of(broker(1, 100)), loaded("t", TOPIC_ID, 1, 150));

    assertThat(plan.writes()).isEmpty();
    assertThat(partition("t").leaderEpoch()).isEqualTo(3);
  }

  @Test
  void shouldGiveTopicsOfOldToolsAnIdAndStates() {
    Loaded.Topic bare =
        new Loaded.Topic("t", null, Map.of(0, List.of(1)), Map.of(), Map.of(), Map.of());

    Plan plan = takeOver(List.of(broker(1, 100)), bare);

    assertThat(plan.writes())
        .extracting(w -> w.getClass().getSimpleName())
        .containsExactly("UpdateTopic", "EnsurePartitionsParent", "CreatePartition");
    assertThat(partition("t").leader()).isEqualTo(1);
  }

  @Test
  void shouldMoveLeadersToTheIsrWhenABrokerIsLost() {
    takeOver(List.of(broker(1, 100), broker(2, 101), broker(3, 102)));
    machine.command(create("t", 1, 3));
    int leader = partition("t").leader();

    machine.registered(
        List.of(broker(1, 100), broker(2, 101), broker(3, 102)).stream()
            .filter(b -> b.id() != leader)
            .toList());

    PartitionImage after = partition("t");
    assertThat(after.leader()).isNotEqualTo(leader).isGreaterThan(0);
    assertThat(after.leaderEpoch()).isEqualTo(1);
    assertThat(after.isr()).hasSize(2).doesNotContain(leader).contains(after.leader());
  }

  @Test
  void shouldLeaveNoLeaderButTheLastIsrWhenTheOnlyReplicaIsLost() {
    takeOver(List.of(broker(1, 100)));
    machine.command(create("t", 1, 1));

    machine.registered(List.of());
    PartitionImage lost = partition("t");
    machine.registered(List.of(broker(1, 200)));
    PartitionImage back = partition("t");

    assertThat(lost.leader()).isEqualTo(PartitionImage.NO_LEADER);
    assertThat(lost.isr()).containsExactly(1);
    assertThat(back.leader()).isEqualTo(1);
    assertThat(back.leaderEpoch()).isEqualTo(2);
  }

  @Test
  void shouldTakeOneStepWhenABrokerBouncedUnseen() {
    takeOver(List.of(broker(1, 100)));
    machine.command(create("t", 1, 1));

    Plan plan = machine.registered(List.of(broker(1, 200)));

    assertThat(plan.writes()).hasSize(1);
    assertThat(partition("t").leader()).isEqualTo(1);
    assertThat(partition("t").leaderEpoch()).isEqualTo(1);
  }

  @Test
  void shouldLeaveAsTheyAreThePartitionsOfABrokerThatStoppedCleanlyAndHoldsThemAlone() {
    Loaded.Topic topic = loaded("t", Uuid.randomUuid(), 1, 50);

    Plan plan = takeOver(List.of(broker(1, 100, true)), topic);

    assertThat(plan.writes()).isEmpty();
    assertThat(partition("t").leader()).isEqualTo(1);
    assertThat(partition("t").leaderEpoch()).isEqualTo(3);

    machine.registered(List.of(broker(1, 200, true)));
    assertThat(partition("t").leaderEpoch()).isEqualTo(3);
    machine.registered(List.of(broker(1, 300, false)));
    assertThat(partition("t").leaderEpoch()).isEqualTo(4);
  }

  @Test
  void shouldElectAnewWhenOthersCouldHaveLedMeanwhile() {
    takeOver(List.of(broker(1, 100), broker(2, 101)));
    machine.command(create("t", 1, 2));
    int leader = partition("t").leader();

    machine.registered(
        List.of(broker(leader, 200, true), broker(3 - leader, leader == 1 ? 101 : 100)));

    assertThat(partition("t").leaderEpoch()).isEqualTo(1);
  }

  @Test
  void shouldNotElectFencedBrokers() {
    takeOver(List.of(broker(1, 100), broker(2, 101)));
    machine.command(create("t", 1, 2));
    int leader = partition("t").leader();

    machine.fence(Set.of(leader), true);

    assertThat(partition("t").leader()).isNotEqualTo(leader);
    assertThat(partition("t").isr()).containsExactly(partition("t").leader());
  }

  @Test
  void shouldKeepWhatOnlyTheStoppingBrokerCanLead() {
    takeOver(List.of(broker(1, 100)));
    machine.command(create("t", 1, 1));

    Plan plan = machine.stopping(1);

    assertThat(plan.writes()).isEmpty();
    assertThat(partition("t").leader()).isEqualTo(1);
  }

  @Test
  void shouldAddPartitionsAfterTheOldOnes() {
    takeOver(List.of(broker(1, 100)));
    machine.command(create("t", 2, 1));

    Plan plan = machine.command(grow("t", 4));

    assertThat(plan.change().topics().get(0).partitions()).hasSize(4);
    assertThat(plan.writes()).hasSize(3);
    assertThat(grown(machine.command(grow("t", 3)))).isEqualTo(Errors.INVALID_PARTITIONS);
    assertThat(grown(machine.command(grow("nope", 3))))
        .isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);
  }

  @Test
  void shouldElectUncleanlyWhenTheClusterWideSettingSaysSo() {
    Map<Integer, Map<String, String>> wide =
        Map.of(ConfigEntity.DEFAULT_BROKER, Map.of("unclean.leader.election.enable", "true"));
    machine.takeOver(
        new Loaded(
            List.of(broker(1, 100), broker(2, 101)),
            List.of(),
            Map.of(),
            wide,
            Map.of(),
            Set.of()));
    machine.command(create("t", 1, 2));
    machine.fence(Set.of(2), true);
    machine.fence(Set.of(2), false); // alive, but no longer in sync

    machine.registered(List.of(broker(2, 101)));

    assertThat(partition("t").leader()).isEqualTo(2);
    assertThat(partition("t").isr()).containsExactly(2);
  }

  @Test
  void shouldMergeSettingsAndWriteANotice() {
    takeOver(List.of(broker(1, 100)));
    machine.command(create("t", 1, 1));

    machine.command(alter("t", "retention.ms", OpType.SET, "5"));
    Plan second = machine.command(alter("t", "segment.bytes", OpType.SET, "6"));
    Plan third = machine.command(alter("t", "retention.ms", OpType.DELETE, null));

    assertThat(second.writes())
        .containsExactly(
            new ZkWrite.SetConfig(
                ConfigEntity.topic("t"), Map.of("retention.ms", "5", "segment.bytes", "6"), true));
    assertThat(third.change().topics().get(0).configs()).isEqualTo(Map.of("segment.bytes", "6"));
  }

  // ---- helpers -------------------------------------------------------------------------------

  private static RandomSource counting() {
    AtomicLong next = new AtomicLong();
    return next::incrementAndGet;
  }

  private Plan takeOver(List<BrokerImage> brokers, Loaded.Topic... topics) {
    return machine.takeOver(
        new Loaded(brokers, List.of(topics), Map.of(), Map.of(), Map.of(), Set.of()));
  }

  private static BrokerImage broker(int id, long epoch) {
    return broker(id, epoch, false);
  }

  private static BrokerImage broker(int id, long epoch, boolean cleanStart) {
    return new BrokerImage(
        id,
        epoch,
        null,
        List.of(new BrokerEndpoint("PLAINTEXT", "h", 9092, "PLAINTEXT")),
        false,
        cleanStart);
  }

  /** A topic of one partition, led by 1 at epoch 3, znode version 7. */
  private static Loaded.Topic loaded(String name, Uuid id, int broker, long writtenAt) {
    return new Loaded.Topic(
        name,
        id,
        Map.of(0, List.of(broker)),
        Map.of(),
        Map.of(),
        Map.of(0, new Loaded.State(broker, 3, List.of(broker), 7, writtenAt)));
  }

  private PartitionImage partition(String topic) {
    return machine.snapshot().topics().stream()
        .filter(t -> t.name().equals(topic))
        .findFirst()
        .orElseThrow()
        .partition(0);
  }

  private static Commands.CreateTopics create(String name, int partitions, int factor) {
    return new Commands.CreateTopics(TOKEN, TopicRequests.create(name, partitions, factor));
  }

  private Errors assignError(Map<Integer, List<Integer>> assignment) {
    CreatableTopic topic =
        new CreatableTopic().setName("m").setNumPartitions(-1).setReplicationFactor((short) -1);
    assignment.forEach(
        (p, brokers) ->
            topic
                .assignments()
                .add(new CreatableReplicaAssignment().setPartitionIndex(p).setBrokerIds(brokers)));
    CreateTopicsRequestData request = new CreateTopicsRequestData();
    request.topics().add(topic);
    Plan plan = machine.command(new Commands.CreateTopics(TOKEN, request));
    return Errors.forCode(created(plan, "m").errorCode());
  }

  private static CreatableTopicResult created(Plan plan, String topic) {
    return ((CreateTopicsResponseData) plan.answers().get(0).body()).topics().find(topic);
  }

  private static Commands.DeleteTopics delete(String name) {
    return new Commands.DeleteTopics(
        TOKEN,
        new DeleteTopicsRequestData().setTopics(List.of(new DeleteTopicState().setName(name))));
  }

  private static DeleteTopicsResponseData deleted(Plan plan) {
    return (DeleteTopicsResponseData) plan.answers().get(0).body();
  }

  private static Commands.CreatePartitions grow(String name, int count) {
    CreatePartitionsRequestData request = new CreatePartitionsRequestData();
    request
        .topics()
        .add(new CreatePartitionsTopic().setName(name).setCount(count).setAssignments(null));
    return new Commands.CreatePartitions(TOKEN, request);
  }

  private static Errors grown(Plan plan) {
    CreatePartitionsResponseData body = (CreatePartitionsResponseData) plan.answers().get(0).body();
    return Errors.forCode(body.results().get(0).errorCode());
  }

  private static Commands.AlterConfigs alter(String topic, String key, OpType op, String value) {
    AlterConfigsResource resource =
        new AlterConfigsResource()
            .setResourceType(ConfigResource.Type.TOPIC.id())
            .setResourceName(topic);
    resource
        .configs()
        .add(new AlterableConfig().setName(key).setConfigOperation(op.id()).setValue(value));
    IncrementalAlterConfigsRequestData request = new IncrementalAlterConfigsRequestData();
    request.resources().add(resource);
    return new Commands.AlterConfigs(TOKEN, request);
  }
}
