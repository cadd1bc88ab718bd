package io.milena.storage.compaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.milena.config.TopicConfig;
import io.milena.log.batch.BatchHeader;
import io.milena.log.producer.AbortedTxn;
import io.milena.storage.PartitionLog;
import io.milena.storage.StorageBed;
import io.milena.storage.directory.StorageOptions;
import io.milena.storage.file.SegmentFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.common.record.internal.Record;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A compacted segment takes the place of others: as a whole, or not at all. */
@Timeout(60)
class SegmentSwapTest {
  private static final TopicConfig CONFIG = StorageBed.small(1_000);
  @TempDir Path temp;

  /** One rename of a swap. */
  private record Rename(String from, String to) {}

  private static List<Long> offsets(StorageBed bed, PartitionLog log) {
    List<Long> offsets = new ArrayList<>();
    long at = log.logStartOffset();
    while (at < log.logEndOffset()) {
      long next = log.logEndOffset();
      for (Record record : bed.read(log, at, log.logEndOffset(), 1 << 20).records()) {
        if (record.offset() >= at) {
          offsets.add(record.offset());
          next = record.offset() + 1;
        }
      }
      at = next;
    }
    return offsets;
  }

  /** Two closed segments and an active one, everything on the disk. */
  private static PartitionLog threeSegments(StorageBed bed) {
    PartitionLog log = bed.log(CONFIG);
    while (bed.on(() -> log.compaction().look(Long.MAX_VALUE)).closed().size() < 2) {
      bed.append(log, 1, 100);
      bed.on(log::flush);
    }
    return log;
  }

  /** Writes every second batch of the closed segments, and the last one, beside them. */
  private static CleanedSegment.Written compact(CleaningSource source) throws IOException {
    CleanableSegment first = source.segments().get(0);
    CleanedSegment cleaned =
        CleanedSegment.create(
            source.folder(), first.baseOffset(), 100, ByteBuffer.allocateDirect(512));
    long end = source.segments().get(source.segments().size() - 1).endOffset();
    for (CleanableSegment segment : source.segments()) {
      try (SegmentBatches batches = new SegmentBatches(segment, ByteBuffer.allocateDirect(512))) {
        for (List<BatchHeader> found = batches.next(); !found.isEmpty(); found = batches.next()) {
          for (BatchHeader batch : found) {
            if (batch.baseOffset() % 2 == 0 || batch.nextOffset() == end) {
              cleaned.append(batches.buffer(), batch);
            }
          }
        }
      }
    }
    return cleaned.finish(List.of(), 1_600_000_000_000L);
  }

