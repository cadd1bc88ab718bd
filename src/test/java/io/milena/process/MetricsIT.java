package io.milena.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What Prometheus sees of a running broker. */
@Timeout(120)
class MetricsIT {
  private static final int RECORDS = 500;

  @TempDir static Path home;
  private static MilenaProcess broker;
  private static Admin admin;

  @BeforeAll
  static void startBroker() throws Exception {
    broker = new MilenaProcess(home).start();
    admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()));
    admin.createTopics(List.of(new NewTopic("seen", 2, (short) 1))).all().get();
    Map<String, Object> settings =
        Map.of("bootstrap.servers", broker.bootstrap(), "auto.offset.reset", "earliest");
    try (KafkaProducer<String, String> producer =
            new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
        KafkaConsumer<String, String> consumer =
            new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      for (int i = 0; i < RECORDS; i++) {
        producer.send(new ProducerRecord<>("seen", 0, null, "value " + i));
      }
      producer.flush();
      consumer.assign(List.of(new TopicPartition("seen", 0)));
      int[] found = new int[1];
      Awaitility.await("records read")
          .until(() -> (found[0] += consumer.poll(Duration.ofSeconds(1)).count()) >= RECORDS);
      consumer.poll(Duration.ofMillis(600)); // one long poll at the end of the log
    }
  }

  @AfterAll
  static void stopBroker() throws Exception {
    admin.close();
    broker.stopUntroubled();
  }

  @Test
  void theNamesOfKafkasDashboardsAreThere() throws Exception {
    String text = broker.text("/metrics");

    assertThat(value(text, "kafka_server_brokertopicmetrics_messagesin_total{topic=\"seen\"}"))
        .isEqualTo(RECORDS);
    assertThat(value(text, "kafka_server_replicamanager_partitioncount")).isEqualTo(2);
    assertThat(value(text, "kafka_server_replicamanager_leadercount")).isEqualTo(2);
    assertThat(value(text, "kafka_server_replicamanager_underreplicatedpartitions")).isZero();
    assertThat(value(text, "kafka_server_replicamanager_underminisrpartitioncount")).isZero();
    assertThat(value(text, "kafka_server_replicamanager_atminisrpartitioncount")).isEqualTo(2);
    assertThat(value(text, "kafka_server_replicamanager_offlinereplicacount")).isZero();
    assertThat(value(text, "kafka_controller_kafkacontroller_activecontrollercount")).isEqualTo(1);
    assertThat(value(text, "kafka_controller_kafkacontroller_offlinepartitionscount")).isZero();
    assertThat(value(text, "kafka_controller_kafkacontroller_preferredreplicaimbalancecount"))
        .isZero();
    assertThat(value(text, "kafka_server_kafkaserver_brokerstate")).isEqualTo(3);
    for (String time : List.of("total", "requestqueue", "local", "remote", "responsequeue")) {
      String name = "kafka_network_requestmetrics_" + time + "timems";
      assertThat(value(text, name + "{quantile=\"0.99\",request=\"Produce\"}")).isNotNegative();
      assertThat(value(text, name + "_count{request=\"Fetch\"}")).isPositive();
    }
    assertThat(
            value(
                text,
                "kafka_network_requestmetrics_requestbytes{quantile=\"0.50\",request=\"Produce\"}"))
        .isPositive();
    assertThat(text)
        .containsPattern("requestmetrics_requests_total\\{request=\"Metadata\",version=");
  }

  @Test
  void aLongPollIsRemoteTimeNotLocal() throws Exception {
    String text = broker.text("/metrics");

    String remote = "kafka_network_requestmetrics_remotetimems{quantile=\"1\",request=\"Fetch\"}";
    assertThat(value(text, remote)).isGreaterThan(300);
  }

  @Test
  void whatTheBrokerIsBusyWithIsThere() throws Exception {
    String text = broker.text("/metrics");

    double appends = value(text, "milena_log_appends_total");
    double writes = value(text, "milena_log_writes_total");
    assertThat(writes).isPositive();
    assertThat(appends).isGreaterThanOrEqualTo(writes);
    assertThat(value(text, "milena_log_write_coalescing")).isEqualTo(appends / writes);
    assertThat(value(text, "milena_log_slow_regions_total")).isNotNegative();
    assertThat(value(text, "milena_partition_staged_bytes{shard=\"0\"}")).isZero();
    assertThat(value(text, "milena_eventloop_lag_seconds_count{loop=\"0\"}")).isPositive();
    for (String verticle : List.of("partition-0", "controller", "node")) {
      assertThat(value(text, "milena_verticle_queue_seconds_count{verticle=\"" + verticle + "\"}"))
          .isPositive();
      assertThat(
              value(
                  text,
                  "milena_verticle_handling_seconds{quantile=\"1\",verticle=\"" + verticle + "\"}"))
          .isBetween(0.0, 10.0);
    }
    assertThat(text).containsPattern("milena_bus_roundtrip_seconds_count\\{peer=\"\\d+\"} [1-9]");
    assertThat(value(text, "milena_scrape_silent_shards_total")).isZero();
  }

  @Test
  void theSeriesOfAPartitionGoWithIt() throws Exception {
    admin.createTopics(List.of(new NewTopic("passing", 1, (short) 1))).all().get();
    String ofTopic = "{partition=\"0\",topic=\"passing\"}";
    String before = broker.text("/metrics");
    assertThat(value(before, "kafka_log_log_size" + ofTopic)).isZero();
    assertThat(value(before, "kafka_log_log_logstartoffset" + ofTopic)).isZero();
    assertThat(value(before, "kafka_log_log_numlogsegments" + ofTopic)).isEqualTo(1);
    String seen = "{partition=\"0\",topic=\"seen\"}";
    assertThat(value(before, "kafka_log_log_logendoffset" + seen)).isEqualTo(RECORDS);
    assertThat(value(before, "kafka_log_log_size" + seen)).isGreaterThan(RECORDS);
    assertThat(value(before, "kafka_cluster_partition_laststableoffsetlag" + seen)).isZero();

    admin.deleteTopics(List.of("passing")).all().get();

    Awaitility.await("series gone")
        .untilAsserted(
            () -> assertThat(broker.text("/metrics")).doesNotContain("topic=\"passing\""));
  }

  /** Value of a series; fails when it is not there. */
  private static double value(String text, String series) {
    Matcher found =
        Pattern.compile("^" + Pattern.quote(series) + " (\\S+)$", Pattern.MULTILINE).matcher(text);
    assertThat(found.find()).as("%s in%n%s", series, text).isTrue();
    return Double.parseDouble(found.group(1));
  }
}
