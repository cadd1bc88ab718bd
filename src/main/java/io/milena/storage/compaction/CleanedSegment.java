package io.milena.storage.compaction;

import io.milena.log.batch.BatchHeader;
import io.milena.log.producer.AbortedTxn;
import io.milena.storage.file.SegmentFiles;
import io.milena.storage.file.WholeFile;
import io.milena.storage.segment.SegmentIndexes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;

/**
 * Writes one compacted segment beside those it is made of: {@code .log.cleaned} and its indexes. A
 * crash leaves files that count for nothing. Blocking; for cleaners' workers, one thread at a time.
 */
public final class CleanedSegment {
  private final Path folder;
  private final long baseOffset;
  private final int indexIntervalBytes;
  private final SegmentIndexes indexes;
  private final FileChannel channel;
  private final ByteBuffer buffer;
  private int sizeBytes;

  /**
   * A segment that is on the disk, waiting to be swapped in.
   *
   * @param largestTimestampMs of its records; when none has one, the time when those were written
   */
  public record Written(long baseOffset, int sizeBytes, long largestTimestampMs) {}

  private CleanedSegment(Path folder, long baseOffset, int indexIntervalBytes, ByteBuffer buffer)
      throws IOException {
    this.folder = folder;
    this.baseOffset = baseOffset;
    this.indexIntervalBytes = indexIntervalBytes;
    this.indexes = new SegmentIndexes(baseOffset);
    this.buffer = buffer.clear();
    this.channel =
        FileChannel.open(
            path(SegmentFiles.LOG),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING);
  }

  /**
   * Begins an empty one; leftovers of that name go.
   *
   * @param buffer what is gathered before it is written
   */
  public static CleanedSegment create(
      Path folder, long baseOffset, int indexIntervalBytes, ByteBuffer buffer) throws IOException {
    remove(folder, baseOffset);
    return new CleanedSegment(folder, baseOffset, indexIntervalBytes, buffer);
  }

  private static void remove(Path folder, long baseOffset) throws IOException {
    for (String suffix : SegmentSwap.SUFFIXES) {
      Files.deleteIfExists(SegmentFiles.path(folder, baseOffset, suffix + SegmentFiles.CLEANED));
    }
  }

  private Path path(String suffix) {
    return SegmentFiles.path(folder, baseOffset, suffix + SegmentFiles.CLEANED);
  }

  /** Adds a batch; its offsets lie behind those of all others. */
  public void append(ByteBuffer bytes, BatchHeader batch) throws IOException {
    indexes.add(batch, sizeBytes, indexIntervalBytes);
    sizeBytes = Math.addExact(sizeBytes, batch.sizeBytes());
    if (batch.sizeBytes() > buffer.remaining()) {
      drain();
    }
    ByteBuffer source =
        bytes.duplicate().limit(batch.position() + batch.sizeBytes()).position(batch.position());
    if (batch.sizeBytes() > buffer.remaining()) {
      writeFully(source);
    } else {
      buffer.put(source);
    }
  }

  private void drain() throws IOException {
    writeFully(buffer.flip());
    buffer.clear();
  }

  private void writeFully(ByteBuffer source) throws IOException {
    while (source.hasRemaining()) {
      channel.write(source);
    }
  }

  public int sizeBytes() {
    return sizeBytes;
  }

  /**
   * Brings everything to the disk.
   *
   * @param aborted transactions whose markers are in the segment
   * @param lastModifiedMs what its files are to say, for it holds records of that time
   */
  public Written finish(List<AbortedTxn> aborted, long lastModifiedMs) throws IOException {
    drain();
    channel.force(true);
    channel.close();
    aborted.forEach(indexes::add);
    indexes.close();
    WholeFile.writeSynced(path(SegmentFiles.INDEX), indexes.offsets.encode(0));
    WholeFile.writeSynced(path(SegmentFiles.TIME_INDEX), indexes.times.encode(0));
    if (!aborted.isEmpty()) {
      WholeFile.writeSynced(path(SegmentFiles.TXN_INDEX), indexes.txns.encode(0));
    }
    FileTime time = FileTime.fromMillis(lastModifiedMs);
    Files.setLastModifiedTime(path(SegmentFiles.LOG), time);
    Files.setLastModifiedTime(path(SegmentFiles.INDEX), time);
    Files.setLastModifiedTime(path(SegmentFiles.TIME_INDEX), time);
    long largestMs = indexes.largestTimestampMs();
    return new Written(baseOffset, sizeBytes, largestMs >= 0 ? largestMs : lastModifiedMs);
  }

  /** Takes everything away again. */
  public void discard() throws IOException {
    channel.close();
    remove(folder, baseOffset);
  }

  /** Takes a finished one that was not swapped in away again. */
  public static void discard(Path folder, Written written) throws IOException {
    remove(folder, written.baseOffset());
  }
}
