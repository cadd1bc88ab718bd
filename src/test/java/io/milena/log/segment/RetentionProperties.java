package io.milena.log.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.config.TopicConfig;
import io.milena.log.batch.TestBatches.Topic;
import io.milena.log.segment.RetentionPolicy.Delete;
import io.milena.log.segment.RetentionPolicy.LogView;
import io.milena.log.segment.RetentionPolicy.RaiseLogStart;
import io.milena.log.segment.RetentionPolicy.Roll;
import io.milena.log.segment.RetentionPolicy.Step;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** Retention never removes what it must keep, and does not forget what it may remove. */
class RetentionProperties {
  private static final long NOW_MS = 10_000;

  @Property(tries = 5_000)
  void shouldNeverRemoveWhatMustBeKept(
      @ForAll @Size(min = 1, max = 8) List<@IntRange(max = 30) Integer> records,
      @ForAll @Size(min = 8, max = 8) List<@LongRange(max = 10_500) Long> times,
      @ForAll @LongRange(min = -1, max = 2_000) long retentionBytes,
      @ForAll @LongRange(min = -1, max = 10_000) long retentionMs,
      @ForAll @LongRange(max = 100) long startSeed,
      @ForAll @LongRange(max = 250) long watermarkSeed,
      @ForAll boolean compactOnly) {
    LogView log = log(records, times, startSeed, watermarkSeed);
    Topic topic = new Topic().retention(retentionBytes, retentionMs);
    TopicConfig config = (compactOnly ? topic.compactOnly() : topic).build();

    List<Step> steps = RetentionPolicy.plan(log, config, NOW_MS);

    int deleted = (int) steps.stream().filter(Delete.class::isInstance).count();
    long left = log.segments().stream().mapToLong(SegmentView::sizeBytes).sum();
    int at = 0;
    for (Step step : steps) {
      if (step instanceof Delete delete) {
        SegmentView segment = log.segments().get(at);
        assertThat(delete.baseOffset()).as("oldest first, no gap").isEqualTo(segment.baseOffset());
        assertThat(endOf(log, at)).isLessThanOrEqualTo(log.highWatermark());
        left -= segment.sizeBytes();
        switch (delete.reason()) {
          case LOG_START -> assertThat(endOf(log, at)).isLessThanOrEqualTo(log.logStartOffset());
          case RETENTION_BYTES -> assertThat(left).isGreaterThanOrEqualTo(retentionBytes);
          case RETENTION_MS ->
              assertThat(segment.largestTimestampMs()).isLessThan(NOW_MS - retentionMs);
        }
        if (delete.reason() != RetentionPolicy.Reason.LOG_START) {
          assertThat(config.delete()).isTrue();
        }
        at++;
      }
    }
    boolean all = deleted == log.segments().size();
    assertThat(steps.contains(new Roll())).isEqualTo(all);
    if (deleted > 0 && endOf(log, deleted - 1) > log.logStartOffset()) {
      assertThat(steps).contains(new RaiseLogStart(endOf(log, deleted - 1)));
    }
  }

  private static LogView log(
      List<Integer> records, List<Long> times, long startSeed, long watermarkSeed) {
    List<SegmentView> segments = new ArrayList<>();
    long offset = 0;
    for (int i = 0; i < records.size(); i++) {
      int count = i < records.size() - 1 ? records.get(i) + 1 : records.get(i);
      segments.add(new SegmentView(offset, count * 10L, times.get(i)));
      offset += count;
    }
    long start = Math.min(startSeed, offset);
    long watermark = Math.max(start, Math.min(watermarkSeed, offset));
    return new LogView(segments, start, offset, watermark);
  }

  private static long endOf(LogView log, int index) {
    return index == log.segments().size() - 1
        ? log.logEndOffset()
        : log.segments().get(index + 1).baseOffset();
  }
}
