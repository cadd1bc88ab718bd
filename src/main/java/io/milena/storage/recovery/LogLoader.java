package io.milena.storage.recovery;

import io.milena.log.CorruptFileException;
import io.milena.log.batch.BatchHeader;
import io.milena.log.checkpoint.LeaderEpochs;
import io.milena.log.checkpoint.PartitionMetadataFile;
import io.milena.log.producer.ProducerSnapshot;
import io.milena.log.producer.ProducerStates;
import io.milena.log.producer.ProducerStates.CompletedTxn;
import io.milena.log.segment.RollPolicy;
import io.milena.storage.file.SegmentFiles;
import io.milena.storage.file.StorageException;
import io.milena.storage.file.WholeFile;
import io.milena.storage.segment.BatchReader;
import io.milena.storage.segment.HeaderWalk;
import io.milena.storage.segment.IndexFiles;
import io.milena.storage.segment.Segment;
import io.milena.storage.segment.SegmentIndexes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads one partition's folder: trusts it after a clean stop, recovers it otherwise (R31).
 * Blocking: storage workers only; one loader per load.
 *
 * <p>Recovery checks every batch of the segments that reach above the recovery point, cuts the log
 * behind the last whole batch with a good CRC, rebuilds those segments' indexes, folds producer
 * state from the newest good snapshot, and syncs what it kept before anybody is served. So its time
 * is bounded by the unflushed tail, not by the number of segments.
 */
public final class LogLoader {
  private static final Logger LOG = LoggerFactory.getLogger(LogLoader.class);

  private final LoadRequest request;
  private final Path folder;
  private final List<Segment> segments = new ArrayList<>();
  private final Set<Segment> recovered = new HashSet<>();
  private FolderContents contents;
  private LeaderEpochs epochs;
  private ProducerStates producers = new ProducerStates();
  private boolean epochsChanged;
  private boolean epochsMissing;
  private boolean epochFileExists;
  private long logStart;
  private boolean sawProducers;
  private boolean sawTransactions;

  public LogLoader(LoadRequest request) {
    this.request = request;
    this.folder = request.folder();
  }

  /** Topic id in a folder, zero when it has no readable one. */
  public static Uuid topicIdOf(Path folder) throws IOException {
    try {
      return PartitionMetadataFile.decode(
          Files.readAllBytes(folder.resolve(PartitionMetadataFile.NAME)));
    } catch (NoSuchFileException | CorruptFileException e) {
      LOG.debug("{} names no topic id", folder, e);
      return Uuid.ZERO_UUID;
    }
  }

  /**
   * Makes the folder of a new, empty log. Nothing is synced: its first flush does that.
   *
   * @param metadata a partition.metadata of the same topic in the same directory, or null: it is
   *     linked, for the file never changes in place and a new inode is what costs most here
   * @param lost true when there was a log of this topic, and its folder is gone
   */
  public static LoadedLog create(LoadRequest request, Path metadata, boolean lost)
      throws IOException {
    Files.createDirectories(request.folder());
    if (!request.topicId().equals(Uuid.ZERO_UUID)) {
      Path file = request.folder().resolve(PartitionMetadataFile.NAME);
      if (metadata == null || !linked(file, metadata)) {
        WholeFile.writeUnsafely(
            file, ByteBuffer.wrap(PartitionMetadataFile.encode(request.topicId())));
      }
    }
    LogLoader loader = new LogLoader(request);
    loader.epochs = new LeaderEpochs();
    loader.startEmptyAt(0);
    return loader.result(request.topicId(), false, !lost);
  }

  private static boolean linked(Path file, Path existing) {
    try {
      Files.createLink(file, existing);
      return true;
    } catch (IOException | UnsupportedOperationException e) {
      LOG.debug("{} is written, it cannot be linked", file, e);
      return false;
    }
  }

  /** Loads what is there. */
  public LoadedLog load() throws IOException {
    return load(topicIdOf(folder));
  }

