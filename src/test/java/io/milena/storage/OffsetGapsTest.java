package io.milena.storage;

import static io.milena.storage.StorageBed.small;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.milena.log.batch.BatchHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Offsets rise from batch to batch of a log and need not be without gaps. */
class OffsetGapsTest {
  @TempDir Path root;
  private StorageBed bed;

  @BeforeEach
  void start() {
    bed = new StorageBed(root).start();
  }

  @AfterEach
  void close() {
    bed.close();
  }

  private static List<Long> baseOffsets(MemoryRecords records) {
    List<Long> offsets = new ArrayList<>();
    for (MutableRecordBatch batch : records.batches()) {
      offsets.add(batch.baseOffset());
    }
    return offsets;
  }

  /** Between two batches of a leader's compacted segments offsets may be missing (R28). */
  @Test
  void shouldTakeBatchesAboveItsEndAsTheyComeFromACompactedLog() {
    PartitionLog log = bed.log(small(1_000));
    for (long base : new long[] {4, 11, 12, 40, 90}) {
      bed.on(
          () ->
              StorageBed.appendBatch(
                  log, StorageBed.batch(base, 1, 300, bed.wallMs.get(), 7, (int) base)));
    }
    assertThat(log.logEndOffset()).isEqualTo(91);
    assertThat(baseOffsets(bed.read(log, 13, 91, 1 << 20))).startsWith(40L);

    bed.stop(false);
    bed.start();
    PartitionLog recovered = bed.log(small(1_000));

    assertThat(recovered.logEndOffset()).isEqualTo(91);
    assertThat(baseOffsets(bed.read(recovered, 0, 91, 1 << 20))).startsWith(4L);
    assertThat(baseOffsets(bed.read(recovered, 41, 91, 1 << 20))).containsExactly(90L);
    bed.on(() -> recovered.truncateTo(60));
    assertThat(recovered.logEndOffset()).isEqualTo(41);
  }

  @Test
  void shouldRefuseABatchBelowItsEnd() {
    PartitionLog log = bed.log(small(1_000));
    bed.append(log, 5, 10);

    ByteBuf below =
        Unpooled.wrappedBuffer(StorageBed.batch(4, 3, 10, bed.wallMs.get(), -1, 0).buffer());
    List<BatchHeader> headers = List.of(BatchHeader.read(below.nioBuffer(), 0));

    assertThatThrownBy(() -> bed.on(() -> log.append(below, headers)))
        .hasMessageContaining("append at 4 below the staged end 5");
    assertThat(log.logEndOffset()).isEqualTo(5);
  }
}
