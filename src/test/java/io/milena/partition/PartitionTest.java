package io.milena.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.config.TopicConfig;
import io.milena.partition.PartitionMessages.Isolation;
import io.milena.partition.PartitionMessages.PartitionAppend;
import io.milena.storage.FakePartitionLog;
import io.milena.storage.OpenLog;
import java.nio.file.Path;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartitionTest {
  private static final Uuid ID = new Uuid(1, 2);

  private static void append(FakePartitionLog log, MemoryRecords records) {
    PartitionAppend part = Batches.part("story", ID, records);
    log.append(part.records(), part.batches());
  }

  /** As after a kill -9: recovery folded the transaction anew, the checkpoint covers it. */
  @Test
  void shouldShowTransactionsThatEndedBelowTheCheckpointedHighWatermark(@TempDir Path dir) {
    TopicPartition name = new TopicPartition("story", 0);
    FakePartitionLog log = new FakePartitionLog(new OpenLog(name, ID, TopicConfig.defaults()), dir);
    append(log, Batches.transactional(9, 0, "a"));
    append(
        log,
        MemoryRecords.withEndTransactionMarker(
            1, 1_000, 0, 9, (short) 0, new EndTransactionMarker(ControlRecordType.COMMIT, 0)));

    Partition opened = new Partition(log, 2, null, partition -> {});

    assertThat(opened.visibleEnd(Isolation.READ_COMMITTED)).isEqualTo(2);
  }
}
