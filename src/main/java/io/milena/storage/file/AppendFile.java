package io.milena.storage.file;

import io.netty.buffer.ByteBuf;
import io.vertx.core.Future;

/** A .log file open for appending. At most one write at a time. */
public interface AppendFile {
  /**
   * Writes the readable bytes at a position; whether it succeeds or not, the buffer stays the
   * caller's.
   */
  Future<Void> write(ByteBuf bytes, long position);

  /** Brings what was written before to the disk. */
  Future<Void> flush();

  Future<Void> close();
}
