package io.milena.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.GroupType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Groups of clients of several ages, assignors and both protocols, all at once on one topic while
 * records flow: members come, crash, come back and leave, and the broker is killed in between.
 */
@Timeout(300)
class GroupsUnderLoadIT {
  private static final int PARTITIONS = 6;
  private static final int RECORDS_PER_SECOND = 300;
  private static final String SESSION = "session.timeout.ms=8000";
  private static final String BEAT = "heartbeat.interval.ms=500";
  private static final String NEW = "group.protocol=consumer";

  @TempDir static Path home;
  private static MilenaProcess broker;
  private static Admin admin;

  @BeforeAll
  static void startBroker() throws Exception {
    broker =
        new MilenaProcess(home)
            .with("group.initial.rebalance.delay.ms", "500")
            .withConsumerGroups(8_000, 500)
            .start();
    admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()));
  }

  @AfterAll
  static void stopBroker() throws Exception {
    admin.close();
    GroupHistory history = GroupHistory.read(broker.bootstrap());
    System.out.println(
        "GroupsUnderLoadIT: "
            + history.commits()
            + " commits, "
            + history.generations()
            + " generations, "
            + history.assignments()
            + " assignments of the consumer protocol");
    assertThat(history.faults()).isEmpty();
    assertThat(history.commits()).isPositive();
    assertThat(history.generations()).isPositive();
    broker.stopUntroubled();
  }

  private static GroupLife.Group classic(String name, String assignor, String... more) {
    List<String> settings = new ArrayList<>(List.of(SESSION, BEAT));
    settings.add(
        "partition.assignment.strategy=org.apache.kafka.clients.consumer." + assignor + "Assignor");
    settings.addAll(List.of(more));
    return new GroupLife.Group(name + "-" + assignor, settings);
  }

  /** Clients of one age and the groups that each of their processes joins. */
  private record Age(String peer, List<GroupLife.Group> groups) {}

  private static GroupLife life(String topic) throws Exception {
    admin.createTopics(List.of(new NewTopic(topic, PARTITIONS, (short) 1))).all().get();
    return new GroupLife(home, admin, broker.bootstrap(), topic, PARTITIONS);
  }

  private static List<ForkedJvm> join(GroupLife life, String instance, List<Age> ages)
      throws Exception {
    List<ForkedJvm> joined = new ArrayList<>();
    for (Age age : ages) {
      joined.add(life.join(age.peer(), instance + age.peer(), age.groups()));
    }
    return joined;
  }

  private static void live(GroupLife life, String topic, List<Age> ages) throws Exception {
    try (NumberedLoad load = new NumberedLoad(broker.bootstrap(), topic, PARTITIONS)) {
      load.paced(RECORDS_PER_SECOND).start();
      join(life, "first-", ages);
      List<ForkedJvm> victims = join(life, "second-", ages);
      life.awaitRest();
      List<ForkedJvm> guests = join(life, "third-", ages);
      life.awaitRest();

      for (ForkedJvm victim : victims) {
        life.kill(victim);
      }
      List<ForkedJvm> back = join(life, "second-", ages);
      load.awaitProgress(RECORDS_PER_SECOND);
      broker.kill();
      broker.start();
      back.forEach(life::awaitAssigned);
      life.awaitRest();

      for (ForkedJvm guest : guests) {
        life.leave(guest);
      }
      life.awaitRest();
      load.finish();
      life.awaitCaughtUp();
      assertThat(load.faults(broker.bootstrap())).isEmpty();
      assertThat(life.faults()).isEmpty();
    }
  }

  @Test
  void membersOfBothProtocolsComeCrashReturnAndLeave() throws Exception {
    List<GroupLife.Group> groups =
        List.of(
            classic("now", "Range"),
            classic("now", "RoundRobin"),
            classic("now", "Sticky"),
            classic("now", "CooperativeSticky"),
            classic("static", "CooperativeSticky", "group.instance.id=INSTANCE"),
            classic("static", "Range", "group.instance.id=INSTANCE"),
            GroupLife.Group.of("new-uniform", NEW, "group.remote.assignor=uniform"),
            GroupLife.Group.of("new-range", NEW, "group.remote.assignor=range"),
            GroupLife.Group.of("new-static", NEW, "group.instance.id=ONCE"),
            GroupLife.Group.of("new-regex", NEW, "pattern=now-[f]lo.*"));
    try (GroupLife life = life("now-flow")) {
      live(life, "now-flow", List.of(new Age("now", groups)));
    }
  }

  @Test
  void membersOfOlderClientsDoSoAndShareGroupsOfAllAges() throws Exception {
    GroupLife.Group mixed = classic("mixed", "Range");
    List<GroupLife.Group> first = new ArrayList<>(List.of(mixed));
    List<GroupLife.Group> second = new ArrayList<>(List.of(mixed));
    for (String assignor : List.of("Range", "RoundRobin", "Sticky")) {
      first.add(classic("2.1.1", assignor));
      second.add(classic("2.8.2", assignor));
    }
    second.add(classic("2.8.2", "CooperativeSticky"));
    second.add(classic("2.8.2-static", "CooperativeSticky", "group.instance.id=INSTANCE"));
    try (GroupLife life = life("old-flow")) {
      live(
          life,
          "old-flow",
          List.of(new Age("clients-2.1.1", first), new Age("clients-2.8.2", second)));
    }
  }

  @Test
  void aGroupBecomesOneOfTheNewProtocolAndClassicAgain() throws Exception {
    GroupLife.Group classic =
        new GroupLife.Group("changing", classic("changing", "CooperativeSticky").settings());
    GroupLife.Group modern = GroupLife.Group.of("changing", NEW);
    try (GroupLife life = life("change-flow");
        NumberedLoad load = new NumberedLoad(broker.bootstrap(), "change-flow", PARTITIONS)) {
      load.paced(RECORDS_PER_SECOND).start();
      ForkedJvm first = life.join("now", "", List.of(classic));
      life.awaitRest();
      assertThat(life.type("changing")).isEqualTo(GroupType.CLASSIC);
      ForkedJvm second = life.join("now", "", List.of(modern));
      life.awaitRest();
      assertThat(life.type("changing")).isEqualTo(GroupType.CONSUMER);
      life.leave(first);
      life.awaitRest();
      ForkedJvm third = life.join("now", "", List.of(classic));
      life.awaitRest();
      life.kill(second);
      life.awaitRest();
      assertThat(life.type("changing")).isEqualTo(GroupType.CLASSIC);
      load.finish();
      life.awaitCaughtUp();
      assertThat(life.faults()).isEmpty();
      assertThat(third.process().isAlive()).isTrue();
    }
  }
}
