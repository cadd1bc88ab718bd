package io.milena.log.compaction;

import io.milena.config.TopicConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * What compaction does with a log: how dirty it is, up to where it may be cleaned, and which
 * segments become one (KIP-58, KIP-354, Kafka's {@code log.cleaner.*}).
 *
 * <p>A log is clean below its first dirty offset: no key stands there twice. From there to the
 * first uncleanable offset it is dirty. Never touched are the active segment, what is not below the
 * last stable offset (so never anything above the high watermark, R32, nor an open transaction),
 * and what is younger than {@code min.compaction.lag.ms}; whole segments only.
 */
public final class CompactionPlan {
  private CompactionPlan() {}

  /**
   * A closed segment.
   *
   * @param baseOffset first offset it may hold
   * @param sizeBytes of its .log file
   * @param largestTimestampMs of its records; read only when there is a {@code
   *     min.compaction.lag.ms}
   * @param firstTimestampMs largest timestamp of its first batch, -1 without one; read only when
   *     there is a {@code max.compaction.lag.ms}
   */
  public record Segment(
      long baseOffset, long sizeBytes, long largestTimestampMs, long firstTimestampMs) {}

  /**
   * A log as it stands.
   *
   * @param closed segments that are closed and on the disk, oldest first, without a gap
   * @param closedEnd base offset of the segment after them
   * @param logStartOffset first offset a reader may ask for
   * @param logEndOffset offset after the last record
   * @param cleanedTo the first dirty offset as the last cleaning left it, -1 when there was none
   * @param stableOffset last stable offset, at most the high watermark
   */
  public record LogView(
      List<Segment> closed,
      long closedEnd,
      long logStartOffset,
      long logEndOffset,
      long cleanedTo,
      long stableOffset) {}

  /**
   * How dirty a log is.
   *
   * @param firstDirtyOffset everything below is clean
   * @param firstUncleanableOffset base offset of the first segment that must not be touched; at or
   *     above {@code firstDirtyOffset} when there is something to clean
   * @param cleanBytes of the segments that start below the first dirty offset
   * @param cleanableBytes of those from there to the first uncleanable offset
   * @param overdueMs how long {@code max.compaction.lag.ms} is over for the oldest dirty record; 0
   *     when it is not
   */
  public record Dirt(
      long firstDirtyOffset,
      long firstUncleanableOffset,
      long cleanBytes,
      long cleanableBytes,
      long overdueMs) {
    /** Share of the log that would be cleaned for the first time, 0 for an empty log. */
    public double ratio() {
      long total = cleanBytes + cleanableBytes;
      return total == 0 ? 0 : (double) cleanableBytes / total;
    }

    /** True when it is time to clean: dirty enough, or overdue. */
    public boolean due(TopicConfig topic) {
      return cleanableBytes > 0 && (overdueMs > 0 || ratio() > topic.minCleanableDirtyRatio());
    }
  }

  /** True when {@link Segment#largestTimestampMs} has to be known. */
  public static boolean needsLargestTimestamps(TopicConfig topic) {
    return topic.minCompactionLagMs() > 0;
  }

  /** True when {@link Segment#firstTimestampMs} has to be known. */
  public static boolean needsFirstTimestamps(TopicConfig topic) {
    return topic.maxCompactionLagMs() != Long.MAX_VALUE;
  }

  /**
   * How dirty the log is. A first dirty offset that the log does not reach, or that lies below its
   * start, is not believed: then all of it counts as dirty.
   */
  public static Dirt look(LogView log, TopicConfig topic, long nowMs) {
    boolean known =
        log.cleanedTo() >= log.logStartOffset() && log.cleanedTo() <= log.logEndOffset();
    long firstDirty = known ? log.cleanedTo() : log.logStartOffset();
    long limit = Math.min(log.stableOffset(), log.closedEnd());
    int reachable = 0;
    long oldestTouchedMs = nowMs - Math.max(0, topic.minCompactionLagMs());
    while (reachable < log.closed().size() && endOf(log, reachable) <= limit) {
      boolean dirty = endOf(log, reachable) > firstDirty;
      boolean young =
          needsLargestTimestamps(topic)
              && log.closed().get(reachable).largestTimestampMs() > oldestTouchedMs;
      if (dirty && young) {
        break;
      }
      reachable++;
    }
    long firstUncleanable =
        reachable == 0
            ? (log.closed().isEmpty() ? log.closedEnd() : log.closed().get(0).baseOffset())
            : endOf(log, reachable - 1);
    return measure(log, topic, nowMs, firstDirty, firstUncleanable);
  }

  private static Dirt measure(
      LogView log, TopicConfig topic, long nowMs, long firstDirty, long firstUncleanable) {
    long cleanBytes = 0;
    long cleanableBytes = 0;
    long oldestDirtyMs = Long.MAX_VALUE;
    for (int i = 0; i < log.closed().size(); i++) {
      Segment segment = log.closed().get(i);
      boolean dirty = endOf(log, i) > firstDirty;
      if (segment.baseOffset() < firstDirty) {
        cleanBytes += segment.sizeBytes();
      }
      if (dirty && segment.baseOffset() < firstUncleanable) {
        cleanableBytes += segment.sizeBytes();
      }
      if (dirty && segment.firstTimestampMs() > 0) {
        oldestDirtyMs = Math.min(oldestDirtyMs, segment.firstTimestampMs());
      }
    }
    long overdueMs = 0;
    if (needsFirstTimestamps(topic) && oldestDirtyMs != Long.MAX_VALUE) {
      overdueMs = Math.max(0, nowMs - Math.max(0, topic.maxCompactionLagMs()) - oldestDirtyMs);
    }
    return new Dirt(firstDirty, firstUncleanable, cleanBytes, cleanableBytes, overdueMs);
  }

  private static long endOf(LogView log, int index) {
    return index == log.closed().size() - 1
        ? log.closedEnd()
        : log.closed().get(index + 1).baseOffset();
  }

  /**
   * Sizes that bound what may become one segment.
   *
   * @param endOffset base offset of the next segment
   */
  public record Sizes(
      long baseOffset, long endOffset, long logBytes, long indexBytes, long timeIndexBytes) {}

  /** Segments {@code from} to {@code to} (exclusive) of a list become one. */
  public record Group(int from, int to) {}

  /**
   * Neighbours are put together while log and index files stay within {@code segment.bytes} and
   * {@code segment.index.bytes}, and every offset within 2^31-1 of the first (KAFKA-5413). A
   * segment that is too large already stays alone; an empty one joins whatever its offsets are.
   */
  public static List<Group> group(List<Sizes> segments, TopicConfig topic) {
    List<Group> groups = new ArrayList<>();
    int from = 0;
    while (from < segments.size()) {
      Sizes first = segments.get(from);
      long logBytes = first.logBytes();
      long indexBytes = first.indexBytes();
      long timeIndexBytes = first.timeIndexBytes();
      int to = from + 1;
      while (to < segments.size()) {
        Sizes next = segments.get(to);
        logBytes += next.logBytes();
        indexBytes += next.indexBytes();
        timeIndexBytes += next.timeIndexBytes();
        boolean inReach =
            next.logBytes() == 0 || next.endOffset() - 1 - first.baseOffset() <= Integer.MAX_VALUE;
        boolean fits =
            logBytes <= topic.segmentBytes()
                && indexBytes <= topic.segmentIndexBytes()
                && timeIndexBytes <= topic.segmentIndexBytes();
        if (!inReach || !fits) {
          break;
        }
        to++;
      }
      groups.add(new Group(from, to));
      from = to;
    }
    return groups;
  }
}
