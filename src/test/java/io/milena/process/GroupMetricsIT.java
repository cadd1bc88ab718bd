package io.milena.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an operator sees of groups: in /metrics, and in the log of a start and a stop. */
@Timeout(120)
class GroupMetricsIT {
  private static final String KAFKA = "kafka_server_group_coordinator_metrics_";
  private static final TopicPartition PART = new TopicPartition("counted", 0);

  @TempDir Path home;

  @Test
  void whatGroupsDidIsCountedAndComingAndGoingIsToldInALineOrTwo() throws Exception {
    try (MilenaProcess broker = new MilenaProcess(home).start()) {
      try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
        admin.createTopics(List.of(new NewTopic(PART.topic(), 1, (short) 1))).all().get();
        commitsThreeTimes(broker, "classic");
        commitsThreeTimes(broker, "consumer");
        admin.deleteConsumerGroupOffsets("of-classic", Set.of(PART)).all().get();

        Awaitility.await("everything is counted")
            .untilAsserted(() -> assertCounted(broker.text("/metrics")));
      }
      assertThat(broker.stop()).isIn(0, 143);
      assertThat(linesWith(broker, "serves in leader epoch")).isZero();
      assertThat(linesWith(broker, "is unloaded")).isZero();
      assertThat(linesWith(broker, "Serving: Group coordinator __consumer_offsets-"))
          .isBetween(1L, 10L);
      assertThat(linesWith(broker, "Unloaded: Group coordinator __consumer_offsets-"))
          .isBetween(1L, 4L);
      assertThat(broker.log()).doesNotContain("ERROR");
    }
  }

  /** Joins, commits its own offset three times and leaves. */
  private static void commitsThreeTimes(MilenaProcess broker, String protocol) {
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers",
            broker.bootstrap(),
            "group.id",
            "of-" + protocol,
            "group.protocol",
            protocol,
            "enable.auto.commit",
            "false");
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(List.of(PART.topic()));
      Awaitility.await("assigned")
          .until(
              () -> {
                consumer.poll(Duration.ofMillis(100));
                return consumer.assignment().contains(PART);
              });
      for (int i = 0; i < 3; i++) {
        consumer.commitSync(Map.of(PART, new OffsetAndMetadata(0)));
      }
    }
  }

  private static void assertCounted(String text) {
    assertThat(value(text, KAFKA + "offset_commit_count")).isEqualTo(6);
    assertThat(value(text, KAFKA + "offset_deletion_count")).isEqualTo(1);
    assertThat(value(text, KAFKA + "offset_expiration_count")).isZero();
    assertThat(value(text, KAFKA + "group_completed_rebalance_count")).isPositive();
    assertThat(value(text, KAFKA + "consumer_group_rebalance_count")).isPositive();
    assertThat(value(text, KAFKA + "group_count{protocol=\"consumer\"}")).isEqualTo(1);
    assertThat(value(text, KAFKA + "num_partitions{state=\"active\"}")).isEqualTo(50);
    assertThat(value(text, KAFKA + "event_processing_time_ms{quantile=\"1.0\"}")).isPositive();
    assertThat(value(text, KAFKA + "partition_load_time_max")).isNotNegative();
    assertThat(value(text, KAFKA + "partition_load_time_avg")).isNotNegative();
    assertThat(value(text, "kafka_coordinator_group_groupmetadatamanager_numoffsets")).isEqualTo(1);
    assertThat(value(text, "milena_group_open_requests")).isZero();
    assertThat(value(text, "milena_group_unsettled_steps")).isZero();
    assertThat(value(text, "milena_verticle_queue_seconds_count{verticle=\"group-0\"}"))
        .isPositive();
    assertThat(value(text, "milena_verticle_handling_seconds_count{verticle=\"group-0\"}"))
        .isPositive();
  }

  private static long linesWith(MilenaProcess broker, String words) throws Exception {
    return broker.log().lines().filter(line -> line.contains(words)).count();
  }

  /** Value of a series; fails when it is not there. */
  private static double value(String text, String series) {
    Matcher found =
        Pattern.compile("^" + Pattern.quote(series) + " (\\S+)$", Pattern.MULTILINE).matcher(text);
    assertThat(found.find()).as("%s in%n%s", series, text).isTrue();
    return Double.parseDouble(found.group(1));
  }
}
