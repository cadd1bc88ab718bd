package io.milena.testing;

import io.milena.storage.segment.FileSlice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.kafka.common.record.internal.MemoryRecords;

/** Records as they lie in a slice of a file. */
public final class SliceRecords {
  private SliceRecords() {}

  /** The records of a slice, which is given back. */
  public static MemoryRecords of(FileSlice slice) {
    ByteBuffer bytes = ByteBuffer.allocate(slice.sizeInBytes());
    try {
      while (bytes.hasRemaining()
          && slice.channel().read(bytes, slice.position() + bytes.position()) >= 0) {
        continue;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      slice.release();
    }
    return MemoryRecords.readableRecords(bytes.flip());
  }
}