  /** As {@link #load()} when {@link #topicIdOf} is known. */
  public LoadedLog load(Uuid storedTopicId) throws IOException {
    Uuid topicId = storedTopicId;
    if (topicId.equals(Uuid.ZERO_UUID) && !request.topicId().equals(Uuid.ZERO_UUID)) {
      topicId = request.topicId();
      WholeFile.write(
          folder.resolve(PartitionMetadataFile.NAME),
          ByteBuffer.wrap(PartitionMetadataFile.encode(topicId)));
    }
    contents = FolderContents.of(folder);
    readEpochs();
    listSegments();
    boolean trusted = request.clean() && trustActive();
    if (!trusted) {
      recover();
    }
    if (logStart > last().nextOffset) {
      LOG.warn(
          "{} ends at {}, below its start {}: starting anew", folder, last().nextOffset, logStart);
      removeFrom(0);
      startEmptyAt(logStart);
    }
    loadProducers(trusted);
    if (epochsMissing) {
      rebuildEpochs();
    }
    finishEpochs();
    long known = last().nextOffset;
    return result(
        topicId, known < request.highWatermark(), trusted && known >= request.recoveryPoint());
  }

  private LoadedLog result(Uuid topicId, boolean cutBelowHighWatermark, boolean asItWasLeft) {
    long end = last().nextOffset;
    return new LoadedLog(
        topicId,
        segments,
        logStart,
        end,
        end,
        epochs,
        epochFileExists,
        producers,
        cutBelowHighWatermark,
        asItWasLeft);
  }

  private Segment last() {
    return segments.get(segments.size() - 1);
  }

  private Segment newSegment(long baseOffset) {
    return new Segment(
        baseOffset,
        folder,
        request.nowMs(),
        RollPolicy.jitterMs(request.config(), request.random()));
  }

  private void startEmptyAt(long offset) throws IOException {
    Segment empty = newSegment(offset);
    empty.indexes = new SegmentIndexes(offset);
    WholeFile.writeUnsafely(empty.logFile(), ByteBuffer.allocate(0));
    segments.add(empty);
    logStart = Math.max(logStart, offset);
    producers.clear(offset);
  }

  private void listSegments() throws IOException {
    for (Map.Entry<Long, Long> log : contents.logs.entrySet()) {
      if (log.getValue() > Integer.MAX_VALUE) {
        throw new StorageException(
            "A segment of " + folder + " has " + log.getValue() + " bytes, more than 2^31-1");
      }
      Segment segment = newSegment(log.getKey());
      segment.sizeBytes = log.getValue().intValue();
      if (!segments.isEmpty()) {
        last().nextOffset = segment.baseOffset;
      }
      segments.add(segment);
    }
    logStart = Math.max(0, request.logStartOffset());
    if (segments.isEmpty()) {
      startEmptyAt(logStart);
    }
    logStart = Math.max(logStart, segments.get(0).baseOffset);
  }

  // ---- after a clean stop -------------------------------------------------------------------

  /** Reads the active segment from its last index entry; false when it is not as it should be. */
  private boolean trustActive() throws IOException {
    Segment active = last();
    String txnFile = SegmentFiles.name(active.baseOffset, SegmentFiles.TXN_INDEX);
    boolean noEntries = active.sizeBytes <= request.config().indexIntervalBytes();
    if (noEntries && !contents.names.contains(txnFile)) {
      SegmentIndexes fresh = new SegmentIndexes(active.baseOffset);
      return active.sizeBytes == 0 ? trustEmpty(active) : walkTail(active, fresh);
    }
    IndexFiles.Target target =
        new IndexFiles.Target(
            folder,
            active.baseOffset,
            active.sizeBytes,
            Long.MAX_VALUE,
            request.config().indexIntervalBytes());
    SegmentIndexes indexes;
    try {
      indexes = IndexFiles.load(target);
    } catch (NoSuchFileException | CorruptFileException e) {
      if (active.sizeBytes > 0) {
        LOG.warn("The indexes of {} are rebuilt: {}", active.logFile(), e.getMessage());
      }
      indexes = new SegmentIndexes(active.baseOffset);
    }
    return active.sizeBytes == 0 ? trustEmpty(active) : walkTail(active, indexes);
  }

