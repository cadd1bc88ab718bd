package io.milena.storage.segment;

import io.milena.log.batch.BatchHeader;
import io.milena.log.batch.BatchScanner;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the batches of a .log file from a position on, in chunks. Blocking: storage workers only. A
 * batch larger than the chunk makes the chunk grow to it, so never beyond the size of the file.
 */
public final class BatchReader {
  private static final int CHUNK_BYTES = 1 << 20;
  private static final int HEAP_CHUNK_BYTES = 64 << 10;

  private final FileChannel channel;
  private final BatchScanner scanner;
  private final List<BatchHeader> headers = new ArrayList<>();
  private ByteBuffer chunk = ByteBuffer.allocate(0);
  private long chunkPosition;
  private boolean fileEnded;
  private String problem;

  /** Told of each whole batch. */
  public interface Visitor {
    /**
     * @param batch position counts within {@code bytes}
     * @param bytes holds the batch
     * @param filePosition of the batch
     * @return false when it cannot be one of this log: reading ends before it
     */
    boolean visit(BatchHeader batch, ByteBuffer bytes, int filePosition) throws IOException;
  }

  public BatchReader(FileChannel channel, boolean checkCrc) {
    this.channel = channel;
    this.scanner = new BatchScanner(checkCrc);
  }

  /**
   * Visits whole, sane batches between two positions.
   *
   * @param minOffset of the first batch
   * @return position behind the last batch that was visited; below {@code end} when what follows is
   *     torn or garbled, or the visitor refused it
   */
  public int read(int from, int end, long minOffset, Visitor visitor) throws IOException {
    problem = null;
    fileEnded = false;
    ensureCapacity(Math.min(CHUNK_BYTES, end - from));
    int position = from;
    long nextOffset = minOffset;
    while (position < end) {
      fill(position, end);
      headers.clear();
      BatchScanner.Result result = scanner.scan(chunk, nextOffset, headers);
      for (BatchHeader header : headers) {
        int at = (int) (chunkPosition + header.position());
        if (!visitor.visit(header, chunk, at)) {
          problem = "offsets " + header.baseOffset() + " to " + header.lastOffset();
          return at;
        }
        nextOffset = header.nextOffset();
      }
      position = (int) (chunkPosition + result.endPosition());
      if (result.stop() == BatchScanner.Stop.CORRUPT) {
        problem = result.problem();
        return position;
      }
      if (result.stop() == BatchScanner.Stop.INCOMPLETE) {
        if (fileEnded || result.neededBytes() > end - position) {
          problem = "torn batch";
          return position;
        }
        ensureCapacity(result.neededBytes());
      }
    }
    return position;
  }

  /** What ended the last {@link #read} early, null when nothing did. */
  public String problem() {
    return problem;
  }

  private void fill(int position, int end) throws IOException {
    chunk.clear().limit(Math.min(chunk.capacity(), end - position));
    chunkPosition = position;
    while (chunk.hasRemaining()) {
      if (channel.read(chunk, chunkPosition + chunk.position()) < 0) {
        fileEnded = true;
        break;
      }
    }
    chunk.flip();
  }

  /** Small ones on the heap: opening a thousand logs must not fill direct memory. */
  private void ensureCapacity(int bytes) {
    if (bytes > chunk.capacity()) {
      chunk =
          bytes <= HEAP_CHUNK_BYTES ? ByteBuffer.allocate(bytes) : ByteBuffer.allocateDirect(bytes);
    }
  }
}
