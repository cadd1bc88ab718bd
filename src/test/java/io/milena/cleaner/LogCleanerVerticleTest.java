package io.milena.cleaner;

import static io.milena.cleaner.CleanerBed.compacted;
import static io.milena.cleaner.CleanerBed.config;
import static io.milena.cleaner.CleanerBed.get;
import static io.milena.cleaner.CleanerBed.record;
import static io.milena.cleaner.CleanerBed.table;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.milena.base.Clock;
import io.milena.cleaner.CleanerBed.Seen;
import io.milena.config.TopicConfig;
import io.milena.log.compaction.CompactionMap;
import io.milena.partition.PartitionMessages.BeginCleaning;
import io.milena.partition.PartitionMessages.CleaningEnd;
import io.milena.partition.PartitionMessages.CleaningOrder;
import io.milena.partition.PartitionMessages.Configure;
import io.milena.partition.PartitionMessages.DeleteRecords;
import io.milena.partition.PartitionMessages.EndCleaning;
import io.milena.partition.PartitionMessages.FindCleanable;
import io.milena.partition.PartitionMessages.FindCleanableReply;
import io.milena.partition.PartitionMessages.PartitionDeleteRecords;
import io.milena.partition.PartitionMessages.Stop;
import io.milena.partition.PartitionMessages.StopPartition;
import io.milena.storage.compaction.CleaningSource;
import io.milena.storage.segment.FileSlice;
import io.milena.testing.SliceRecords;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A cleaner beside a shard, on real files. */
@Timeout(60)
class LogCleanerVerticleTest {
  private static final int SEGMENT_BYTES = 2_000;
  private static final LogCleanerOptions SLOW =
      new LogCleanerOptions(1, 4 << 20, 8 << 10, 20_000, 0.9, 20);
  @TempDir Path dir;
  private CleanerBed bed;

  @BeforeEach
  void start() {
    bed = new CleanerBed(dir);
  }

  @AfterEach
  void stop() {
    bed.close();
    assertThat(bed.halted).as("a broken invariant").isFalse();
  }

  private void fill(String topic, TopicConfig config, int records, int keys) {
    bed.lead(topic, config, 0);
    bed.fill(topic, records, keys);
    awaitClosedSegments(topic);
  }

  /** Segments are cleaned once they are on the disk. */
  private void awaitClosedSegments(String topic) {
    await()
        .until(
            () -> {
              List<String> files = bed.files(topic);
              long logs = files.stream().filter(f -> f.endsWith(".log")).count();
              return files.stream().filter(f -> f.endsWith(".timeindex")).count() >= logs - 1;
            });
  }

  private void awaitCleaned(String topic, long offset) {
    await().until(() -> bed.cleanedTo(topic) >= offset);
  }

  @Test
  void theLastValueOfEachKeyStaysWhereItWas() {
    fill("t", compacted(SEGMENT_BYTES), 500, 10);
    long before = bed.describe("t").sizeBytes();
    List<Seen> all = bed.readAll("t");

    bed.clean(1);
    awaitCleaned("t", 400);

    List<Seen> left = bed.readAll("t");
    assertThat(table(left)).isEqualTo(table(all)).hasSize(10);
    assertThat(all).containsSubsequence(left);
    assertThat(left.size()).isLessThan(100);
    assertThat(bed.describe("t").sizeBytes()).isLessThan(before / 4);
    assertThat(bed.describe("t").logEndOffset()).isEqualTo(500);
  }

  @Test
  void aReaderOfAnOldSegmentReadsItToItsEnd() {
    fill("t", compacted(SEGMENT_BYTES), 500, 10);
    FileSlice slice = bed.read("t", 0).records();

    bed.clean(1);
    awaitCleaned("t", 400);
    await().until(() -> bed.files("t").stream().noneMatch(f -> f.endsWith(".deleted")));

    List<Long> bases = new ArrayList<>();
    for (RecordBatch batch : SliceRecords.of(slice).batches()) {
      batch.ensureValid();
      bases.add(batch.baseOffset());
    }
    assertThat(bases).startsWith(0L, 1L, 2L, 3L).hasSizeGreaterThan(10);
  }

