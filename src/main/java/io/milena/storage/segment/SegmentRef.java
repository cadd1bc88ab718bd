package io.milena.storage.segment;

import java.nio.channels.FileChannel;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * The shared read channel of one segment file and the count of those who use it. The log that
 * opened it holds one count while it may hand out slices; each slice holds another. The channel is
 * closed by whoever gives the last count back, so neither retention nor the bound on open files
 * ever closes a file that is being sent.
 *
 * <p>The one place of this package that is shared between threads (ArchUnit rule 6).
 */
public final class SegmentRef {
  private final FileChannel channel;
  private final Consumer<FileChannel> closer;
  private final AtomicInteger count = new AtomicInteger(1);

  /**
   * @param closer closes the channel off the event loops: the last close of a deleted file frees
   *     its blocks, which takes milliseconds
   */
  public SegmentRef(FileChannel channel, Consumer<FileChannel> closer) {
    this.channel = channel;
    this.closer = closer;
  }

  public FileChannel channel() {
    return channel;
  }

  /** Takes a count; the caller already holds one, so the channel cannot be closed meanwhile. */
  public SegmentRef retain() {
    if (count.getAndIncrement() <= 0) {
      throw new IllegalStateException("retained a closed segment channel");
    }
    return this;
  }

  /** Gives a count back. */
  public void release() {
    int left = count.decrementAndGet();
    if (left == 0) {
      closer.accept(channel);
    } else if (left < 0) {
      throw new IllegalStateException("segment channel released once too often: " + left);
    }
  }
}
