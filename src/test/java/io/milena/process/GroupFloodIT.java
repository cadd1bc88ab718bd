package io.milena.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * One client floods a broker of a small heap with group ids and with members that are never
 * confirmed: it is refused at the bounds, and groups that were there before go on (F35).
 */
@Timeout(300)
class GroupFloodIT {
  private static final int GROUPS_MAX = 500;
  private static final int MEMBERS_MAX = 800;
  private static final int IN_FLIGHT = 12;
  private static final short JOIN = 9;
  private static final short HEARTBEAT = 1;
  private static final TopicPartition PARTITION = new TopicPartition("flooded", 0);

  @TempDir Path home;

  @Test
  void aFloodOfIdsIsRefusedAtTheBoundsAndOldGroupsGoOn() throws Exception {
    flood(
        5_000,
        new MilenaProcess(home)
            .with("milena.groups.per.address.max", Integer.toString(GROUPS_MAX))
            .with("milena.group.pending.members.per.address.max", Integer.toString(MEMBERS_MAX)),
        GROUPS_MAX);
  }

  @Test
  @Tag("long")
  void aHundredThousandIdsAreBoundedByTheDefaults() throws Exception {
    flood(100_000, new MilenaProcess(home), 20_000);
  }

  private void flood(int ids, MilenaProcess small, int groupsMax) throws Exception {
    try (MilenaProcess broker = small.withJvmOption("-Xmx192m").start();
        Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
      admin.createTopics(List.of(new NewTopic(PARTITION.topic(), 1, (short) 1))).all().get();
      commit(admin, 1);

      Map<Errors, Integer> members =
          answers(broker, ApiKeys.JOIN_GROUP, JOIN, ids, i -> join("crowd"));
      Map<Errors, Integer> classic =
          answers(broker, ApiKeys.JOIN_GROUP, JOIN, ids, i -> join("classic-" + i));
      Map<Errors, Integer> consumer =
          answers(
              broker, ApiKeys.CONSUMER_GROUP_HEARTBEAT, HEARTBEAT, ids, i -> beat("modern-" + i));
      System.out.printf(
          "GroupFloodIT: %d ids each: members %s, classic groups %s, consumer groups %s%n",
          ids, members, classic, consumer);

      assertThat(members.get(Errors.MEMBER_ID_REQUIRED)).isLessThan(ids);
      assertThat(classic.getOrDefault(Errors.MEMBER_ID_REQUIRED, 0)).isLessThan(ids);
      // by the number of groups, or with a small heap by what their members take
      assertThat(consumer.getOrDefault(Errors.NONE, 0)).isLessThan(ids);
      assertThat(consumer.keySet())
          .isSubsetOf(Errors.NONE, Errors.GROUP_MAX_SIZE_REACHED, Errors.COORDINATOR_NOT_AVAILABLE);
      // Each group verticle has its share of the bounds, rounded up.
      assertThat(admin.listGroups().all().get(60, TimeUnit.SECONDS))
          .hasSizeLessThanOrEqualTo(groupsMax + Runtime.getRuntime().availableProcessors());
      commit(admin, 2);
      assertThat(broker.alive()).isTrue();
      assertThat(broker.log()).doesNotContain("ERROR").doesNotContain("OutOfMemory");
    }
  }

  private static void commit(Admin admin, long offset) throws Exception {
    admin
        .alterConsumerGroupOffsets("old", Map.of(PARTITION, new OffsetAndMetadata(offset)))
        .all()
        .get(60, TimeUnit.SECONDS);
  }

  private static JoinGroupRequestData join(String group) {
    JoinGroupRequestData data =
        new JoinGroupRequestData()
            .setGroupId(group)
            .setMemberId("")
            .setProtocolType("consumer")
            .setSessionTimeoutMs(60_000)
            .setRebalanceTimeoutMs(60_000);
    data.protocols()
        .add(new JoinGroupRequestProtocol().setName("range").setMetadata(new byte[100]));
    return data;
  }

  private static ConsumerGroupHeartbeatRequestData beat(String group) {
    return new ConsumerGroupHeartbeatRequestData()
        .setGroupId(group)
        .setMemberId(Uuid.randomUuid().toString())
        .setMemberEpoch(0)
        .setRebalanceTimeoutMs(60_000)
        .setSubscribedTopicNames(List.of(PARTITION.topic()))
        .setTopicPartitions(List.of());
  }

  /** Sends that many requests, some in flight, and counts the answers by error. */
  private static Map<Errors, Integer> answers(
      MilenaProcess broker, ApiKeys key, short version, int count, IntFunction<ApiMessage> request)
      throws IOException {
    Map<Errors, Integer> counts = new EnumMap<>(Errors.class);
    try (RawKafka connection = new RawKafka(broker.kafkaPort())) {
      for (int sent = 0; sent < count; sent += IN_FLIGHT) {
        for (int i = 0; i < IN_FLIGHT; i++) {
          connection.send(key, version, request.apply(sent + i));
        }
        for (int i = 0; i < IN_FLIGHT; i++) {
          counts.merge(error(connection.receive(key, version)), 1, Integer::sum);
        }
      }
    }
    return counts;
  }

  private static Errors error(ApiMessage answer) {
    return Errors.forCode(
        answer instanceof JoinGroupResponseData join
            ? join.errorCode()
            : ((ConsumerGroupHeartbeatResponseData) answer).errorCode());
  }
}