  @Test
  void recordsThatComeAfterwardsAreCleanedToo() {
    fill("t", compacted(SEGMENT_BYTES), 300, 10);
    bed.clean(1);
    awaitCleaned("t", 200);

    for (int round = 1; round <= 3; round++) {
      bed.fill("t", 300, 10);
      awaitCleaned("t", 300L * round + 200);
    }

    assertThat(table(bed.readAll("t")).get("key-9")).isEqualTo("value-299");
    assertThat(bed.readAll("t").size()).isLessThan(120);
  }

  @Test
  void aCleanerThatFailsBeforeItsFirstStepCleansThePartitionLater() {
    fill("t", compacted(SEGMENT_BYTES), 300, 10);
    AtomicBoolean failed = new AtomicBoolean();

    bed.clean(
        1,
        new Clock() {
          @Override
          public long wallMs() {
            if (failed.compareAndSet(false, true)) {
              throw new IllegalStateException("no memory, say");
            }
            return Clock.system().wallMs();
          }

          @Override
          public long monotonicNs() {
            return Clock.system().monotonicNs();
          }
        });

    awaitCleaned("t", 200);
    assertThat(failed).isTrue();
  }

  @Test
  void aTombstoneGoesAfterItsTime() {
    bed.lead("t", config(SEGMENT_BYTES, true, false, 1, -1), 0);
    bed.append("t", record("gone", "value"));
    bed.append("t", record("gone", null));
    bed.fill("t", 100, 10);
    bed.clean(1);

    await()
        .until(
            () -> {
              bed.fill("t", 60, 10);
              return bed.readAll("t").stream().noneMatch(seen -> "gone".equals(seen.key()));
            });

    assertThat(table(bed.readAll("t"))).hasSize(10);
  }

  @Test
  void aTombstoneStaysUntilItsTime() {
    bed.lead("t", compacted(SEGMENT_BYTES), 0);
    bed.append("t", record("gone", "value"));
    bed.append("t", record("gone", null));
    bed.fill("t", 100, 10);
    awaitClosedSegments("t");
    bed.clean(1);
    awaitCleaned("t", 50);

    assertThat(bed.readAll("t")).first().isEqualTo(new Seen(1, "gone", null));
  }

  @Test
  void compressedBatchesStayCompressed() {
    bed.lead("t", compacted(SEGMENT_BYTES), 0);
    for (int i = 0; i < 100; i++) {
      bed.append(
          "t",
          MemoryRecords.withRecords(
              Compression.gzip().build(),
              record("a-" + i % 7, "value".repeat(9) + i),
              record("b-" + i, "once " + i)));
    }
    awaitClosedSegments("t");
    List<Seen> all = bed.readAll("t");

    bed.clean(1);
    awaitCleaned("t", 100);

    List<Seen> left = bed.readAll("t");
    assertThat(table(left)).isEqualTo(table(all));
    assertThat(left.size()).isLessThan(160);
    for (RecordBatch batch : SliceRecords.of(bed.read("t", 0).records()).batches()) {
      assertThat(batch.isCompressed()).isTrue();
    }
  }

  @Test
  void aTopicIsCleanedFromWhenItsPolicySaysSo() {
    fill("t", config(SEGMENT_BYTES, false, true, 1_000, -1), 500, 10);
    fill("other", compacted(SEGMENT_BYTES), 500, 10);
    bed.clean(1);
    awaitCleaned("other", 400);
    assertThat(bed.cleanedTo("t")).isEqualTo(-1);

    get(bed.client.configure(0, new Configure(Map.of("t", compacted(SEGMENT_BYTES)))));

    awaitCleaned("t", 400);
    assertThat(table(bed.readAll("t"))).hasSize(10);
  }

