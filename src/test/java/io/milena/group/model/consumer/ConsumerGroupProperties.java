package io.milena.group.model.consumer;

import static io.milena.group.model.consumer.TestGroups.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.milena.group.model.consumer.state.ConsumerGroup;
import io.milena.group.model.consumer.state.CurrentAssignment;
import io.milena.group.model.consumer.state.Member;
import io.milena.group.model.consumer.timing.GroupTiming;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.Errors;

/**
 * Whatever members, timers, topics and failing appends do in whatever order: epochs only rise, no
 * partition has two owners, everybody is answered, and once it is quiet all is assigned.
 */
class ConsumerGroupProperties {
  private static final List<String> TOPICS = List.of("t", "u", "v");

  /**
   * A client that takes its time: partitions it has to give back it keeps until it has said so, and
   * answers may be lost on their way to it.
   */
  private static final class Client {
    private final String memberId;
    private int epoch;
    private boolean tellsAll;
    private List<String> topics = List.of();
    private Map<Uuid, TreeSet<Integer>> told = new TreeMap<>();
    private Map<Uuid, TreeSet<Integer>> owned = new TreeMap<>();

    private Client(String memberId) {
      this.memberId = memberId;
    }

    private void start() {
      epoch = 0;
      told = new TreeMap<>();
      owned = new TreeMap<>();
    }

    private void hear(ConsumerGroupHeartbeatResponseData answer) {
      tellsAll = answer.errorCode() != Errors.NONE.code();
      if (answer.errorCode() == Errors.FENCED_MEMBER_EPOCH.code()
          || answer.errorCode() == Errors.UNKNOWN_MEMBER_ID.code()
          || answer.errorCode() == Errors.GROUP_ID_NOT_FOUND.code()) {
        start();
      }
      if (answer.errorCode() != Errors.NONE.code()) {
        return;
      }
      assertThat(answer.memberEpoch()).isGreaterThanOrEqualTo(epoch);
      epoch = answer.memberEpoch();
      if (answer.assignment() != null) {
        told = TestGroups.told(answer);
        told.forEach((t, p) -> owned.computeIfAbsent(t, any -> new TreeSet<>()).addAll(p));
      }
    }

    private void giveBack() {
      owned = new TreeMap<>();
      told.forEach((topic, partitions) -> owned.put(topic, new TreeSet<>(partitions)));
    }
  }

  private final TestGroups world = new TestGroups();
  private final List<Client> clients = new ArrayList<>();
  private final Map<String, Integer> lastEpochs = new HashMap<>();
  private final Map<String, Integer> partitionCounts = new HashMap<>();
  private Random random;
  private int lastGroupEpoch;
  private int lastTargetEpoch;

  @Property(tries = 500)
  void anyInterleavingKeepsEpochsRisingAndOneOwnerForEachPartition(@ForAll long seed) {
    new ConsumerGroupProperties().play(seed);
  }

  private void play(long seed) {
    random = new Random(seed);
    world.timing = new GroupTiming(45_000, 5_000, random.nextInt(2) * 2_000);
    for (int i = 0; i < 5; i++) {
      clients.add(new Client("m" + i));
    }
    TOPICS.forEach(this::grow);
    for (int i = 0; i < 80; i++) {
      step(clients.get(random.nextInt(clients.size())));
      check();
    }
    settle();
    world.everybodyWasAnsweredOnce();
  }

  private void step(Client client) {
    if (random.nextInt(12) == 0) {
      world.failNextAppend(Errors.COORDINATOR_NOT_AVAILABLE);
    }
    int dice = random.nextInt(100);
    if (dice < 70) {
      talk(client, random.nextInt(12) == 0);
    } else if (dice < 78) {
      client.giveBack();
    } else if (dice < 84) {
      world.leave(client.memberId);
      client.start();
    } else if (dice < 93) {
      world.advance(random.nextInt(25_000));
    } else if (dice < 98) {
      change(TOPICS.get(random.nextInt(3)));
    } else {
      world.failNextAppend(Errors.NONE);
      world.failOver();
    }
  }

