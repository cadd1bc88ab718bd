package io.milena.storage.compaction;

import io.milena.log.CorruptFileException;
import io.milena.log.batch.BatchHeader;
import io.milena.log.batch.BatchScanner;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the batches of a closed segment piece by piece and checks each. Blocking; for cleaners'
 * workers, one thread at a time.
 */
public final class SegmentBatches implements AutoCloseable {
  private final CleanableSegment segment;
  private final FileChannel channel;
  private final BatchScanner scanner = new BatchScanner(true);
  private final List<BatchHeader> found = new ArrayList<>();
  private ByteBuffer buffer;
  private long nextOffset;
  private int position;
  private int pieceAt;

  /**
   * @param buffer what is read at once; grows when a batch is larger, see {@link #buffer()}
   */
  public SegmentBatches(CleanableSegment segment, ByteBuffer buffer) throws IOException {
    this.segment = segment;
    this.buffer = buffer;
    this.nextOffset = segment.baseOffset();
    this.channel = FileChannel.open(segment.log(), StandardOpenOption.READ);
  }

  /**
   * Reads the next piece.
   *
   * @return the whole batches in it, at least one; empty at the end of the segment
   * @throws CorruptFileException when what follows is no batch of this segment
   */
  public List<BatchHeader> next() throws IOException {
    found.clear();
    if (position == segment.sizeBytes()) {
      return found;
    }
    fill();
    BatchScanner.Result result = scanner.scan(buffer, nextOffset, found);
    if (found.isEmpty() && result.stop() == BatchScanner.Stop.INCOMPLETE) {
      if (result.neededBytes() > segment.sizeBytes() - position) {
        throw new CorruptFileException(where() + "a batch is torn");
      }
      buffer = ByteBuffer.allocateDirect(result.neededBytes());
      fill();
      result = scanner.scan(buffer, nextOffset, found);
    }
    if (found.isEmpty()) {
      throw new CorruptFileException(where() + result.problem());
    }
    BatchHeader last = found.get(found.size() - 1);
    if (last.lastOffset() >= segment.endOffset()) {
      throw new CorruptFileException(
          where() + "offset " + last.lastOffset() + " reaches into the next segment");
    }
    nextOffset = last.nextOffset();
    pieceAt = position;
    position += result.endPosition();
    return found;
  }

  private String where() {
    return segment.log() + " at " + position + ": ";
  }

  private void fill() throws IOException {
    buffer.clear().limit(Math.min(buffer.capacity(), segment.sizeBytes() - position));
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, (long) position + buffer.position()) < 0) {
        throw new CorruptFileException(where() + "the file ends early");
      }
    }
    buffer.flip();
  }

  /** Holds the batches that {@link #next} found. */
  public ByteBuffer buffer() {
    return buffer;
  }

  /** Bytes of the segment that were read. */
  public int position() {
    return position;
  }

  /** True when the batch is the last one of the segment. */
  public boolean isLast(BatchHeader batch) {
    return pieceAt + batch.position() + batch.sizeBytes() == segment.sizeBytes();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
