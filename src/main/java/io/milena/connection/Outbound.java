package io.milena.connection;

import io.milena.storage.segment.FileSlice;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/**
 * The way back to a client, implemented by each transport. Called on the connection's event loop
 * only.
 *
 * <p>An answer is sent by {@link #begin}, writes into its buffer, {@link #slice} and {@link #bytes}
 * in between where records belong, and {@link #end}. Answers leave in the order of these calls.
 * {@link #flush} may be late by the end of the current batch of work, so that several answers leave
 * together.
 */
public interface Outbound {
  /**
   * Starts an answer.
   *
   * @param frameBytes all bytes of the answer, records included
   * @param plainBytes those that will be written to the buffer
   * @return buffer to append to, with room for plainBytes; stays the transport's
   */
  ByteBuf begin(int frameBytes, int plainBytes);

  /** Puts a file range after what was written so far. It stays the caller's until onDone. */
  void slice(FileSlice slice);

  /** Puts bytes after what was written so far; they must not change before onDone. */
  void bytes(ByteBuffer bytes);

  /**
   * Ends the answer.
   *
   * @param onDone run once, when the socket took the answer or never will; may be null
   */
  void end(Runnable onDone);

  /** What was begun and ended so far should leave. */
  void flush();

  /** Bytes of ended answers that the socket has not taken, file ranges included. */
  long unsentBytes();

  /** A request that was handed in needs its bytes no longer. */
  void requestDone(int requestBytes);

  /** The connection, which did not want a further frame, is ready for one again. */
  void proceed();

  /** Reads no more, sends what was ended, then closes. */
  void closeAfterSending();

  /** Closes at once. */
  void closeNow();
}
