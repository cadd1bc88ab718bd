package io.milena.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Groups of real consumers on a broker of its own process; members and the broker are killed. */
@Timeout(240)
class GroupsIT {
  private static final int PARTITIONS = 6;
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final String CLASSIC =
      "partition.assignment.strategy=org.apache.kafka.clients.consumer.";

  @TempDir static Path home;
  private static MilenaProcess broker;
  private static Admin admin;

  @BeforeAll
  static void startBroker() throws Exception {
    broker = new MilenaProcess(home).withConsumerGroups(6_000, 1_000).start();
    admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()));
  }

  @AfterAll
  static void stopBroker() throws Exception {
    admin.close();
    broker.stopUntroubled();
  }

  /** What a story sees of its group. */
  private static final class Story implements AutoCloseable {
    private final String name;
    private final List<String> settings;
    private final List<ForkedJvm> members = new ArrayList<>();
    private final Map<TopicPartition, Long> committed = new HashMap<>();
    private int sent;

    Story(String name, String... settings) throws Exception {
      this.name = name;
      this.settings = List.of(settings);
      admin.createTopics(List.of(new NewTopic(name, PARTITIONS, (short) 1))).all().get();
    }

    ForkedJvm join() throws Exception {
      return join(settings.toArray(String[]::new));
    }

    ForkedJvm join(String... own) throws Exception {
      List<String> words =
          new ArrayList<>(
              List.of(
                  "-Xmx128m",
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  GroupMember.class.getName(),
                  broker.bootstrap(),
                  name,
                  "group-" + name));
      words.addAll(List.of(own));
      ForkedJvm member =
          ForkedJvm.start(home, home.resolve(name + "-" + members.size() + ".out"), words);
      members.add(member);
      return member;
    }

    void produce(int records) throws Exception {
      try (KafkaProducer<String, String> producer =
          new KafkaProducer<>(
              Map.of("bootstrap.servers", broker.bootstrap(), "linger.ms", "1"),
              new StringSerializer(),
              new StringSerializer())) {
        for (int i = 0; i < records; i++) {
          producer.send(new ProducerRecord<>(name, sent % PARTITIONS, null, "v" + sent));
          sent++;
        }
      }
    }

    /** Offsets that members said they processed. */
    Set<String> processed() throws Exception {
      Set<String> all = new HashSet<>();
      for (ForkedJvm member : members) {
        member.output().lines().filter(line -> line.startsWith("processed ")).forEach(all::add);
      }
      return all;
    }

    /** Looks at the committed offsets: none may be lower than seen before. */
    long committed() throws Exception {
      Map<TopicPartition, OffsetAndMetadata> now =
          admin
              .listConsumerGroupOffsets("group-" + name)
              .partitionsToOffsetAndMetadata()
              .get(20, TimeUnit.SECONDS);
      long sum = 0;
      for (Map.Entry<TopicPartition, OffsetAndMetadata> entry : now.entrySet()) {
        if (entry.getValue() != null) {
          long offset = entry.getValue().offset();
          assertThat(offset).isGreaterThanOrEqualTo(committed.getOrDefault(entry.getKey(), 0L));
          committed.put(entry.getKey(), offset);
          sum += offset;
        }
      }
      for (TopicPartition known : committed.keySet()) {
        assertThat(now).containsKey(known);
      }
      return sum;
    }

    void awaitCommitted(long atLeast) {
      Awaitility.await(name + " commits " + atLeast)
          .atMost(LIMIT)
          .pollInterval(Duration.ofMillis(200))
          .until(() -> committed() >= atLeast);
    }

    void awaitMembers(int count) {
      Awaitility.await(name + " has members " + count)
          .atMost(LIMIT)
          .pollInterval(Duration.ofMillis(200))
          .until(
              () -> {
                var group =
                    admin
                        .describeConsumerGroups(List.of("group-" + name))
                        .all()
                        .get(20, TimeUnit.SECONDS)
                        .get("group-" + name);
                return group.members().size() == count
                    && group.members().stream()
                            .mapToInt(m -> m.assignment().topicPartitions().size())
                            .sum()
                        == PARTITIONS
                    && group.groupState().toString().equals("Stable");
              });
    }

    @Override
    public void close() throws Exception {
      for (ForkedJvm member : members) {
        member.kill();
      }
    }
  }

  @ParameterizedTest
  @Tag("long") // GroupsUnderLoadIT shows the same of all of them at once
  @ValueSource(
      strings = {
        "RangeAssignor",
        "RoundRobinAssignor",
        "StickyAssignor",
        "CooperativeStickyAssignor",
        "consumer"
      })
  void membersComeCrashAndLeaveAndEveryRecordIsProcessed(String how) throws Exception {
    String[] settings =
        how.equals("consumer")
            ? new String[] {"group.protocol=consumer"}
            : new String[] {CLASSIC + how, "session.timeout.ms=6000", "heartbeat.interval.ms=500"};
    try (Story story = new Story("story-" + how, settings)) {
      story.join();
      story.produce(600);
      story.awaitCommitted(600);
      ForkedJvm victim = story.join();
      story.awaitMembers(2);
      story.produce(600);
      story.awaitCommitted(1_200);

      victim.kill();
      story.produce(600);
      story.join();
      story.awaitCommitted(1_800);
      story.awaitMembers(2);

      assertThat(story.processed()).hasSize(1_800);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"classic", "consumer"})
  void aKilledBrokerComesBackWithItsGroupsAndTheirOffsets(String protocol) throws Exception {
    try (Story story = new Story("killed-" + protocol, "group.protocol=" + protocol)) {
      story.join();
      story.join();
      story.produce(600);
      story.awaitCommitted(600);
      broker.kill();
      broker.start();
      story.produce(600);
      story.awaitCommitted(1_200);
      assertThat(story.processed()).hasSize(1_200);
    }
  }

  @Test
  @Tag("long") // GroupsUnderLoadIT shows it there and back
  void aGroupChangesProtocolMemberByMemberWhileRecordsFlow() throws Exception {
    try (Story story = new Story("migrates")) {
      ForkedJvm classic = story.join(CLASSIC + "RangeAssignor", "session.timeout.ms=6000");
      story.produce(600);
      story.awaitCommitted(600);
      story.join("group.protocol=consumer");
      story.awaitMembers(2);
      story.produce(600);
      story.awaitCommitted(1_200);
      classic.close();
      story.awaitMembers(1);
      story.produce(600);
      story.awaitCommitted(1_800);
      assertThat(story.processed()).hasSize(1_800);
    }
  }

  @Test
  void theInternalTopicIsMarkedAndCannotBeDeletedOrWritten() throws Exception {
    try (Story story = new Story("internal", "group.protocol=classic")) {
      story.join();
      story.produce(6);
      story.awaitCommitted(6);
    }
    var described = admin.describeTopics(List.of("__consumer_offsets")).allTopicNames().get();
    assertThat(described.get("__consumer_offsets").isInternal()).isTrue();
    assertThat(described.get("__consumer_offsets").partitions()).hasSize(50);
    assertThatThrownBy(() -> admin.deleteTopics(List.of("__consumer_offsets")).all().get())
        .hasCauseInstanceOf(org.apache.kafka.common.errors.InvalidTopicException.class);
  }

  @Test
  void offsetsOfTransactionsAreRefusedAtOnceWithAReason() {
    Map<TopicPartition, OffsetAndMetadata> offsets =
        Map.of(new TopicPartition("any", 0), new OffsetAndMetadata(1));
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", broker.bootstrap(), "transactional.id", "refused"),
            new StringSerializer(),
            new StringSerializer())) {
      long startNs = System.nanoTime();
      assertThatThrownBy(producer::initTransactions)
          .isInstanceOf(KafkaException.class) // the client's own words around the broker's
          .hasMessageContaining("This broker does not support transactions yet");
      assertThatThrownBy(
              () ->
                  producer.sendOffsetsToTransaction(offsets, new ConsumerGroupMetadata("refused")))
          .isInstanceOf(KafkaException.class);
      Duration taken = Duration.ofNanos(System.nanoTime() - startNs);
      System.out.println("GroupsIT: a transactional producer is refused after " + taken);
      assertThat(taken).isLessThan(Duration.ofSeconds(5));
    }
    assertThatThrownBy(() -> admin.describeConsumerGroups(List.of("refused")).all().get())
        .hasCauseInstanceOf(GroupIdNotFoundException.class);
  }
}
