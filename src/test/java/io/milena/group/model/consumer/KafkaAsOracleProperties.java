package io.milena.group.model.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.group.model.consumer.timing.GroupTiming;
import io.milena.group.model.oracle.KafkaShard;
import io.milena.group.model.oracle.OracleImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletionException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * Kafka's own coordinator judges: the same heartbeats at the same times get the same answers and
 * leave the same records. One object is one game. The assignor is range, whose outcome is the same
 * to the last partition; uniform may differ lawfully and has properties of its own.
 */
class KafkaAsOracleProperties {
  private static final List<String> TOPICS = List.of("t", "u", "v");

  private final TestGroups milena = new TestGroups();
  private final List<RememberingMember> clients = new ArrayList<>();
  private final Map<String, Integer> partitionCounts = new HashMap<>();
  private final Set<String> deleted = new HashSet<>();
  private final StringBuilder story = new StringBuilder();
  private KafkaShard kafka;
  private OracleImage image;
  private long images;
  private Random random;
  private int names;

  private void start(long seed, int assignmentIntervalMs) {
    random = new Random(seed);
    milena.assignors = List.of("range", "uniform");
    milena.timing = new GroupTiming(45_000, 5_000, assignmentIntervalMs);
    Map<String, Object> settings = new HashMap<>();
    settings.put("group.consumer.assignors", List.of("range", "uniform"));
    settings.put("group.consumer.assignment.interval.ms", assignmentIntervalMs);
    settings.put("group.consumer.assignor.offload.enable", false);
    settings.put("group.consumer.max.size", 4);
    milena.withMaxSize(4);
    image = new OracleImage(milena.image(), ++images);
    kafka = new KafkaShard(settings, milena.nowMs()).load(List.of(), image);
    for (int i = 0; i < 5; i++) {
      clients.add(new RememberingMember("m" + i, i < 3 ? null : "i" + i));
    }
  }

  @Property(tries = 250)
  void answersAndRecordsAreKafkas(@ForAll long seed) {
    KafkaAsOracleProperties duel = new KafkaAsOracleProperties();
    duel.start(seed, 0);
    duel.play();
  }

  @Property(tries = 120)
  void answersAndRecordsAreKafkasWhenTargetsHaveToWait(@ForAll long seed) {
    KafkaAsOracleProperties duel = new KafkaAsOracleProperties();
    duel.start(seed, 3_000);
    duel.play();
  }

  private void play() {
    change("t", 3);
    for (int i = 0; i < 40; i++) {
      step();
    }
  }

  private void step() {
    RememberingMember client = clients.get(random.nextInt(clients.size()));
    int dice = random.nextInt(100);
    if (dice < 22) {
      join(client);
    } else if (dice < 72) {
      beat(client);
    } else if (dice < 78) {
      both(client, client.says(client.instanceId != null && dice < 76 ? -2 : -1));
    } else if (dice < 88) {
      advance(1 + random.nextInt(random.nextInt(5) == 0 ? 60_000 : 9_000));
    } else {
      change(TOPICS.get(random.nextInt(3)), random.nextInt(6));
    }
  }

  private void join(RememberingMember client) {
    if (client.instanceId != null && random.nextBoolean()) {
      client.memberId = "m" + client.instanceId + "-" + ++names;
    }
    ConsumerGroupHeartbeatRequestData request =
        client.says(0).setRebalanceTimeoutMs(20_000).setTopicPartitions(List.of());
    subscribe(request);
    boolean byRegex =
        request.subscribedTopicRegex() != null && !request.subscribedTopicRegex().isEmpty();
    if (!byRegex && request.subscribedTopicNames() == null) {
      request.setSubscribedTopicNames(List.of("t"));
    }
    both(client, request);
  }

  private void subscribe(ConsumerGroupHeartbeatRequestData request) {
    List<String> topics = new ArrayList<>(TOPICS);
    topics.removeIf(topic -> random.nextInt(3) == 0);
    if (topics.isEmpty()) {
      topics.add("t");
    }
    if (random.nextInt(4) > 0) {
      request.setSubscribedTopicNames(topics);
    }
    if (random.nextInt(5) == 0) {
      request.setSubscribedTopicNames(topics);
      request.setSubscribedTopicRegex(random.nextInt(3) == 0 ? "" : "t|v");
    }
  }

  private void beat(RememberingMember client) {
    ConsumerGroupHeartbeatRequestData request = client.beats(random);
    if (random.nextInt(8) == 0) {
      subscribe(request);
    }
    if (random.nextInt(10) == 0) {
      request.setRebalanceTimeoutMs(20_000);
    }
    if (random.nextInt(25) == 0) {
      request.setServerAssignor("range");
    }
    both(client, request);
  }

  private void both(RememberingMember client, ConsumerGroupHeartbeatRequestData request) {
    story.append("\n@").append(milena.nowMs()).append(' ').append(request);
    ConsumerGroupHeartbeatResponseData kafkas = ask(request.duplicate());
    ConsumerGroupHeartbeatResponseData milenas = milena.heartbeat(request);
    // Expressions are searched beside everything else, and at once on both sides.
    kafka.runTasks();
    milena.advance(0);
    assertThat(text(milenas)).as(story.toString()).isEqualTo(text(kafkas));
    sameRecords();
    client.learn(request, milenas);
  }

  private ConsumerGroupHeartbeatResponseData ask(ConsumerGroupHeartbeatRequestData request) {
    try {
      return kafka
          .write(
              shard ->
                  shard.consumerGroupHeartbeat(
                      KafkaShard.from(ApiKeys.CONSUMER_GROUP_HEARTBEAT, 1, TestGroups.CLIENT),
                      request))
          .join();
    } catch (CompletionException e) {
      story.append("\n  Kafka refuses: ").append(e.getCause().getMessage());
      return new ConsumerGroupHeartbeatResponseData()
          .setErrorCode(Errors.forException(e.getCause()).code());
    }
  }

  private static String text(ConsumerGroupHeartbeatResponseData answer) {
    return DuelText.of(answer) + " interval " + answer.heartbeatIntervalMs();
  }

  private void sameRecords() {
    assertThat(RecordText.of(milena.takeRecords()))
        .as(story.toString())
        .isEqualTo(RecordText.of(kafka.takeRecords()));
  }

  private void advance(long ms) {
    story.append("\n+").append(ms).append(" ms");
    milena.advance(ms);
    kafka.advanceTo(milena.nowMs());
    sameRecords();
  }

  private void change(String topic, int partitions) {
    if (deleted.contains(topic)) {
      // It would come back under another id, and ids are made of names here.
      return;
    }
    if (partitions == 0 || !milena.image().topics().containsKey(topic)) {
      if (partitions == 0) {
        milena.noTopic(topic);
        deleted.add(topic);
        partitionCounts.remove(topic);
      } else {
        partitionCounts.put(topic, partitions);
        milena.topic(topic, partitions);
      }
    } else {
      // Partitions are only ever added.
      int more = partitionCounts.merge(topic, 1, Integer::sum);
      milena.topic(topic, more);
    }
    story.append("\n").append(topic).append(" has ").append(partitionCounts.get(topic));
    OracleImage now = new OracleImage(milena.image(), ++images);
    kafka.shard().onMetadataUpdate(now.since(image), now);
    image = now;
  }
}
