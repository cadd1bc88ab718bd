package io.milena.storage;

import java.nio.channels.FileChannel;
import org.apache.kafka.common.record.internal.BaseRecords;

/**
 * A range of a segment file that is sent to a reader without passing through the heap. Holds one
 * count of the segment's shared channel until {@link #release()}; exactly one release per slice, on
 * any thread.
 */
public interface FileSlice extends BaseRecords {
  /** The shared channel; never closed by the user of the slice. */
  FileChannel channel();

  /** First byte in the file. */
  long position();

  /**
   * False when the range may be cold: it must be touched by a worker before an event loop sends it
   * (architecture §6, Reading).
   */
  boolean warm();

  /** Gives the count back. */
  void release();
}
