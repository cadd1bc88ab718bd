package io.milena.group.model.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.group.model.consumer.MachineDuel.Pair;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.statistics.Statistics;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.Errors;

/**
 * Members of both protocols come to one group and go, commit and fetch offsets with epochs right
 * and wrong; the group is turned from one kind into the other and back. Kafka's coordinator judges.
 * One object is one game.
 */
class MigrationOracleProperties {
  private static final List<String> TOPICS = List.of("t", "u", "v");

  /** A client of either protocol and what it remembers. */
  private static final class Client extends RememberingMember {
    private final boolean classic;
    private List<TopicPartition> has = List.of();
    private JoinGroupResponseData told;
    private Pair joining;
    private Pair syncing;

    private Client(String memberId, String instanceId, boolean classic) {
      super(memberId, instanceId);
      this.classic = classic;
      epoch = -1;
    }

    private void forget() {
      memberId = "";
      epoch = -1;
      has = List.of();
      told = null;
    }
  }

  private final List<Client> clients = new ArrayList<>();
  private final Map<String, Integer> partitionCounts = new HashMap<>();
  private final TreeSet<String> kinds = new TreeSet<>();
  private MachineDuel duel;
  private Random random;
  private int names;
  private int topicIds;
  private int turns;
  private int deserted;

  private void start(long seed) {
    random = new Random(seed);
    duel = new MachineDuel(random.nextInt(3) == 0 ? 3_000 : 0);
    for (int i = 0; i < 3; i++) {
      clients.add(new Client("m" + i, i == 2 ? "i" + i : null, false));
      // The static ones take each other's place.
      clients.add(new Client("", i == 2 ? "i" + i : null, true));
    }
    topic("t", 3);
    // A group with an offset stays; when one without offsets goes is asked elsewhere.
    topic("kept", 1);
    OffsetCommitRequestData first =
        new OffsetCommitRequestData()
            .setGroupId(TestGroups.GROUP)
            .setMemberId("")
            .setGenerationIdOrMemberEpoch(-1);
    topic(first, "kept").partitions().add(new OffsetCommitRequestPartition());
    duel.commit(9, first);
  }

  @Property(tries = 200)
  void kafkaJudgesGroupsOfBothKinds(@ForAll long seed) {
    MigrationOracleProperties game = new MigrationOracleProperties();
    game.start(seed);
    game.play();
    Statistics.label("kinds")
        .collect(game.kinds.size())
        .coverage(checker -> checker.check(2).percentage(share -> share > 50));
    Statistics.label("turned back")
        .collect(game.turns > 2)
        .coverage(checker -> checker.check(true).percentage(share -> share > 5));
    Statistics.label("deserted")
        .collect(game.deserted > 1)
        .coverage(checker -> checker.check(true).percentage(share -> share > 5));
  }

  private void play() {
    String last = null;
    for (int i = 0; i < 80; i++) {
      step();
      listen();
      if (duel.milena().isDeserted()) {
        assertThat(duel.milena().memberBytes()).as("bytes of nobody" + duel).isZero();
        deserted++;
      }
      String kind = duel.milena().kind();
      if (kind != null) {
        kind = kind.split(" ", -1)[0];
        kinds.add(kind);
        turns += kind.equals(last) ? 0 : 1;
        last = kind;
      }
    }
  }

  private void step() {
    Client client = clients.get(random.nextInt(clients.size()));
    int dice = random.nextInt(100);
    if (dice < 15) {
      duel.advance(1 + random.nextInt(random.nextInt(5) == 0 ? 50_000 : 6_000));
    } else if (dice < 20) {
      topic(TOPICS.get(random.nextInt(3)), random.nextInt(5));
    } else if (dice < 35) {
      commit(client);
    } else if (dice < 40) {
      fetch(client);
    } else if (client.classic) {
      classicStep(client);
    } else {
      consumerStep(client);
    }
  }

  private void topic(String name, int partitions) {
    Integer count = partitionCounts.get(name);
    if (count != null && partitions == 0) {
      partitionCounts.remove(name);
      duel.noTopic(name);
    } else if (count != null) {
      partitionCounts.merge(name, 1, Integer::sum);
      duel.topic(name, duel.milena().image().topic(name).id(), count + 1);
    } else if (partitions > 0) {
      partitionCounts.put(name, partitions);
      duel.topic(name, new Uuid(77, ++topicIds), partitions);
    }
  }

