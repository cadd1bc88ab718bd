package io.milena.storage.segment;

import io.milena.storage.file.SegmentFiles;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.file.Path;

/**
 * One segment as the owner of its log sees it. Its fields are the owner's; workers get copies of
 * what they need.
 *
 * <p>Always holds: {@link #sizeBytes} and {@link #nextOffset} cover completed writes only.
 */
public final class Segment {
  public static final long UNKNOWN = Long.MIN_VALUE;

  public final long baseOffset;
  public final Path folder;
  public final long createdMs;
  public final long jitterMs;

  /** Bytes of whole, acknowledged batches in the .log file. */
  public int sizeBytes;

  /** Offset after the last record; the next segment's base offset for one closed before start. */
  public long nextOffset;

  /** Those of the active segment always, of a closed one while the cache keeps them. */
  public SegmentIndexes indexes;

  /** Largest timestamp, the file's time of change without one; -1 while not known. */
  public long largestTimestampMs = -1;

  /** Open read channel, or null. Holds one count. */
  public SegmentRef channel;

  /** True once the segment left its log: files are being removed. */
  public boolean removed;

  /** True once a compacted segment took its place, and its file names. */
  public boolean replaced;

  /** True while a compacted segment is taking its place. */
  public boolean moving;

  /** Largest timestamp of the first batch, -1 without one; {@link #UNKNOWN} while not looked up. */
  public long firstTimestampMs = UNKNOWN;

  private int usersByName;
  private Promise<Void> unused;

  public Segment(long baseOffset, Path folder, long createdMs, long jitterMs) {
    this.baseOffset = baseOffset;
    this.folder = folder;
    this.createdMs = createdMs;
    this.jitterMs = jitterMs;
    this.nextOffset = baseOffset;
  }

  public Path logFile() {
    return SegmentFiles.path(folder, baseOffset, SegmentFiles.LOG);
  }

  /** A worker is about to open files of the segment by their names. */
  public void useByName() {
    usersByName++;
  }

  public void usedByName() {
    usersByName--;
    if (usersByName == 0 && unused != null) {
      unused.complete();
      unused = null;
    }
  }

  /** Completes when no worker uses the names of its files. */
  public Future<Void> whenUnused() {
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
