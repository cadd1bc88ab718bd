package io.milena.cleaner;

import io.milena.log.batch.BatchHeader;
import io.milena.log.batch.BatchScanner;
import io.milena.log.compaction.BatchCleaner;
import io.milena.log.compaction.CompactionMap;
import io.milena.log.compaction.CompactionPlan;
import io.milena.log.compaction.CompactionPlan.Group;
import io.milena.log.compaction.KeyIndexer;
import io.milena.log.compaction.TxnCleaning;
import io.milena.partition.PartitionMessages.CleaningOrder;
import io.milena.storage.compaction.CleanableSegment;
import io.milena.storage.compaction.CleanedSegment;
import io.milena.storage.compaction.SegmentBatches;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * One cleaning of one partition, in steps that each read at most one buffer. First the keys of the
 * dirty segments are put into the map, until all are or the map is full; then every segment up to
 * there is written anew, group by group, and each group is handed out to be swapped in. Blocking;
 * used by one thread at a time.
 *
 * <pre>
 * INDEXING ──► REWRITING ──► (swap) ──► REWRITING … ──► done
 * </pre>
 */
final class Cleaning implements AutoCloseable {
  /** What a step came to. */
  sealed interface Step permits Worked, Swap, Cleaned {}

  /**
   * @param bytes that were read and written
   */
  record Worked(long bytes) implements Step {}

  /** A group is on the disk and waits to be swapped in; the next step may follow then. */
  record Swap(List<CleanableSegment> replaced, CleanedSegment.Written compacted) implements Step {}

  /** Everything below {@code offset} is clean. */
  record Cleaned(long offset) implements Step {}

  /** The map cannot hold the keys of a single batch. */
  static final class MapTooSmall extends Exception {
    private static final long serialVersionUID = 1L;

    MapTooSmall(long offset) {
      super(
          "log.cleaner.dedupe.buffer.size is too small for the keys of the batch at offset "
              + offset);
    }
  }

  /** The directory has no room for the next group. */
  static final class NoRoomLeft extends Exception {
    private static final long serialVersionUID = 1L;

    NoRoomLeft(long bytes, long roomBytes) {
      super(
          bytes + " bytes may be needed, " + roomBytes + " are left above the reserve",
          null,
          false,
          false);
    }
  }

  private final CleaningOrder order;
  private final Buffers buffers;
  private final CompactionMap map;
  private KeyIndexer indexer;
  private final List<CleanableSegment> dirty = new ArrayList<>();
  private final CleaningStats stats = new CleaningStats();
  private final long nowMs;
  private long handedOutBytes;
  private int nextDirty;
  private boolean indexed;

  private List<CleanableSegment> toClean = List.of();
  private List<Group> groups = List.of();
  private int nextGroup;
  private int nextSegment;
  private TxnCleaning txns;
  private BatchCleaner cleaner;
  private CleanedSegment writer;
  private boolean changed;
  private long endOffset;
  private long legacyHorizonMs;
  private SegmentBatches reader;

  /** The buffers of one cleaner, used again for each of its cleanings. */
  static final class Buffers {
    private ByteBuffer read = ByteBuffer.allocate(0);
    private ByteBuffer write = ByteBuffer.allocate(0);

    void ensure(int bytes) {
      if (read.capacity() != bytes) {
        read = ByteBuffer.allocateDirect(bytes);
      }
      if (write.capacity() != bytes) {
        write = ByteBuffer.allocateDirect(bytes);
      }
    }
  }

  /**
   * @param buffers large enough as {@code log.cleaner.io.buffer.size} says
   * @param map empty
   * @param nowMs wall-clock time
   */
  Cleaning(CleaningOrder order, Buffers buffers, CompactionMap map, long nowMs) {
    this.order = order;
    this.buffers = buffers;
    this.map = map;
    this.nowMs = nowMs;
    long firstDirty = order.dirt().firstDirtyOffset();
    this.indexer = new KeyIndexer(map, new TxnCleaning(order.source().aborted()), firstDirty);
    for (CleanableSegment segment : order.source().segments()) {
      if (segment.endOffset() > firstDirty) {
        dirty.add(segment);
      } else {
        long ageMs = order.config().deleteRetentionMs();
        legacyHorizonMs = segment.lastModifiedMs() - ageMs;
      }
    }
  }

  /**
   * Goes on.
   *
   * @throws io.milena.log.CorruptFileException when the data is not sane, or was changed meanwhile
   * @throws IOException when a file is gone or cannot be read or written
   */
  Step step() throws IOException, MapTooSmall, NoRoomLeft {
    return indexed ? rewrite() : index();
  }

  CleaningStats stats() {
    return stats;
  }

  double mapUtilization() {
    return map.utilization();
  }

  // ---- indexing -----------------------------------------------------------------------------

  private Step index() throws IOException, MapTooSmall {
    if (nextDirty == dirty.size()) {
      return indexed();
    }
    CleanableSegment segment = dirty.get(nextDirty);
    List<BatchHeader> batches = read(segment);
    long bytes = 0;
    for (BatchHeader batch : batches) {
      if (!indexer.add(reader.buffer(), batch)) {
        return indexed();
      }
      bytes += batch.sizeBytes();
    }
    if (batches.isEmpty()) {
      closeReader();
      map.lookedAtAllBelow(segment.endOffset());
      nextDirty++;
    }
    stats.indexedBytes += bytes;
    return new Worked(bytes);
  }

