package io.milena.partition.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.config.TopicConfig;
import io.milena.metadata.PartitionImage;
import io.milena.partition.PartitionMessages.BecomePartition;
import io.milena.partition.PartitionMessages.Isolation;
import io.milena.partition.PartitionMessages.PartitionAppend;
import io.milena.storage.FakePartitionLog;
import io.milena.storage.OpenLog;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
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

  @Test
  void shouldLeadADamagedLogInAHigherEpochOnly(@TempDir Path dir) {
    TopicPartition name = new TopicPartition("story", 0);
    FakePartitionLog log = new FakePartitionLog(new OpenLog(name, ID, TopicConfig.defaults()), dir);
    Partition damaged = new Partition(log, 0, null, partition -> {}).damaged();

    assertThat(damaged.become(ledIn(7, 1))).isEqualTo(Errors.ELIGIBLE_LEADERS_NOT_AVAILABLE);
    assertThat(damaged.become(ledIn(7, 2))).isEqualTo(Errors.ELIGIBLE_LEADERS_NOT_AVAILABLE);
    assertThat(damaged.refusal(ID, Errors.UNKNOWN_TOPIC_ID).error())
        .isEqualTo(Errors.NOT_LEADER_OR_FOLLOWER);

    assertThat(damaged.become(ledIn(8, 3))).isEqualTo(Errors.NONE);
    assertThat(damaged.leadsIn(8)).isTrue();
  }

  private static BecomePartition ledIn(int leaderEpoch, int partitionEpoch) {
    PartitionImage image =
        new PartitionImage(
            0, List.of(1), List.of(1), 1, leaderEpoch, partitionEpoch, List.of(), List.of());
    return new BecomePartition("story", ID, image, 1, TopicConfig.defaults());
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