  private static boolean trustEmpty(Segment active) {
    active.indexes = new SegmentIndexes(active.baseOffset);
    active.nextOffset = active.baseOffset;
    return true;
  }

  private boolean walkTail(Segment active, SegmentIndexes indexes) throws IOException {
    int from = indexes.lastIndexedPosition();
    try (FileChannel channel = FileChannel.open(active.logFile(), StandardOpenOption.READ)) {
      if (from > 0) {
        HeaderWalk first = new HeaderWalk(channel, active.sizeBytes);
        indexes.setFirstTimestampMs(first.moveTo(0) ? first.maxTimestampMs() : -1);
      }
      BatchReader reader = new BatchReader(channel, false);
      int end =
          reader.read(
              from,
              active.sizeBytes,
              active.baseOffset,
              (batch, bytes, position) -> {
                takeIn(active, indexes, batch, position, from);
                return true;
              });
      if (end < active.sizeBytes) {
        LOG.warn(
            "{} was closed cleanly, yet at {} there is: {}",
            active.logFile(),
            end,
            reader.problem());
        return false;
      }
    }
    if (indexes.reach(active.nextOffset)) {
      LOG.warn("The indexes of {} go beyond its end: it is read anew", active.logFile());
      return false;
    }
    active.indexes = indexes;
    return true;
  }

  private void takeIn(
      Segment active, SegmentIndexes indexes, BatchHeader batch, int position, int from) {
    if (position == from && from > 0) {
      indexes.note(batch);
    } else {
      indexes.add(batch, position, request.config().indexIntervalBytes());
    }
    active.nextOffset = batch.nextOffset();
  }

  // ---- after a crash ------------------------------------------------------------------------

  private void recover() throws IOException {
    long recoveryPoint = Math.max(request.recoveryPoint(), 0);
    for (int i = 0; i < segments.size(); i++) {
      Segment segment = segments.get(i);
      boolean active = i == segments.size() - 1;
      boolean due = active || segment.nextOffset > recoveryPoint;
      long limit = active ? Long.MAX_VALUE : segments.get(i + 1).baseOffset;
      if (due && !recoverSegment(segment, limit)) {
        removeFrom(i + 1);
        break;
      }
    }
    for (Segment segment : recovered) {
      if (segment.sizeBytes > 0) {
        sync(segment);
      }
    }
  }

