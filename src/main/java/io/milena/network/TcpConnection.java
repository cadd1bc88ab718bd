package io.milena.network;

import io.milena.connection.Connection;
import io.milena.connection.ConnectionMeters.Refusal;
import io.milena.connection.Outbound;
import io.milena.storage.segment.FileSlice;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.internal.ContextInternal;
import java.nio.ByteBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One TCP connection: sits in Netty's pipeline before Vert.x's handler, feeds reads to its {@link
 * FrameReader}, frames to its {@link Connection}, and answers to its {@link TcpOutbound}. Owned by
 * one event loop.
 *
 * <p>Reading goes on only while the loop is open, the connection is ready for a frame and memory is
 * there; else autoRead is off and the rest of the last read waits here.
 */
final class TcpConnection extends ChannelInboundHandlerAdapter
    implements Outbound, FrameReader.Sink {
  private static final Logger LOG = LoggerFactory.getLogger(TcpConnection.class);

  /**
   * What a frame that holds memory must gain within a stall time while others wait for that memory:
   * with 5 s some 13 KB/s, less than any line that carries records.
   */
  private static final int CROWDED_PROGRESS_BYTES = 64 << 10;

  private static final long NOT_CROWDED = Long.MIN_VALUE;

  private final NetworkLoop loop;
  private final ContextInternal context;
  private final long number;
  private Connection connection;
  private ChannelHandlerContext netty;
  private FrameReader reader;
  private TcpOutbound outbound;
  private ByteBuf unread;
  private long lastReadNs;
  private long waitingSinceNs;
  private long lastProgressNs;
  private long crowdedSinceNs = NOT_CROWDED;
  private long movedBytesThen;
  private boolean pumping;
  private boolean inRead;
  private boolean flushScheduled;
  private boolean closing;
  private boolean closed;

  /**
   * @param number unique in this process
   */
  TcpConnection(NetworkLoop loop, ContextInternal context, long number) {
    this.loop = loop;
    this.context = context;
    this.number = number;
  }

  long number() {
    return number;
  }

  /** Whose frames these are; set once, before the first read. */
  void connection(Connection whose) {
    connection = whose;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    netty = ctx;
    reader = new FrameReader(loop.limits(), loop.budget(), ctx.alloc(), this);
    outbound = new TcpOutbound(ctx, this::sentSome);
    lastReadNs = loop.nowNs();
    waitingSinceNs = lastReadNs;
    lastProgressNs = lastReadNs;
    ctx.channel().config().setAutoRead(false);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    inRead = true;
    lastReadNs = loop.nowNs();
    waitingSinceNs = lastReadNs;
    lastProgressNs = lastReadNs;
    unread = unread == null ? in : Unpooled.wrappedBuffer(unread, in);
    pump();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    inRead = false;
    outbound.flush();
  }

  /** Uses what was read, then decides whether to read on. */
  void pump() {
    if (pumping || closed) {
      return;
    }
    pumping = true;
    ContextInternal outer = context.beginDispatch();
    try {
      FrameReader.Verdict verdict = unread == null ? FrameReader.Verdict.MORE : reader.read(unread);
      if (verdict == FrameReader.Verdict.BAD_LENGTH) {
        refuse(Refusal.FRAME_LENGTH);
      } else if (verdict == FrameReader.Verdict.MORE) {
        releaseUnread();
      }
    } finally {
      context.endDispatch(outer);
      pumping = false;
    }
    if (!closed) {
      readOn(unread == null && wantsBytes());
    }
  }

  private void readOn(boolean on) {
    ChannelConfig config = netty.channel().config();
    if (on != config.isAutoRead()) {
      waitingSinceNs = loop.nowNs();
      config.setAutoRead(on);
    }
  }

  private boolean wantsBytes() {
    return loop.isOpen() && !closing && (reader.insideFrame() || ready());
  }

  @Override
  public boolean ready() {
    return loop.isOpen() && !closing && connection.ready();
  }

  @Override
  public void frame(ByteBuf frame) {
    connection.frame(frame, lastReadNs);
  }

  @Override
  public void memoryFree() {
    pump();
  }

  @Override
  public void proceed() {
    pump();
  }

  @Override
  public void requestDone(int requestBytes) {
    loop.budget().requestDone(requestBytes);
  }

  @Override
  public ByteBuf begin(int frameBytes, int plainBytes) {
    return outbound.begin(frameBytes, plainBytes);
  }

  @Override
  public void slice(FileSlice slice) {
    outbound.slice(slice);
  }

  @Override
  public void bytes(ByteBuffer bytes) {
    outbound.bytes(bytes);
  }

  @Override
  public void end(Runnable onDone) {
    outbound.end(onDone);
  }

  /** Within a read the flush waits for its end, else for the end of what the loop has queued. */
  @Override
  public void flush() {
    if (!inRead && !flushScheduled) {
      flushScheduled = true;
      netty.executor().execute(this::flushNow);
    }
  }

  private void flushNow() {
    flushScheduled = false;
    outbound.flush();
  }

  private void sentSome() {
    lastProgressNs = loop.nowNs();
    if (closing && outbound.unsentBytes() == 0) {
      closeNow();
    } else {
      connection.sentSome();
    }
  }

  @Override
  public long unsentBytes() {
    return outbound.unsentBytes();
  }

  @Override
  public void closeAfterSending() {
    closing = true;
    netty.channel().config().setAutoRead(false);
    outbound.flush();
    if (outbound.unsentBytes() == 0) {
      closeNow();
    }
  }

  @Override
  public void closeNow() {
    closing = true;
    netty.close();
  }

  /** The broker stops: answers in flight go, no request is started any more. */
  void drain() {
    connection.drain();
  }

  /** Closes when nothing has moved for too long. Called now and then. */
  void check(long nowNs) {
    long sinceProgressNs = nowNs - lastProgressNs;
    if (closing) {
      if (sinceProgressNs > loop.stallNs(false)) {
        netty.close();
      }
    } else if (stalled(nowNs) || drips(nowNs)) {
      refuse(Refusal.STALLED_FRAME);
    } else if (sinceProgressNs > loop.maxIdleNs()
        && (connection.inFlight() == 0 || outbound.unsentBytes() > 0)) {
      refuse(Refusal.IDLE);
    }
  }

  /** True when the client owes us the rest of a frame; our own pauses do not count. */
  private boolean stalled(long nowNs) {
    return unread == null
        && reader.insideFrame()
        && netty.channel().config().isAutoRead()
        && nowNs - waitingSinceNs > loop.stallNs(reader.holdsMemory());
  }

  /**
   * True when memory is short, unfinished frames hold most of it, and this one takes in too little
   * to deserve its share. Pauses of ours do not excuse it: the memory is held all the same, and its
   * sender may come again.
   */
  private boolean drips(long nowNs) {
    if (!reader.holdsMemory() || !loop.budget().crowdedByFrames()) {
      crowdedSinceNs = NOT_CROWDED;
      return false;
    }
    boolean moved = reader.movedBytes() - movedBytesThen >= CROWDED_PROGRESS_BYTES;
    if (crowdedSinceNs == NOT_CROWDED || moved) {
      crowdedSinceNs = nowNs;
      movedBytesThen = reader.movedBytes();
      return false;
    }
    return nowNs - crowdedSinceNs > loop.stallNs(true);
  }

  private void refuse(Refusal why) {
    loop.refusals().refused(connection.listener(), why, () -> connection.id() + ": " + why.text());
    closeNow();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closed = true;
    closing = true;
    ContextInternal outer = context.beginDispatch();
    try {
      connection.closed();
      outbound.close();
      reader.close();
      releaseUnread();
      loop.closed(this);
    } finally {
      context.endDispatch(outer);
    }
    ctx.fireChannelInactive();
  }

  private void releaseUnread() {
    ReferenceCountUtil.release(unread);
    unread = null;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    LOG.debug("Connection {} failed", connection.id(), cause);
    ctx.close();
  }
}