  private void talk(Client client, boolean answerIsLost) {
    ConsumerGroupHeartbeatRequestData request = request(client.memberId, client.epoch);
    if (client.epoch == 0) {
      client.start();
      request.setRebalanceTimeoutMs(20_000).setSubscribedTopicNames(subscription());
    } else if (random.nextInt(10) == 0) {
      request.setSubscribedTopicNames(subscription());
    }
    if (client.tellsAll && client.epoch > 0) {
      request.setRebalanceTimeoutMs(20_000).setSubscribedTopicNames(client.topics);
    }
    if (request.subscribedTopicNames() != null) {
      client.topics = request.subscribedTopicNames();
    }
    if (client.epoch == 0 || client.tellsAll || random.nextInt(3) > 0) {
      request.setTopicPartitions(TestGroups.holding(client.owned));
    }
    ConsumerGroupHeartbeatResponseData answer = world.heartbeat(request);
    if (answerIsLost) {
      client.tellsAll = true;
    } else {
      client.hear(answer);
    }
  }

  private List<String> subscription() {
    List<String> topics = new ArrayList<>(TOPICS);
    topics.removeIf(topic -> random.nextInt(4) == 0);
    return topics;
  }

  private void grow(String topic) {
    world.topic(topic, partitionCounts.merge(topic, 2, Integer::sum));
  }

  private void change(String topic) {
    if (partitionCounts.containsKey(topic) && random.nextInt(3) == 0) {
      partitionCounts.remove(topic);
      world.noTopic(topic);
    } else {
      grow(topic);
    }
  }

  private void check() {
    ConsumerGroup group = world.group();
    if (group == null) {
      return;
    }
    assertThat(group.epoch()).isGreaterThanOrEqualTo(lastGroupEpoch);
    assertThat(group.targetEpoch())
        .isGreaterThanOrEqualTo(lastTargetEpoch)
        .isLessThanOrEqualTo(group.epoch());
    lastGroupEpoch = group.epoch();
    lastTargetEpoch = group.targetEpoch();
    Set<String> held = new HashSet<>();
    lastEpochs.keySet().retainAll(group.members().keySet());
    for (Member member : group.members().values()) {
      CurrentAssignment current = member.current();
      assertThat(current.epoch()).isLessThanOrEqualTo(group.targetEpoch());
      assertThat(current.epoch()).isGreaterThanOrEqualTo(lastEpochs.getOrDefault(member.id(), 0));
      lastEpochs.put(member.id(), current.epoch());
      current.assigned().forEach((t, p) -> addAll(held, t, p.keySet()));
      current.revoking().forEach((t, p) -> addAll(held, t, p.keySet()));
    }
    Set<String> owned = new HashSet<>();
    for (Client client : clients) {
      Member member = group.member(client.memberId);
      if (member != null && client.epoch > 0) {
        client.owned.forEach((t, p) -> addAll(owned, t, p));
      }
    }
  }

  private static void addAll(Set<String> all, Uuid topic, Collection<Integer> partitions) {
    partitions.forEach(p -> assertThat(all.add(topic + "-" + p)).as("one owner").isTrue());
  }

  /** Faults end: after some rounds everybody has what it is to have, and all is assigned. */
  private void settle() {
    world.failNextAppend(Errors.NONE);
    for (int round = 0; round < 12; round++) {
      world.advance(5_000);
      for (Client client : clients) {
        ConsumerGroupHeartbeatRequestData request = request(client.memberId, client.epoch);
        if (client.epoch == 0) {
          client.start();
        }
        request
            .setRebalanceTimeoutMs(20_000)
            .setSubscribedTopicNames(TOPICS)
            .setTopicPartitions(TestGroups.holding(client.owned));
        client.hear(world.heartbeat(request));
        client.giveBack();
        check();
      }
    }
    assertThat(world.group().stateName()).isEqualTo("Stable");
    int assigned =
        clients.stream().flatMap(c -> c.owned.values().stream()).mapToInt(Set::size).sum();
    assertThat(assigned).isEqualTo(partitionCounts.values().stream().mapToInt(n -> n).sum());
  }
}
