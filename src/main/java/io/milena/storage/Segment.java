package io.milena.storage;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.file.Path;

/**
 * One segment as the owner of its log sees it. Its fields are the owner's; workers get copies of
 * what they need.
 *
 * <p>Always holds: {@link #sizeBytes} and {@link #nextOffset} cover completed writes only.
 */
final class Segment {
  static final long UNKNOWN = Long.MIN_VALUE;

  final long baseOffset;
  final Path folder;
  final long createdMs;
  final long jitterMs;

  /** Bytes of whole, acknowledged batches in the .log file. */
  int sizeBytes;

  /** Offset after the last record; the next segment's base offset for one closed before start. */
  long nextOffset;

  /** Those of the active segment always, of a closed one while the cache keeps them. */
  SegmentIndexes indexes;

  /** Largest timestamp, the file's time of change without one; -1 while not known. */
  long largestTimestampMs = -1;

  /** Open read channel, or null. Holds one count. */
  SegmentRef channel;

  /** True once the segment left its log: files are being removed. */
  boolean removed;

  /** True once a compacted segment took its place, and its file names. */
  boolean replaced;

  /** True while a compacted segment is taking its place. */
  boolean moving;

  /** Largest timestamp of the first batch, -1 without one; {@link #UNKNOWN} while not looked up. */
  long firstTimestampMs = UNKNOWN;

  private int usersByName;
  private Promise<Void> unused;

  Segment(long baseOffset, Path folder, long createdMs, long jitterMs) {
    this.baseOffset = baseOffset;
    this.folder = folder;
    this.createdMs = createdMs;
    this.jitterMs = jitterMs;
    this.nextOffset = baseOffset;
  }

  Path logFile() {
    return SegmentFiles.path(folder, baseOffset, SegmentFiles.LOG);
  }

  /** A worker is about to open files of the segment by their names. */
  void useByName() {
    usersByName++;
  }

  void usedByName() {
    usersByName--;
    if (usersByName == 0 && unused != null) {
      unused.complete();
      unused = null;
    }
  }

  /** Completes when no worker uses the names of its files. */
  Future<Void> whenUnused() {
    if (usersByName == 0) {
      return Future.succeededFuture();
    }
    if (unused == null) {
      unused = Promise.promise();
    }
    return unused.future();
  }

  @Override
  public String toString() {
    return "Segment(" + baseOffset + " to " + nextOffset + ", " + sizeBytes + " bytes)";
  }
}
