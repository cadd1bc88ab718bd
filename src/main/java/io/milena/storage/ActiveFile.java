package io.milena.storage;

import io.milena.log.segment.RollPolicy;
import io.milena.storage.file.AppendFile;
import io.milena.storage.segment.Segment;
import io.milena.storage.segment.SegmentIndexes;
import io.vertx.core.Future;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What happens to the active file of one log besides being written to: it is opened, followed by
 * the next one, and cut after a failure. The appender calls these steps while nothing else uses the
 * file; the handle is kept by the flusher. Owned by the log's event loop.
 */
final class ActiveFile {
  private final LogParts parts;
  private final LogState state;
  private final LogFlusher flusher;

  /** The file of a segment that is being made, else null. */
  private Path rollingTo;

  ActiveFile(LogParts parts, LogState state, LogFlusher flusher) {
    this.parts = parts;
    this.state = state;
    this.flusher = flusher;
  }

  boolean isOpen() {
    return flusher.file() != null;
  }

  Future<Void> open() {
    return parts
        .files()
        .open(state.active.logFile())
        .map(
            file -> {
              flusher.setFile(file);
              return null;
            });
  }

  /**
   * A new segment becomes the active one; the old one is closed in the background.
   *
   * @param snapshot producer state at the new base
   */
  Future<Void> roll(long newBase, ByteBuffer snapshot) {
    Segment next =
        new Segment(
            newBase,
            state.folder,
            parts.clock().wallMs(),
            RollPolicy.jitterMs(state.config, parts.random()));
    next.indexes = new SegmentIndexes(newBase);
    rollingTo = next.logFile();
    return parts
        .files()
        .open(rollingTo)
        .map(
            file -> {
              rollingTo = null;
              follow(next, file, snapshot);
              return null;
            });
  }

  private void follow(Segment next, AppendFile nextFile, ByteBuffer snapshot) {
    Segment old = state.active;
    AppendFile oldFile = flusher.file();
    old.indexes.close();
    old.largestTimestampMs = old.indexes.largestTimestampMs();
    state.segments.put(next.baseOffset, next);
    state.active = next;
    state.recent.reset(next.baseOffset, 0);
    flusher.setFile(nextFile);
    flusher.segmentClosed(old, oldFile, next.baseOffset, snapshot);
  }

  /** Cuts the file to what was acknowledged; it is to be opened again. */
  Future<Void> mend() {
    AppendFile broken = flusher.file();
    flusher.setFile(null);
    Path half = rollingTo;
    rollingTo = null;
    Path log = state.active.logFile();
    long sizeBytes = state.active.sizeBytes;
    Future<Void> closed = broken == null ? Future.succeededFuture() : broken.close();
    return closed
        .otherwiseEmpty()
        .compose(
            nothing ->
                parts.work(
                    () -> {
                      if (half != null) {
                        Files.deleteIfExists(half);
                      }
                      parts.files().truncate(log, sizeBytes);
                      return null;
                    }));
  }
}
