package io.milena.storage;

import static io.milena.storage.LogFlusher.CLOSINGS_MAX;
import static io.milena.storage.StorageBed.TP;
import static io.milena.storage.StorageBed.small;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that takes writes but answers no flush for a while, so that rolled segments pile up. */
class SlowDiskTest {
  private static final int WRITTEN = CLOSINGS_MAX + 1;
  private static final int WAITING = 5;
  private static final long WEEKS_MS = 30L * 86_400_000;

  @TempDir Path dir;
  private StorageBed bed;
  private FaultyFiles disk;
  private PartitionLog log;

  @BeforeEach
  void start() {
    bed = new StorageBed(dir);
    disk = new FaultyFiles(bed.vertx);
    bed.start(disk);
    log = bed.log(small(1_000));
  }

  @AfterEach
  void stop() {
    bed.close();
  }

  private void on(Runnable step) {
    bed.on(
        () -> {
          step.run();
          return Future.succeededFuture();
        });
  }

  /** Each batch fills a segment; returns when the last one is written that can be. */
  private List<Future<Void>> append(int batches) {
    return append(batches, WRITTEN);
  }

  private List<Future<Void>> append(int batches, int written) {
    List<Future<Void>> acks = new ArrayList<>();
    bed.on(
        () -> {
          for (int i = 0; i < batches; i++) {
            acks.add(bed.appendLater(log, 1, 900));
          }
          return acks.get(written - 1);
        });
    return acks;
  }

  @Test
  void shouldLetTheNextRollWaitWhileManySegmentsWaitForTheDisk() {
    on(disk::hang);

    List<Future<Void>> acks = append(WRITTEN + WAITING);

    assertThat(log.segments()).isEqualTo(WRITTEN);
    assertThat(disk.open).hasValue(WRITTEN);
    assertThat(log.logEndOffset()).isEqualTo(WRITTEN);
    assertThat(log.stagedEndOffset()).isEqualTo(WRITTEN + WAITING);
    assertThat(acks.subList(WRITTEN, WRITTEN + WAITING)).noneMatch(Future::isComplete);
  }

  @Test
  void shouldWriteEverythingWhenTheDiskAnswers() {
    on(disk::hang);
    List<Future<Void>> acks = append(WRITTEN + WAITING);

    on(disk::answer);

    bed.on(() -> Future.all(acks));
    assertThat(log.logEndOffset()).isEqualTo(WRITTEN + WAITING);
    await().until(() -> log.recoveryPoint() == WRITTEN + WAITING - 1);
    await().untilAsserted(() -> assertThat(disk.open).hasValue(1));
  }

  @Test
  void shouldFailWhatWaitsForARollWhenTheDirectoryFails() {
    on(disk::hang);
    List<Future<Void>> acks = append(WRITTEN + WAITING);

    bed.directories.fail(0, new IOException("says the test"));

    await()
        .untilAsserted(
            () -> assertThat(acks.subList(WRITTEN, WRITTEN + WAITING)).allMatch(Future::failed));
    assertThat(log.stagedEndOffset()).isEqualTo(WRITTEN);
    on(disk::answer);
    bed.stop(false);
  }

  @Test
  void shouldCloseALogWhoseDirectoryFailedWhileARollWaited() {
    on(disk::hang);
    append(WRITTEN + WAITING);
    List<Future<Void>> closed = new ArrayList<>();
    on(() -> closed.add(log.close(false)));
    bed.directories.fail(0, new IOException("says the test"));
    await().until(() -> log.stagedEndOffset() == WRITTEN);

    on(disk::answer);

    bed.on(() -> closed.get(0));
    assertThat(log.writable()).isFalse();
  }

  @Test
  void shouldCloseBehindARollThatWaitsWithEverythingOnTheDisk() {
    on(disk::hang);
    List<Future<Void>> acks = append(WRITTEN + WAITING);
    List<Future<Void>> closed = new ArrayList<>();
    on(() -> closed.add(log.close(true)));

    on(disk::answer);

    bed.on(() -> closed.get(0));
    assertThat(acks).allMatch(Future::succeeded);
    assertThat(disk.open).hasValue(0);
    assertThat(bed.log(small(1_000)).logEndOffset()).isEqualTo(WRITTEN + WAITING);
  }

  /** In the way of the index of the first segment. */
  private Path putObstacle() throws IOException {
    Path obstacle = dir.resolve(TP.toString()).resolve("00000000000000000000.txnindex");
    Files.createDirectories(obstacle.resolve("in the way"));
    return obstacle;
  }

  /** It may have gone by itself once it is empty: an index without entries gets no file. */
  private static void remove(Path obstacle) throws IOException {
    Files.delete(obstacle.resolve("in the way"));
    Files.deleteIfExists(obstacle);
  }

