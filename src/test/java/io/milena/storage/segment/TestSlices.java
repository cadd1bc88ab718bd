package io.milena.storage.segment;

import java.nio.channels.FileChannel;
import java.util.function.Consumer;

/** Makes file slices for tests of other packages. */
public final class TestSlices {
  private TestSlices() {}

  /**
   * A slice that holds the only count of its channel.
   *
   * @param released gets the channel when the slice was given back
   */
  public static FileSlice of(
      FileChannel channel, long position, int sizeBytes, Consumer<FileChannel> released) {
    return new FileSlice(new SegmentRef(channel, released), position, sizeBytes);
  }
}
