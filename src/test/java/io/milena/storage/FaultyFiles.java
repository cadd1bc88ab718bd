package io.milena.storage;

import io.milena.storage.file.AppendFile;
import io.milena.storage.file.LogFiles;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** A disk that fails when told to. Used on the store's context only. */
final class FaultyFiles implements LogFiles {
  /** What the next writes do, in order; then they succeed. */
  final ArrayDeque<IOException> writeFailures = new ArrayDeque<>();

  /** Bytes of a failing write that land in the file all the same. */
  int shortWriteBytes;

  IOException flushFailure;

  /** What the next write throws, instead of failing; null nothing. */
  RuntimeException writeThrows;

  /** Files that were brought to the disk by their handle. */
  final Queue<String> flushed = new ConcurrentLinkedQueue<>();

  /** Files that were brought to the disk by name. */
  final Queue<String> synced = new ConcurrentLinkedQueue<>();

  /** Files that are open for appending. */
  final AtomicInteger open = new AtomicInteger();

  private final LogFiles real;

  /** What all flushes wait for; null while the disk answers. */
  private Promise<Void> hanging;

  /** What all writes wait for; null while the disk takes them. */
  private Promise<Void> held;

  FaultyFiles(Vertx vertx) {
    real = LogFiles.of(vertx);
  }

  /** From now on a flush takes until {@link #answer}. */
  void hang() {
    hanging = Promise.promise();
  }

  void answer() {
    Promise<Void> over = hanging;
    hanging = null;
    over.complete();
  }

  /** From now on a write takes until {@link #takeWrites}. */
  void holdWrites() {
    held = Promise.promise();
  }

  void takeWrites() {
    Promise<Void> over = held;
    held = null;
    over.complete();
  }

  @Override
  public Future<AppendFile> open(Path file) {
    open.incrementAndGet();
    return real.open(file).map(opened -> new Faulty(file.getFileName().toString(), opened));
  }

  @Override
  public void truncate(Path file, long sizeBytes) throws IOException {
    real.truncate(file, sizeBytes);
  }

  @Override
  public void sync(Path file) throws IOException {
    real.sync(file);
    synced.add(file.getFileName().toString());
  }

  private final class Faulty implements AppendFile {
    private final String name;
    private final AppendFile file;

    Faulty(String name, AppendFile file) {
      this.name = name;
      this.file = file;
    }

    @Override
    public Future<Void> write(ByteBuf bytes, long position) {
      if (writeThrows != null) {
        RuntimeException thrown = writeThrows;
        writeThrows = null;
        throw thrown;
      }
      return held == null
          ? writeNow(bytes, position)
          : held.future().compose(over -> writeNow(bytes, position));
    }

    private Future<Void> writeNow(ByteBuf bytes, long position) {
      IOException failure = writeFailures.poll();
      if (failure == null) {
        return file.write(bytes, position);
      }
      int landed = Math.min(shortWriteBytes, bytes.readableBytes());
      Future<Void> partly =
          landed == 0 ? nextTurn() : file.write(bytes.slice(bytes.readerIndex(), landed), position);
      return partly.compose(done -> Future.failedFuture(failure));
    }

    /** A disk answers later: what is appended in the turn of a write is staged behind it. */
    private Future<Void> nextTurn() {
      Promise<Void> turn = Promise.promise();
      Vertx.currentContext().runOnContext(turn::complete);
      return turn.future();
    }

    @Override
    public Future<Void> flush() {
      return hanging == null ? flushNow() : hanging.future().compose(over -> flushNow());
    }

    private Future<Void> flushNow() {
      return flushFailure == null
          ? file.flush().onSuccess(done -> flushed.add(name))
          : Future.failedFuture(flushFailure);
    }

    @Override
    public Future<Void> close() {
      return file.close().onSuccess(closed -> open.decrementAndGet());
    }
  }
}
