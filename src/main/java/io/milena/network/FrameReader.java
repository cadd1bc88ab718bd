package io.milena.network;

import io.milena.protocol.FrameLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * Cuts a connection's byte stream into frames (int32 length, then so many bytes). Owned by one
 * connection.
 *
 * <p>A frame that lies whole inside a read is a retained slice of it, or a copy when it is small
 * enough that a slice would pin a much larger read. Any other frame gets one direct buffer: of its
 * exact size up to {@link #EXACT_BYTES}, above that doubling with the bytes that arrive. Once half
 * the budget is held every buffer begins small and doubles, so that promises alone cannot take the
 * rest: what is held beyond that half, somebody has sent at least half of. The length is checked
 * first, and every byte is charged to the {@link MemoryBudget} before it is allocated (D15).
 */
final class FrameReader {
  /** Frames up to this size are copied out of the read. */
  static final int COPIED_BYTES = 1024;

  /** Unfinished frames up to this size get their buffer at once. */
  static final int EXACT_BYTES = 1 << 20;

  /** First buffer of a larger frame; it doubles as bytes arrive. */
  static final int FIRST_BYTES = 64 * 1024;

  /** First buffer of any frame when half the budget is held. */
  static final int SMALL_BYTES = 4 * 1024;

  private static final int NO_LENGTH = -1;

  /** Who gets the frames and lends the memory. */
  interface Sink extends MemoryBudget.Reader {
    /** True when a further frame may be started. */
    boolean ready();

    /** One whole frame, owned by the sink; its bytes are charged as a request. */
    void frame(ByteBuf frame);
  }

  /** Why {@link #read} returned. */
  enum Verdict {
    /** All bytes are used; more are welcome. */
    MORE,
    /** The sink is not ready or memory is short: call again with the rest when that changed. */
    WAIT,
    /** A length that no request may have: close the connection. */
    BAD_LENGTH
  }

  private final FrameLimits limits;
  private final MemoryBudget budget;
  private final ByteBufAllocator allocator;
  private final Sink sink;
  private int length = NO_LENGTH;
  private int lengthBytes;
  private int lengthSoFar;
  private ByteBuf unfinished;
  private long movedBytes;

  FrameReader(FrameLimits limits, MemoryBudget budget, ByteBufAllocator allocator, Sink sink) {
    this.limits = limits;
    this.budget = budget;
    this.allocator = allocator;
    this.sink = sink;
  }

  /** Uses bytes of {@code in}, which stays the caller's; hands out the frames that are whole. */
  Verdict read(ByteBuf in) {
    while (in.isReadable()) {
      if (length == NO_LENGTH) {
        if (!lengthIsWhole(in)) {
          return Verdict.MORE;
        }
        if (!limits.admits(lengthSoFar)) {
          return Verdict.BAD_LENGTH;
        }
        length = lengthSoFar;
      }
      boolean goesOn = unfinished != null ? fill(in) : begin(in);
      if (!goesOn) {
        return Verdict.WAIT;
      }
    }
    return Verdict.MORE;
  }

  private boolean lengthIsWhole(ByteBuf in) {
    if (lengthBytes == 0 && in.readableBytes() >= FrameLimits.LENGTH_BYTES) {
      lengthSoFar = in.readInt();
      return true;
    }
    while (lengthBytes < FrameLimits.LENGTH_BYTES && in.isReadable()) {
      lengthSoFar = lengthSoFar << Byte.SIZE | in.readUnsignedByte();
      lengthBytes++;
    }
    if (lengthBytes < FrameLimits.LENGTH_BYTES) {
      return false;
    }
    lengthBytes = 0;
    return true;
  }

  private boolean begin(ByteBuf in) {
    if (!in.isReadable()) {
      return true;
    }
    if (!sink.ready()) {
      return false;
    }
    boolean whole = in.readableBytes() >= length;
    int bytes = whole ? length : firstBytes();
    if (!budget.take(bytes, sink)) {
      return false;
    }
    if (whole) {
      deliver(mustCopy(in) ? copy(in) : in.readRetainedSlice(length));
      return true;
    }
    unfinished = allocator.directBuffer(bytes, length);
    return fill(in);
  }

  private int firstBytes() {
    int wanted = length <= EXACT_BYTES ? length : FIRST_BYTES;
    return budget.roomyFor(wanted) ? wanted : Math.min(length, SMALL_BYTES);
  }

  /**
   * Small frames would pin a large read; those over several buffers have no memory of their own
   * into which a shard could stamp offsets.
   */
  private boolean mustCopy(ByteBuf in) {
    return length <= COPIED_BYTES || in.nioBufferCount() != 1;
  }

  private ByteBuf copy(ByteBuf in) {
    ByteBuf own = allocator.directBuffer(length, length);
    in.readBytes(own, length);
    return own;
  }

  private boolean fill(ByteBuf in) {
    while (in.isReadable()) {
      if (!unfinished.isWritable() && !grow()) {
        return false;
      }
      int bytes = Math.min(in.readableBytes(), unfinished.writableBytes());
      in.readBytes(unfinished, bytes);
      movedBytes += bytes;
      if (unfinished.writerIndex() == length) {
        ByteBuf frame = unfinished;
        unfinished = null;
        deliver(frame);
        return true;
      }
    }
    return true;
  }

  private boolean grow() {
    int has = unfinished.capacity();
    int wants = (int) Math.min(length, 2L * has);
    if (!budget.take(wants - has, sink)) {
      return false;
    }
    unfinished.capacity(wants);
    return true;
  }

  private void deliver(ByteBuf frame) {
    budget.becameRequest(length, sink);
    length = NO_LENGTH;
    sink.frame(frame);
  }

  /** True between the first byte of a frame and its last. */
  boolean insideFrame() {
    return unfinished != null || length != NO_LENGTH || lengthBytes > 0;
  }

  /** True when an unfinished frame holds memory of the loop. */
  boolean holdsMemory() {
    return unfinished != null;
  }

  /** Bytes that unfinished frames took in so far, all of this connection. */
  long movedBytes() {
    return movedBytes;
  }

  /** The connection is gone: what is unfinished is given back. */
  void close() {
    int held = unfinished == null ? 0 : unfinished.capacity();
    if (unfinished != null) {
      unfinished.release();
      unfinished = null;
    }
    budget.leave(held, sink);
  }
}
