package io.milena.network;

import io.milena.base.Invariant;
import io.milena.protocol.FrameLimits;
import io.milena.storage.segment.FileSlice;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The sending half of a TCP connection. Small answers gather in one buffer and leave with one
 * write; file ranges go as regions between the buffers, in order. Written straight to Netty, below
 * Vert.x's own handler: one promise for each flush instead of one for each part.
 *
 * <p>File regions are invisible to Netty's water marks, so what is unsent is counted here. Owned by
 * the connection's event loop.
 */
final class TcpOutbound {
  private static final int GATHER_BYTES = 2048;

  /** What left with one flush: its size, and what must run when the socket took it. */
  private record Sent(long bytes, List<Runnable> onDone) {}

  private final ChannelHandlerContext netty;
  private final Runnable progress;
  private ByteBuf gathered;
  private Object heldBack;
  private List<Runnable> onDone;
  private long openBytes;
  private long endedBytes;
  private long inSocketBytes;
  private boolean closed;

  /**
   * @param progress runs whenever the socket took something
   */
  TcpOutbound(ChannelHandlerContext netty, Runnable progress) {
    this.netty = netty;
    this.progress = progress;
  }

  ByteBuf begin(int frameBytes, int plainBytes) {
    int wanted = FrameLimits.LENGTH_BYTES + plainBytes;
    if (gathered != null && gathered.writableBytes() < wanted) {
      passOn(gathered);
      gathered = null;
    }
    if (gathered == null) {
      gathered = netty.alloc().directBuffer(Math.max(wanted, GATHER_BYTES));
    }
    openBytes = (long) FrameLimits.LENGTH_BYTES + frameBytes;
    gathered.writeInt(frameBytes);
    return gathered;
  }

  void slice(FileSlice slice) {
    cut();
    passOn(new SliceRegion(slice));
  }

  void bytes(ByteBuffer bytes) {
    cut();
    passOn(Unpooled.wrappedBuffer(bytes));
  }

  void end(Runnable done) {
    endedBytes += openBytes;
    openBytes = 0;
    if (done != null) {
      onDone = onDone == null ? new ArrayList<>(4) : onDone;
      onDone.add(done);
    }
  }

  /** What was gathered so far goes before what comes now; the buffer's rest is used further. */
  private void cut() {
    if (gathered.isReadable()) {
      passOn(gathered.readRetainedSlice(gathered.readableBytes()));
    }
  }

  /** Hands a part to Netty, always one behind, because the last before a flush has the promise. */
  private void passOn(Object part) {
    if (part instanceof ByteBuf buffer && !buffer.isReadable()) {
      buffer.release();
      return;
    }
    if (heldBack != null) {
      netty.write(heldBack, netty.voidPromise());
    }
    heldBack = part;
  }

  /** True when something waits for {@link #flush}. */
  boolean hasUnflushed() {
    return endedBytes > 0;
  }

  void flush() {
    if (closed || endedBytes == 0) {
      return;
    }
    Invariant.check(openBytes == 0, "Flush inside an answer of %s bytes", openBytes);
    if (gathered != null) {
      passOn(gathered);
      gathered = null;
    }
    Sent sent = new Sent(endedBytes, onDone);
    inSocketBytes += endedBytes;
    endedBytes = 0;
    onDone = null;
    Object last = heldBack;
    heldBack = null;
    ChannelPromise promise = netty.newPromise();
    netty.writeAndFlush(last, promise);
    if (promise.isDone()) {
      taken(sent, promise);
    } else {
      promise.addListener(result -> taken(sent, promise));
    }
  }

  private void taken(Sent sent, ChannelFuture result) {
    inSocketBytes -= sent.bytes();
    runAll(sent.onDone());
    if (!result.isSuccess()) {
      netty.close();
    } else if (!closed) {
      progress.run();
    }
  }

  private static void runAll(List<Runnable> actions) {
    if (actions != null) {
      actions.forEach(Runnable::run);
    }
  }

  /** Bytes of ended answers that the socket has not taken. */
  long unsentBytes() {
    return endedBytes + inSocketBytes;
  }

  /** The channel is closing: what was not flushed never leaves. */
  void close() {
    closed = true;
    ReferenceCountUtil.release(heldBack);
    ReferenceCountUtil.release(gathered);
    heldBack = null;
    gathered = null;
    List<Runnable> left = onDone;
    onDone = null;
    endedBytes = 0;
    runAll(left);
  }
}