  // ---- members of the consumer protocol -----------------------------------------------------

  private void consumerStep(Client client) {
    int dice = random.nextInt(20);
    if (client.epoch < 0 || dice < 3) {
      if (client.instanceId != null && random.nextBoolean()) {
        client.memberId = client.instanceId + "-" + ++names;
      }
      ConsumerGroupHeartbeatRequestData request = client.says(0);
      request.setRebalanceTimeoutMs(20_000).setTopicPartitions(List.of());
      subscribe(request);
      if (!duel.milena().awaitsFirstGeneration()) {
        // Kafka would fail; here the group is turned.
        heartbeat(client, request);
      }
    } else if (dice < 17) {
      beat(client);
    } else {
      heartbeat(client, client.says(client.instanceId != null && dice < 19 ? -2 : -1));
      client.epoch = -1;
    }
  }

  private void subscribe(ConsumerGroupHeartbeatRequestData request) {
    List<String> topics = new ArrayList<>(TOPICS);
    topics.removeIf(topic -> random.nextInt(3) == 0);
    if (topics.isEmpty() && request.memberEpoch() == 0) {
      // Kafka takes a newcomer that subscribes nothing for one that subscribes what others do.
      topics.add("t");
    }
    request.setSubscribedTopicNames(topics);
    if (random.nextInt(4) == 0) {
      request.setSubscribedTopicRegex(random.nextInt(3) == 0 ? "" : "t|v");
    }
  }

  private void beat(Client client) {
    ConsumerGroupHeartbeatRequestData request = client.beats(random);
    if (random.nextInt(8) == 0) {
      subscribe(request);
    }
    heartbeat(client, request);
  }

  private void heartbeat(Client client, ConsumerGroupHeartbeatRequestData request) {
    ConsumerGroupHeartbeatResponseData answer = duel.heartbeat(request).answer();
    client.learn(request, answer);
    if (answer.errorCode() == Errors.UNKNOWN_MEMBER_ID.code()
        || answer.errorCode() == Errors.FENCED_MEMBER_EPOCH.code()) {
      client.epoch = -1;
    }
  }

  // ---- members of the classic protocol ------------------------------------------------------

  private void classicStep(Client client) {
    int dice = random.nextInt(20);
    if (client.joining != null) {
      duel.advance(1 + random.nextInt(4_000));
    } else if (client.told == null || dice < 6) {
      join(client);
    } else if (dice < 13) {
      sync(client);
    } else if (dice < 18) {
      duel.classicHeartbeat(
          ClassicMembersTest.heartbeat(client.memberId, client.epoch - (dice == 17 ? 1 : 0))
              .setGroupInstanceId(client.instanceId));
    } else if (dice < 19) {
      client.forget();
    } else {
      leave(client);
    }
  }

  private void join(Client client) {
    if ("consumer Empty".equals(duel.milena().kind())) {
      // Kafka refuses a member that it does not know, and forgets the empty group all the same.
      client.forget();
    }
    client.joining =
        duel.join(
            ClassicMembersTest.rejoin(client.memberId, client.has)
                .setGroupInstanceId(client.instanceId));
  }

  private void sync(Client client) {
    SyncGroupRequestData request =
        ClassicMembersTest.sync(client.memberId, client.epoch)
            .setGroupInstanceId(client.instanceId);
    List<String> ids = client.told.members().stream().map(m -> m.memberId()).sorted().toList();
    for (String memberId : ids) {
      request
          .assignments()
          .add(
              new SyncGroupRequestAssignment()
                  .setMemberId(memberId)
                  .setAssignment(
                      ClassicMembersTest.assigned(share(ids.indexOf(memberId), ids.size()))));
    }
    client.syncing = duel.sync(request);
  }

  private List<TopicPartition> share(int number, int members) {
    List<TopicPartition> share = new ArrayList<>();
    for (int p = 0; p < partitionCounts.getOrDefault("t", 0); p++) {
      if (p % members == number) {
        share.add(new TopicPartition("t", p));
      }
    }
    return share;
  }

