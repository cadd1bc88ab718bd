package io.milena.group.model.consumer;

import static io.milena.group.model.consumer.TestGroups.id;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

/**
 * Stories of static members and of expressions, told to Kafka's coordinator too: every answer and
 * every record is its.
 */
class ToldToKafkaTest {
  private static final int SESSION_MS = 45_000;

  private final MachineDuel duel = new MachineDuel(0);

  /** A member of the consumer protocol that does what it is told. */
  private final class Client {
    private final String memberId;
    private final String instanceId;
    private Map<Uuid, TreeSet<Integer>> owned = new TreeMap<>();
    private int epoch;

    private Client(String memberId, String instanceId) {
      this.memberId = memberId;
      this.instanceId = instanceId;
    }

    private ConsumerGroupHeartbeatRequestData says(int saidEpoch) {
      return TestGroups.request(memberId, saidEpoch).setInstanceId(instanceId);
    }

    private Errors join(String regex, String... topics) {
      return tell(
          says(0)
              .setRebalanceTimeoutMs(60_000)
              .setTopicPartitions(List.of())
              .setSubscribedTopicNames(List.of(topics))
              .setSubscribedTopicRegex(regex));
    }

    private Errors beat() {
      return tell(says(epoch).setTopicPartitions(TestGroups.holding(owned)));
    }

    private Errors leave(int leaveEpoch) {
      return tell(says(leaveEpoch));
    }

    private Errors tell(ConsumerGroupHeartbeatRequestData request) {
      ConsumerGroupHeartbeatResponseData answer = duel.heartbeat(request).answer();
      if (answer.errorCode() == Errors.NONE.code()) {
        epoch = answer.memberEpoch();
        if (answer.assignment() != null) {
          owned = TestGroups.told(answer);
        }
      }
      return Errors.forCode(answer.errorCode());
    }
  }

  private final Client staying = new Client("b", null);

  /** Two members that share four partitions; the first is static. */
  private Client settled() {
    duel.topic("t", id("t"), 4);
    Client first = new Client("a1", "i");
    assertThat(first.join(null, "t")).isEqualTo(Errors.NONE);
    assertThat(staying.join(null, "t")).isEqualTo(Errors.NONE);
    beat(first, staying, first, staying);
    assertThat(first.owned.get(id("t"))).hasSize(2);
    assertThat(staying.owned.get(id("t"))).hasSize(2);
    return first;
  }

  private static void beat(Client... clients) {
    for (Client client : clients) {
      assertThat(client.beat()).isEqualTo(Errors.NONE);
    }
  }

  @Test
  void aStaticMemberThatIsBackWithinItsSessionHasItsPartitionsStill() {
    Client first = settled();
    Map<Uuid, TreeSet<Integer>> had = first.owned;
    Map<Uuid, TreeSet<Integer>> others = staying.owned;

    assertThat(first.leave(-2)).isEqualTo(Errors.NONE);
    duel.advance(SESSION_MS / 2);
    beat(staying);
    duel.advance(SESSION_MS / 3);
    assertThat(first.join(null, "t")).isEqualTo(Errors.NONE);
    beat(staying, first);

    assertThat(first.owned).isEqualTo(had);
    assertThat(staying.owned).as("nobody had to give anything up").isEqualTo(others);
    assertThat(first.epoch).isEqualTo(staying.epoch);
  }

  @Test
  void aStaticMemberMayComeBackUnderAnotherIdAndTheOldOneIsFenced() {
    Client first = settled();
    Client again = new Client("a2", "i");

    assertThat(first.leave(-2)).isEqualTo(Errors.NONE);
    assertThat(again.join(null, "t")).isEqualTo(Errors.NONE);

    assertThat(again.owned).isEqualTo(first.owned);
    assertThat(first.tell(first.says(again.epoch))).isEqualTo(Errors.FENCED_INSTANCE_ID);
    beat(staying, again);
    duel.advance(SESSION_MS - 1);
    beat(staying, again);
    duel.advance(SESSION_MS - 1);
    beat(staying, again);
    assertThat(again.owned).as("the old one's session is over").isEqualTo(first.owned);
  }

  @Test
  void aSecondMemberWithTheSameInstanceIdIsRefusedWhileTheFirstIsThere() {
    Client first = settled();
    Map<Uuid, TreeSet<Integer>> had = first.owned;

    assertThat(new Client("a2", "i").join(null, "t")).isEqualTo(Errors.UNRELEASED_INSTANCE_ID);

    beat(first, staying);
    assertThat(first.owned).isEqualTo(had);
  }

  @Test
  void aStaticMemberThatStaysAwayLongerThanItsSessionIsRemoved() {
    Client first = settled();

    assertThat(first.leave(-2)).isEqualTo(Errors.NONE);
    duel.advance(SESSION_MS - 1);
    beat(staying);
    assertThat(staying.owned.get(id("t"))).hasSize(2);
    duel.advance(1);
    beat(staying, staying);

    assertThat(staying.owned.get(id("t"))).containsExactly(0, 1, 2, 3);
    assertThat(first.tell(first.says(first.epoch))).isNotEqualTo(Errors.NONE);
    assertThat(first.join(null, "t")).as("as anybody").isEqualTo(Errors.NONE);
  }

  @Test
  void anExpressionFollowsTopicsThatComeAndGo() {
    duel.topic("x-1", id("x-1"), 2);
    duel.topic("y-1", id("y-1"), 1);
    Client client = new Client("a", null);
    assertThat(client.join("x-.*")).isEqualTo(Errors.NONE);
    beat(client, client);
    assertThat(client.owned).isEqualTo(Map.of(id("x-1"), new TreeSet<>(Set.of(0, 1))));

    duel.topic("x-2", id("x-2"), 1);
    listen(client);
    assertThat(client.owned.keySet()).containsExactlyInAnyOrder(id("x-1"), id("x-2"));

    duel.noTopic("x-1");
    listen(client);
    assertThat(client.owned.keySet()).containsExactly(id("x-2"));
  }

  /** Topics are searched anew with a heartbeat, at most every ten seconds. */
  private void listen(Client client) {
    duel.advance(10_001);
    beat(client, client, client);
  }
}
