package io.milena.storage.segment;

import java.nio.channels.FileChannel;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.RecordsSend;

/**
 * A range of a segment file that is sent to a reader without passing through the heap. Holds one
 * count of the segment's shared channel until {@link #release()}; exactly one release per slice, on
 * any thread.
 *
 * <p>{@code PartitionLog.read} completes only when the range is likely to be in the page cache (a
 * worker touched it if it was old), so an event loop may send it at once.
 */
public final class FileSlice implements BaseRecords {
  private final SegmentRef ref;
  private final long position;
  private final int sizeBytes;
  private final long endOffset;

  /** Takes over one count of {@code ref} that the caller has retained; end offset not known. */
  public FileSlice(SegmentRef ref, long position, int sizeBytes) {
    this(ref, position, sizeBytes, Long.MAX_VALUE);
  }

  /** Takes over one count of {@code ref} that the caller has retained. */
  public FileSlice(SegmentRef ref, long position, int sizeBytes, long endOffset) {
    this.ref = ref;
    this.position = position;
    this.sizeBytes = sizeBytes;
    this.endOffset = endOffset;
  }

  /** The shared channel; never closed by the user of the slice. */
  public FileChannel channel() {
    return ref.channel();
  }

  /** First byte in the file. */
  public long position() {
    return position;
  }

  /** All records in it have lower offsets; as near as is known without looking. */
  public long endOffset() {
    return endOffset;
  }

  @Override
  public int sizeInBytes() {
    return sizeBytes;
  }

  /** Gives the count back. */
  public void release() {
    ref.release();
  }

  /** Not how Milena sends: the listener writes regions of {@link #channel()}. */
  @Override
  public RecordsSend<FileSlice> toSend() {
    throw new UnsupportedOperationException("file slices are written as file regions");
  }
}