  @Test
  void compactedAndDeletedGoesBothWays() {
    fill("t", config(SEGMENT_BYTES, true, true, 1_000, -1), 500, 100);
    bed.clean(1);
    awaitCleaned("t", 400);

    long offset = 450;
    Errors error =
        get(bed.client.deleteRecords(
                0,
                new DeleteRecords(
                    List.of(new PartitionDeleteRecords("t", 0, offset)), Long.MAX_VALUE)))
            .results()
            .get(0)
            .error();

    assertThat(error).isEqualTo(Errors.NONE);
    assertThat(bed.readAll("t")).allMatch(seen -> seen.offset() >= offset).hasSize(50);
  }

  @Test
  void whatIsCleanStaysSoOverARestart() {
    fill("t", compacted(SEGMENT_BYTES), 500, 10);
    bed.clean(1);
    awaitCleaned("t", 400);
    long cleanedTo = bed.cleanedTo("t");
    List<Seen> left = bed.readAll("t");

    bed.restart();
    bed.lead("t", compacted(SEGMENT_BYTES), 1);

    assertThat(bed.cleanedTo("t")).isEqualTo(cleanedTo);
    assertThat(bed.readAll("t")).isEqualTo(left);
  }

  @Test
  void aGarbledPartitionIsSetAsideAndTheOthersGoOn() throws IOException {
    fill("bad", compacted(SEGMENT_BYTES), 500, 10);
    Path log = bed.folder("bad").resolve("00000000000000000000.log");
    try (FileChannel channel = FileChannel.open(log, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 300);
    }
    byte[] garbled = Files.readAllBytes(log);
    fill("good", compacted(SEGMENT_BYTES), 400, 10);

    bed.clean(1);

    awaitCleaned("good", 300);
    await().until(() -> bed.meter("kafka_log_logcleanermanager_uncleanable_partitions_count") == 1);
    assertThat(bed.meter("kafka_log_logcleanermanager_uncleanable_bytes")).isPositive();
    assertThat(bed.cleanedTo("bad")).isEqualTo(-1);
    assertThat(Files.readAllBytes(log)).isEqualTo(garbled);
    assertThat(bed.files("bad")).noneMatch(file -> file.endsWith(".cleaned"));
  }

  @Test
  void aCleaningEndsWhenItsPartitionIsDeleted() {
    bed.options.set(SLOW);
    fill("t", compacted(SEGMENT_BYTES), 500, 500);
    bed.clean(1);
    await().until(() -> bed.files("t").stream().anyMatch(file -> file.endsWith(".cleaned")));

    get(bed.client.stop(0, new Stop(List.of(new StopPartition("t", 0, true)))));
    bed.options.set(new LogCleanerOptions(1, 4 << 20, 64 << 10, Double.MAX_VALUE, 0.9, 20));
    fill("next", compacted(SEGMENT_BYTES), 400, 10);

    awaitCleaned("next", 300);
    assertThat(bed.cleanedTo("t")).isEqualTo(-1);
  }

  @Test
  void aCleaningEndsWhenTheLeaderChanges() {
    bed.options.set(SLOW);
    fill("t", compacted(SEGMENT_BYTES), 500, 500);
    bed.clean(1);
    await().until(() -> bed.files("t").stream().anyMatch(file -> file.endsWith(".cleaned")));

    bed.lead("t", compacted(SEGMENT_BYTES), 1);

    await().until(() -> bed.files("t").stream().noneMatch(file -> file.endsWith(".cleaned")));
    assertThat(bed.readAll("t")).hasSize(500);
  }

  @Test
  void aStoppedCleanerLeavesNothingBehind() {
    bed.options.set(SLOW);
    fill("t", compacted(SEGMENT_BYTES), 500, 500);
    bed.clean(1);
    await().until(() -> bed.files("t").stream().anyMatch(file -> file.endsWith(".cleaned")));

    bed.stopCleaners();

    assertThat(bed.files("t")).noneMatch(file -> file.endsWith(".cleaned"));
    assertThat(bed.readAll("t")).hasSize(500);
  }

