package io.milena.log.segment;

import io.milena.base.RandomSource;
import io.milena.config.TopicConfig;

/**
 * When the active segment is closed and a new one opened: {@code segment.bytes}, {@code segment.ms}
 * with {@code segment.jitter.ms}, {@code segment.index.bytes}, and offsets that no longer fit into
 * 31 bits above the base.
 */
public final class RollPolicy {
  private RollPolicy() {}

  /**
   * The active segment as it stands.
   *
   * @param baseOffset its base offset
   * @param sizeBytes bytes in its .log file, staged ones included
   * @param firstTimestampMs largest timestamp of its first batch, negative when there is none
   * @param createdMs wall-clock time of its creation
   * @param jitterMs drawn by {@link #jitterMs} when it was created
   * @param offsetIndexEntries entries of its offset index
   * @param timeIndexEntries entries of its time index
   */
  public record ActiveSegment(
      long baseOffset,
      int sizeBytes,
      long firstTimestampMs,
      long createdMs,
      long jitterMs,
      int offsetIndexEntries,
      int timeIndexEntries) {}

  /**
   * Batches about to be appended.
   *
   * @param sizeBytes their bytes
   * @param lastOffset offset of the last record
   * @param maxTimestampMs largest timestamp, negative when there is none
   */
  public record Append(int sizeBytes, long lastOffset, long maxTimestampMs) {}

  /** True when {@code next} has to go into a new segment. */
  public static boolean shouldRoll(
      ActiveSegment active, Append next, TopicConfig topic, long nowMs) {
    if (next.lastOffset() - active.baseOffset() > Integer.MAX_VALUE) {
      return true;
    }
    if (active.sizeBytes() == 0) {
      return false;
    }
    return (long) active.sizeBytes() + next.sizeBytes() > topic.segmentBytes()
        || waitedMs(active, next.maxTimestampMs(), nowMs) > topic.maxSegmentMs() - active.jitterMs()
        || active.offsetIndexEntries() >= topic.segmentIndexBytes() / OffsetIndex.ENTRY_BYTES
        || active.timeIndexEntries() >= topic.segmentIndexBytes() / TimeIndex.ENTRY_BYTES - 1;
  }

  /** True when the active segment holds something and its time is over though nobody writes. */
  public static boolean expired(ActiveSegment active, TopicConfig topic, long nowMs) {
    return active.sizeBytes() > 0
        && waitedMs(active, nowMs, nowMs) > topic.maxSegmentMs() - active.jitterMs();
  }

  /** In the time of the records where they have one, as Kafka does it; else of the wall clock. */
  private static long waitedMs(ActiveSegment active, long recordMs, long nowMs) {
    return active.firstTimestampMs() >= 0
        ? recordMs - active.firstTimestampMs()
        : nowMs - active.createdMs();
  }

  /** A new segment's share of {@code segment.jitter.ms}: it rolls that much earlier. */
  public static long jitterMs(TopicConfig topic, RandomSource random) {
    long bound = Math.min(topic.segmentJitterMs(), topic.maxSegmentMs());
    return bound <= 0 ? 0 : Math.floorMod(random.nextLong(), bound);
  }
}
