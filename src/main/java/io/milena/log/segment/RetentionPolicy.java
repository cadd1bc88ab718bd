package io.milena.log.segment;

import io.milena.config.TopicConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * Which segments a log gives up: whole segments from the oldest on, by {@code retention.bytes},
 * {@code retention.ms} and the log start offset. Never one that reaches above the high watermark
 * (R32), never a newer one before an older one; the active one only when everything in it has
 * expired, by rolling it first. Without {@code cleanup.policy=delete} only what lies below the log
 * start offset goes.
 */
public final class RetentionPolicy {
  private RetentionPolicy() {}

  /**
   * The log as it stands.
   *
   * @param segments oldest first; the last one is active
   * @param logStartOffset first offset a reader may ask for
   * @param logEndOffset offset after the last record
   * @param highWatermark no record at or above it may go
   */
  public record LogView(
      List<SegmentView> segments, long logStartOffset, long logEndOffset, long highWatermark) {}

  /** Why a segment goes. */
  public enum Reason {
    LOG_START,
    RETENTION_BYTES,
    RETENTION_MS
  }

  /** One thing to do; steps are done in order. */
  public sealed interface Step permits Roll, RaiseLogStart, Delete {}

  /** Close the active segment; a new one starts at the log end offset. */
  public record Roll() implements Step {}

  /** Raise the log start offset before anything is removed. */
  public record RaiseLogStart(long offset) implements Step {}

  /** Remove the segment with this base offset. */
  public record Delete(long baseOffset, Reason reason) implements Step {}

  /** What has to be done now; empty when nothing has. */
  public static List<Step> plan(LogView log, TopicConfig topic, long nowMs) {
    List<Step> deletions = new ArrayList<>();
    int next = belowLogStart(log, deletions);
    if (topic.delete()) {
      next = beyondBytes(log, topic.retentionBytes(), next, deletions);
      next = olderThan(log, topic.retentionMs(), nowMs, next, deletions);
    }
    if (deletions.isEmpty()) {
      return List.of();
    }
    List<Step> steps = new ArrayList<>(deletions.size() + 2);
    if (next == log.segments().size()) {
      steps.add(new Roll());
    }
    long newStart = endOf(log, next - 1);
    if (newStart > log.logStartOffset()) {
      steps.add(new RaiseLogStart(newStart));
    }
    steps.addAll(deletions);
    return steps;
  }

  private static int belowLogStart(LogView log, List<Step> deletions) {
    int next = 0;
    while (next < log.segments().size() - 1
        && removable(log, next)
        && endOf(log, next) <= log.logStartOffset()) {
      deletions.add(new Delete(log.segments().get(next).baseOffset(), Reason.LOG_START));
      next++;
    }
    return next;
  }

  private static int beyondBytes(
      LogView log, long retentionBytes, int first, List<Step> deletions) {
    if (retentionBytes < 0) {
      return first;
    }
    long spare = -retentionBytes;
    for (int i = first; i < log.segments().size(); i++) {
      spare += log.segments().get(i).sizeBytes();
    }
    int next = first;
    while (next < log.segments().size() && removable(log, next)) {
      SegmentView segment = log.segments().get(next);
      spare -= segment.sizeBytes();
      if (spare < 0) {
        break;
      }
      deletions.add(new Delete(segment.baseOffset(), Reason.RETENTION_BYTES));
      next++;
    }
    return next;
  }

  private static int olderThan(
      LogView log, long retentionMs, long nowMs, int first, List<Step> deletions) {
    if (retentionMs < 0) {
      return first;
    }
    int next = first;
    while (next < log.segments().size()
        && removable(log, next)
        && nowMs - log.segments().get(next).largestTimestampMs() > retentionMs) {
      deletions.add(new Delete(log.segments().get(next).baseOffset(), Reason.RETENTION_MS));
      next++;
    }
    return next;
  }

  private static boolean removable(LogView log, int index) {
    boolean emptyActive =
        index == log.segments().size() - 1 && log.segments().get(index).sizeBytes() == 0;
    return !emptyActive && endOf(log, index) <= log.highWatermark();
  }

  private static long endOf(LogView log, int index) {
    return index == log.segments().size() - 1
        ? log.logEndOffset()
        : log.segments().get(index + 1).baseOffset();
  }
}
