package io.milena.storage.segment;

import java.nio.channels.FileChannel;

/** Makes slices for tests of those who send them. */
public final class FileSliceFixture {
  private FileSliceFixture() {}

  /**
   * A slice from the start of {@code channel}, which may be null when nobody reads.
   *
   * @param released run when the slice is released; a second release throws
   */
  public static FileSlice slice(FileChannel channel, int sizeBytes, Runnable released) {
    return new FileSlice(new SegmentRef(channel, closed -> released.run()), 0, sizeBytes);
  }
}