  private void leave(Client client) {
    LeaveGroupRequestData request = new LeaveGroupRequestData().setGroupId(TestGroups.GROUP);
    request
        .members()
        .add(
            new LeaveGroupRequestData.MemberIdentity()
                .setMemberId(client.memberId)
                .setGroupInstanceId(client.instanceId));
    duel.leave(request);
    client.forget();
  }

  /** Clients hear what came for them. */
  private void listen() {
    for (Client client : clients) {
      if (client.joining != null && client.joining.done()) {
        joined(client, client.joining.answer());
        client.joining = null;
      }
      if (client.syncing != null && client.syncing.done()) {
        SyncGroupResponseData answer = client.syncing.answer();
        client.syncing = null;
        if (answer.errorCode() == 0 && answer.assignment().length > 0) {
          client.has = ClassicMembersTest.synced(answer);
        } else if (answer.errorCode() == Errors.UNKNOWN_MEMBER_ID.code()) {
          client.forget();
        }
      }
    }
  }

  private static void joined(Client client, JoinGroupResponseData answer) {
    switch (Errors.forCode(answer.errorCode())) {
      case NONE -> {
        client.memberId = answer.memberId();
        client.epoch = answer.generationId();
        client.told = answer;
      }
      case MEMBER_ID_REQUIRED -> client.memberId = answer.memberId();
      case REBALANCE_IN_PROGRESS -> client.told = null;
      default -> client.forget();
    }
  }

  // ---- offsets ------------------------------------------------------------------------------

  private void commit(Client client) {
    OffsetCommitRequestData request =
        new OffsetCommitRequestData()
            .setGroupId(TestGroups.GROUP)
            .setMemberId(random.nextInt(12) == 0 ? "" : client.memberId)
            .setGroupInstanceId(random.nextInt(4) == 0 ? null : client.instanceId)
            .setGenerationIdOrMemberEpoch(epoch(client));
    TreeSet<TopicPartition> places =
        new TreeSet<>(java.util.Comparator.comparing(Object::toString));
    client.has.forEach(places::add);
    client.owned.forEach(
        (id, partitions) -> {
          var topic = duel.milena().image().topic(id);
          if (topic != null) {
            partitions.forEach(p -> places.add(new TopicPartition(topic.name(), p)));
          }
        });
    if (places.isEmpty() || random.nextInt(5) == 0) {
      places.add(new TopicPartition("t", random.nextInt(3)));
    }
    for (TopicPartition place : places) {
      if (random.nextBoolean() || places.first().equals(place)) {
        topic(request, place.topic())
            .partitions()
            .add(
                new OffsetCommitRequestPartition()
                    .setPartitionIndex(place.partition())
                    .setCommittedOffset(random.nextInt(1_000)));
      }
    }
    duel.commit(random.nextInt(6) == 0 ? 8 : 9, request);
  }

  private static OffsetCommitRequestTopic topic(OffsetCommitRequestData request, String name) {
    for (OffsetCommitRequestTopic topic : request.topics()) {
      if (topic.name().equals(name)) {
        return topic;
      }
    }
    OffsetCommitRequestTopic topic = new OffsetCommitRequestTopic().setName(name);
    request.topics().add(topic);
    return topic;
  }

  /** Its own, one that is over, one that is to come, none. */
  private int epoch(Client client) {
    return switch (random.nextInt(8)) {
      case 0 -> client.epoch + 1;
      case 1, 2 -> client.epoch - 1;
      case 3 -> client.epoch - 2;
      case 4 -> random.nextInt(3) == 0 ? -1 : client.epoch;
      default -> client.epoch;
    };
  }

  /** Kafka fails over an epoch without a member id, so there is none. */
  private void fetch(Client client) {
    boolean stranger = random.nextInt(4) == 0;
    OffsetFetchRequestGroup request =
        new OffsetFetchRequestGroup()
            .setGroupId(TestGroups.GROUP)
            .setMemberId(stranger ? null : client.memberId)
            .setMemberEpoch(stranger ? -1 : epoch(client));
    if (random.nextBoolean()) {
      request.setTopics(
          List.of(
              new OffsetFetchRequestTopics().setName("t").setPartitionIndexes(List.of(0, 1, 2))));
    } else {
      request.setTopics(null);
    }
    duel.fetch(request);
  }
}
