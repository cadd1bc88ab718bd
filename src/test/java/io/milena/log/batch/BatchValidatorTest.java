package io.milena.log.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.config.TopicConfig;
import io.milena.log.batch.BatchValidator.Refused;
import io.milena.log.batch.BatchValidator.Request;
import io.milena.log.batch.BatchValidator.TooCostly;
import io.milena.log.batch.BatchValidator.Valid;
import io.milena.log.batch.BatchValidator.Verdict;
import io.milena.log.batch.TestBatches.Topic;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class BatchValidatorTest {
  private static final TopicConfig DEFAULTS = new Topic().build();
  private final BatchValidator validator = new BatchValidator();

  @ParameterizedTest
  @EnumSource(CompressionType.class)
  void shouldTakeWhatTheJavaClientBuildsAndChangeNothing(CompressionType codec) {
    ByteBuffer batch = TestBatches.of(codec, TestBatches.records(100, 300));
    byte[] before = TestBatches.content(batch);

    Verdict verdict = validate(batch, DEFAULTS);

    assertThat(verdict).isInstanceOf(Valid.class);
    Valid valid = (Valid) verdict;
    assertThat(valid.records()).isSameAs(batch);
    assertThat(TestBatches.content(batch)).isEqualTo(before);
    assertThat(valid.batches()).hasSize(1);
    assertThat(valid.batches().get(0).recordCount()).isEqualTo(100);
    assertThat(valid.batches().get(0).maxTimestampMs()).isEqualTo(TestBatches.NOW_MS + 99);
  }

  @ParameterizedTest
  @EnumSource(CompressionType.class)
  void shouldTakeRecordsLargerThanTheWindow(CompressionType codec) {
    ByteBuffer batch = TestBatches.of(codec, TestBatches.records(3, 200_000));

    Verdict verdict = validate(batch, DEFAULTS);

    assertThat(verdict).isInstanceOf(Valid.class);
  }

  @Test
  void shouldTakeABatchInTheMiddleOfABuffer() {
    ByteBuffer batch = TestBatches.plain(3, 50);
    ByteBuffer frame = ByteBuffer.allocateDirect(1000);
    frame.position(100).put(batch.duplicate());
    frame.limit(frame.position()).position(100);

    Verdict verdict = validate(frame, new Topic().appendTime().build());

    assertThat(((Valid) verdict).batches().get(0).position()).isEqualTo(100);
    MemoryRecords.readableRecords(frame.slice()).batches().forEach(MutableRecordBatch::ensureValid);
  }

  @Test
  void shouldRefuseNothingAtAll() {
    assertThat(refused(null, DEFAULTS).error()).isEqualTo(Errors.INVALID_RECORD);
    assertThat(refused(ByteBuffer.allocate(0), DEFAULTS).error()).isEqualTo(Errors.INVALID_RECORD);
    assertThat(refused(ByteBuffer.allocate(16), DEFAULTS).error()).isEqualTo(Errors.INVALID_RECORD);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void shouldRefuseOldMessageSets(int magic) {
    ByteBuffer old = TestBatches.ofMagic(magic, CompressionType.NONE, 0, 2);

    assertThat(refused(old, DEFAULTS).error()).isEqualTo(Errors.INVALID_RECORD);
  }

  @Test
  void shouldRefuseMagicFromTheFuture() {
    ByteBuffer batch = TestBatches.plain(1, 10).put(16, (byte) 3);

    assertThat(refused(batch, DEFAULTS).error()).isEqualTo(Errors.CORRUPT_MESSAGE);
  }

  @Test
  void shouldRefuseTwoBatches() {
    ByteBuffer two = TestBatches.concat(TestBatches.plain(1, 10), TestBatches.plain(1, 10));

    assertThat(refused(two, DEFAULTS).error()).isEqualTo(Errors.INVALID_RECORD);
  }

  @Test
  void shouldRefuseACutBatch() {
    ByteBuffer batch = TestBatches.plain(1, 10);
    batch.limit(batch.limit() - 1);

    assertThat(refused(batch, DEFAULTS).error()).isEqualTo(Errors.INVALID_RECORD);
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 48})
  void shouldRefuseALengthBelowTheHeader(int length) {
    ByteBuffer batch = TestBatches.plain(1, 10).putInt(8, length);

    assertThat(refused(batch, DEFAULTS).error()).isEqualTo(Errors.CORRUPT_MESSAGE);
  }

  @Test
  void shouldRefuseABatchOneByteTooLarge() {
    ByteBuffer batch = TestBatches.plain(1, 100);
    int size = batch.remaining();

    assertThat(validate(batch, new Topic().maxMessageBytes(size).build()))
        .isInstanceOf(Valid.class);
    assertThat(refused(batch, new Topic().maxMessageBytes(size - 1).build()).error())
        .isEqualTo(Errors.MESSAGE_TOO_LARGE);
    assertThat(refused(batch, new Topic().segmentBytes(size - 1).build()).error())
        .isEqualTo(Errors.RECORD_LIST_TOO_LARGE);
  }

  @Test
  void shouldRefuseAWrongCrc() {
    ByteBuffer batch = TestBatches.plain(1, 10);
    batch.put(batch.limit() - 2, (byte) 77);

    assertThat(refused(batch, DEFAULTS).error()).isEqualTo(Errors.CORRUPT_MESSAGE);
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 6, 7})
  void shouldRefuseUnknownCodecs(int codec) {
    ByteBuffer batch = TestBatches.seal(TestBatches.plain(1, 10).putShort(21, (short) codec));

    assertThat(refused(batch, DEFAULTS).error()).isEqualTo(Errors.UNSUPPORTED_COMPRESSION_TYPE);
  }

  @Test
  void shouldRefuseZstdFromOldProduceRequests() {
    ByteBuffer batch = TestBatches.of(CompressionType.ZSTD, TestBatches.records(2, 10));

    Verdict old = validator.validate(batch, request(DEFAULTS, 6, Integer.MAX_VALUE));
    Verdict newer = validator.validate(batch, request(DEFAULTS, 7, Integer.MAX_VALUE));

    assertThat(((Refused) old).error()).isEqualTo(Errors.UNSUPPORTED_COMPRESSION_TYPE);
    assertThat(newer).isInstanceOf(Valid.class);
  }

  @Test
  void shouldRefuseForgedHeaders() {
    assertInvalid(TestBatches.plain(2, 10).putLong(0, 5)); // base offset
    assertInvalid(TestBatches.plain(2, 10).putInt(23, 0)); // last offset delta
    assertInvalid(TestBatches.plain(2, 10).putInt(57, 0).putInt(23, -1)); // no record
    assertInvalid(TestBatches.plain(2, 10).putInt(57, 3).putInt(23, 2)); // one too many
    assertInvalid(TestBatches.plain(2, 10).putInt(57, 1).putInt(23, 0)); // one too few
    assertInvalid(TestBatches.plain(2, 10).putShort(21, (short) 0x40)); // delete horizon
    assertInvalid(TestBatches.plain(2, 10).putShort(21, (short) 0x100)); // unknown bit
    assertInvalid(TestBatches.plain(2, 10).putShort(21, (short) 0x10)); // transactional by nobody
    assertInvalid(TestBatches.plain(2, 10).putLong(43, -2)); // producer id
    assertInvalid(TestBatches.idempotent(7, 0, 0, 2).putShort(51, (short) -1)); // epoch
    assertInvalid(TestBatches.idempotent(7, 0, 0, 2).putInt(53, -1)); // sequence
  }

  @Test
  void shouldRefuseControlBatchesOfClientsOnly() {
    ByteBuffer marker =
        TestBatches.direct(
            MemoryRecords.withEndTransactionMarker(
                    7, (short) 0, new EndTransactionMarker(ControlRecordType.COMMIT, 1))
                .buffer());

    assertThat(refused(marker, DEFAULTS).error()).isEqualTo(Errors.INVALID_RECORD);
    Request own = new Request(DEFAULTS, (short) 13, TestBatches.NOW_MS, false, Integer.MAX_VALUE);
    assertThat(validator.validate(marker, own)).isInstanceOf(Valid.class);
  }

  @Test
  void shouldRefuseOffsetDeltasThatAreNotConsecutive() {
    ByteBuffer batch =
        TestBatches.of(CompressionType.NONE, new SimpleRecord(TestBatches.bytes("v")));
    assertThat(batch.get(64)).isEqualTo((byte) 0);
    batch.put(64, (byte) 2);

    assertInvalid(batch);
  }

  @Test
  void shouldNameTheRecordsWithoutKeyInACompactedTopic() {
    ByteBuffer batch = TestBatches.plain(6, 10);

    Refused refused = refused(batch, new Topic().compactOnly().build());

    assertThat(refused.error()).isEqualTo(Errors.INVALID_RECORD);
    assertThat(refused.recordErrors()).extracting("index").containsExactly(1, 5);
  }

  @Test
  void shouldNameTheRecordsOutsideTheTimestampLimits() {
    TopicConfig topic = new Topic().within(1_000, 2_000).build();
    ByteBuffer batch =
        TestBatches.of(
            CompressionType.GZIP,
            at(TestBatches.NOW_MS - 1_000),
            at(TestBatches.NOW_MS - 1_001),
            at(TestBatches.NOW_MS + 2_000),
            at(TestBatches.NOW_MS + 2_001));

    Refused refused = refused(batch, topic);

    assertThat(refused.error()).isEqualTo(Errors.INVALID_TIMESTAMP);
    assertThat(refused.recordErrors()).extracting("index").containsExactly(1, 3);
  }

  @Test
  void shouldBoundTheRecordErrors() {
    ByteBuffer batch = TestBatches.plain(2_000, 1);

    Refused refused = refused(batch, new Topic().within(1, 1).build());

    assertThat(refused.recordErrors()).hasSize(BatchValidator.MAX_RECORD_ERRORS);
  }

  @Test
  void shouldTakeRecordsWithoutTimestamp() {
    ByteBuffer batch =
        TestBatches.of(CompressionType.NONE, new SimpleRecord(TestBatches.bytes("v")));

    assertThat(validate(batch, new Topic().within(1, 1).build())).isInstanceOf(Valid.class);
  }

  @Test
  void shouldRefuseLogAppendTimeSetByAProducer() {
    ByteBuffer batch = TestBatches.seal(TestBatches.plain(1, 10).putShort(21, (short) 0x08));

    assertThat(refused(batch, DEFAULTS).error()).isEqualTo(Errors.INVALID_TIMESTAMP);
  }

  @Test
  void shouldCorrectALargestTimestampThatIsWrong() {
    ByteBuffer batch = TestBatches.seal(TestBatches.plain(3, 10).putLong(35, 5));

    Valid valid = (Valid) validate(batch, DEFAULTS);

    assertThat(valid.batches().get(0).maxTimestampMs()).isEqualTo(TestBatches.NOW_MS + 2);
    assertThat(read(valid.records())).hasSize(3);
  }

  @ParameterizedTest
  @EnumSource(CompressionType.class)
  void shouldStampTheLogAppendTime(CompressionType codec) {
    ByteBuffer batch = TestBatches.of(codec, TestBatches.records(10, 20));
    long nowMs = TestBatches.NOW_MS + 12_345;

    Verdict verdict =
        validator.validate(
            batch,
            new Request(
                new Topic().appendTime().within(1, 1).build(),
                (short) 13,
                nowMs,
                true,
                Integer.MAX_VALUE));

    List<Record> records = read(((Valid) verdict).records());
    assertThat(records).allMatch(record -> record.timestamp() == nowMs);
    assertThat(((Valid) verdict).batches().get(0).isLogAppendTime()).isTrue();
    assertThat(MemoryRecords.readableRecords(batch).batches().iterator().next().timestampType())
        .isEqualTo(TimestampType.LOG_APPEND_TIME);
  }

  @ParameterizedTest
  @EnumSource(CompressionType.class)
  void shouldRecompressIntoWhatTheTopicWants(CompressionType source) {
    for (String target : TopicConfig.CODECS) {
      ByteBuffer batch = TestBatches.of(source, TestBatches.records(200, 150));
      List<Record> before = read(batch.duplicate());

      Valid valid = (Valid) validate(batch, new Topic().compression(target).build());

      String stored = target.equals("uncompressed") ? "none" : target;
      assertThat(valid.batches().get(0).codecId()).isEqualTo(CompressionType.forName(stored).id);
      assertThat(read(valid.records())).isEqualTo(before);
      if (stored.equals(source.name)) {
        assertThat(valid.records()).isSameAs(batch);
      }
    }
  }

  @Test
  void shouldRefuseABatchThatGrowsTooLargeByRecompression() {
    ByteBuffer batch = TestBatches.of(CompressionType.GZIP, TestBatches.records(50, 500));
    TopicConfig topic =
        new Topic().compression("uncompressed").maxMessageBytes(batch.remaining() + 10).build();

    assertThat(refused(batch, topic).error()).isEqualTo(Errors.MESSAGE_TOO_LARGE);
  }

  @ParameterizedTest
  @EnumSource(value = CompressionType.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void shouldStopAtADecompressionBomb(CompressionType codec) {
    SimpleRecord zeros = new SimpleRecord(TestBatches.NOW_MS, null, new byte[3 << 20]);
    ByteBuffer bomb = TestBatches.of(codec, zeros, zeros, zeros, zeros, zeros, zeros);
    TopicConfig topic = new Topic().maxMessageBytes(Math.max(1 << 20, bomb.remaining())).build();

    assertThat(refused(bomb, topic).error()).isEqualTo(Errors.MESSAGE_TOO_LARGE);
  }

  @Test
  void shouldBoundTheSizeOfACompressedRecord() {
    ByteBuffer batch = TestBatches.of(CompressionType.LZ4, TestBatches.record(0, 1_000));

    assertThat(validate(batch, new Topic().maxDecompressedBytes(1_100).build()))
        .isInstanceOf(Valid.class);
    assertThat(refused(batch, new Topic().maxDecompressedBytes(1_000).build()).error())
        .isEqualTo(Errors.INVALID_RECORD);
  }

  @Test
  void shouldNotBelieveWhatSnappyClaims() {
    ByteBuffer raw = ByteBuffer.allocate(61 + 40);
    ByteBuffer batch = TestBatches.plain(1, 10);
    raw.put(batch.duplicate().limit(61)).putInt(8, 61 + 40 - 12).putShort(21, (short) 2);
    raw.put(new byte[] {-1, -1, -1, -1, 7}).rewind(); // a length of 2 GiB

    assertInvalid(TestBatches.direct(raw));
  }

  @Test
  void shouldLeaveCostlyWorkToAWorker() {
    ByteBuffer compressed = TestBatches.of(CompressionType.ZSTD, TestBatches.records(100, 1_000));
    byte[] before = TestBatches.content(compressed);

    Verdict onLoop =
        validator.validate(compressed, request(DEFAULTS, 13, BatchValidator.LOOP_WORK_LIMIT_BYTES));

    assertThat(onLoop).isInstanceOf(TooCostly.class);
    assertThat(TestBatches.content(compressed)).isEqualTo(before);
    assertThat(validate(compressed, DEFAULTS)).isInstanceOf(Valid.class);
  }

  @Test
  void shouldCallPlainBatchesCheapUnlessTheyAreCompressedHere() {
    ByteBuffer plain = TestBatches.plain(100, 1_000);

    assertThat(BatchValidator.isCheap(plain, DEFAULTS)).isTrue();
    assertThat(BatchValidator.isCheap(plain, new Topic().compression("zstd").build())).isFalse();
  }

  private static SimpleRecord at(long timestampMs) {
    return new SimpleRecord(timestampMs, TestBatches.bytes("k"), TestBatches.bytes("v"));
  }

  private static List<Record> read(ByteBuffer batch) {
    List<Record> records = new ArrayList<>();
    for (MutableRecordBatch each : MemoryRecords.readableRecords(batch).batches()) {
      each.ensureValid();
      each.forEach(records::add);
    }
    return records;
  }

  private void assertInvalid(ByteBuffer batch) {
    assertThat(refused(TestBatches.seal(batch), DEFAULTS).error()).isEqualTo(Errors.INVALID_RECORD);
  }

  private Refused refused(ByteBuffer batch, TopicConfig topic) {
    Verdict verdict = validate(batch, topic);
    assertThat(verdict).isInstanceOf(Refused.class);
    return (Refused) verdict;
  }

  private Verdict validate(ByteBuffer batch, TopicConfig topic) {
    return validator.validate(batch, request(topic, 13, Integer.MAX_VALUE));
  }

  private static Request request(TopicConfig topic, int version, int workLimitBytes) {
    return new Request(topic, (short) version, TestBatches.NOW_MS, true, workLimitBytes);
  }
}
