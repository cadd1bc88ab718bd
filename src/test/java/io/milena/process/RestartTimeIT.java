package io.milena.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A start after kill -9 reads what may be torn, not all there is. Prints what it measured: bytes
 * above the recovery points that the kill left, and the time until the broker was ready again.
 */
@Timeout(300)
class RestartTimeIT {
  private static final int RECORD_BYTES = 10_000;

  @TempDir Path home;

  @Test
  void aLogOfManySegmentsIsReadFromItsLastOnesOn() throws Exception {
    manySegments(256L << 20, 8 << 20);
  }

  @Test
  @Tag("long")
  void twoGigabytesAreReadFromTheirLastSegmentsOn() throws Exception {
    manySegments(2L << 30, 64 << 20);
  }

  private void manySegments(long totalBytes, int segmentBytes) throws Exception {
    try (MilenaProcess broker =
            new MilenaProcess(home)
                .with("log.segment.bytes", Integer.toString(segmentBytes))
                .start();
        Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
      admin.createTopics(List.of(new NewTopic("long", 1, (short) 1))).all().get();
      long records = totalBytes / RECORD_BYTES;
      fill(broker, "long", 1, records);
      Path folder = broker.data().resolve("long-0");
      Awaitility.await("recovery point written")
          .atMost(Duration.ofSeconds(20))
          .until(() -> bytesFrom(folder, recoveryPoint(broker, "long 0")) <= 2L * segmentBytes);

      broker.kill();
      long tail = bytesFrom(folder, recoveryPoint(broker, "long 0"));
      long readyMs = restart(broker);

      System.out.printf(
          "RestartTimeIT: %d MB in segments of %d MB, killed: %d MB to read, ready after %d ms%n",
          totalBytes >> 20, segmentBytes >> 20, tail >> 20, readyMs);
      assertThat(endOffset(admin, "long", 0)).isEqualTo(records);
      assertThat(broker.log()).doesNotContain("ERROR");
    }
  }

  @Test
  @Tag("long")
  void aThousandPartitionsWithDataAreThereSoon() throws Exception {
    int partitions = 1_000;
    try (MilenaProcess broker = new MilenaProcess(home).start();
        Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
      admin.createTopics(List.of(new NewTopic("wide", partitions, (short) 1))).all().get();
      fill(broker, "wide", partitions, 20_000);

      broker.kill();
      long readyMs = restart(broker);
      assertThat(broker.stop()).isIn(0, 143);
      long cleanMs = restart(broker);

      System.out.printf(
          "RestartTimeIT: %d partitions, 200 MB, killed: ready after %d ms, after a stop %d ms%n",
          partitions, readyMs, cleanMs);
      assertThat(endOffset(admin, "wide", 0)).isEqualTo(20_000 / partitions);
    }
  }

  private static long restart(MilenaProcess broker) throws Exception {
    long startNs = System.nanoTime();
    broker.start();
    return Duration.ofNanos(System.nanoTime() - startNs).toMillis();
  }

  private static void fill(MilenaProcess broker, String topic, int partitions, long records) {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", broker.bootstrap(), "batch.size", 200_000, "linger.ms", 5);
    byte[] value = new byte[RECORD_BYTES - 70];
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (long i = 0; i < records; i++) {
        producer.send(new ProducerRecord<>(topic, (int) (i % partitions), null, value));
      }
    }
  }

  private static long endOffset(Admin admin, String topic, int partition) throws Exception {
    TopicPartition name = new TopicPartition(topic, partition);
    return admin
        .listOffsets(Map.of(name, OffsetSpec.latest()))
        .partitionResult(name)
        .get()
        .offset();
  }

  /** The recovery point of "topic partition" in the checkpoint file, 0 when there is none. */
  private static long recoveryPoint(MilenaProcess broker, String name) throws IOException {
    Path file = broker.data().resolve("recovery-point-offset-checkpoint");
    if (!Files.exists(file)) {
      return 0;
    }
    return Files.readAllLines(file).stream()
        .filter(line -> line.startsWith(name + " "))
        .mapToLong(line -> Long.parseLong(line.substring(name.length() + 1)))
        .findFirst()
        .orElse(0);
  }

  /** Bytes of the segments that reach above an offset. */
  private static long bytesFrom(Path folder, long offset) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> logs = files.filter(f -> f.toString().endsWith(".log")).sorted().toList();
      long bytes = 0;
      for (int i = 0; i < logs.size(); i++) {
        boolean below = i + 1 < logs.size() && base(logs.get(i + 1)) <= offset;
        bytes += below ? 0 : Files.size(logs.get(i));
      }
      return bytes;
    }
  }

  private static long base(Path log) {
    return Long.parseLong(log.getFileName().toString().replace(".log", ""));
  }
}
