package io.milena.storage.file;

import io.netty.buffer.ByteBuf;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.file.AsyncFile;
import io.vertx.core.file.OpenOptions;
import io.vertx.core.internal.buffer.BufferInternal;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** What a log does to its .log files; tests put failing disks in here. */
public interface LogFiles {
  /** Opens on the calling context, created when missing. */
  Future<AppendFile> open(Path file);

  /** Cuts a file; blocking. */
  void truncate(Path file, long sizeBytes) throws IOException;

  /** Brings a file to the disk that is not open for appending; blocking. */
  void sync(Path file) throws IOException;

  /** The real ones, over Vert.x's asynchronous file API. */
  static LogFiles of(Vertx vertx) {
    return new VertxLogFiles(vertx);
  }

  /** Files of Vert.x. */
  final class VertxLogFiles implements LogFiles {
    private static final OpenOptions OPTIONS =
        new OpenOptions().setRead(false).setWrite(true).setCreate(true);
    private final Vertx vertx;

    VertxLogFiles(Vertx vertx) {
      this.vertx = vertx;
    }

    @Override
    public Future<AppendFile> open(Path file) {
      return vertx.fileSystem().open(file.toString(), OPTIONS).map(VertxAppendFile::new);
    }

    @Override
    public void truncate(Path file, long sizeBytes) throws IOException {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        if (channel.size() > sizeBytes) {
          channel.truncate(sizeBytes);
        }
      }
    }

    @Override
    public void sync(Path file) throws IOException {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
    }
  }

  /** One Vert.x file. */
  final class VertxAppendFile implements AppendFile {
    private final AsyncFile file;

    VertxAppendFile(AsyncFile file) {
      this.file = file;
    }

    @Override
    public Future<Void> write(ByteBuf bytes, long position) {
      return file.write(BufferInternal.buffer(bytes), position);
    }

    @Override
    public Future<Void> flush() {
      return file.flush();
    }

    @Override
    public Future<Void> close() {
      return file.close();
    }
  }
}
