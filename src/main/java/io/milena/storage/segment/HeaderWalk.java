package io.milena.storage.segment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Steps from batch header to batch header of a .log file without reading the batches. Blocking:
 * storage workers only. Understands all three magics; checks no CRC: what it walks over was checked
 * when it was written or recovered.
 */
public final class HeaderWalk {
  private static final int WINDOW_BYTES = 8 << 10;
  private static final int LOG_OVERHEAD_BYTES = 12;
  private static final int MAGIC_AT = 16;
  private static final int NEEDED_BYTES = 43;
  private static final int MIN_BATCH_BYTES = 26;

  private final FileChannel channel;
  private final ByteBuffer window = ByteBuffer.allocate(WINDOW_BYTES);
  private final int end;
  private long windowStart;
  private int position = -1;
  private int at;

  /**
   * @param end bytes of the file that hold whole batches
   */
  public HeaderWalk(FileChannel channel, int end) {
    this.channel = channel;
    this.end = end;
    window.limit(0);
  }

  /**
   * Goes to the batch at a position.
   *
   * @return false at or behind the end, or when no whole batch lies there
   */
  public boolean moveTo(int newPosition) throws IOException {
    if (newPosition < 0 || newPosition > end - MIN_BATCH_BYTES) {
      return false;
    }
    position = newPosition;
    boolean inside =
        newPosition >= windowStart && newPosition + NEEDED_BYTES <= windowStart + window.limit();
    if (!inside) {
      fill();
    }
    at = (int) (newPosition - windowStart);
    return window.limit() - at >= MIN_BATCH_BYTES
        && (magic() < 2 || window.limit() - at >= NEEDED_BYTES)
        && sizeBytes() >= MIN_BATCH_BYTES
        && sizeBytes() <= end - position;
  }

  private void fill() throws IOException {
    window.clear().limit(Math.min(WINDOW_BYTES, end - position));
    windowStart = position;
    while (window.hasRemaining() && channel.read(window, windowStart + window.position()) >= 0) {
      continue;
    }
    window.flip();
  }

  public boolean next() throws IOException {
    return moveTo(endPosition());
  }

  public int position() {
    return position;
  }

  public int sizeBytes() {
    return window.getInt(at + 8) + LOG_OVERHEAD_BYTES;
  }

  public int endPosition() {
    return position + sizeBytes();
  }

  byte magic() {
    return window.get(at + MAGIC_AT);
  }

  /** For magic 0 and 1 the same as {@link #lastOffset()}. */
  public long baseOffset() {
    return window.getLong(at);
  }

  public long lastOffset() {
    return magic() < 2 ? baseOffset() : baseOffset() + window.getInt(at + 23);
  }

  /** -1 for magic 0 and 1. */
  public int leaderEpoch() {
    return magic() < 2 ? -1 : window.getInt(at + LOG_OVERHEAD_BYTES);
  }

  /** -1 for magic 0. */
  public long maxTimestampMs() {
    return switch (magic()) {
      case 0 -> -1;
      case 1 -> window.getLong(at + 18);
      default -> window.getLong(at + 35);
    };
  }
}
