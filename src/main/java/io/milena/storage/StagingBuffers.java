package io.milena.storage;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Direct buffers in which batches are gathered for one write, shared by the logs of one store: a
 * few of 1 MiB are kept and used again, small groups and moments with many writes at once use the
 * allocator. Owned by the store's event loop.
 */
final class StagingBuffers {
  static final int BYTES = 1 << 20;
  private static final int SMALL_BYTES = 16 << 10;
  private static final int KEPT = 2;

  private final ArrayDeque<ByteBuf> free = new ArrayDeque<>(KEPT);

  /** Told by identity: a client's batch may happen to be as large. */
  private final List<ByteBuf> made = new ArrayList<>(KEPT);

  /**
   * The bytes of a group in one direct buffer: the batch's own, or one with all of them, which are
   * released then. Throws before it releases any.
   */
  ByteBuf gather(List<StagedAppend> group) {
    ByteBuf first = group.get(0).records;
    boolean asItIs = first.isDirect() && first.nioBufferCount() == 1;
    if (group.size() == 1 && (asItIs || first.readableBytes() > BYTES)) {
      return asItIs ? first : directCopy(first);
    }
    int bytes = 0;
    for (StagedAppend staged : group) {
      bytes += staged.sizeBytes;
    }
    ByteBuf together = take(bytes);
    for (StagedAppend staged : group) {
      together.writeBytes(staged.records, staged.records.readerIndex(), staged.sizeBytes);
    }
    group.forEach(staged -> staged.records.release());
    return together;
  }

  private static ByteBuf directCopy(ByteBuf records) {
    int bytes = records.readableBytes();
    ByteBuf copy = ByteBufAllocator.DEFAULT.directBuffer(bytes, bytes).writeBytes(records);
    records.release();
    return copy;
  }

  /** An empty buffer with room for so many bytes, at most {@link #BYTES}. */
  private ByteBuf take(int bytes) {
    ByteBuf kept = bytes <= SMALL_BYTES ? null : free.poll();
    if (kept != null) {
      return kept;
    }
    if (bytes > SMALL_BYTES && made.size() < KEPT) {
      ByteBuf fresh = Unpooled.directBuffer(BYTES, BYTES);
      made.add(fresh);
      return fresh;
    }
    return ByteBufAllocator.DEFAULT.directBuffer(bytes, bytes);
  }

  /** Takes back a written buffer: keeps its own, releases any other. */
  void give(ByteBuf buffer) {
    for (ByteBuf own : made) {
      if (own == buffer) {
        free.push(buffer.clear());
        return;
      }
    }
    buffer.release();
  }

  /** Releases what is kept. */
  void close() {
    free.forEach(ByteBuf::release);
    free.clear();
  }
}
