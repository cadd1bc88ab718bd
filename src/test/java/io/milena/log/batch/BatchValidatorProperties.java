package io.milena.log.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.config.TopicConfig;
import io.milena.log.batch.BatchValidator.Request;
import io.milena.log.batch.BatchValidator.Valid;
import io.milena.log.batch.BatchValidator.Verdict;
import io.milena.log.batch.TestBatches.Topic;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;

/** Whatever is sent: no exception, and nothing accepted that Kafka's own reader refuses. */
class BatchValidatorProperties {
  private static final TopicConfig TOPIC = new Topic().build();
  private final BatchValidator validator = new BatchValidator();

  @Property(tries = 500)
  void shouldTakeEveryBatchOfTheJavaClient(
      @ForAll CompressionType codec,
      @ForAll @IntRange(min = 1, max = 60) int count,
      @ForAll @IntRange(max = 3_000) int valueBytes) {
    ByteBuffer batch = TestBatches.of(codec, TestBatches.records(count, valueBytes));

    Verdict verdict = validate(batch);

    assertThat(verdict).isInstanceOf(Valid.class);
  }

  /** The CRC is made right again, so that the mutation reaches the checks behind it. */
  @Property(tries = 6_000)
  void shouldNeverTakeWhatKafkaCannotRead(
      @ForAll CompressionType codec,
      @ForAll @IntRange(min = 1, max = 8) int count,
      @ForAll @IntRange(max = 60) int valueBytes,
      @ForAll @Size(min = 1, max = 4) List<Integer> mutations) {
    ByteBuffer batch = TestBatches.of(codec, TestBatches.records(count, valueBytes));
    for (int mutation : mutations) {
      int at = TestBatches.ATTRIBUTES_AT;
      at += Math.floorMod(mutation >>> 8, batch.limit() - at);
      batch.put(at, (byte) mutation);
    }
    TestBatches.seal(batch);

    Verdict verdict = validate(batch);

    assertReadableIfValid(verdict);
  }

  @Property(tries = 3_000)
  void shouldSurviveAnyBytes(@ForAll byte[] bytes, @ForAll boolean sealed) {
    ByteBuffer garbage = ByteBuffer.allocateDirect(Math.max(61, bytes.length));
    garbage.put(bytes).rewind();
    garbage.put(16, (byte) 2).putInt(8, garbage.limit() - 12);
    if (sealed) {
      TestBatches.seal(garbage);
    }

    Verdict verdict = validate(garbage);

    assertReadableIfValid(verdict);
  }

  @Property(tries = 500)
  void shouldKeepEveryRecordWhenRecompressing(
      @ForAll CompressionType source,
      @ForAll CompressionType target,
      @ForAll @IntRange(min = 1, max = 60) int count,
      @ForAll @IntRange(max = 3_000) int valueBytes) {
    ByteBuffer batch = TestBatches.of(source, TestBatches.records(count, valueBytes));
    List<Record> before = read(batch);
    String name = target == CompressionType.NONE ? "uncompressed" : target.name;

    Verdict verdict = validator.validate(batch, request(new Topic().compression(name).build()));

    assertThat(read(((Valid) verdict).records())).isEqualTo(before);
  }

  private static void assertReadableIfValid(Verdict verdict) {
    if (verdict instanceof Valid valid) {
      BatchHeader header = valid.batches().get(0);
      assertThat(read(valid.records())).hasSize(header.recordCount());
    }
  }

  private static List<Record> read(ByteBuffer records) {
    List<Record> read = new ArrayList<>();
    for (MutableRecordBatch batch : MemoryRecords.readableRecords(records).batches()) {
      batch.ensureValid();
      batch.forEach(read::add);
    }
    return read;
  }

  private Verdict validate(ByteBuffer batch) {
    return validator.validate(batch, request(TOPIC));
  }

  private static Request request(TopicConfig topic) {
    return new Request(topic, (short) 13, TestBatches.NOW_MS, true, Integer.MAX_VALUE);
  }
}
