package io.milena.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.awaitility.Awaitility;

/** Groups that one broker after the other serves, and what each must find of the one before. */
final class CarriedGroups {
  private static final Duration LIMIT = Duration.ofSeconds(40);
  private static final int STEP = 100;

  private final String bootstrap;
  private final TopicPartition partition;
  private final Map<String, OffsetAndMetadata> expected = new TreeMap<>();

  /**
   * @param topic of one partition, whose record at offset n the caller knows
   */
  CarriedGroups(String bootstrap, String topic) {
    this.bootstrap = bootstrap;
    this.partition = new TopicPartition(topic, 0);
  }

  /** A member reads on from where its group stopped and commits with that text as metadata. */
  List<String> readOn(String group, String protocol, String metadata) {
    Map<String, Object> settings =
        new HashMap<>(
            Map.of(
                "bootstrap.servers",
                bootstrap,
                "group.id",
                group,
                "group.protocol",
                protocol,
                "auto.offset.reset",
                "earliest",
                "enable.auto.commit",
                "false",
                "max.poll.records",
                STEP));
    List<String> values = new ArrayList<>();
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(List.of(partition.topic()));
      long first = expected.containsKey(group) ? expected.get(group).offset() : 0;
      long deadlineNs = System.nanoTime() + LIMIT.toNanos();
      while (values.size() < STEP && System.nanoTime() < deadlineNs) {
        for (ConsumerRecord<String, String> found : consumer.poll(Duration.ofMillis(200))) {
          if (values.isEmpty()) {
            assertThat(found.offset()).as("where %s goes on", group).isEqualTo(first);
          }
          values.add(found.value());
        }
      }
      assertThat(values).as("read by %s", group).hasSizeGreaterThanOrEqualTo(STEP);
      OffsetAndMetadata next = new OffsetAndMetadata(first + values.size(), metadata);
      consumer.commitSync(Map.of(partition, next));
      expected.put(group, next);
    }
    return values;
  }

  /** A committed offset without a member, as tools and simple consumers write it. */
  void alter(String group, long offset, String metadata) throws Exception {
    OffsetAndMetadata next = new OffsetAndMetadata(offset, metadata);
    try (Admin admin = admin()) {
      admin
          .alterConsumerGroupOffsets(group, Map.of(partition, next))
          .all()
          .get(20, TimeUnit.SECONDS);
    }
    expected.put(group, next);
  }

  /** The group must not come back. */
  void delete(String group) throws Exception {
    try (Admin admin = admin()) {
      admin.deleteConsumerGroups(List.of(group)).all().get(20, TimeUnit.SECONDS);
    }
    expected.put(group, null);
  }

  /** Each group's offset and text, and no group that was deleted. */
  void checkAll() throws Exception {
    try (Admin admin = admin()) {
      Awaitility.await("the groups are loaded")
          .atMost(LIMIT)
          .ignoreExceptions()
          .until(() -> !listed(admin).isEmpty());
      List<String> listed = listed(admin);
      for (Map.Entry<String, OffsetAndMetadata> entry : expected.entrySet()) {
        if (entry.getValue() == null) {
          assertThat(listed).doesNotContain(entry.getKey());
        } else {
          assertThat(listed).contains(entry.getKey());
        }
        OffsetAndMetadata found = committed(admin, entry.getKey());
        assertThat(found == null ? null : found.offset() + " " + found.metadata())
            .as("committed by %s", entry.getKey())
            .isEqualTo(
                entry.getValue() == null
                    ? null
                    : entry.getValue().offset() + " " + entry.getValue().metadata());
      }
    }
  }

  private static List<String> listed(Admin admin) throws Exception {
    return admin.listGroups().all().get(20, TimeUnit.SECONDS).stream()
        .map(GroupListing::groupId)
        .toList();
  }

  /** Null when there is none, or no such group. */
  private OffsetAndMetadata committed(Admin admin, String group) throws Exception {
    try {
      return admin
          .listConsumerGroupOffsets(group)
          .partitionsToOffsetAndMetadata()
          .get(20, TimeUnit.SECONDS)
          .get(partition);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return null;
      }
      throw e;
    }
  }

  private Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", bootstrap));
  }
}
