package io.milena.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConfigEntry.ConfigSource;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.FeatureUpdate.UpgradeType;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.admin.ListConfigResourcesOptions;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.InvalidUpdateVersionException;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Settings of single groups and the feature {@code group.version}, by Java's Admin 4.4.0. */
@Timeout(120)
class GroupSettingsIT {
  private static final String SESSION = "consumer.session.timeout.ms";
  private static final String HEARTBEAT = "consumer.heartbeat.interval.ms";
  private static final int LIMIT_S = 20;

  @TempDir static Path home;
  private static MilenaProcess broker;
  private static Admin admin;

  @BeforeAll
  static void startBroker() throws Exception {
    broker = new MilenaProcess(home).withConsumerGroups(6_000, 1_000).start();
    admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()));
    // the first question about a group creates the topic of all groups
    admin.listConsumerGroupOffsets("any").all().get(LIMIT_S, TimeUnit.SECONDS);
  }

  @AfterAll
  static void stopBroker() throws Exception {
    admin.close();
    broker.stopUntroubled();
  }

  @Test
  void aMembersNextHeartbeatBringsTheNewPaceAndARestartKeepsIt() throws Exception {
    try (Member member = new Member("paced")) {
      assertThat(member.join()).isEqualTo(1_000);

      set("paced", HEARTBEAT, "3000");
      assertThat(member.heartbeat()).isEqualTo(3_000);
      set("paced", SESSION, "9000");

      ConfigEntry heartbeat = describe("paced").get(HEARTBEAT);
      assertThat(heartbeat.value()).isEqualTo("3000");
      assertThat(heartbeat.source()).isEqualTo(ConfigSource.DYNAMIC_GROUP_CONFIG);
      assertThat(heartbeat.synonyms())
          .extracting(ConfigEntry.ConfigSynonym::value)
          .containsExactly("3000", "1000", "5000");
      assertThat(inZooKeeper("paced"))
          .isEqualTo(
              "{\"version\":1,\"config\":{\"%s\":\"3000\",\"%s\":\"9000\"}}"
                  .formatted(HEARTBEAT, SESSION));
    }
    restart();
    assertThat(describe("paced").get(SESSION).value()).isEqualTo("9000");
    try (Member member = new Member("paced")) {
      member.join();
      assertThat(member.heartbeat()).isEqualTo(3_000);

      alter("paced", List.of(delete(HEARTBEAT), delete(SESSION)));
      assertThat(member.heartbeat()).isEqualTo(1_000);
    }
    assertThat(describe("paced").get(HEARTBEAT).source())
        .isEqualTo(ConfigSource.STATIC_BROKER_CONFIG);
    assertThat(catchThrowable(() -> inZooKeeper("paced")))
        .isInstanceOf(KeeperException.NoNodeException.class);
  }

  @Test
  void aMemberIsGivenUpByTheTimeoutOfItsGroup() throws Exception {
    set("patient", SESSION, "20000");
    set("patient", HEARTBEAT, "15000");
    try (Member patient = new Member("patient");
        Member usual = new Member("usual")) {
      patient.join();
      usual.join();

      Awaitility.await("the member of the other group is gone")
          .atMost(LIMIT_S, TimeUnit.SECONDS)
          .until(() -> members("usual") == 0);
      assertThat(members("patient")).isEqualTo(1);
    }
  }

  @Test
  void aBadValueIsRefusedWithASentenceAndChangesNothing() {
    assertThat(refusal("bad", SESSION, "5999"))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessage(
            "consumer.session.timeout.ms (5999) is below"
                + " group.consumer.min.session.timeout.ms (6000).");
    assertThat(refusal("bad", HEARTBEAT, "6000"))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("is not below consumer.session.timeout.ms (6000)");
    assertThat(refusal("bad", "share.session.timeout.ms", "50000"))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining("share groups, which do not exist yet");
    assertThat(refusal("", SESSION, "9000")).isInstanceOf(InvalidRequestException.class);
    assertThat(catchThrowable(() -> inZooKeeper("bad")))
        .isInstanceOf(KeeperException.NoNodeException.class);
  }

  @Test
  void groupsWithSettingsAreListedWhateverTheirNamesEvenWhenAToolMadeThem() throws Exception {
    String odd = "a group/of ä% *";
    set(odd, SESSION, "9000");
    set("..", SESSION, "9000");
    assertThat(describe(odd).get(SESSION).value()).isEqualTo("9000");
    try (ZooKeeper zooKeeper = zooKeeper()) {
      zooKeeper.create(
          "/milena/config/groups/by-hand",
          "{\"version\":1,\"config\":{\"consumer.session.timeout.ms\":\"7000\"}}"
              .getBytes(StandardCharsets.UTF_8),
          ZooDefs.Ids.OPEN_ACL_UNSAFE,
          CreateMode.PERSISTENT);
      Awaitility.await("the broker sees it")
          .atMost(LIMIT_S, TimeUnit.SECONDS)
          .until(() -> describe("by-hand").get(SESSION).value().equals("7000"));
      assertThat(zooKeeper.getChildren("/config/changes", false)).isEmpty();
    }
    Collection<ConfigResource> listed =
        admin
            .listConfigResources(
                Set.of(ConfigResource.Type.GROUP), new ListConfigResourcesOptions())
            .all()
            .get(LIMIT_S, TimeUnit.SECONDS);
    assertThat(listed).contains(group(odd), group(".."), group("by-hand"));
  }

  @Test
  void theFeatureIsInForceAndStaysInForce() throws Exception {
    Map<String, FinalizedVersionRange> features =
        admin
            .describeFeatures()
            .featureMetadata()
            .get(LIMIT_S, TimeUnit.SECONDS)
            .finalizedFeatures();
    assertThat(features)
        .containsEntry("group.version", new FinalizedVersionRange((short) 1, (short) 1));

    update(new FeatureUpdate((short) 1, UpgradeType.UPGRADE));

    assertThat(
            catchThrowable(() -> update(new FeatureUpdate((short) 0, UpgradeType.SAFE_DOWNGRADE))))
        .hasRootCauseInstanceOf(InvalidUpdateVersionException.class)
        .rootCause()
        .hasMessageContaining("take consumer out of group.coordinator.rebalance.protocols");
  }

  private static void update(FeatureUpdate update) throws Exception {
    admin
        .updateFeatures(Map.of("group.version", update), new UpdateFeaturesOptions())
        .all()
        .get(LIMIT_S, TimeUnit.SECONDS);
  }

  // ---- helpers -------------------------------------------------------------------------------

  private static ConfigResource group(String group) {
    return new ConfigResource(ConfigResource.Type.GROUP, group);
  }

  private static AlterConfigOp delete(String name) {
    return new AlterConfigOp(new ConfigEntry(name, ""), OpType.DELETE);
  }

  private static void set(String group, String name, String value) throws Exception {
    alter(group, List.of(new AlterConfigOp(new ConfigEntry(name, value), OpType.SET)));
  }

  private static void alter(String group, List<AlterConfigOp> changes) throws Exception {
    admin
        .incrementalAlterConfigs(Map.of(group(group), changes))
        .all()
        .get(LIMIT_S, TimeUnit.SECONDS);
  }

  private static Throwable refusal(String group, String name, String value) {
    return catchThrowable(() -> set(group, name, value)).getCause();
  }

  private static Map<String, ConfigEntry> describe(String group) throws Exception {
    return admin
        .describeConfigs(List.of(group(group)), new DescribeConfigsOptions().includeSynonyms(true))
        .all()
        .get(LIMIT_S, TimeUnit.SECONDS)
        .get(group(group))
        .entries()
        .stream()
        .collect(Collectors.toMap(ConfigEntry::name, entry -> entry));
  }

  private static int members(String group) throws Exception {
    return admin
        .describeConsumerGroups(List.of(group))
        .all()
        .get(LIMIT_S, TimeUnit.SECONDS)
        .get(group)
        .members()
        .size();
  }

  private static ZooKeeper zooKeeper() throws Exception {
    String port = Files.readString(broker.data().resolve("zookeeper").resolve("port")).trim();
    return new ZooKeeper("127.0.0.1:" + port, 20_000, event -> {});
  }

  private static String inZooKeeper(String group) throws Exception {
    try (ZooKeeper zooKeeper = zooKeeper()) {
      byte[] data = zooKeeper.getData("/milena/config/groups/" + group, false, null);
      return new String(data, StandardCharsets.UTF_8);
    }
  }

  private static void restart() throws Exception {
    broker.kill();
    broker.start();
  }

  /** A member of the consumer protocol, heartbeat by heartbeat. */
  private static final class Member implements AutoCloseable {
    private final RawKafka connection;
    private final String group;
    private int epoch;

    Member(String group) throws Exception {
      this.group = group;
      this.connection = new RawKafka(broker.kafkaPort());
    }

    /** Joins as soon as the group's coordinator serves; the interval that it is told. */
    int join() throws Exception {
      ConsumerGroupHeartbeatRequestData request =
          new ConsumerGroupHeartbeatRequestData()
              .setGroupId(group)
              .setMemberId("member")
              .setRebalanceTimeoutMs(30_000)
              .setSubscribedTopicNames(List.of())
              .setTopicPartitions(List.of());
      ConsumerGroupHeartbeatResponseData[] answer = new ConsumerGroupHeartbeatResponseData[1];
      Awaitility.await("a member of " + group)
          .atMost(LIMIT_S, TimeUnit.SECONDS)
          .until(
              () -> {
                answer[0] = beat(request);
                return answer[0].errorCode() == 0;
              });
      epoch = answer[0].memberEpoch();
      return answer[0].heartbeatIntervalMs();
    }

    /** The interval that it is told. */
    int heartbeat() throws Exception {
      ConsumerGroupHeartbeatResponseData answer =
          beat(
              new ConsumerGroupHeartbeatRequestData()
                  .setGroupId(group)
                  .setMemberId("member")
                  .setMemberEpoch(epoch));
      assertThat(answer.errorCode()).as(answer.errorMessage()).isZero();
      return answer.heartbeatIntervalMs();
    }

    private ConsumerGroupHeartbeatResponseData beat(ConsumerGroupHeartbeatRequestData request)
        throws Exception {
      return (ConsumerGroupHeartbeatResponseData)
          connection.call(ApiKeys.CONSUMER_GROUP_HEARTBEAT, (short) 1, request);
    }

    @Override
    public void close() throws Exception {
      connection.close();
    }
  }
}
