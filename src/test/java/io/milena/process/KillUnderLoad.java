package io.milena.process;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * An idempotent producer that never stops sending numbered records, and the check of what a
 * consumer finds afterwards: everything acknowledged, nothing twice, in order.
 */
final class KillUnderLoad implements AutoCloseable {
  private final String topic;
  private final int partitions;
  private final KafkaProducer<byte[], byte[]> producer;
  private final AtomicBoolean running = new AtomicBoolean(true);
  private final AtomicLong acknowledged = new AtomicLong();
  private final List<Map<Long, Long>> offsetBySequence = new ArrayList<>();
  private final Thread sender;

  KillUnderLoad(String bootstrap, String topic, int partitions) {
    this.topic = topic;
    this.partitions = partitions;
    for (int p = 0; p < partitions; p++) {
      offsetBySequence.add(new ConcurrentSkipListMap<>());
    }
    producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers", bootstrap,
                "acks", "all",
                "enable.idempotence", "true",
                "linger.ms", "1",
                "delivery.timeout.ms", "120000",
                "request.timeout.ms", "5000",
                "reconnect.backoff.max.ms", "200",
                "retry.backoff.max.ms", "200",
                "max.block.ms", "60000"),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    sender = new Thread(this::send, "kill-under-load");
  }

  void start() {
    sender.start();
  }

  long acknowledged() {
    return acknowledged.get();
  }

  private void send() {
    long[] sequence = new long[partitions];
    for (int p = 0; running.get(); p = (p + 1) % partitions) {
      int partition = p;
      long number = sequence[p]++;
      byte[] value =
          (number + " " + "x".repeat((int) (number % 300))).getBytes(StandardCharsets.UTF_8);
      producer.send(
          new ProducerRecord<>(topic, partition, null, value),
          (metadata, error) -> {
            if (error == null) {
              offsetBySequence.get(partition).put(number, metadata.offset());
              acknowledged.incrementAndGet();
            }
          });
    }
  }

  /** Ends the load and waits for the last acknowledgements. */
  void finish() throws InterruptedException {
    running.set(false);
    sender.join(60_000);
    producer.flush();
  }

  /** What a consumer finds, compared with what was acknowledged; an empty list when all is well. */
  List<String> faults(String bootstrap) {
    List<String> faults = new ArrayList<>();
    for (int p = 0; p < partitions; p++) {
      TreeMap<Long, Long> numbersByOffset = readAll(bootstrap, new TopicPartition(topic, p));
      long previous = -1;
      for (Map.Entry<Long, Long> entry : numbersByOffset.entrySet()) {
        if (entry.getValue() != previous + 1) {
          faults.add(
              "partition "
                  + p
                  + " offset "
                  + entry.getKey()
                  + ": number "
                  + entry.getValue()
                  + " after "
                  + previous);
        }
        previous = entry.getValue();
      }
      for (Map.Entry<Long, Long> acked : offsetBySequence.get(p).entrySet()) {
        Long found = acked.getValue() < 0 ? acked.getKey() : numbersByOffset.get(acked.getValue());
        if (!acked.getKey().equals(found)) {
          faults.add(
              "partition "
                  + p
                  + ": number "
                  + acked.getKey()
                  + " acknowledged at offset "
                  + acked.getValue()
                  + ", there is "
                  + found);
        }
      }
    }
    return faults;
  }

  private static TreeMap<Long, Long> readAll(String bootstrap, TopicPartition partition) {
    TreeMap<Long, Long> numbersByOffset = new TreeMap<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrap, "auto.offset.reset", "earliest"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
      while (consumer.position(partition) < end && System.nanoTime() < deadline) {
        for (ConsumerRecord<byte[], byte[]> found : consumer.poll(Duration.ofSeconds(1))) {
          String text = new String(found.value(), StandardCharsets.UTF_8);
          numbersByOffset.put(found.offset(), Long.parseLong(text.substring(0, text.indexOf(' '))));
        }
      }
    }
    return numbersByOffset;
  }

  @Override
  public void close() {
    running.set(false);
    producer.close(Duration.ofSeconds(5));
  }
}
