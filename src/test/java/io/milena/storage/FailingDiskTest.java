package io.milena.storage;

import static io.milena.storage.StorageBed.TP;
import static io.milena.storage.StorageBed.small;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.milena.config.TopicConfig;
import io.milena.config.TopicConfigs;
import io.milena.log.batch.BatchHeader;
import io.milena.storage.directory.LogDirectories.Usage;
import io.milena.storage.directory.StorageOptions;
import io.milena.storage.file.StorageException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailingDiskTest {
  private static final IOException EIO = new IOException("Input/output error");
  private static final IOException ENOSPC = new IOException("No space left on device");

  @TempDir Path dir;
  private StorageBed bed;
  private FaultyFiles disk;
  private final AtomicLong room = new AtomicLong(Long.MAX_VALUE / 2);

  private PartitionLog startedLog() {
    bed = new StorageBed(dir);
    disk = new FaultyFiles(bed.vertx);
    bed.start(disk, path -> room.get());
    PartitionLog log = bed.log(small(1 << 20));
    bed.append(log, 3, 50);
    return log;
  }

  @AfterEach
  void stop() {
    bed.close();
  }

  private void fail(IOException... failures) {
    bed.on(
        () -> {
          disk.writeFailures.addAll(List.of(failures));
          return Future.succeededFuture();
        });
  }

  @Test
  void shouldTakeBackAFailedWriteAndGoOn() throws IOException {
    PartitionLog log = startedLog();
    long sizeBefore = log.sizeBytes();
    disk.shortWriteBytes = 70;
    fail(EIO);
    MemoryRecords lost = StorageBed.batch(3, 2, 50, 1, 77, 0);

    assertThatThrownBy(() -> bed.on(() -> StorageBed.appendBatch(log, lost)))
        .isInstanceOf(StorageException.class);

    await().until(log::writable);
    assertThat(log.stagedEndOffset()).isEqualTo(3);
    assertThat(log.producers().get(77)).isNull();
    assertThat(Files.size(dir.resolve(TP + "/00000000000000000000.log"))).isEqualTo(sizeBefore);
    bed.append(log, 1, 10);
    assertThat(log.logEndOffset()).isEqualTo(4);
    for (RecordBatch batch : bed.read(log, 0, 4, 1 << 20).batches()) {
      batch.ensureValid();
    }
  }

  /** A batch that is to be gathered when there is no direct memory left. */
  private static final class NoMemory extends UnpooledHeapByteBuf {
    NoMemory(byte[] batch) {
      super(UnpooledByteBufAllocator.DEFAULT, batch, batch.length);
    }

    @Override
    public boolean isDirect() {
      throw new OutOfMemoryError("no direct memory, says the test");
    }
  }

  @Test
  void shouldGoOnAfterThereWasNoMemoryForTwoWritesInARow() {
    PartitionLog log = startedLog();
    for (int i = 0; i < 2; i++) {
      ByteBuffer bytes = StorageBed.batch(3, 1, 10, 1, -1, 0).buffer();
      ByteBuf records = new NoMemory(Arrays.copyOf(bytes.array(), bytes.limit()));
      List<BatchHeader> headers = List.of(BatchHeader.read(bytes, 0));

      assertThatThrownBy(() -> bed.on(() -> log.append(records, headers)))
          .isInstanceOf(StorageException.class)
          .hasMessageContaining("no direct memory");

      assertThat(records.refCnt()).isZero();
      await().until(log::writable);
    }

    bed.append(log, 1, 10);
    assertThat(log.logEndOffset()).isEqualTo(4);
    assertThat(log.directory().online()).isTrue();
  }

  @Test
  void shouldFailWhatWasStagedBehindAFailedWrite() {
    PartitionLog log = startedLog();
    fail(EIO);
    List<Future<Void>> acks = new ArrayList<>();

    bed.on(
        () -> {
          for (int i = 0; i < 5; i++) {
            acks.add(bed.appendLater(log, 1, 10));
          }
          return Future.join(acks).otherwiseEmpty();
        });

    assertThat(acks).allMatch(Future::failed);
    await().until(log::writable);
    assertThat(log.logEndOffset()).isEqualTo(3);
    assertThat(log.directory().online()).isTrue();
  }

  @Test
  void shouldTakeTheDirectoryOfflineWhenTheRetryFailsToo() {
    PartitionLog log = startedLog();
    fail(EIO, EIO);
    assertThatThrownBy(() -> bed.append(log, 1, 10)).isInstanceOf(StorageException.class);
    await().until(log::writable);

    assertThatThrownBy(() -> bed.append(log, 1, 10)).isInstanceOf(StorageException.class);

    await().until(() -> !log.directory().online());
    assertThat(log.writable()).isFalse();
    assertThat(bed.on(bed.directories::usage)).extracting(Usage::online).containsExactly(false);
    assertThatThrownBy(() -> bed.append(log, 1, 10)).isInstanceOf(StorageException.class);
    assertThat(bed.read(log, 0, 3, 1 << 20).sizeInBytes()).isPositive();
  }

  @Test
  void shouldNotTrustWhatWasWrittenBeforeAFailedWriteUntilItIsSynced() {
    PartitionLog log = startedLog();
    fail(EIO);
    assertThatThrownBy(() -> bed.append(log, 1, 10)).isInstanceOf(StorageException.class);
    await().until(log::writable);

    bed.on(log::flush);

    assertThat(log.recoveryPoint()).isEqualTo(3);
    assertThat(disk.synced).contains("00000000000000000000.log");
  }

  @Test
  void shouldSyncARolledSegmentWhoseHandleAFailedWriteTookAway() {
    PartitionLog log = startedLog();
    fail(EIO);
    assertThatThrownBy(() -> bed.append(log, 1, 10)).isInstanceOf(StorageException.class);
    await().until(log::writable);
    bed.on(
        () -> {
          log.configure(small(1_000));
          return Future.succeededFuture();
        });

    bed.append(log, 1, 900);

    await().until(() -> log.recoveryPoint() == 3);
    assertThat(disk.synced).contains("00000000000000000000.log");
  }

  @Test
  void shouldHealByItselfWhenRoomReturns() {
    PartitionLog log = startedLog();
    room.set(0);
    fail(ENOSPC, ENOSPC, ENOSPC);
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> bed.append(log, 1, 10)).isInstanceOf(StorageException.class);
    }
    assertThat(log.directory().online()).isTrue();

    room.set(Long.MAX_VALUE / 2);

    bed.on(() -> Future.succeededFuture(disk.writeFailures.size()));
    await()
        .ignoreExceptions()
        .until(
            () -> {
              bed.append(log, 1, 10);
              return true;
            });
    assertThat(log.logEndOffset()).isEqualTo(4);
  }

  @Test
  void shouldRefuseBeforeTheDiskIsFull() {
    bed =
        new StorageBed(
            new StorageOptions(List.of(dir), 10_000, 1, 1 << 20, 16, 5_000, 60_000, 60_000, 1_000));
    disk = new FaultyFiles(bed.vertx);
    room.set(11_000);
    bed.start(disk, path -> room.get());
    PartitionLog log = bed.log(small(1 << 20));
    bed.append(log, 1, 500);

    assertThatThrownBy(() -> bed.append(log, 1, 1_500))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("milena.disk.reserve.bytes");
  }

  @Test
  void shouldTakeTheDirectoryOfflineAfterAFailedFsync() {
    PartitionLog log = startedLog();
    bed.on(
        () -> {
          disk.flushFailure = EIO;
          return Future.succeededFuture();
        });

    assertThatThrownBy(() -> bed.on(log::flush)).hasMessageContaining("Input/output");

    await().until(() -> !log.directory().online());
    assertThat(log.recoveryPoint()).isZero();
  }

  @Test
  void shouldLeaveNoCleanMarkerWhenADirectoryFailed() {
    PartitionLog log = startedLog();
    fail(EIO, EIO);
    assertThatThrownBy(() -> bed.append(log, 1, 10)).isInstanceOf(StorageException.class);
    await().until(log::writable);
    assertThatThrownBy(() -> bed.append(log, 1, 10)).isInstanceOf(StorageException.class);
    await().until(() -> !log.directory().online());

    bed.stop(true);

    assertThat(dir.resolve(".kafka_cleanshutdown")).doesNotExist();
  }

  @Test
  void shouldTakeBackAWriteThatBrokeBeforeItBeganAndGoOn() {
    PartitionLog log = startedLog();
    bed.on(
        () -> {
          disk.writeThrows = new IllegalStateException("a bug");
          return Future.succeededFuture();
        });

    assertThatThrownBy(() -> bed.append(log, 1, 10)).isInstanceOf(StorageException.class);

    await().until(log::writable);
    bed.append(log, 1, 10);
    assertThat(log.logEndOffset()).isEqualTo(4);
  }

  @Test
  void shouldReleaseABufferThatItCannotStage() {
    PartitionLog log = startedLog();
    ByteBuf[] buffer = new ByteBuf[1];

    assertThatThrownBy(
            () ->
                bed.on(
                    () -> {
                      buffer[0] = Unpooled.directBuffer(8).writeLong(0);
                      return log.append(buffer[0], List.of());
                    }))
        .isInstanceOf(IndexOutOfBoundsException.class);

    assertThat(buffer[0].refCnt()).isZero();
    bed.append(log, 1, 10);
  }

  /** The last of it was appended long ago, and nobody appends again. */
  @Test
  void shouldFlushInTimeAfterARolledSegmentCouldNotBeClosed() throws IOException {
    bed = new StorageBed(dir);
    disk = new FaultyFiles(bed.vertx);
    bed.start(disk, path -> room.get());
    PartitionLog log = bed.log(flushedWithin("20"));
    Path obstacle = dir.resolve(TP.toString()).resolve("00000000000000000000.txnindex");
    Files.createDirectories(obstacle.resolve("in the way"));
    bed.append(log, 1, 900);
    bed.append(log, 1, 900);
    await().until(() -> disk.flushed.contains("00000000000000000001.log"));

    Files.delete(obstacle.resolve("in the way"));
    Files.delete(obstacle);

    await().until(() -> log.recoveryPoint() == 2);
  }

  private static TopicConfig flushedWithin(String ms) {
    return TopicConfigs.effective(
        Map.of(), Map.of(), Map.of("segment.bytes", "1000", "flush.ms", ms));
  }
}
