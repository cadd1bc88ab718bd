package io.milena.log.batch;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.milena.config.TopicConfig;
import io.milena.log.batch.BatchValidator.Request;
import io.milena.log.batch.BatchValidator.Valid;
import io.milena.log.batch.BatchValidator.Verdict;
import io.milena.log.batch.TestBatches.Topic;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;

/**
 * Any bytes as records in any codec: a verdict and no exception, and nothing is taken that Kafka's
 * own reader refuses.
 *
 * <p>An input is a byte of switches, the count of records less one (1 byte) and the record section.
 * Switches: bits 0-2 codec of the batch (0-4, others are unknown codecs), 3 the section is given
 * plain and is compressed here, 4-6 codec that the topic wants (0 the producer's), 7 wrong CRC.
 */
class BatchValidatorFuzz {
  private static final String[] TARGETS = {
    "producer", "gzip", "snappy", "lz4", "zstd", "uncompressed", "producer", "producer"
  };
  private static final int CODEC = 0x07;
  private static final int COMPRESS = 0x08;
  private static final int WRONG_CRC = 0x80;
  private final BatchValidator validator = new BatchValidator();

  @FuzzTest(maxDuration = "60s")
  void nothingIsTakenThatKafkaCannotRead(byte[] input) throws IOException {
    if (input.length < 2) {
      return;
    }
    int switches = Byte.toUnsignedInt(input[0]);
    TopicConfig topic = new Topic().compression(TARGETS[switches >>> 4 & 7]).build();
    ByteBuffer batch = batch(input, switches);

    Verdict verdict = validator.validate(batch, request(topic));

    if (verdict instanceof Valid valid) {
      assertThat(switches & WRONG_CRC).isZero();
      assertReadable(valid);
      assertThat(valid.batches().get(0).codecId())
          .isEqualTo(Codec.targetId(topic, switches & CODEC));
    }
  }

  private static ByteBuffer batch(byte[] input, int switches) throws IOException {
    int codec = switches & CODEC;
    byte[] section = new byte[input.length - 2];
    System.arraycopy(input, 2, section, 0, section.length);
    if ((switches & COMPRESS) != 0 && codec > 0 && codec <= Codec.ZSTD) {
      section = compressed(CompressionType.forId(codec), section);
    }
    int records = 1 + Byte.toUnsignedInt(input[1]);
    ByteBuffer batch = ByteBuffer.allocateDirect(BatchHeader.SIZE_BYTES + section.length);
    batch.putLong(0).putInt(batch.capacity() - 12).putInt(-1).put((byte) 2).putInt(0);
    batch.putShort((short) codec).putInt(records - 1);
    batch.putLong(TestBatches.NOW_MS).putLong(TestBatches.NOW_MS);
    batch.putLong(-1).putShort((short) -1).putInt(-1).putInt(records).put(section).flip();
    TestBatches.seal(batch);
    if ((switches & WRONG_CRC) != 0) {
      batch.putInt(TestBatches.CRC_AT, ~batch.getInt(TestBatches.CRC_AT));
    }
    return batch;
  }

  private static byte[] compressed(CompressionType codec, byte[] plain) throws IOException {
    ByteBufferOutputStream bytes = new ByteBufferOutputStream(plain.length + 512);
    try (OutputStream out =
        Compression.of(codec).build().wrapForOutput(bytes, RecordBatch.MAGIC_VALUE_V2)) {
      out.write(plain);
    }
    ByteBuffer written = bytes.buffer().flip();
    byte[] section = new byte[written.remaining()];
    written.get(section);
    return section;
  }

  private static void assertReadable(Valid valid) {
    int records = 0;
    for (MutableRecordBatch batch : MemoryRecords.readableRecords(valid.records()).batches()) {
      batch.ensureValid();
      for (Record record : batch) {
        assertThat(record.offset()).isEqualTo(records);
        records++;
      }
    }
    assertThat(records).isEqualTo(valid.batches().get(0).recordCount());
    assertThat(valid.batches()).hasSize(1);
  }

  private static Request request(TopicConfig topic) {
    return new Request(topic, (short) 13, TestBatches.NOW_MS, true, Integer.MAX_VALUE);
  }
}