  @Test
  void shouldFailWhatWaitsForARollWhenTheSegmentsBeforeItCannotBeClosed() throws IOException {
    putObstacle();

    List<Future<Void>> acks = append(WRITTEN + WAITING);

    await()
        .untilAsserted(
            () -> assertThat(acks.subList(WRITTEN, WRITTEN + WAITING)).allMatch(Future::failed));
    assertThat(log.logEndOffset()).isEqualTo(WRITTEN);
    assertThat(log.stagedEndOffset()).isEqualTo(WRITTEN);
    bed.on(() -> log.close(true));
  }

  /** Usually the next roll tries again, but that one waits. */
  @Test
  void shouldCloseSegmentsAfterAllWithoutAnotherRoll() throws IOException {
    Path obstacle = putObstacle();
    List<Future<Void>> acks = append(WRITTEN + WAITING);
    await().until(() -> acks.get(WRITTEN).failed());

    remove(obstacle);

    await().until(() -> log.recoveryPoint() == WRITTEN - 1);
    bed.append(log, 1, 900);
    assertThat(log.logEndOffset()).isEqualTo(WRITTEN + 1);
  }

  @Test
  void shouldRollAnOldSegmentInALaterRoundWhenManyWaitForTheDisk() {
    on(disk::hang);
    append(WRITTEN);
    bed.wallMs.addAndGet(WEEKS_MS);
    bed.on(log::housekeep);
    assertThat(log.segments()).isEqualTo(WRITTEN);
    on(disk::answer);
    await().until(() -> log.recoveryPoint() == WRITTEN - 1);

    bed.on(log::housekeep);

    assertThat(log.segments()).isEqualTo(WRITTEN + 1);
  }

  /** The failure comes while the batch before is being written: it passes over what is staged. */
  @Test
  void shouldFailWhatComesToItsRollAfterTheDirectoryFailed() {
    on(disk::hang);
    append(WRITTEN - 1, WRITTEN - 1);
    on(disk::holdWrites);
    List<Future<Void>> acks = new ArrayList<>();
    on(() -> acks.add(bed.appendLater(log, 1, 900)));
    await().until(() -> log.segments() == WRITTEN);
    on(() -> acks.add(bed.appendLater(log, 1, 900)));
    List<Future<Void>> closed = new ArrayList<>();
    on(() -> closed.add(log.close(false)));
    bed.directories.fail(0, new IOException("says the test"));
    await().until(() -> !log.writable());

    on(disk::takeWrites);

    await().until(() -> acks.get(1).failed());
    on(disk::answer);
    bed.on(() -> closed.get(0));
  }

  @Test
  void shouldRefuseWhatIsAppendedBehindTheClose() {
    on(disk::hang);
    append(WRITTEN + WAITING);
    List<Future<Void>> late = new ArrayList<>();
    on(() -> late.add(log.close(true)));
    on(() -> late.add(bed.appendLater(log, 1, 900)));

    on(disk::answer);

    await().until(() -> late.get(1).failed());
    bed.on(() -> late.get(0));
    assertThat(disk.open).hasValue(0);
    assertThat(log.logEndOffset()).isEqualTo(WRITTEN + WAITING);
  }

  @Test
  void shouldTruncateBehindARollThatWaits() {
    on(disk::hang);
    List<Future<Void>> acks = append(WRITTEN + WAITING);
    List<Future<Void>> cut = new ArrayList<>();
    on(() -> cut.add(log.truncateTo(3)));

    on(disk::answer);

    bed.on(() -> cut.get(0));
    assertThat(acks).allMatch(Future::succeeded);
    assertThat(log.logEndOffset()).isEqualTo(3);
    assertThat(log.recoveryPoint()).isLessThanOrEqualTo(3);
    bed.append(log, 1, 900);
    assertThat(disk.open).hasValue(1);
  }

  /** They are none of the log any more, so nothing of them is written or counted. */
  @Test
  void shouldForgetRolledSegmentsThatCouldNotBeClosedWhenTheLogIsCut() throws IOException {
    Path obstacle = putObstacle();
    append(5, 5);
    assertThatThrownBy(() -> bed.on(log::flush)).hasMessageContaining("txnindex");
    remove(obstacle);

    bed.on(() -> log.truncateTo(1));
    bed.append(log, 1, 900);
    bed.on(log::flush);

    assertThat(log.recoveryPoint()).isEqualTo(2);
    assertThat(disk.open).hasValue(1);
    Path folder = dir.resolve(TP.toString());
    assertThat(folder.resolve("00000000000000000003.index")).doesNotExist();
    assertThat(folder.resolve("00000000000000000003.snapshot")).doesNotExist();
  }

  @Test
  void shouldFlushWhatIsThereAfterACutThatIsUnderWay() {
    append(5, 5);

    bed.on(() -> Future.all(log.truncateTo(1), log.flush()));

    assertThat(log.logEndOffset()).isEqualTo(1);
    assertThat(log.recoveryPoint()).isEqualTo(1);
    bed.append(log, 1, 900);
  }

  @Test
  void shouldGiveBackTheFilesOfSegmentsThatCouldNotBeClosed() throws IOException {
    putObstacle();
    append(5, 5);

    bed.on(() -> log.close(true));

    assertThat(disk.open).hasValue(0);
  }
}