  private List<BatchHeader> read(CleanableSegment segment) throws IOException {
    if (reader == null) {
      reader = new SegmentBatches(segment, buffers.read);
    }
    return reader.next();
  }

  private void closeReader() throws IOException {
    SegmentBatches open = reader;
    reader = null;
    if (open != null) {
      open.close();
    }
  }

  private Step indexed() throws IOException, MapTooSmall {
    closeReader();
    indexed = true;
    stats.indexedRecords = indexer.indexedRecords();
    indexer = null; // It may hold a large batch.
    endOffset = map.latestOffset() + 1;
    long firstDirty = order.dirt().firstDirtyOffset();
    if (endOffset <= firstDirty) {
      throw new MapTooSmall(firstDirty);
    }
    toClean = order.source().segments().stream().filter(s -> s.baseOffset() < endOffset).toList();
    groups = CompactionPlan.group(toClean.stream().map(Cleaning::sizes).toList(), order.config());
    txns = new TxnCleaning(order.source().aborted());
    cleaner =
        new BatchCleaner(
            new BatchCleaner.Round(map, txns, order.producers(), order.config(), nowMs));
    return new Worked(0);
  }

  private static CompactionPlan.Sizes sizes(CleanableSegment segment) {
    return new CompactionPlan.Sizes(
        segment.baseOffset(),
        segment.endOffset(),
        segment.sizeBytes(),
        segment.indexBytes(),
        segment.timeIndexBytes());
  }

  // ---- rewriting ----------------------------------------------------------------------------

  private Step rewrite() throws IOException, NoRoomLeft {
    if (nextGroup == groups.size()) {
      stats.readRecords = cleaner.readRecords();
      stats.keptRecords = cleaner.keptRecords();
      stats.keylessRecords = cleaner.keylessRecords();
      return new Cleaned(endOffset);
    }
    List<CleanableSegment> group =
        toClean.subList(groups.get(nextGroup).from(), groups.get(nextGroup).to());
    if (writer == null) {
      open(group);
    }
    if (nextSegment == group.size()) {
      return finish(group);
    }
    CleanableSegment segment = group.get(nextSegment);
    List<BatchHeader> batches = read(segment);
    long bytes = 0;
    int before = writer.sizeBytes();
    for (BatchHeader batch : batches) {
      clean(batch, reader.isLast(batch) && isLastWithData(group, nextSegment), segment);
      bytes += batch.sizeBytes();
    }
    if (batches.isEmpty()) {
      closeReader();
      nextSegment++;
    }
    stats.readBytes += bytes;
    stats.writtenBytes += writer.sizeBytes() - before;
    return new Worked(bytes + writer.sizeBytes() - before);
  }

  private void open(List<CleanableSegment> group) throws IOException, NoRoomLeft {
    long bytes = group.stream().mapToLong(CleanableSegment::sizeBytes).sum();
    // What was replaced so far stays on the disk for file.delete.delay.ms.
    long roomBytes = order.source().roomBytes() - handedOutBytes;
    if (bytes > roomBytes) {
      throw new NoRoomLeft(bytes, roomBytes);
    }
    writer =
        CleanedSegment.create(
            order.source().folder(),
            group.get(0).baseOffset(),
            order.config().indexIntervalBytes(),
            buffers.write);
    nextSegment = 0;
    changed = group.size() > 1;
  }

  private static boolean isLastWithData(List<CleanableSegment> group, int index) {
    for (int i = index + 1; i < group.size(); i++) {
      if (group.get(i).sizeBytes() > 0) {
        return false;
      }
    }
    return true;
  }

  private void clean(BatchHeader batch, boolean last, CleanableSegment segment) throws IOException {
    boolean legacyTombstonesStay = segment.lastModifiedMs() > legacyHorizonMs;
    switch (cleaner.clean(reader.buffer(), batch, last, legacyTombstonesStay)) {
      case KEPT -> writer.append(reader.buffer(), batch);
      case DROPPED -> changed = true;
      case REWRITTEN -> {
        changed = true;
        ByteBuffer rewritten = cleaner.rewritten();
        List<BatchHeader> headers = new ArrayList<>(1);
        new BatchScanner(false).scan(rewritten, 0, headers);
        for (BatchHeader header : headers) {
          writer.append(rewritten, header);
        }
      }
    }
  }

  private Step finish(List<CleanableSegment> group) throws IOException {
    CleanedSegment done = writer;
    List<CleanableSegment> replaced = List.copyOf(group);
    nextGroup++;
    writer = null;
    if (!changed) {
      // A single segment with nothing to remove stays what it is.
      txns.takeSeen();
      done.discard();
      return new Worked(0);
    }
    try {
      CleanedSegment.Written written =
          done.finish(txns.takeSeen(), replaced.get(replaced.size() - 1).lastModifiedMs());
      handedOutBytes += written.sizeBytes();
      return new Swap(replaced, written);
    } catch (IOException e) {
      done.discard();
      throw e;
    }
  }

  /** Takes away what was not swapped in. */
  void discard(Swap swap) throws IOException {
    CleanedSegment.discard(order.source().folder(), swap.compacted());
  }

  @Override
  public void close() throws IOException {
    closeReader();
    CleanedSegment open = writer;
    writer = null;
    if (open != null) {
      open.discard();
    }
  }
}