  @Test
  void manyPartitionsAreSharedBySeveralCleaners() {
    for (int i = 0; i < 8; i++) {
      fill("t" + i, compacted(SEGMENT_BYTES), 300, 10);
    }

    bed.clean(3);

    for (int i = 0; i < 8; i++) {
      awaitCleaned("t" + i, 200);
      assertThat(table(bed.readAll("t" + i))).hasSize(10);
    }
  }

  @Test
  void aSmallBufferForKeysTakesSeveralRounds() {
    bed.options.set(new LogCleanerOptions(1, 24 * 40, 64 << 10, Double.MAX_VALUE, 0.9, 20));
    fill("t", compacted(SEGMENT_BYTES), 600, 200);
    List<Seen> all = bed.readAll("t");

    bed.clean(1);
    awaitCleaned("t", 550);

    assertThat(table(bed.readAll("t"))).isEqualTo(table(all)).hasSize(200);
  }

  @Test
  void readersAndWritersGoOnWhileSegmentsAreSwapped() {
    bed.lead("t", compacted(SEGMENT_BYTES), 0);
    bed.clean(1);

    for (int round = 0; round < 30; round++) {
      bed.fill("t", 60, 10);
      List<Seen> seen = bed.readAll("t");
      assertThat(table(seen)).hasSize(10).containsEntry("key-9", "value-59");
      assertThat(seen).extracting(Seen::offset).isSorted();
    }
    awaitCleaned("t", 1_500);
  }

  @Test
  void whatWasSwappedInCountsAgainstTheRoomUntilTheOldFilesAreGone() throws Exception {
    // Nearly all records stay, and no two segments fit into one.
    bed.lead("orders", CleanerBed.compacted(SEGMENT_BYTES), 0);
    for (int i = 0; i < 200; i++) {
      bed.append("orders", CleanerBed.record(i % 10 == 0 ? "same" : "key-" + i, "value-" + i));
    }
    awaitClosedSegments("orders");
    CleaningOrder order =
        CleanerBed.get(bed.client.beginCleaning(0, new BeginCleaning("orders", 0))).order();
    Cleaning.Buffers buffers = new Cleaning.Buffers();
    buffers.ensure(8 << 10);
    long roomBytes = 3L * SEGMENT_BYTES;
    CleaningSource source =
        new CleaningSource(
            order.source().folder(),
            order.source().segments(),
            order.source().aborted(),
            roomBytes);
    CleaningOrder tight =
        new CleaningOrder(order.claim(), order.dirt(), source, order.producers(), order.config());
    assertThat(source.segments()).hasSizeGreaterThan(5);

    long swappedBytes = 0;
    try (Cleaning cleaning = new Cleaning(tight, buffers, new CompactionMap(1 << 20, 0.9), 0)) {
      while (true) {
        Cleaning.Step step = cleaning.step();
        assertThat(step).isNotInstanceOf(Cleaning.Cleaned.class);
        if (step instanceof Cleaning.Swap swap) {
          swappedBytes += swap.compacted().sizeBytes();
          assertThat(swappedBytes).isLessThanOrEqualTo(roomBytes);
        }
      }
    } catch (Cleaning.NoRoomLeft enough) {
      assertThat(swappedBytes).isPositive();
    }
  }

  @Test
  void aPartitionThatFoundNoRoomLetsOthersGoFirst() {
    fill("one", CleanerBed.compacted(SEGMENT_BYTES), 400, 3);
    fill("other", CleanerBed.compacted(SEGMENT_BYTES), 400, 3);
    String first =
        CleanerBed.get(bed.client.findCleanable(0, new FindCleanable())).dirtiest().topic();
    CleaningOrder order =
        CleanerBed.get(bed.client.beginCleaning(0, new BeginCleaning(first, 0))).order();

    CleanerBed.get(
        bed.client.endCleaning(0, new EndCleaning(order.claim(), CleaningEnd.NO_ROOM, -1)));

    FindCleanableReply found = CleanerBed.get(bed.client.findCleanable(0, new FindCleanable()));
    assertThat(found.dirtiest().topic()).isNotEqualTo(first);
    assertThat(found.due()).isEqualTo(2);
  }
}