  /**
   * Keeps the good batches below {@code limit}, where the next segment starts. False when the log
   * ends inside this segment.
   */
  private boolean recoverSegment(Segment segment, long limit) throws IOException {
    SegmentIndexes indexes = new SegmentIndexes(segment.baseOffset);
    segment.nextOffset = segment.baseOffset;
    segment.indexes = indexes;
    recovered.add(segment);
    int good = 0;
    if (segment.sizeBytes > 0) {
      try (FileChannel channel =
          FileChannel.open(segment.logFile(), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        BatchReader reader = new BatchReader(channel, true);
        good =
            reader.read(
                0,
                segment.sizeBytes,
                segment.baseOffset,
                (batch, bytes, position) ->
                    belongsTo(segment, batch, limit) && takeRecovered(segment, batch, position));
        if (good < segment.sizeBytes) {
          LOG.warn(
              "{} is cut from {} to {} bytes, offset {}: {}",
              segment.logFile(),
              segment.sizeBytes,
              good,
              segment.nextOffset,
              reader.problem());
          channel.truncate(good);
        }
      }
    }
    boolean whole = good == segment.sizeBytes;
    segment.sizeBytes = good;
    return whole;
  }

  /** Base offsets are outside the CRC: at least these must be possible in this place. */
  private static boolean belongsTo(Segment segment, BatchHeader batch, long limit) {
    return batch.lastOffset() < limit
        && batch.lastOffset() - segment.baseOffset <= Integer.MAX_VALUE;
  }

  private boolean takeRecovered(Segment segment, BatchHeader batch, int position) {
    segment.indexes.add(batch, position, request.config().indexIntervalBytes());
    segment.nextOffset = batch.nextOffset();
    sawProducers |= batch.hasProducerId();
    sawTransactions |= batch.isTransactional();
    if (batch.leaderEpoch() > epochs.latestEpoch()) {
      epochsChanged |= epochs.assign(batch.leaderEpoch(), batch.baseOffset());
    }
    return true;
  }

  private static void sync(Segment segment) throws IOException {
    try (FileChannel channel = FileChannel.open(segment.logFile(), StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  /** Removes segments from a place in the list on. */
  private void removeFrom(int index) throws IOException {
    while (segments.size() > index) {
      Segment segment = segments.remove(segments.size() - 1);
      recovered.remove(segment);
      for (String suffix :
          List.of(
              SegmentFiles.LOG,
              SegmentFiles.INDEX,
              SegmentFiles.TIME_INDEX,
              SegmentFiles.TXN_INDEX)) {
        Files.deleteIfExists(SegmentFiles.path(folder, segment.baseOffset, suffix));
      }
    }
  }

  // ---- producers and epochs -----------------------------------------------------------------

  private void loadProducers(boolean trusted) throws IOException {
    long end = last().nextOffset;
    for (long beyond : List.copyOf(contents.snapshots.tailSet(end, false))) {
      contents.snapshots.remove(beyond);
      Files.deleteIfExists(SegmentFiles.path(folder, beyond, SegmentFiles.SNAPSHOT));
    }
    removeStraySnapshots();
    boolean anySnapshot = !contents.snapshots.isEmpty();
    long from = newestGoodSnapshot(producers, Long.MAX_VALUE);
    findAbortedBelow(from);
    boolean upToDate =
        from == end || (from < 0 && trusted && !anySnapshot && !request.foldAlways());
    if (!upToDate && recoveredWithoutProducers(from)) {
      upToDate = true;
    }
    if (!upToDate) {
      replay(producers, Math.max(from, logStart), Long.MAX_VALUE);
    }
    closeRecovered();
  }

  /**
   * A snapshot says nothing of what was aborted, and recovered segments have lost their transaction
   * indexes: what they hold below the snapshot is folded once more, for these alone.
   */
  private void findAbortedBelow(long snapshot) throws IOException {
    long first =
        recovered.stream().mapToLong(segment -> segment.baseOffset).min().orElse(Long.MAX_VALUE);
    if (!sawTransactions || first >= snapshot) {
      return;
    }
    ProducerStates states = new ProducerStates();
    replay(states, newestGoodSnapshot(states, first), snapshot);
  }

  /** Each clean stop leaves one at the log end of that time: only the newest is of use. */
  private void removeStraySnapshots() throws IOException {
    for (long offset : List.copyOf(contents.snapshots)) {
      if (offset != contents.snapshots.last() && !contents.logs.containsKey(offset)) {
        contents.snapshots.remove(offset);
        Files.deleteIfExists(SegmentFiles.path(folder, offset, SegmentFiles.SNAPSHOT));
      }
    }
  }

  /** True when everything above the snapshot was just walked over and had no producer id. */
  private boolean recoveredWithoutProducers(long snapshot) {
    if (sawProducers) {
      return false;
    }
    long from = Math.max(snapshot, segments.get(0).baseOffset);
    return segments.stream()
        .filter(segment -> segment.nextOffset > from)
        .allMatch(recovered::contains);
  }

  /** Restores the newest snapshot up to an offset that can be read; its offset, -1 without one. */
  private long newestGoodSnapshot(ProducerStates states, long upTo) throws IOException {
    for (long offset : contents.snapshots.headSet(upTo, true).descendingSet()) {
      Path file = SegmentFiles.path(folder, offset, SegmentFiles.SNAPSHOT);
      try {
        states.restore(
            offset,
            ProducerSnapshot.decode(ByteBuffer.wrap(Files.readAllBytes(file))),
            request.nowMs(),
            request.producerIdExpirationMs());
        return offset;
      } catch (CorruptFileException e) {
        LOG.warn("{} is ignored: {}", file, e.getMessage());
        Files.deleteIfExists(file);
      }
    }
    states.clear(logStart);
    return -1;
  }

  /** Folds the batches that end above {@code from}, up to {@code to}. */
  private void replay(ProducerStates states, long from, long to) throws IOException {
    for (Segment segment : segments) {
      if (segment.nextOffset <= from || segment.baseOffset >= to || segment.sizeBytes == 0) {
        continue;
      }
      try (FileChannel channel = FileChannel.open(segment.logFile(), StandardOpenOption.READ)) {
        new BatchReader(channel, false)
            .read(
                0,
                segment.sizeBytes,
                segment.baseOffset,
                (batch, bytes, position) -> {
                  if (batch.nextOffset() > from && batch.nextOffset() <= to) {
                    fold(states, segment, batch, bytes);
                  }
                  return true;
                });
      }
    }
  }

  private void fold(ProducerStates states, Segment segment, BatchHeader batch, ByteBuffer bytes) {
    CompletedTxn completed = states.apply(batch, bytes);
    states.confirm(batch.nextOffset());
    if (completed != null && completed.aborted() && recovered.contains(segment)) {
      segment.indexes.add(completed.toAbortedTxn());
    }
  }

  /** Recovered segments that are not active get their index files; their indexes leave memory. */
  private void closeRecovered() throws IOException {
    for (Segment segment : recovered) {
      if (segment != last()) {
        segment.indexes.close();
        segment.indexes.write(folder);
        segment.largestTimestampMs = segment.indexes.largestTimestampMs();
        segment.indexes = null;
      }
    }
  }

  private void readEpochs() throws IOException {
    epochFileExists = contents.names.contains(SegmentFiles.EPOCHS);
    epochsMissing = !epochFileExists;
    epochs = new LeaderEpochs();
    if (epochFileExists) {
      try {
        epochs = LeaderEpochs.decode(Files.readAllBytes(folder.resolve(SegmentFiles.EPOCHS)));
      } catch (CorruptFileException e) {
        LOG.warn("The epochs of {} are taken from its batches: {}", folder, e.getMessage());
        epochsMissing = true;
      }
    }
  }

  /** After the cut, so that no garbage is asked (R30). */
  private void rebuildEpochs() throws IOException {
    epochs = new LeaderEpochs();
    for (Segment segment : segments) {
      if (segment.sizeBytes == 0) {
        continue;
      }
      try (FileChannel channel = FileChannel.open(segment.logFile(), StandardOpenOption.READ)) {
        HeaderWalk walk = new HeaderWalk(channel, segment.sizeBytes);
        for (boolean more = walk.moveTo(0); more; more = walk.next()) {
          if (walk.leaderEpoch() > epochs.latestEpoch()) {
            epochsChanged |= epochs.assign(walk.leaderEpoch(), walk.baseOffset());
          }
        }
      }
    }
  }

  private void finishEpochs() throws IOException {
    epochsChanged |= epochs.dropBeyond(last().nextOffset);
    epochsChanged |= epochs.truncateFromStart(logStart);
    boolean implied =
        !epochFileExists && segments.size() == 1 && LoadedLog.impliedByBatches(epochs, logStart);
    if (epochsChanged && !implied) {
      WholeFile.write(folder.resolve(SegmentFiles.EPOCHS), ByteBuffer.wrap(epochs.encode()));
      epochFileExists = true;
    }
  }
}