  private static CleaningSource source(StorageBed bed, PartitionLog log) {
    long end = bed.on(() -> log.compaction().look(Long.MAX_VALUE)).closedEnd();
    return bed.on(() -> log.compaction().begin(end));
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void theLogReadsOnAndOldFilesGo() throws IOException {
    try (StorageBed bed = new StorageBed(temp).start()) {
      PartitionLog log = threeSegments(bed);
      List<Long> before = offsets(bed, log);
      long sizeBefore = log.sizeBytes();
      CleaningSource source = source(bed, log);
      CleanedSegment.Written written = compact(source);

      bed.on(() -> log.compaction().swap(source.segments(), written));

      long end = source.segments().get(1).endOffset();
      assertThat(offsets(bed, log))
          .isEqualTo(before.stream().filter(o -> o % 2 == 0 || o >= end || o == end - 1).toList());
      assertThat(log.sizeBytes()).isLessThan(sizeBefore);
      assertThat(names(source.folder()))
          .noneMatch(name -> name.endsWith(".cleaned") || name.endsWith(".swap"))
          .anyMatch(name -> name.endsWith(".log.deleted"));
      bed.append(log, 1, 100);
      bed.stop(true);
    }
    try (StorageBed again = new StorageBed(temp).start()) {
      assertThat(offsets(again, again.log(CONFIG))).contains(0L, 2L).doesNotContain(1L, 3L);
      again.stop(true);
    }
  }

  @Test
  void aCompactedSegmentIsRecoveredWithItsGaps() throws IOException {
    List<Long> compacted;
    try (StorageBed bed = new StorageBed(temp).start()) {
      PartitionLog log = threeSegments(bed);
      CleaningSource source = source(bed, log);
      CleanedSegment.Written written = compact(source);
      bed.on(() -> log.compaction().swap(source.segments(), written));
      bed.append(log, 1, 100);
      compacted = offsets(bed, log);
      bed.stop(false);
    }
    Files.delete(temp.resolve("recovery-point-offset-checkpoint")); // every segment is read
    try (StorageBed again = new StorageBed(temp).start()) {
      PartitionLog log = again.log(CONFIG);

      assertThat(offsets(again, log)).isEqualTo(compacted).doesNotContain(1L, 3L);
      again.stop(true);
    }
  }

  @Test
  void aLogThatWasCutMeanwhileKeepsItsSegments() throws IOException {
    try (StorageBed bed = new StorageBed(temp).start()) {
      PartitionLog log = threeSegments(bed);
      CleaningSource source = source(bed, log);
      CleanedSegment.Written written = compact(source);
      bed.on(() -> log.truncateTo(3));

      assertThatThrownBy(() -> bed.on(() -> log.compaction().swap(source.segments(), written)))
          .hasMessageContaining("is another");

      assertThat(offsets(bed, log)).containsExactly(0L, 1L, 2L);
      bed.stop(true);
    }
  }

  @Test
  void whatIsCleanIsCutWithTheLogAndForgottenWithThePartition() throws IOException {
    Path checkpoint = temp.resolve("cleaner-offset-checkpoint");
    try (StorageBed bed = new StorageBed(temp).start()) {
      PartitionLog log = threeSegments(bed);
      bed.on(() -> log.compaction().cleanedTo(5));
      assertThat(Files.readString(checkpoint)).isEqualTo("0\n1\norders 0 5\n");

      bed.on(() -> log.truncateTo(3));
      assertThat(Files.readString(checkpoint)).isEqualTo("0\n1\norders 0 3\n");

      bed.on(log::delete);
      bed.stop(true);
    }
    assertThat(Files.readString(checkpoint)).isEqualTo("0\n0\n");
  }

  @Test
  void moreCleanThanThereIsIsNotBelieved() throws IOException {
    try (StorageBed bed = new StorageBed(temp).start()) {
      threeSegments(bed);
      bed.stop(true);
    }
    Files.writeString(temp.resolve("cleaner-offset-checkpoint"), "0\n2\norders 0 5000\ngone 0 7\n");
    try (StorageBed bed = new StorageBed(temp).start()) {
      assertThat(bed.log(CONFIG).compaction().cleanedTo()).isEqualTo(-1);
      bed.stop(true);
    }
    assertThat(temp.resolve("cleaner-offset-checkpoint")).hasContent("0\n0\n");
  }

  @Test
  void aSegmentThatIsNotOnTheDiskYetIsNotHandedOut() {
    try (StorageBed bed = new StorageBed(temp).start()) {
      PartitionLog log = bed.log(CONFIG);
      bed.append(log, 1, 100);

      assertThat(bed.on(() -> log.compaction().look(Long.MAX_VALUE)).closed()).isEmpty();
      bed.stop(true);
    }
  }

  /** A start takes a .cleaned file below a .swap file for proof that the swap had not begun. */
  @Test
  void aLeftoverOfAnotherCleaningGoesBeforeASwapBegins() throws IOException {
    try (StorageBed bed = new StorageBed(temp).start()) {
      PartitionLog log = threeSegments(bed);
      CleaningSource all = source(bed, log);
      CleaningSource second =
          new CleaningSource(
              all.folder(), all.segments().subList(1, 2), all.aborted(), all.roomBytes());
      CleanedSegment.Written written = compact(second);
      Path leftover = all.folder().resolve(SegmentFiles.name(0, ".log.cleaned"));
      Files.writeString(leftover, "from a cleaning that is over");

      SegmentSwap.begin(all.folder(), written.baseOffset());

      assertThat(leftover).doesNotExist();
      assertThat(names(all.folder())).noneMatch(name -> name.endsWith(".cleaned"));
      assertThat(names(all.folder())).anyMatch(name -> name.endsWith(".log.swap"));
      bed.stop(false);
    }
  }

  /** Kills the process before each rename in turn, and after the last. */
  @Test
  void aCrashAtAnyStepLeavesTheOldSegmentsOrTheNewOne() throws IOException {
    Path original = temp.resolve("original");
    List<Long> before;
    List<Long> bases = new ArrayList<>();
    long end;
    try (StorageBed bed = new StorageBed(original).start()) {
      PartitionLog log = threeSegments(bed);
      before = offsets(bed, log);
      CleaningSource source = source(bed, log);
      source.segments().forEach(segment -> bases.add(segment.baseOffset()));
      end = source.segments().get(1).endOffset();
      bed.stop(false);
      compact(source);
    }
    Path folder = original.resolve("orders-0");
    ByteBuffer stale = ByteBuffer.allocate(AbortedTxn.SIZE_BYTES);
    new AbortedTxn(7, 0, 1, 1).write(stale);
    Files.write(folder.resolve(SegmentFiles.name(0, ".txnindex")), stale.array());
    List<Rename> renames = renames(folder, bases);
    long begun = renames.stream().filter(r -> r.from().endsWith(".cleaned")).count();
    List<Long> after = before.stream().filter(o -> o % 2 == 0 || o >= end || o == end - 1).toList();
    assertThat(renames).hasSizeGreaterThan(12);

    for (int done = 0; done <= renames.size(); done++) {
      Path copy = temp.resolve("crash-" + done);
      copyTree(original, copy);
      for (Rename rename : renames.subList(0, done)) {
        Files.move(
            copy.resolve("orders-0").resolve(rename.from()),
            copy.resolve("orders-0").resolve(rename.to()));
      }
      check(copy, done, done < begun ? before : after, done < begun);
    }
  }

  private static void check(Path dir, int done, List<Long> expected, boolean old)
      throws IOException {
    Path folder = dir.resolve("orders-0");
    try (StorageBed bed = new StorageBed(dir).start()) {
      PartitionLog log = bed.log(CONFIG);
      assertThat(offsets(bed, log)).as("after %d renames", done).isEqualTo(expected);
      assertThat(bed.on(() -> log.abortedTransactions(0, log.logEndOffset())))
          .as("after %d renames", done)
          .hasSize(old ? 1 : 0);
      assertThat(names(folder))
          .as("after %d renames", done)
          .noneMatch(
              name ->
                  name.endsWith(".cleaned") || name.endsWith(".swap") || name.endsWith(".deleted"))
          .filteredOn(name -> name.endsWith(".log"))
          .hasSize(old ? 3 : 2);
      bed.append(log, 1, 100);
      bed.stop(true);
    }
  }

  /** All renames of a swap in their order, as {@link SegmentSwap} does them. */
  private static List<Rename> renames(Path folder, List<Long> bases) throws IOException {
    Map<String, Boolean> there = new TreeMap<>();
    names(folder).forEach(name -> there.put(name, true));
    List<Rename> renames = new ArrayList<>();
    for (String suffix : SegmentSwap.SUFFIXES) {
      add(renames, there, SegmentFiles.name(0, suffix), ".cleaned", ".swap");
    }
    for (long base : bases) {
      for (String suffix : SegmentSwap.SUFFIXES) {
        add(renames, there, SegmentFiles.name(base, suffix), "", ".deleted");
      }
      if (base != 0) {
        add(renames, there, SegmentFiles.name(base, ".snapshot"), "", ".deleted");
      }
    }
    for (String suffix : SegmentSwap.SUFFIXES) {
      add(renames, there, SegmentFiles.name(0, suffix), ".swap", "");
    }
    return renames;
  }

  private static void add(
      List<Rename> renames, Map<String, Boolean> there, String name, String from, String to) {
    if (there.remove(name + from) != null) {
      there.put(name + to, true);
      renames.add(new Rename(name + from, name + to));
    }
  }

  private static void copyTree(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path file : (Iterable<Path>) all::iterator) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }

  @Test
  void aReadThatWaitsForASwapFindsTheDataAfterIt() throws IOException {
    StorageOptions oneChannel =
        new StorageOptions(List.of(temp), -1, 1, 0, 1, 5_000, 60_000, 60_000, 86_400_000);
    try (StorageBed bed = new StorageBed(oneChannel).start()) {
      PartitionLog log = threeSegments(bed);
      CleaningSource source = source(bed, log);
      CleanedSegment.Written written = compact(source);
      List<Long> found = new ArrayList<>();

      bed.on(
          () -> {
            var swapped = log.compaction().swap(source.segments(), written);
            var read = log.read(2, log.logEndOffset(), 1 << 20, true);
            return swapped.compose(
                done ->
                    read.map(
                        slice -> {
                          found.add(slice.position());
                          slice.release();
                          return null;
                        }));
          });

      assertThat(found).hasSize(1);
      assertThat(offsets(bed, log)).startsWith(0L, 2L, 4L);
      await().until(() -> names(source.folder()).stream().anyMatch(n -> n.endsWith(".deleted")));
      bed.stop(true);
    }
  }
}
