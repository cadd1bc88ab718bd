package io.milena.log.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.config.TopicConfig;
import io.milena.log.batch.TestBatches.Topic;
import io.milena.log.segment.RetentionPolicy.Delete;
import io.milena.log.segment.RetentionPolicy.LogView;
import io.milena.log.segment.RetentionPolicy.RaiseLogStart;
import io.milena.log.segment.RetentionPolicy.Reason;
import io.milena.log.segment.RetentionPolicy.Roll;
import io.milena.log.segment.RollPolicy.ActiveSegment;
import io.milena.log.segment.RollPolicy.Append;
import java.util.List;
import org.junit.jupiter.api.Test;

class PolicyTest {
  private static final long NOW_MS = 1_000_000;
  private static final List<SegmentView> THREE =
      List.of(
          new SegmentView(0, 100, NOW_MS - 300),
          new SegmentView(10, 100, NOW_MS - 200),
          new SegmentView(20, 50, NOW_MS - 100));

  private static LogView log(long logStart, long highWatermark) {
    return new LogView(THREE, logStart, 25, highWatermark);
  }

  @Test
  void shouldRemoveWholeSegmentsBeyondTheBytes() {
    var steps = RetentionPolicy.plan(log(0, 25), new Topic().retention(150, -1).build(), NOW_MS);

    assertThat(steps).containsExactly(new RaiseLogStart(10), new Delete(0, Reason.RETENTION_BYTES));
    assertThat(RetentionPolicy.plan(log(0, 25), new Topic().retention(151, -1).build(), NOW_MS))
        .isEmpty();
  }

  @Test
  void shouldRemoveWhatIsTooOld() {
    var steps = RetentionPolicy.plan(log(0, 25), new Topic().retention(-1, 199).build(), NOW_MS);

    assertThat(steps)
        .containsExactly(
            new RaiseLogStart(20),
            new Delete(0, Reason.RETENTION_MS),
            new Delete(10, Reason.RETENTION_MS));
  }

  @Test
  void shouldRollTheActiveSegmentWhenAllOfItIsTooOld() {
    var steps = RetentionPolicy.plan(log(0, 25), new Topic().retention(-1, 50).build(), NOW_MS);

    assertThat(steps).hasSize(5).startsWith(new Roll(), new RaiseLogStart(25));
  }

  @Test
  void shouldKeepWhatReachesAboveTheHighWatermark() {
    var steps = RetentionPolicy.plan(log(0, 19), new Topic().retention(0, 0).build(), NOW_MS);

    assertThat(steps).containsExactly(new RaiseLogStart(10), new Delete(0, Reason.RETENTION_BYTES));
  }

  @Test
  void shouldLeaveAnEmptyLogAlone() {
    LogView empty = new LogView(List.of(new SegmentView(5, 0, 0)), 5, 5, 5);

    assertThat(RetentionPolicy.plan(empty, new Topic().retention(0, 0).build(), NOW_MS)).isEmpty();
  }

  @Test
  void shouldLeaveCompactedTopicsAloneExceptBelowTheLogStart() {
    TopicConfig compacted = new Topic().compactOnly().retention(0, 0).build();

    assertThat(RetentionPolicy.plan(log(0, 25), compacted, NOW_MS)).isEmpty();
    assertThat(RetentionPolicy.plan(log(12, 25), compacted, NOW_MS))
        .containsExactly(new Delete(0, Reason.LOG_START));
  }

  private static ActiveSegment active(int sizeBytes, long firstTimestampMs, long jitterMs) {
    return new ActiveSegment(1_000, sizeBytes, firstTimestampMs, NOW_MS, jitterMs, 3, 3);
  }

  private static boolean rolls(ActiveSegment active, Append next, Topic topic) {
    return RollPolicy.shouldRoll(active, next, topic.build(), NOW_MS + 500);
  }

  @Test
  void shouldRollBeforeTheSegmentGrowsTooLarge() {
    Append next = new Append(40, 1_010, NOW_MS);

    assertThat(rolls(active(61, NOW_MS, 0), next, new Topic().segmentBytes(100))).isTrue();
    assertThat(rolls(active(60, NOW_MS, 0), next, new Topic().segmentBytes(100))).isFalse();
    assertThat(rolls(active(0, -1, 0), next, new Topic().segmentBytes(10))).isFalse();
  }

  @Test
  void shouldRollByTheTimeOfTheRecords() {
    Topic topic = new Topic().segmentMs(100, 0);

    assertThat(rolls(active(10, NOW_MS, 0), new Append(1, 1_001, NOW_MS + 100), topic)).isFalse();
    assertThat(rolls(active(10, NOW_MS, 0), new Append(1, 1_001, NOW_MS + 101), topic)).isTrue();
    assertThat(rolls(active(10, NOW_MS, 20), new Append(1, 1_001, NOW_MS + 81), topic)).isTrue();
    assertThat(rolls(active(10, -1, 0), new Append(1, 1_001, -1), topic)).isTrue();
    assertThat(rolls(active(0, -1, 0), new Append(1, 1_001, -1), topic)).isFalse();
  }

  @Test
  void shouldRollWhenAnIndexIsFullOrOffsetsNoLongerFit() {
    Append next = new Append(1, 1_001, NOW_MS);
    Append far = new Append(1, 1_001L + Integer.MAX_VALUE, NOW_MS);

    assertThat(rolls(active(10, NOW_MS, 0), next, new Topic().indexBytes(31))).isTrue();
    assertThat(rolls(active(10, NOW_MS, 0), next, new Topic().indexBytes(60))).isFalse();
    assertThat(rolls(active(10, NOW_MS, 0), next, new Topic().indexBytes(59))).isTrue();
    assertThat(rolls(active(0, -1, 0), far, new Topic())).isTrue();
  }

  @Test
  void shouldExpireASegmentNobodyWritesTo() {
    TopicConfig topic = new Topic().segmentMs(100, 0).build();

    assertThat(RollPolicy.expired(active(10, NOW_MS, 0), topic, NOW_MS + 101)).isTrue();
    assertThat(RollPolicy.expired(active(10, NOW_MS, 0), topic, NOW_MS + 100)).isFalse();
    assertThat(RollPolicy.expired(active(0, -1, 0), topic, NOW_MS + 1_000)).isFalse();
  }

  @Test
  void shouldDrawTheJitterBelowItsBound() {
    TopicConfig topic = new Topic().segmentMs(100, 10).build();

    for (long drawn = -50; drawn < 50; drawn++) {
      long fixed = drawn;
      assertThat(RollPolicy.jitterMs(topic, () -> fixed)).isBetween(0L, 9L);
    }
    assertThat(RollPolicy.jitterMs(new Topic().build(), () -> 77)).isZero();
  }
}
