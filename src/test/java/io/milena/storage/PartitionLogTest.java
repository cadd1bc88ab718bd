package io.milena.storage;

import static io.milena.storage.StorageBed.TP;
import static io.milena.storage.StorageBed.small;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.milena.config.TopicConfig;
import io.milena.storage.file.SegmentFiles;
import io.milena.storage.file.StorageException;
import io.milena.storage.segment.FileSlice;
import io.milena.storage.segment.TimestampedOffset;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartitionLogTest {
  @TempDir Path dir;
  private StorageBed bed;

  @BeforeEach
  void start() {
    bed = new StorageBed(dir).start();
  }

  @AfterEach
  void stop() {
    bed.stop(false);
    bed.close();
  }

  private static List<Long> baseOffsets(MemoryRecords records) {
    List<Long> offsets = new ArrayList<>();
    for (RecordBatch batch : records.batches()) {
      batch.ensureValid();
      offsets.add(batch.baseOffset());
    }
    return offsets;
  }

  private List<String> files(String suffix) throws IOException {
    try (Stream<Path> all = Files.list(dir.resolve(TP.toString()))) {
      return all.map(p -> p.getFileName().toString())
          .filter(n -> n.endsWith(suffix))
          .sorted()
          .toList();
    }
  }

  @Test
  void shouldReadBackWhatWasAppended() {
    PartitionLog log = bed.log(TopicConfig.defaults());
    bed.append(log, 3, 10);
    bed.append(log, 2, 10);

    MemoryRecords all = bed.read(log, 0, 5, 1 << 20);

    assertThat(baseOffsets(all)).containsExactly(0L, 3L);
    assertThat(log.logEndOffset()).isEqualTo(5);
    assertThat(log.sizeBytes()).isEqualTo(all.sizeInBytes());
    assertThat(log.bytesBetween(0, 5)).isEqualTo(all.sizeInBytes());
  }

  @Test
  void shouldWriteBatchesThatArriveTogetherInOrder() {
    PartitionLog log = bed.log(TopicConfig.defaults());

    bed.on(
        () -> {
          List<Future<Void>> acks = new ArrayList<>();
          for (int i = 0; i < 200; i++) {
            acks.add(bed.appendLater(log, 1, i % 7 == 0 ? 200_000 : 10));
          }
          assertThat(log.stagedEndOffset()).isEqualTo(200);
          assertThat(log.logEndOffset()).isZero();
          return Future.all(acks);
        });

    List<Long> read = new ArrayList<>();
    long next = 0;
    while (next < 200) {
      for (RecordBatch batch : bed.read(log, next, 200, 1 << 20).batches()) {
        batch.ensureValid();
        read.add(batch.baseOffset());
        next = batch.nextOffset();
      }
    }
    assertThat(read).hasSize(200).isSorted();
  }

  @Test
  void shouldCutReadsAtWholeBatchesAndEndOffset() {
    PartitionLog log = bed.log(TopicConfig.defaults());
    for (int i = 0; i < 10; i++) {
      bed.append(log, 2, 100);
    }
    int batchBytes = bed.read(log, 0, 2, 1).sizeInBytes();

    MemoryRecords some = bed.read(log, 3, 15, 5 * batchBytes + 10);

    assertThat(baseOffsets(some)).containsExactly(2L, 4L, 6L, 8L, 10L);
    assertThat(baseOffsets(bed.read(log, 3, 15, 1 << 20)))
        .containsExactly(2L, 4L, 6L, 8L, 10L, 12L);
    assertThat(bed.<FileSlice>on(() -> log.read(3, 15, batchBytes - 1, false))).isNull();
    assertThat(bed.<FileSlice>on(() -> log.read(20, 20, 100, true))).isNull();
  }

  @Test
  void shouldRefuseOffsetsOutsideTheLog() {
    PartitionLog log = bed.log(TopicConfig.defaults());
    bed.append(log, 2, 10);

    assertThatThrownBy(() -> bed.on(() -> log.read(3, 10, 100, true)))
        .isInstanceOf(OffsetOutOfRangeException.class);
  }

  @Test
  void shouldFindTheSameBatchesThroughTheIndexAsFromMemory() {
    PartitionLog log = bed.log(small(5_000));
    for (int i = 0; i < 60; i++) {
      bed.append(log, 1 + i % 3, 60);
    }
    long end = log.logEndOffset();
    List<List<Long>> fresh = new ArrayList<>();
    for (long from = 0; from < end; from++) {
      fresh.add(baseOffsets(bed.read(log, from, end, 1_000)));
    }
    bed.stop(true);
    bed.start();
    PartitionLog reopened = bed.log(small(5_000));

    List<List<Long>> cold = new ArrayList<>();
    for (long from = 0; from < end; from++) {
      cold.add(baseOffsets(bed.read(reopened, from, end, 1_000)));
    }

    assertThat(reopened.logEndOffset()).isEqualTo(end);
    assertThat(cold).isEqualTo(fresh);
  }

  @Test
  void shouldRollBySizeAndWriteIndexesAndSnapshots() throws IOException {
    PartitionLog log = bed.log(small(1_000));

    for (int i = 0; i < 20; i++) {
      bed.append(log, 1, 200);
    }

    // 20 batches, three a segment: the active one starts at 18, and all before it is closed.
    await().untilAsserted(() -> assertThat(log.recoveryPoint()).isGreaterThanOrEqualTo(18));
    assertThat(files(".log")).hasSizeGreaterThan(3);
    assertThat(files(".snapshot")).hasSameSizeAs(files(".log").subList(1, files(".log").size()));
    assertThat(Files.size(dir.resolve(TP + "/00000000000000000000.index"))).isPositive();
    assertThat(Files.size(dir.resolve(TP + "/00000000000000000000.timeindex"))).isPositive();
  }

  @Test
  void shouldRemoveWholeOldSegmentsByRetentionBytes() throws IOException {
    TopicConfig config = StorageBed.config(1_000, 2_500, -1, 1, Long.MAX_VALUE);
    PartitionLog log = bed.log(config);
    for (int i = 0; i < 30; i++) {
      bed.append(log, 1, 200);
    }
    long end = log.logEndOffset();

    int removed = bed.on(() -> log.enforceRetention(end));

    assertThat(removed).isPositive();
    assertThat(log.sizeBytes()).isGreaterThanOrEqualTo(2_500).isLessThan(3_500);
    assertThat(log.logStartOffset()).isPositive();
    assertThat(baseOffsets(bed.read(log, log.logStartOffset(), end, 1 << 20)))
        .startsWith(log.logStartOffset());
    await().untilAsserted(() -> assertThat(files(".deleted")).isEmpty());
  }

  @Test
  void shouldRollAndRemoveTheActiveSegmentWhenAllInItHasExpired() {
    TopicConfig config = StorageBed.config(10_000, -1, 1_000, 1, Long.MAX_VALUE);
    PartitionLog log = bed.log(config);
    bed.append(log, 3, 10);
    bed.wallMs.addAndGet(5_000);

    int removed = bed.on(() -> log.enforceRetention(3));

    assertThat(removed).isEqualTo(1);
    assertThat(log.logStartOffset()).isEqualTo(3);
    assertThat(log.sizeBytes()).isZero();
    bed.append(log, 1, 10);
    assertThat(log.logEndOffset()).isEqualTo(4);
  }

  @Test
  void shouldNotRemoveAboveTheHighWatermark() {
    TopicConfig config = StorageBed.config(1_000, 0, -1, 1, Long.MAX_VALUE);
    PartitionLog log = bed.log(config);
    for (int i = 0; i < 20; i++) {
      bed.append(log, 1, 200);
    }

    bed.on(() -> log.enforceRetention(6));

    assertThat(log.logStartOffset()).isLessThanOrEqualTo(6);
  }

  @Test
  void shouldKeepServingASliceWhoseSegmentWasRemoved() throws IOException {
    TopicConfig config = StorageBed.config(1_000, 0, -1, 1, Long.MAX_VALUE);
    PartitionLog log = bed.log(config);
    for (int i = 0; i < 10; i++) {
      bed.append(log, 1, 200);
    }
    FileSlice slice = bed.on(() -> log.read(0, 10, 100, true));

    bed.on(() -> log.enforceRetention(10));

    await().untilAsserted(() -> assertThat(files(".deleted")).isEmpty());
    assertThat(slice.channel().read(java.nio.ByteBuffer.allocate(10), slice.position()))
        .isEqualTo(10);
    slice.release();
    await().until(() -> !slice.channel().isOpen());
  }

  @Test
  void shouldKeepAMovedLogStartOverARestart() {
    PartitionLog log = bed.log(small(1_000));
    for (int i = 0; i < 10; i++) {
      bed.append(log, 1, 200);
    }
    bed.on(() -> log.advanceLogStart(5));
    bed.stop(false);
    bed.start();

    PartitionLog reopened = bed.log(small(1_000));

    assertThat(reopened.logStartOffset()).isEqualTo(5);
    assertThatThrownBy(() -> bed.on(() -> reopened.read(4, 10, 100, true)))
        .isInstanceOf(OffsetOutOfRangeException.class);
  }

  @Test
  void shouldTruncateAndAppendAnew() {
    PartitionLog log = bed.log(small(1_000));
    for (int i = 0; i < 12; i++) {
      bed.append(log, 2, 150);
    }

    bed.on(() -> log.truncateTo(9));

    assertThat(log.logEndOffset()).isEqualTo(8);
    bed.append(log, 1, 10);
    assertThat(baseOffsets(bed.read(log, 8, 9, 1 << 20))).containsExactly(8L);
  }

  @Test
  void shouldStartAnewAtAnOffset() {
    PartitionLog log = bed.log(small(1_000));
    bed.append(log, 12, 150);

    bed.on(() -> log.truncateFullyAt(100));

    assertThat(log.logStartOffset()).isEqualTo(100);
    assertThat(log.logEndOffset()).isEqualTo(100);
    bed.append(log, 1, 10);
    assertThat(baseOffsets(bed.read(log, 100, 101, 1 << 20))).containsExactly(100L);
  }

  /** The file of the epochs went with the old segments: nobody may ask the disk for it. */
  @Test
  void shouldFlushALogThatWasStartedAnewAfterItHadEpochs() {
    PartitionLog log = bed.log(small(1_000));
    bed.append(log, 1, 900);
    bed.append(log, 1, 900);
    bed.on(() -> log.truncateFullyAt(100));
    bed.append(log, 1, 10);

    bed.on(log::flush);

    assertThat(log.recoveryPoint()).isEqualTo(101);
  }

  @Test
  void shouldFindOffsetsByTimestamp() {
    PartitionLog log = bed.log(small(2_000));
    long t0 = bed.wallMs.get();
    for (int i = 0; i < 40; i++) {
      bed.append(log, 2, 100);
      bed.wallMs.addAndGet(1_000);
    }

    TimestampedOffset found = bed.on(() -> log.offsetForTimestamp(t0 + 20_001, 80));

    assertThat(found.offset()).isEqualTo(41);
    assertThat(found.timestampMs()).isEqualTo(t0 + 20_001);
    assertThat(bed.on(log::offsetOfMaxTimestamp).offset()).isEqualTo(79);
    assertThat(bed.on(() -> log.offsetForTimestamp(t0 + 100_000, 80)).offset()).isEqualTo(-1);
  }

  @Test
  void shouldAcknowledgeAfterTheFlushWhenAskedTo() {
    PartitionLog log = bed.log(StorageBed.config(1 << 20, -1, -1, 1, 1));

    bed.append(log, 5, 10);

    assertThat(log.recoveryPoint()).isEqualTo(5);
  }

  @Test
  void shouldKeepEpochsOverARestart() {
    PartitionLog log = bed.log(small(10_000));
    bed.on(
        () -> {
          log.beginEpoch(3);
          return bed.appendLater(log, 4, 10);
        });
    bed.on(
        () -> {
          log.beginEpoch(5);
          return log.flush();
        });
    bed.stop(false);
    bed.start();

    PartitionLog reopened = bed.log(small(10_000));

    assertThat(reopened.leaderEpochs().entries().toString())
        .isEqualTo(log.leaderEpochs().entries().toString());
  }

  @Test
  void shouldRemoveTheFolderOfADeletedPartition() throws IOException {
    PartitionLog log = bed.log(StorageBed.config(1_000, -1, -1, 1, Long.MAX_VALUE));
    bed.append(log, 4, 10);

    bed.on(log::delete);

    await()
        .untilAsserted(
            () -> {
              try (Stream<Path> all = Files.list(dir)) {
                assertThat(all.filter(Files::isDirectory)).isEmpty();
              }
            });
    assertThat(bed.log(small(1_000)).logEndOffset()).isZero();
  }

  @Test
  void shouldPutAsideTheFolderOfAnOlderTopicOfThatName() throws IOException {
    PartitionLog log = bed.log(small(1_000));
    bed.append(log, 4, 10);
    bed.stop(true);
    bed.start();

    OpenedLog opened =
        bed.on(
                () ->
                    bed.store.open(
                        List.of(
                            new OpenLog(TP, new org.apache.kafka.common.Uuid(1, 2), small(1_000)))))
            .get(0);

    assertThat(opened.created()).isTrue();
    assertThat(opened.log().logEndOffset()).isZero();
    try (Stream<Path> all = Files.list(dir)) {
      assertThat(all.map(Path::toString)).anyMatch(name -> name.endsWith("-stray"));
    }
  }

  @Test
  void shouldFoldProducersAnewAfterATruncation() {
    PartitionLog log = bed.log(small(1 << 20));
    for (int i = 0; i < 4; i++) {
      MemoryRecords batch = StorageBed.batch(i, 1, 10, 5, 42, i);
      bed.on(() -> StorageBed.appendBatch(log, batch));
    }

    bed.on(() -> log.truncateTo(2));

    assertThat(log.producers().get(42).lastSequence()).isEqualTo(1);
    assertThat(log.producers().endOffset()).isEqualTo(2);
  }

  @Test
  void shouldKnowAbortedTransactionsBeforeAndAfterACrash() {
    PartitionLog log = bed.log(small(1_000));
    for (int i = 0; i < 8; i++) {
      bed.append(log, 1, 100);
    }
    openTransaction(log);
    assertThat(log.producers().firstUnstableOffset()).isEqualTo(8);
    abortTransaction(log);
    for (int i = 0; i < 20; i++) {
      bed.append(log, 1, 100);
    }
    List<?> before = bed.on(() -> log.abortedTransactions(0, 30));
    bed.stop(false);
    bed.start();
    PartitionLog recovered = bed.log(small(1_000));

    List<?> after = bed.on(() -> recovered.abortedTransactions(0, 30));

    assertThat(before).hasSize(1);
    assertThat(after.toString()).isEqualTo(before.toString());
    assertThat(recovered.logEndOffset()).isEqualTo(30);
  }

  @Test
  void anAbortedTransactionBeforeACleanStopIsKnownAfterALaterCrash() {
    PartitionLog log = bed.log(small(1 << 20));
    bed.append(log, 1, 100);
    abortedTransaction(log);
    List<?> before = bed.on(() -> log.abortedTransactions(0, 3));
    bed.stop(true);
    bed.start();
    PartitionLog again = bed.log(small(1 << 20));
    bed.append(again, 1, 100);
    bed.stop(false);
    bed.start();
    PartitionLog recovered = bed.log(small(1 << 20));

    List<?> after = bed.on(() -> recovered.abortedTransactions(0, 4));

    assertThat(before).hasSize(1);
    assertThat(after.toString()).isEqualTo(before.toString());
  }

  @Test
  void anAbortedTransactionOfARolledSegmentIsKnownWhenThatSegmentIsRecovered() throws IOException {
    PartitionLog log = bed.log(small(1_000));
    bed.append(log, 1, 100);
    abortedTransaction(log);
    for (int i = 0; i < 20; i++) {
      bed.append(log, 1, 100);
    }
    bed.on(log::flush);
    List<?> before = bed.on(() -> log.abortedTransactions(0, 23));
    bed.stop(false);
    // The crash came before the recovery point was written, the snapshot was there already.
    Files.delete(dir.resolve("recovery-point-offset-checkpoint"));
    bed.start();
    PartitionLog recovered = bed.log(small(1_000));

    List<?> after = bed.on(() -> recovered.abortedTransactions(0, 23));

    assertThat(before).hasSize(1);
    assertThat(after.toString()).isEqualTo(before.toString());
  }

  @Test
  void anAbortedTransactionBelowASnapshotIsKnownAfterATruncation() {
    PartitionLog log = bed.log(small(1 << 20));
    bed.append(log, 1, 100);
    abortedTransaction(log);
    bed.stop(true);
    bed.start();
    PartitionLog again = bed.log(small(1 << 20));
    List<?> before = bed.on(() -> again.abortedTransactions(0, 3));
    bed.append(again, 1, 100);
    bed.append(again, 1, 100);

    bed.on(() -> again.truncateTo(4));

    List<?> after = bed.on(() -> again.abortedTransactions(0, 4));
    assertThat(before).hasSize(1);
    assertThat(after.toString()).isEqualTo(before.toString());
  }

  /** A record of producer 9 and its abort marker. */
  private void abortedTransaction(PartitionLog log) {
    openTransaction(log);
    abortTransaction(log);
  }

  private void openTransaction(PartitionLog log) {
    MemoryRecords data =
        MemoryRecords.withTransactionalRecords(
            log.logEndOffset(),
            org.apache.kafka.common.compress.Compression.NONE,
            9,
            (short) 0,
            0,
            0,
            new org.apache.kafka.common.record.internal.SimpleRecord(
                "x".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    bed.on(() -> StorageBed.appendBatch(log, data));
  }

  private void abortTransaction(PartitionLog log) {
    MemoryRecords marker =
        MemoryRecords.withEndTransactionMarker(
            log.logEndOffset(),
            bed.wallMs.get(),
            0,
            9,
            (short) 0,
            new org.apache.kafka.common.record.internal.EndTransactionMarker(
                org.apache.kafka.common.record.internal.ControlRecordType.ABORT, 0));
    bed.on(() -> StorageBed.appendBatch(log, marker));
  }

  @Test
  void shouldWriteTheEpochFileWhenARecoveryWouldReadMoreThanOneSegment() {
    PartitionLog log = bed.log(small(1_000));
    Path epochs = dir.resolve(TP + "/" + SegmentFiles.EPOCHS);
    bed.append(log, 1, 600);
    assertThat(epochs).doesNotExist();

    bed.append(log, 1, 600);

    await().until(() -> Files.exists(epochs));
  }

  @Test
  void shouldTellHowFarAColdSliceReaches() {
    PartitionLog log = bed.log(small(1 << 20));
    for (int i = 0; i < 50; i++) {
      bed.append(log, 1, 200);
    }
    bed.stop(true);
    bed.start();
    PartitionLog reopened = bed.log(small(1 << 20));

    FileSlice slice = bed.on(() -> reopened.read(3, 50, 600, true));

    assertThat(slice.endOffset()).isBetween(5L, 8L);
    slice.release();
  }

  @Test
  void shouldCallALostSegmentFileDamageNotABug() throws IOException {
    PartitionLog log = bed.log(small(1_000));
    for (int i = 0; i < 10; i++) {
      bed.append(log, 1, 200);
    }
    bed.stop(true);
    bed.start();
    PartitionLog reopened = bed.log(small(1_000));
    for (String name : files(".log").subList(0, 1)) {
      Files.delete(dir.resolve(TP + "/" + name));
    }

    assertThatThrownBy(() -> bed.on(() -> reopened.offsetForTimestamp(0, 10)))
        .isInstanceOf(StorageException.class);
  }

  @Test
  void shouldGoOnThoughTheTimeIndexOfACleanStopIsOfAnotherLog() throws IOException {
    PartitionLog log = bed.log(small(1 << 20));
    for (int i = 0; i < 5; i++) {
      bed.append(log, 1, 200);
    }
    bed.stop(true);
    Path index = dir.resolve(TP + "/00000000000000000000.timeindex");
    Files.write(index, ByteBuffer.allocate(12).putLong(1_700_000_000_001L).putInt(900).array());
    bed.start();
    bed.wallMs.addAndGet(10_000);
    PartitionLog reopened = bed.log(small(1 << 20));

    bed.append(reopened, 1, 200);

    assertThat(reopened.logEndOffset()).isEqualTo(6);
  }

  @Test
  void shouldKeepOnlyTheNewestSnapshotOfCleanStops() throws IOException {
    for (int i = 0; i < 3; i++) {
      PartitionLog log = bed.log(small(1 << 20));
      int sequence = i;
      bed.on(
          () ->
              StorageBed.appendBatch(
                  log, StorageBed.batch(sequence, 1, 10, bed.wallMs.get(), 77, sequence)));
      bed.stop(true);
      bed.start();
    }

    bed.log(small(1 << 20));

    assertThat(files(".snapshot")).containsExactly("00000000000000000003.snapshot");
  }
}
