package io.milena.storage;

import static io.milena.storage.StorageBed.small;
import static org.assertj.core.api.Assertions.assertThat;

import io.milena.base.RandomSource;
import io.milena.log.producer.AbortedTxn;
import io.milena.storage.file.AppendFile;
import io.milena.storage.file.LogFiles;
import io.milena.storage.file.SegmentFiles;
import io.milena.storage.file.StorageWorkers;
import io.milena.storage.recovery.LoadRequest;
import io.milena.storage.recovery.LogLoader;
import io.milena.storage.segment.Segment;
import io.milena.storage.segment.SegmentCache;
import io.milena.storage.segment.TimestampSearch;
import io.milena.storage.segment.TimestampedOffset;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A log may have thousands of segments: no chain of steps may nest as deep, or the stack of the
 * event loop ends it and whoever waits is never answered.
 */
class ManySegmentsTest {
  private static final int MANY = 20_000;

  @TempDir Path root;
  private StorageBed bed;
  private LogParts parts;
  private LogState state;

  @BeforeEach
  void start() throws IOException {
    bed = new StorageBed(root).start();
    parts =
        new LogParts(
            bed.vertx,
            bed.directories,
            StorageWorkers.executor(bed.vertx),
            LogFiles.of(bed.vertx),
            new SegmentCache(10, 1 << 10, channel -> {}),
            new StagingBuffers(),
            bed.options,
            bed.clock,
            RandomSource.system(),
            bed.meters);
    Path folder = root.resolve("many-0");
    LoadRequest empty =
        new LoadRequest(
            folder,
            StorageBed.TOPIC_ID,
            small(1_000),
            false,
            false,
            -1,
            -1,
            -1,
            1_000,
            RandomSource.system(),
            0);
    state =
        new LogState(
            StorageBed.TP,
            bed.store.directories().get(0),
            folder,
            small(1_000),
            LogLoader.create(empty, null, false));
  }

  @AfterEach
  void stop() {
    bed.close();
  }

  /** A handle that takes its time to close, as real ones do. */
  private final class SlowToClose implements AppendFile {
    @Override
    public Future<Void> write(ByteBuf bytes, long position) {
      return Future.succeededFuture();
    }

    @Override
    public Future<Void> flush() {
      return Future.succeededFuture();
    }

    @Override
    public Future<Void> close() {
      Promise<Void> closed = Promise.promise();
      bed.context.runOnContext(later -> closed.complete());
      return closed.future();
    }
  }

  private LogFlusher flusher() {
    LogFlusher flusher = new LogFlusher(parts, state);
    new LogAppender(parts, state, flusher); // it listens, and has nothing to roll
    return flusher;
  }

  private void rollManyWhileTheDiskIsBusy(LogFlusher flusher, AppendFile file) {
    Promise<Void> slowStep = Promise.promise();
    bed.on(
        () -> {
          flusher.exclusive(slowStep::future);
          for (int i = 0; i < MANY; i++) {
            Segment rolled = new Segment(i, state.folder, 0, 0);
            rolled.removed = true; // no files for this test to write
            flusher.segmentClosed(rolled, file, i + 1, null);
          }
          return Future.succeededFuture();
        });

    bed.on(
        () -> {
          slowStep.complete();
          return flusher.flush();
        });
  }

  @Test
  void shouldCloseAllSegmentsThatWereRolledDuringOneSlowFlush() {
    rollManyWhileTheDiskIsBusy(flusher(), new SlowToClose());

    assertThat(state.recoveryPoint).isEqualTo(MANY);
  }

  @Test
  void shouldPassOverAllSegmentsThatWereRemovedDuringOneSlowFlush() {
    rollManyWhileTheDiskIsBusy(flusher(), null);

    assertThat(state.recoveryPoint).isEqualTo(MANY);
  }

  @Test
  void shouldLookForAbortedTransactionsInAllSegmentsOfALongLog() throws IOException {
    Files.createFile(SegmentFiles.path(state.folder, 0, SegmentFiles.INDEX));
    Files.createFile(SegmentFiles.path(state.folder, 0, SegmentFiles.TIME_INDEX));
    for (long base = 0; base < MANY; base++) {
      // All of the same name, so that two files do for all of them.
      state.segments.put(base, new Segment(0, state.folder, 0, 0));
    }
    LogReader reader = new LogReader(parts, state);

    List<AbortedTxn> found = bed.on(() -> reader.abortedTransactions(0, MANY));

    assertThat(found).isEmpty();
  }

  @Test
  void shouldLookForATimestampInAllSegmentsOfALongLog() throws IOException {
    Files.createFile(SegmentFiles.path(state.folder, 0, SegmentFiles.INDEX));
    Files.createFile(SegmentFiles.path(state.folder, 0, SegmentFiles.TIME_INDEX));
    for (long base = 0; base < MANY; base++) {
      Segment promising = new Segment(0, state.folder, 0, 0);
      promising.largestTimestampMs = 5;
      promising.nextOffset = 1;
      state.segments.put(base, promising);
    }
    LogReader reader = new LogReader(parts, state);

    TimestampedOffset found = bed.on(() -> reader.offsetForTimestamp(5, MANY));

    assertThat(found).isEqualTo(TimestampSearch.NOT_FOUND);
  }
}
