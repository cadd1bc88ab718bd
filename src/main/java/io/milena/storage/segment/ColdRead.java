package io.milena.storage.segment;

import io.milena.base.Clock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Finds a range of whole batches in a segment and makes sure that it is in the page cache.
 * Blocking: storage workers only.
 */
public final class ColdRead {
  private static final int PROBE_STRIDE_BYTES = 64 << 10;
  private static final int CHUNK_BYTES = 256 << 10;
  private static final long SLOW_NS = 200_000;

  private ColdRead() {}

  /**
   * What is looked for.
   *
   * @param fromPosition where to start looking: no batch before it contains {@code startOffset}
   * @param safeEnd a batch boundary that is certainly within {@code maxBytes} of any start and
   *     below {@code endOffset}, or 0
   * @param sizeBytes bytes of whole batches in the file
   */
  public record Ask(
      int fromPosition,
      int safeEnd,
      int sizeBytes,
      long startOffset,
      long endOffset,
      int maxBytes,
      boolean minOneBatch) {}

  /** A range; {@code found} false when no batch of the segment reaches {@code startOffset}. */
  public record Range(boolean found, int position, int sizeBytes) {
    static final Range NONE = new Range(false, 0, 0);
  }

  public static Range find(FileChannel channel, Ask ask) throws IOException {
    HeaderWalk walk = new HeaderWalk(channel, ask.sizeBytes());
    boolean more = walk.moveTo(ask.fromPosition());
    while (more && walk.lastOffset() < ask.startOffset()) {
      more = walk.next();
    }
    if (!more) {
      return Range.NONE;
    }
    int start = walk.position();
    if (walk.lastOffset() >= ask.endOffset()) {
      return new Range(true, start, 0);
    }
    int end = ask.minOneBatch() ? walk.endPosition() : start;
    if (ask.safeEnd() > end) {
      end = ask.safeEnd();
    }
    more = walk.moveTo(end);
    while (more
        && walk.lastOffset() < ask.endOffset()
        && (long) walk.endPosition() - start <= ask.maxBytes()) {
      end = walk.endPosition();
      more = walk.next();
    }
    return new Range(true, start, end - start);
  }

  /**
   * Looks at single bytes of the range; when one is slow to come the range is not in memory, and
   * all of it is read once. Cheap where the pages are there: no copy of the range.
   *
   * @return true when it was not in memory
   */
  public static boolean touch(FileChannel channel, long position, int sizeBytes, Clock clock)
      throws IOException {
    ByteBuffer probe = ByteBuffer.allocate(1);
    for (long at = position; at < position + sizeBytes; at += PROBE_STRIDE_BYTES) {
      long beforeNs = clock.monotonicNs();
      probe.clear();
      channel.read(probe, at);
      if (clock.monotonicNs() - beforeNs > SLOW_NS) {
        readAll(channel, at, position + sizeBytes);
        return true;
      }
    }
    return false;
  }

  private static void readAll(FileChannel channel, long from, long end) throws IOException {
    ByteBuffer scratch = ByteBuffer.allocate(CHUNK_BYTES);
    long at = from;
    while (at < end) {
      scratch.clear().limit((int) Math.min(CHUNK_BYTES, end - at));
      int read = channel.read(scratch, at);
      if (read < 0) {
        return;
      }
      at += read;
    }
  }
}
