package io.milena.log.compaction;

import io.milena.log.batch.RecordCursor;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.kafka.common.utils.internals.ByteUtils;

/**
 * The records of one batch that stay, by their places in its plain bytes. Reused from batch to
 * batch; not thread-safe.
 */
final class KeptRecords {
  private int[] starts = new int[64];
  private int[] tails = new int[64];
  private int[] ends = new int[64];
  private long[] timestampsMs = new long[64];
  private byte[] copy = new byte[4 * 1024];
  private int count;
  private long maxTimestampMs;

  void clear() {
    count = 0;
    maxTimestampMs = -1;
  }

  void add(RecordCursor record, long timestampMs) {
    if (count == starts.length) {
      starts = Arrays.copyOf(starts, 2 * count);
      tails = Arrays.copyOf(tails, 2 * count);
      ends = Arrays.copyOf(ends, 2 * count);
      timestampsMs = Arrays.copyOf(timestampsMs, 2 * count);
    }
    starts[count] = record.recordAt();
    tails[count] = record.tailAt();
    ends[count] = record.recordEnd();
    timestampsMs[count] = timestampMs;
    maxTimestampMs = Math.max(maxTimestampMs, timestampMs);
    count++;
  }

  int count() {
    return count;
  }

  /** -1 when no record has one. */
  long maxTimestampMs() {
    return maxTimestampMs;
  }

  /** Writes the records as they are; neighbours go together. */
  void write(ByteBuffer plain, OutputStream sink) {
    try {
      int at = 0;
      while (at < count) {
        int from = starts[at];
        int to = ends[at++];
        while (at < count && starts[at] == to) {
          to = ends[at++];
        }
        copy(plain, from, to, sink);
      }
    } catch (IOException notInMemory) {
      throw new UncheckedIOException(notInMemory);
    }
  }

  /** Writes the records with timestamps that count from {@code baseMs}; the rest is as it is. */
  void writeRelativeTo(long baseMs, ByteBuffer plain, OutputStream sink) {
    DataOutputStream out = new DataOutputStream(sink);
    try {
      for (int i = 0; i < count; i++) {
        long delta = timestampsMs[i] - baseMs;
        int tailBytes = ends[i] - tails[i];
        ByteUtils.writeVarint(1 + ByteUtils.sizeOfVarlong(delta) + tailBytes, out);
        out.writeByte(0);
        ByteUtils.writeVarlong(delta, out);
        copy(plain, tails[i], ends[i], out);
      }
      out.flush();
    } catch (IOException notInMemory) {
      throw new UncheckedIOException(notInMemory);
    }
  }

  private void copy(ByteBuffer plain, int from, int to, OutputStream sink) throws IOException {
    if (plain.hasArray()) {
      sink.write(plain.array(), plain.arrayOffset() + from, to - from);
      return;
    }
    for (int at = from; at < to; at += copy.length) {
      int length = Math.min(copy.length, to - at);
      plain.get(at, copy, 0, length);
      sink.write(copy, 0, length);
    }
  }
}
