package io.milena.storage.segment;

import io.milena.log.CorruptFileException;
import io.milena.log.batch.BatchHeader;
import io.milena.log.producer.ProducerSnapshot;
import io.milena.log.producer.ProducerStates;
import io.milena.log.producer.ProducerStates.CompletedTxn;
import io.milena.log.producer.TxnIndex;
import io.milena.log.segment.OffsetIndex;
import io.milena.log.segment.TimeIndex;
import io.milena.storage.file.SegmentFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Loads the indexes of a segment from its files, or builds them anew. Blocking. */
public final class IndexFiles {
  private static final Logger LOG = LoggerFactory.getLogger(IndexFiles.class);

  private IndexFiles() {}

  /** The segment whose indexes are wanted; a copy for a worker. */
  public record Target(
      Path folder, long baseOffset, int sizeBytes, long nextOffset, int indexIntervalBytes) {
    public static Target of(Segment segment, int indexIntervalBytes) {
      return new Target(
          segment.folder,
          segment.baseOffset,
          segment.sizeBytes,
          segment.nextOffset,
          indexIntervalBytes);
    }

    Path file(String suffix) {
      return SegmentFiles.path(folder, baseOffset, suffix);
    }
  }

  /** Indexes of a closed segment; missing or insane ones are rebuilt and written (F8). */
  public static SegmentIndexes loadOrRebuild(Target target) throws IOException {
    try {
      return load(target);
    } catch (NoSuchFileException e) {
      LOG.warn("{} is missing and is rebuilt", e.getMessage());
    } catch (CorruptFileException e) {
      LOG.warn(
          "An index of {} is insane and is rebuilt: {}",
          target.file(SegmentFiles.LOG),
          e.getMessage());
    }
    SegmentIndexes rebuilt = rebuild(target);
    rebuilt.write(target.folder());
    return rebuilt;
  }

  /**
   * Reads the files as they are.
   *
   * @throws NoSuchFileException when one is missing (but .txnindex may be)
   * @throws CorruptFileException when one is insane
   */
  public static SegmentIndexes load(Target target) throws IOException {
    OffsetIndex offsets =
        OffsetIndex.decode(
            target.baseOffset(), read(target.file(SegmentFiles.INDEX)), target.sizeBytes());
    TimeIndex times =
        TimeIndex.decode(
            target.baseOffset(), read(target.file(SegmentFiles.TIME_INDEX)), target.nextOffset());
    Path txnFile = target.file(SegmentFiles.TXN_INDEX);
    TxnIndex txns =
        Files.exists(txnFile)
            ? TxnIndex.decode(target.baseOffset(), read(txnFile))
            : new TxnIndex(target.baseOffset());
    return new SegmentIndexes(target.baseOffset(), offsets, times, txns);
  }

  /** Largest timestamp of a closed segment; the time the file changed when no record has one. */
  public static long largestTimestampMs(Target target) throws IOException {
    Path file = target.file(SegmentFiles.TIME_INDEX);
    if (Files.exists(file)) {
      try {
        long largest =
            TimeIndex.decode(target.baseOffset(), read(file), target.nextOffset())
                .lastTimestampMs();
        if (largest >= 0) {
          return largest;
        }
      } catch (CorruptFileException e) {
        LOG.warn("{} is insane: {}", file, e.getMessage());
        return loadOrRebuild(target).largestTimestampMs();
      }
    }
    return Files.getLastModifiedTime(target.file(SegmentFiles.LOG)).toMillis();
  }

  private static ByteBuffer read(Path file) throws IOException {
    return ByteBuffer.wrap(Files.readAllBytes(file));
  }

  /** Builds the indexes from the .log file, aborted transactions with the snapshot at its base. */
  public static SegmentIndexes rebuild(Target target) throws IOException {
    SegmentIndexes indexes = new SegmentIndexes(target.baseOffset());
    ProducerStates producers = new ProducerStates();
    Path snapshot = target.file(SegmentFiles.SNAPSHOT);
    if (Files.exists(snapshot)) {
      try {
        producers.restore(
            target.baseOffset(), ProducerSnapshot.decode(read(snapshot)), 0, Long.MAX_VALUE);
      } catch (CorruptFileException e) {
        LOG.warn("{} is garbled: {}", snapshot, e.getMessage());
      }
    }
    try (FileChannel channel =
        FileChannel.open(target.file(SegmentFiles.LOG), StandardOpenOption.READ)) {
      new BatchReader(channel, false)
          .read(
              0,
              target.sizeBytes(),
              target.baseOffset(),
              (batch, bytes, position) -> {
                indexes.add(batch, position, target.indexIntervalBytes());
                addAborted(indexes, producers, batch, bytes);
                return true;
              });
    }
    indexes.close();
    return indexes;
  }

  private static void addAborted(
      SegmentIndexes indexes, ProducerStates producers, BatchHeader batch, ByteBuffer bytes) {
    CompletedTxn completed = producers.apply(batch, bytes);
    producers.confirm(batch.nextOffset());
    if (completed != null && completed.aborted()) {
      indexes.add(completed.toAbortedTxn());
    }
  }
}
