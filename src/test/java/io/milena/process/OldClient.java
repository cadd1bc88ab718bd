package io.milena.process;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/**
 * A program for any kafka-clients from 2.1 on, run in a JVM of its own with that version on its
 * class path: it uses only methods that all of them have. Prints OK at the end.
 */
public final class OldClient {
  private static final int RECORDS = 500;

  private OldClient() {}

  public static void main(String[] args) throws Exception {
    String bootstrap = args[0];
    String topic = args[1];
    Properties admin = new Properties();
    admin.put("bootstrap.servers", bootstrap);
    try (AdminClient client = AdminClient.create(admin)) {
      client.createTopics(Collections.singleton(new NewTopic(topic, 2, (short) 1))).all().get();
      require(client.listTopics().names().get().contains(topic), "topic is not listed");
      ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
      Config config =
          client.describeConfigs(Collections.singleton(resource)).all().get().get(resource);
      require(config.get("retention.ms") != null, "retention.ms is not described");
      require(client.describeCluster().nodes().get().size() == 1, "nodes");
      for (String codec : codecs(args)) {
        produceAndConsume(bootstrap, topic, codec);
      }
      TopicPartition first = new TopicPartition(topic, 0);
      Map<TopicPartition, RecordsToDelete> cut = new HashMap<>();
      cut.put(first, RecordsToDelete.beforeOffset(10));
      require(
          client.deleteRecords(cut).lowWatermarks().get(first).get().lowWatermark() == 10,
          "low watermark");
      client.deleteTopics(Collections.singleton(topic)).all().get();
    }
    System.out.println("OK");
  }

  private static List<String> codecs(String[] args) {
    return Arrays.asList(args[2].split(","));
  }

  private static void produceAndConsume(String bootstrap, String topic, String codec)
      throws Exception {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", bootstrap);
    settings.put("compression.type", codec);
    settings.put("acks", "all");
    settings.put("enable.idempotence", "true");
    settings.put("linger.ms", "5");
    settings.put("key.serializer", "org.apache.kafka.common.serialization.ByteArraySerializer");
    settings.put("value.serializer", "org.apache.kafka.common.serialization.ByteArraySerializer");
    TopicPartition partition = new TopicPartition(topic, 0);
    long firstOffset = -1;
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings)) {
      require(producer.partitionsFor(topic).size() == 2, "partitions");
      Future<RecordMetadata> first = null;
      for (int i = 0; i < RECORDS; i++) {
        ProducerRecord<byte[], byte[]> record =
            new ProducerRecord<>(
                topic, 0, 1_600_000_000_000L + i, bytes("k" + i), bytes(codec + i));
        record.headers().add("codec", bytes(codec));
        Future<RecordMetadata> sent = producer.send(record);
        first = first == null ? sent : first;
      }
      producer.flush();
      firstOffset = first.get().offset();
    }
    settings.remove("key.serializer");
    settings.remove("value.serializer");
    settings.put("key.deserializer", "org.apache.kafka.common.serialization.ByteArrayDeserializer");
    settings.put(
        "value.deserializer", "org.apache.kafka.common.serialization.ByteArrayDeserializer");
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings)) {
      consumer.assign(Collections.singleton(partition));
      consumer.seek(partition, firstOffset);
      int next = 0;
      long deadline = System.nanoTime() + 30_000_000_000L;
      while (next < RECORDS && System.nanoTime() < deadline) {
        for (ConsumerRecord<byte[], byte[]> found : consumer.poll(Duration.ofMillis(500))) {
          require(text(found.value()).equals(codec + next), "value at " + found.offset());
          require(text(found.key()).equals("k" + next), "key at " + found.offset());
          require(text(found.headers().lastHeader("codec").value()).equals(codec), "header");
          require(found.timestamp() == 1_600_000_000_000L + next, "timestamp");
          next++;
        }
      }
      require(next == RECORDS, "read " + next + " of " + RECORDS + " with " + codec);
      Map<TopicPartition, Long> times = new HashMap<>();
      times.put(partition, 1_600_000_000_000L + 7);
      OffsetAndTimestamp hit = consumer.offsetsForTimes(times).get(partition);
      require(hit != null && hit.timestamp() == 1_600_000_000_000L + 7, "offset by time");
      require(
          consumer.endOffsets(times.keySet()).get(partition) == firstOffset + RECORDS,
          "end offset");
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalStateException("not as expected: " + what);
    }
  }
}
