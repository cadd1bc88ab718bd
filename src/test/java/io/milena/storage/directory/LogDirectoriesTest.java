package io.milena.storage.directory;

import static io.milena.storage.StorageBed.TP;
import static io.milena.storage.StorageBed.small;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.milena.storage.OpenLog;
import io.milena.storage.OpenedLog;
import io.milena.storage.PartitionLog;
import io.milena.storage.StorageBed;
import io.milena.storage.file.StorageException;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogDirectoriesTest {
  @TempDir Path root;
  private StorageBed bed;

  @AfterEach
  void stop() {
    if (bed != null) {
      bed.close();
    }
  }

  private LogDirectories open(Path... dirs) {
    return LogDirectories.open(StorageOptions.defaults(List.of(dirs), 1));
  }

  @Test
  void shouldWriteTheRecoveryPointOfARolledSegmentSoonAndNotAtTheNextInterval() {
    bed = new StorageBed(root).start(); // checkpoints each minute
    PartitionLog log = bed.log(small(1_000));
    while (bed.on(() -> Future.succeededFuture(log.segments())) < 4) {
      bed.append(log, 1, 200);
    }
    long flushed = bed.on(() -> Future.succeededFuture(log.logEndOffset())) - 8;

    await()
        .ignoreException(NoSuchFileException.class)
        .untilAsserted(
            () ->
                assertThat(
                        Files.readAllLines(root.resolve("recovery-point-offset-checkpoint")).get(2))
                    .startsWith(TP.topic() + " " + TP.partition() + " ")
                    .satisfies(
                        line ->
                            assertThat(Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
                                .isGreaterThan(flushed)));
    bed.stop(false);
  }

  @Test
  void shouldHaveOnTheDiskWhatItSaysIsWrittenHoweverTheWritesMeet() throws IOException {
    bed = new StorageBed(root).start();
    Path file = root.resolve("cleaner-offset-checkpoint");
    for (int round = 1; round <= 300; round++) {
      long offset = round;
      // The next ones come at any moment of the write of the first.
      List<Future<Void>> writes =
          bed.on(
              () ->
                  Future.succeededFuture(
                      IntStream.range(0, 20)
                          .mapToObj(p -> new TopicPartition("t", p))
                          .map(tp -> bed.directories.updateNow(0, Checkpoint.CLEANER, tp, offset))
                          .toList()));
      writes.forEach(write -> bed.on(() -> write));

      assertThat(Files.readAllLines(file)).contains("t 0 " + round, "t 19 " + round);
    }
  }

  @Test
  void shouldRefuseALockedDirectory() {
    LogDirectories first = open(root);

    assertThatThrownBy(() -> open(root))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("is locked");

    first.close(false);
  }

  @Test
  void shouldRefuseAKraftDirectory() throws IOException {
    Files.writeString(root.resolve("meta.properties"), "version=1\nnode.id=1\ncluster.id=x\n");

    assertThatThrownBy(() -> open(root)).hasMessageContaining("KRaft");
  }

  @Test
  void shouldRefuseAForeignClusterOrBroker() throws IOException {
    LogDirectories dirs = open(root);
    dirs.identify("mine", 4);
    dirs.close(true);
    LogDirectories again = open(root);

    assertThat(again.clusterId()).isEqualTo("mine");
    assertThat(again.brokerId()).isEqualTo(4);
    assertThatThrownBy(() -> again.identify("other", 4)).hasMessageContaining("other");
    assertThatThrownBy(() -> again.identify("mine", 5)).hasMessageContaining("broker.id is 5");
    again.close(false);
  }

  @Test
  void shouldRefuseDirectoriesOfDifferentBrokers() {
    for (int i = 0; i < 2; i++) {
      LogDirectories one = open(root.resolve("d" + i));
      one.identify("mine", i);
      one.close(true);
    }

    assertThatThrownBy(() -> open(root.resolve("d0"), root.resolve("d1")))
        .hasMessageContaining("different brokers");
  }

  @Test
  void shouldPutNewPartitionsWhereTheFewestAre() throws IOException {
    bed = new StorageBed(root.resolve("a"), root.resolve("b"), root.resolve("c")).start();
    List<OpenLog> asks =
        IntStream.range(0, 9)
            .mapToObj(
                i -> new OpenLog(new TopicPartition("t", i), StorageBed.TOPIC_ID, small(1000)))
            .toList();

    List<OpenedLog> opened = bed.on(() -> bed.store.open(asks));

    for (LogDirectory directory : bed.store.directories()) {
      assertThat(opened).filteredOn(log -> log.log().directory() == directory).hasSize(3);
    }
  }

  @Test
  void shouldMarkACleanStopAndKeepHighWatermarks() {
    bed = new StorageBed(root).start();
    PartitionLog log = bed.log(small(10_000));
    bed.append(log, 5, 10);
    bed.on(
        () -> {
          bed.store.checkpointHighWatermarks(Map.of(TP, 3L));
          return io.vertx.core.Future.succeededFuture();
        });
    bed.stop(true);
    assertThat(root.resolve(".kafka_cleanshutdown")).exists();
    bed.start();

    OpenedLog opened = bed.open(TP, small(10_000));

    assertThat(bed.directories.cleanShutdown()).isTrue();
    assertThat(root.resolve(".kafka_cleanshutdown")).doesNotExist();
    assertThat(opened.checkpointedHighWatermark()).isEqualTo(3);
    assertThat(opened.log().logEndOffset()).isEqualTo(5);
    assertThat(opened.created()).isFalse();
  }

  @Test
  void shouldMarkTheOtherDirectoriesCleanWhenOneCannotBeWritten() throws IOException {
    bed = new StorageBed(root.resolve("a"), root.resolve("b")).start();
    Path inTheWay = root.resolve("a/replication-offset-checkpoint.tmp");
    Files.createDirectory(inTheWay);

    assertThatThrownBy(() -> bed.stop(true)).hasRootCauseInstanceOf(IOException.class);

    assertThat(root.resolve("a/.kafka_cleanshutdown")).doesNotExist();
    assertThat(root.resolve("b/.kafka_cleanshutdown")).exists();
    Files.delete(inTheWay);
    bed.start();
  }

  @Test
  void shouldTakeALogThatIsAsTheCleanStopLeftItForWhole() {
    closedCleanly();
    bed.start();

    assertThat(bed.directories.cleanShutdown()).isTrue();
    assertThat(bed.open(TP, small(10_000)).damaged()).isFalse();
    assertThat(bed.open(new TopicPartition("new", 0), small(10_000)).damaged()).isFalse();
  }

  @Test
  void shouldFindALogDamagedThatWasCutBehindABatchAfterTheCleanStop() throws IOException {
    long firstBatchBytes = closedCleanly();
    cut(firstBatchBytes);
    bed.start();

    OpenedLog opened = bed.open(TP, small(10_000));

    assertThat(opened.log().logEndOffset()).isEqualTo(5);
    assertThat(opened.damaged()).isTrue();
    assertThat(opened.cutBelowHighWatermark()).isTrue();
  }

  @Test
  void shouldFindALogDamagedThatWasCutInsideABatchAfterTheCleanStop() throws IOException {
    long firstBatchBytes = closedCleanly();
    cut(firstBatchBytes + 20);
    bed.start();

    OpenedLog opened = bed.open(TP, small(10_000));

    assertThat(opened.log().logEndOffset()).isEqualTo(5);
    assertThat(opened.damaged()).isTrue();
  }

  @Test
  void shouldFindALogDamagedWhoseLastSegmentIsGone() throws IOException {
    bed = new StorageBed(root).start();
    PartitionLog log = bed.log(small(200));
    for (int i = 0; i < 4; i++) {
      bed.append(log, 1, 150);
    }
    bed.stop(true);
    Files.delete(root.resolve("orders-0/00000000000000000003.log"));
    bed.start();

    OpenedLog opened = bed.open(TP, small(200));

    assertThat(opened.log().logEndOffset()).isEqualTo(3);
    assertThat(opened.damaged()).isTrue();
  }

  @Test
  void shouldNotCallTheShutdownCleanWhenTheFolderOfALogIsGone() throws IOException {
    closedCleanly();
    try (var files = Files.walk(root.resolve("orders-0"))) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
    bed.start();

    assertThat(bed.directories.cleanShutdown()).isFalse();
    OpenedLog opened = bed.open(TP, small(10_000));
    assertThat(opened.created()).isTrue();
    assertThat(opened.checkpointedHighWatermark()).isZero();
    bed.stop(true);
    bed.start();
    assertThat(bed.directories.cleanShutdown()).isTrue();
  }

  /** Two batches of 5 records, committed, and a clean stop; the bytes of the first. */
  private long closedCleanly() {
    bed = new StorageBed(root).start();
    PartitionLog log = bed.log(small(10_000));
    bed.append(log, 5, 10);
    long firstBatchBytes = bed.on(() -> Future.succeededFuture(log.sizeBytes()));
    bed.append(log, 5, 10);
    bed.on(
        () -> {
          bed.store.checkpointHighWatermarks(Map.of(TP, 10L));
          return Future.succeededFuture();
        });
    bed.stop(true);
    return firstBatchBytes;
  }

  private void cut(long sizeBytes) throws IOException {
    Path file = root.resolve("orders-0/00000000000000000000.log");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(sizeBytes);
    }
  }

  @Test
  void shouldNotMarkCleanWhatWasNeverRecovered() {
    bed = new StorageBed(root).start();
    bed.append(bed.log(small(10_000)), 5, 10);
    bed.stop(false);
    bed.start();

    bed.stop(true);

    assertThat(root.resolve(".kafka_cleanshutdown")).doesNotExist();
  }

  @Test
  void shouldTakeGarbledCheckpointsAsMissing() throws IOException {
    bed = new StorageBed(root).start();
    bed.append(bed.log(small(10_000)), 5, 10);
    bed.stop(false);
    for (Checkpoint checkpoint : Checkpoint.values()) {
      Files.writeString(root.resolve(checkpoint.fileName()), "0\n7\nnonsense");
    }
    bed.start();

    OpenedLog opened = bed.open(TP, small(10_000));

    assertThat(opened.log().logEndOffset()).isEqualTo(5);
    assertThat(opened.checkpointedHighWatermark()).isZero();
  }

  @Test
  void shouldCapTheNamesOfFoldersPutAside() {
    TopicPartition tp = new TopicPartition("x".repeat(249), 12);

    String name = PartitionFolder.putAside(tp, PartitionFolder.DELETE_SUFFIX);

    assertThat(name).hasSize(255).matches("x+-12\\.[0-9a-f]{32}-delete");
    assertThat(PartitionFolder.parse("a-b-3")).isEqualTo(new TopicPartition("a-b", 3));
    assertThat(PartitionFolder.parse("zookeeper")).isNull();
  }
}
