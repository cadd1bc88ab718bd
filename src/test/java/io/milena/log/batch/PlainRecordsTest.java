package io.milena.log.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.milena.log.CorruptFileException;
import java.nio.ByteBuffer;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;

/** Compaction holds one decompressed batch at a time, and no more than it can afford. */
class PlainRecordsTest {
  private static ByteBuffer zeros(int valueBytes) {
    return MemoryRecords.withRecords(
            Compression.gzip().build(), new SimpleRecord(1, new byte[] {1}, new byte[valueBytes]))
        .buffer();
  }

  @Test
  void aBatchThatBecomesTooLargeIsRefusedBeforeItFillsTheHeap() {
    ByteBuffer bomb = zeros(40 << 20);
    PlainRecords records = new PlainRecords(1 << 20);

    assertThat(bomb.remaining()).isLessThan(100_000);
    assertThatThrownBy(() -> records.take(bomb, BatchHeader.read(bomb, 0)))
        .isInstanceOf(CorruptFileException.class)
        .hasMessageContaining("more than 1048576 bytes");
    assertThat(new PlainRecords().affordedBytes())
        .isLessThanOrEqualTo((int) (Runtime.getRuntime().maxMemory() / 8));
  }

  @Test
  void aBatchUpToTheBoundIsRead() {
    ByteBuffer batch = zeros(1 << 20);
    PlainRecords records = new PlainRecords((1 << 20) + 100);
    BatchHeader header = BatchHeader.read(batch, 0);

    records.take(batch, header);
    RecordCursor record = records.walk();
    records.next(header);

    assertThat(record.valueBytes()).isEqualTo(1 << 20);
    assertThat(record.atEnd()).isTrue();
  }
}
