package io.milena.process;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;

/**
 * An idempotent producer that never stops sending numbered records, and the check of what a
 * consumer finds afterwards: everything acknowledged, nothing twice, in order.
 */
final class NumberedLoad implements AutoCloseable {
  private static final long BURST_NS = Duration.ofMillis(50).toNanos();
  private final String topic;
  private final int partitions;
  private final KafkaProducer<byte[], byte[]> producer;
  private final AtomicBoolean running = new AtomicBoolean(true);
  private final AtomicLong acknowledged = new AtomicLong();
  private final List<Map<Long, Long>> offsetBySequence = new ArrayList<>();
  private final Map<String, String> failures = new ConcurrentHashMap<>();
  private final Thread sender;
  private volatile long nsPerRecord;

  NumberedLoad(String bootstrap, String topic, int partitions) {
    this(bootstrap, topic, partitions, Map.of());
  }

  /**
   * @param overrides settings of the producer that this load wants otherwise
   */
  NumberedLoad(String bootstrap, String topic, int partitions, Map<String, Object> overrides) {
    this.topic = topic;
    this.partitions = partitions;
    for (int p = 0; p < partitions; p++) {
      offsetBySequence.add(new ConcurrentSkipListMap<>());
    }
    Map<String, Object> settings =
        new HashMap<>(
            Map.of(
                "bootstrap.servers", bootstrap,
                "acks", "all",
                "enable.idempotence", "true",
                "linger.ms", "1",
                "delivery.timeout.ms", "600000",
                "buffer.memory", "4194304",
                "request.timeout.ms", "5000",
                "reconnect.backoff.max.ms", "200",
                "retry.backoff.max.ms", "200",
                "max.block.ms", "600000"));
    settings.putAll(overrides);
    producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    sender = new Thread(this::send, "numbered-load");
  }

  void start() {
    sender.start();
  }

  long acknowledged() {
    return acknowledged.get();
  }

  /** Waits until so many records more than now are acknowledged. */
  void awaitProgress(long more) {
    long goal = acknowledged.get() + more;
    Awaitility.await(more + " more records of " + topic + " acknowledged")
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(5))
        .until(() -> acknowledged.get() >= goal);
  }

  /** Not more records than so many in a second. */
  NumberedLoad paced(int recordsPerSecond) {
    nsPerRecord = Duration.ofSeconds(1).toNanos() / recordsPerSecond;
    return this;
  }

  private void send() {
    long[] sequence = new long[partitions];
    long dueNs = System.nanoTime();
    for (int p = 0; running.get(); p = (p + 1) % partitions) {
      if (!sent(p, sequence[p]++)) {
        return;
      }
      dueNs = Math.max(dueNs + nsPerRecord, System.nanoTime() - BURST_NS);
      LockSupport.parkNanos(dueNs - System.nanoTime());
    }
  }

  /** False when the load was closed meanwhile. */
  private boolean sent(int partition, long number) {
    byte[] value =
        (number + " " + "x".repeat((int) (number % 300))).getBytes(StandardCharsets.UTF_8);
    try {
      producer.send(
          new ProducerRecord<>(topic, partition, null, value),
          (metadata, error) -> answered(partition, number, metadata, error));
      return true;
    } catch (KafkaException closed) {
      if (running.get()) {
        throw closed;
      }
      return false; // close() takes the buffer away from a send that waits for room
    }
  }

  private void answered(int partition, long number, RecordMetadata metadata, Exception error) {
    if (error == null) {
      offsetBySequence.get(partition).put(number, metadata.offset());
      acknowledged.incrementAndGet();
    } else if (running.get()) {
      failures.putIfAbsent(error.toString(), "partition " + partition + " number " + number);
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
    failures.forEach((error, first) -> faults.add("the producer gave up: " + error + ", " + first));
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
    WholePartition.read(
        Map.of("bootstrap.servers", bootstrap, "auto.offset.reset", "earliest"),
        partition,
        new ByteArrayDeserializer(),
        Duration.ofMinutes(2),
        found -> {
          String text = new String(found.value(), StandardCharsets.UTF_8);
          numbersByOffset.put(found.offset(), Long.parseLong(text.substring(0, text.indexOf(' '))));
        });
    return numbersByOffset;
  }

  @Override
  public void close() {
    running.set(false);
    producer.close(Duration.ofSeconds(5));
  }
}
