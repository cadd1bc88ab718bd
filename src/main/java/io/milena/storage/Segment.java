package io.milena.storage;

import java.nio.file.Path;

/**
 * One segment as the owner of its log sees it. Its fields are the owner's; workers get copies of
 * what they need.
 *
 * <p>Always holds: {@link #sizeBytes} and {@link #nextOffset} cover completed writes only.
 */
final class Segment {
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

  @Override
  public String toString() {
    return "Segment(" + baseOffset + " to " + nextOffset + ", " + sizeBytes + " bytes)";
  }
}
