package io.milena.storage;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Brings cold ranges of segments into the page cache, so that the event loop that sends them does
 * not wait for the disk (a cold 1 MiB region blocks it for milliseconds). Thread-safe; the reads
 * run on the named executor {@code readahead}, the answer comes on the caller's context.
 */
public final class ReadAhead implements AutoCloseable {
  private static final int CHUNK_BYTES = 256 * 1024;

  /** One scratch buffer for each worker thread; what is read into it is not looked at. */
  private static final ThreadLocal<ByteBuffer> SCRATCH =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(CHUNK_BYTES));

  private final WorkerExecutor executor;

  /**
   * @param threads worker threads that may wait for disks
   */
  public ReadAhead(Vertx vertx, int threads) {
    executor = vertx.createSharedWorkerExecutor("readahead", threads);
  }

  /**
   * Reads the slices' ranges once. Fails with the {@link IOException} of a range that cannot be
   * read. The slices stay the caller's.
   */
  public Future<Void> touch(List<FileSlice> slices) {
    return executor.executeBlocking(
        () -> {
          for (FileSlice slice : slices) {
            read(slice);
          }
          return null;
        },
        false);
  }

  private static void read(FileSlice slice) throws IOException {
    ByteBuffer scratch = SCRATCH.get();
    long position = slice.position();
    long end = position + slice.sizeInBytes();
    while (position < end) {
      scratch.clear().limit((int) Math.min(CHUNK_BYTES, end - position));
      int read = slice.channel().read(scratch, position);
      if (read < 0) {
        throw new IOException("The segment ends at " + position + ", before " + end);
      }
      position += read;
    }
  }

  @Override
  public void close() {
    executor.close();
  }
}
