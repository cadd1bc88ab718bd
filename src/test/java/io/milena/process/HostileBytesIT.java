package io.milena.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whatever bytes arrive, the broker stays up, fast and correct for everyone else. */
@Timeout(120)
class HostileBytesIT {
  @TempDir static Path home;
  private static MilenaProcess broker;
  private static KafkaProducer<String, String> neighbour;
  private static long neighbourOffset = -1;

  @BeforeAll
  static void startBroker() throws Exception {
    broker = new MilenaProcess(home).withJvmOption("-XX:MaxDirectMemorySize=256m").start();
    neighbour =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", broker.bootstrap(), "delivery.timeout.ms", 130_000),
            new StringSerializer(),
            new StringSerializer());
  }

  @AfterAll
  static void stopBroker() throws Exception {
    neighbour.close();
    assertThat(broker.alive()).isTrue();
    broker.stop();
    assertThat(broker.log()).doesNotContain("LEAK").doesNotContain("OutOfMemory");
  }

  @AfterEach
  void theNeighbourIsServedPromptly() throws Exception {
    long startNs = System.nanoTime();
    long offset = neighbour.send(new ProducerRecord<>("neighbour", 0, null, "n")).get().offset();
    assertThat(offset).isEqualTo(neighbourOffset + 1);
    neighbourOffset = offset;
    assertThat(Duration.ofNanos(System.nanoTime() - startNs)).isLessThan(Duration.ofSeconds(5));
  }

  @Test
  void impossibleLengthsCloseTheConnection() throws Exception {
    for (int length : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 104_857_601, 0, 3}) {
      try (RawKafka raw = new RawKafka(broker.kafkaPort())) {
        raw.sendBytes(ByteBuffer.allocate(20).putInt(length).array());
        assertThat(raw.closedByPeer()).as("length %s", length).isTrue();
      }
    }
  }

  @Test
  void unknownApisAndVersionsCloseTheConnection() throws Exception {
    for (int[] api : new int[][] {{999, 0}, {-1, 0}, {3, 99}, {0, 2}, {4, 0}, {1, -3}}) {
      try (RawKafka raw = new RawKafka(broker.kafkaPort())) {
        ByteBuffer frame = ByteBuffer.allocate(14).putInt(10);
        frame.putShort((short) api[0]).putShort((short) api[1]).putInt(1).putShort((short) -1);
        raw.sendBytes(frame.array());
        assertThat(raw.closedByPeer()).as("api %s v%s", api[0], api[1]).isTrue();
      }
    }
  }

  @Test
  void anUnknownVersionOfApiVersionsIsToldOurOwn() throws Exception {
    try (RawKafka raw = new RawKafka(broker.kafkaPort())) {
      ByteBuffer frame = ByteBuffer.allocate(14).putInt(10);
      frame.putShort((short) 18).putShort((short) 99).putInt(1).putShort((short) -1);
      raw.sendBytes(frame.array());
      ByteBuffer answer = raw.receiveFrame();
      assertThat(answer.getInt()).isEqualTo(1);
      assertThat(answer.getShort()).isEqualTo(Errors.UNSUPPORTED_VERSION.code());
      assertThat(answer.getInt()).isPositive();
    }
  }

  @Test
  void arraysLongerThanTheFrameCloseTheConnection() throws Exception {
    try (RawKafka raw = new RawKafka(broker.kafkaPort())) {
      ByteBuffer frame = ByteBuffer.allocate(18).putInt(14);
      frame.putShort((short) 3).putShort((short) 1).putInt(1).putShort((short) -1);
      raw.sendBytes(frame.putInt(Integer.MAX_VALUE).array());
      assertThat(raw.closedByPeer()).isTrue();
    }
  }

  @Test
  void twoHundredPromisedFramesCostNoMemory() throws Exception {
    List<RawKafka> connections = new ArrayList<>();
    try {
      long before = residentKb();
      for (int i = 0; i < 200; i++) {
        RawKafka raw = new RawKafka(broker.kafkaPort());
        connections.add(raw);
        raw.sendBytes(ByteBuffer.allocate(1004).putInt(99 << 20).array());
      }
      theNeighbourIsServedPromptly();
      assertThat(residentKb() - before).isLessThan(150_000);
    } finally {
      for (RawKafka raw : connections) {
        raw.close();
      }
    }
  }

  @Test
  void garbageInARecordBatchIsRefusedForThatPartitionOnly() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    try (RawKafka raw = new RawKafka(broker.kafkaPort())) {
      for (int i = 0; i < 300; i++) {
        byte[] garbage = new byte[random.nextInt(200)];
        random.nextBytes(garbage);
        if (garbage.length > 17 && random.nextBoolean()) {
          garbage[16] = 2;
          ByteBuffer.wrap(garbage).putInt(8, garbage.length - 12);
        }
        ProduceResponseData answer =
            (ProduceResponseData)
                raw.call(ApiKeys.PRODUCE, (short) 9, produce(ByteBuffer.wrap(garbage)));
        short error = answer.responses().iterator().next().partitionResponses().get(0).errorCode();
        assertThat(Errors.forCode(error))
            .as("seed %s round %s", seed, i)
            .isIn(
                Errors.CORRUPT_MESSAGE,
                Errors.INVALID_RECORD,
                Errors.INVALID_REQUEST,
                Errors.INVALID_TIMESTAMP,
                Errors.UNSUPPORTED_COMPRESSION_TYPE,
                Errors.UNSUPPORTED_FOR_MESSAGE_FORMAT,
                Errors.MESSAGE_TOO_LARGE);
      }
    }
  }

  @Test
  void nullRecordsAreAnswered() throws Exception {
    try (RawKafka raw = new RawKafka(broker.kafkaPort())) {
      ProduceResponseData answer =
          (ProduceResponseData) raw.call(ApiKeys.PRODUCE, (short) 9, produce(null));
      assertThat(answer.responses().iterator().next().partitionResponses().get(0).errorCode())
          .isNotZero();
    }
  }

  @Test
  void randomFramesNeverHangOrKillTheBroker() throws Exception {
    long seed = System.nanoTime();
    System.out.println("HostileBytesIT: seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 1_500; i++) {
      try (RawKafka raw = new RawKafka(broker.kafkaPort())) {
        byte[] body = new byte[8 + random.nextInt(120)];
        random.nextBytes(body);
        ByteBuffer frame = ByteBuffer.allocate(4 + body.length).putInt(body.length).put(body);
        frame.putShort(4, (short) random.nextInt(95)).putShort(6, (short) random.nextInt(14));
        raw.sendBytes(frame.array());
      }
    }
    try (RawKafka raw = new RawKafka(broker.kafkaPort())) {
      raw.call(ApiKeys.METADATA, (short) 12, new MetadataRequestData().setTopics(List.of()));
    }
  }

  private static ProduceRequestData produce(ByteBuffer records) {
    ProduceRequestData request = new ProduceRequestData().setAcks((short) -1).setTimeoutMs(5_000);
    request
        .topicData()
        .add(
            new ProduceRequestData.TopicProduceData()
                .setName("neighbour")
                .setPartitionData(
                    List.of(
                        new ProduceRequestData.PartitionProduceData()
                            .setIndex(0)
                            .setRecords(
                                records == null ? null : MemoryRecords.readableRecords(records)))));
    return request;
  }

  private static long residentKb() throws Exception {
    return Files.readAllLines(Path.of("/proc/" + broker.pid() + "/status")).stream()
        .filter(line -> line.startsWith("VmRSS"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0);
  }
}
