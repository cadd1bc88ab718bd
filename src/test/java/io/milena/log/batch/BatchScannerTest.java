package io.milena.log.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.log.batch.BatchScanner.Result;
import io.milena.log.batch.BatchScanner.Stop;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.record.internal.CompressionType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BatchScannerTest {
  private final BatchScanner scanner = new BatchScanner(true);
  private final List<BatchHeader> found = new ArrayList<>();

  private static ByteBuffer at(long baseOffset, int count) {
    return TestBatches.plain(count, 20).putLong(0, baseOffset);
  }

  @Test
  void shouldWalkToTheEnd() {
    ByteBuffer log = TestBatches.concat(at(10, 3), at(13, 2), at(20, 1));

    Result result = scanner.scan(log, 10, found);

    assertThat(result).isEqualTo(new Result(Stop.END, log.limit(), 0, null));
    assertThat(found).extracting(BatchHeader::baseOffset).containsExactly(10L, 13L, 20L);
    assertThat(found).extracting(BatchHeader::lastOffset).containsExactly(12L, 14L, 20L);
    assertThat(log.position()).isZero();
  }

  @Test
  void shouldStopAtEveryCutWithTheWholeBatchesBeforeIt() {
    ByteBuffer first = at(0, 3);
    ByteBuffer log = TestBatches.concat(first, at(3, 2));
    for (int cut = first.limit() + 1; cut < log.limit(); cut++) {
      found.clear();

      Result result = scanner.scan(log.duplicate().limit(cut), 0, found);

      assertThat(result.stop()).isEqualTo(Stop.INCOMPLETE);
      assertThat(result.endPosition()).isEqualTo(first.limit());
      assertThat(result.neededBytes()).isGreaterThan(cut - first.limit());
      assertThat(found).hasSize(1);
    }
  }

  @Test
  void shouldNoticeEveryFlippedBitOfASecondBatch() {
    ByteBuffer first = at(0, 1);
    ByteBuffer log = TestBatches.concat(first, at(1, 1));
    for (int bit = 8 * (first.limit() + 8); bit < 8 * log.limit(); bit++) {
      int at = bit / 8;
      boolean leaderEpoch = at >= first.limit() + 12 && at < first.limit() + 16;
      log.put(at, (byte) (log.get(at) ^ 1 << (bit % 8)));
      found.clear();

      Result result = scanner.scan(log, 0, found);

      if (!leaderEpoch) {
        assertThat(result.stop()).as("bit " + bit).isNotEqualTo(Stop.END);
        assertThat(result.endPosition()).isEqualTo(first.limit());
      }
      log.put(at, (byte) (log.get(at) ^ 1 << (bit % 8)));
    }
  }

  @Test
  void shouldRefuseOffsetsThatDoNotRise() {
    ByteBuffer log = TestBatches.concat(at(0, 3), at(2, 1));

    Result result = scanner.scan(log, 0, found);

    assertThat(result.stop()).isEqualTo(Stop.CORRUPT);
    assertThat(found).hasSize(1);
  }

  @Test
  void shouldTakeZerosForNoBatch() {
    Result result = scanner.scan(ByteBuffer.allocate(4096), 0, found);

    assertThat(result.stop()).isEqualTo(Stop.CORRUPT);
  }

  @Test
  void shouldReadOldMessageSets() {
    ByteBuffer log =
        TestBatches.concat(
            TestBatches.ofMagic(0, CompressionType.NONE, 5, 2),
            TestBatches.ofMagic(1, CompressionType.NONE, 7, 2),
            TestBatches.ofMagic(2, CompressionType.NONE, 9, 2));

    Result result = scanner.scan(log, 0, found);

    assertThat(result.stop()).isEqualTo(Stop.END);
    assertThat(found).extracting(BatchHeader::lastOffset).containsExactly(5L, 6L, 7L, 8L, 10L);
    assertThat(found)
        .extracting(BatchHeader::maxTimestampMs)
        .containsExactly(
            -1L, -1L, TestBatches.NOW_MS, TestBatches.NOW_MS + 1, TestBatches.NOW_MS + 1);
  }

  @ParameterizedTest
  @EnumSource(
      value = CompressionType.class,
      names = {"GZIP", "SNAPPY", "LZ4"})
  void shouldReadOldCompressedMessageSets(CompressionType codec) {
    ByteBuffer log = TestBatches.ofMagic(1, codec, 7, 3);

    Result result = scanner.scan(log, 0, found);

    assertThat(result.stop()).isEqualTo(Stop.END);
    assertThat(found).hasSize(1);
    assertThat(found.get(0).lastOffset()).isEqualTo(9);
    assertThat(found.get(0).codecId()).isEqualTo(codec.id);
  }
}
