package io.milena.log.compaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.config.TopicConfig;
import io.milena.log.batch.TestBatches.Topic;
import io.milena.log.compaction.CompactionPlan.Dirt;
import io.milena.log.compaction.CompactionPlan.Group;
import io.milena.log.compaction.CompactionPlan.LogView;
import io.milena.log.compaction.CompactionPlan.Segment;
import io.milena.log.compaction.CompactionPlan.Sizes;
import io.milena.log.segment.RollPolicy;
import java.util.List;
import org.junit.jupiter.api.Test;

class CompactionPlanTest {
  private static final long NOW_MS = 1_000_000;
  private static final TopicConfig TOPIC = new Topic().compactOnly().build();

  /** Segments of ten offsets and a hundred bytes each; the active one starts at 40. */
  private static LogView log(long start, long cleanedTo, long stable) {
    List<Segment> closed =
        List.of(
            new Segment(0, 100, 100_000, 90_000),
            new Segment(10, 100, 200_000, 190_000),
            new Segment(20, 100, 300_000, 290_000),
            new Segment(30, 100, 400_000, 390_000));
    return new LogView(closed, 40, start, 45, cleanedTo, stable);
  }

  private static Dirt look(LogView log, TopicConfig topic) {
    return CompactionPlan.look(log, topic, NOW_MS);
  }

  @Test
  void everythingIsDirtyWhenNothingWasCleaned() {
    Dirt dirt = look(log(0, -1, 45), TOPIC);

    assertThat(dirt).isEqualTo(new Dirt(0, 40, 0, 400, 0));
    assertThat(dirt.ratio()).isEqualTo(1);
  }

  @Test
  void theRatioIsThatOfDirtyBytesToAll() {
    Dirt dirt = look(log(0, 20, 45), TOPIC);

    assertThat(dirt).isEqualTo(new Dirt(20, 40, 200, 200, 0));
    assertThat(dirt.due(TOPIC)).as("0.5 is not above min.cleanable.dirty.ratio").isFalse();
    assertThat(look(log(0, 10, 45), TOPIC).due(TOPIC)).isTrue();
  }

  @Test
  void nothingAtOrAboveTheStableOffsetIsTouched() {
    assertThat(look(log(0, -1, 35), TOPIC).firstUncleanableOffset()).isEqualTo(30);
    assertThat(look(log(0, -1, 30), TOPIC).firstUncleanableOffset()).isEqualTo(30);
    assertThat(look(log(0, -1, 29), TOPIC).firstUncleanableOffset()).isEqualTo(20);
    assertThat(look(log(0, -1, 9), TOPIC)).isEqualTo(new Dirt(0, 0, 0, 0, 0));
    assertThat(look(log(0, -1, 9), TOPIC).due(TOPIC)).isFalse();
  }

  @Test
  void aFirstDirtyOffsetOutsideTheLogIsNotBelieved() {
    assertThat(look(log(0, 46, 45), TOPIC).firstDirtyOffset()).isZero();
    assertThat(look(log(15, 10, 45), TOPIC).firstDirtyOffset()).isEqualTo(15);
  }

  @Test
  void whatIsYoungerThanTheMinimumLagStays() {
    TopicConfig topic = lag(650_000, Long.MAX_VALUE);

    assertThat(look(log(0, -1, 45), topic).firstUncleanableOffset()).isEqualTo(30);
    assertThat(look(log(0, -1, 45), lag(750_000, Long.MAX_VALUE)).firstUncleanableOffset())
        .isEqualTo(20);
  }

  @Test
  void whatIsOlderThanTheMaximumLagIsDueAtAnyRatio() {
    TopicConfig topic = lag(0, 500_000);

    Dirt dirt = look(log(0, 30, 45), topic);

    assertThat(dirt.overdueMs()).isEqualTo(NOW_MS - 500_000 - 390_000);
    assertThat(dirt.ratio()).isEqualTo(0.25);
    assertThat(dirt.due(topic)).isTrue();
    assertThat(look(log(0, 30, 45), lag(0, 700_000)).due(topic)).isFalse();
  }

  @Test
  void anEmptyLogIsClean() {
    LogView empty = new LogView(List.of(), 0, 0, 0, -1, 0);

    assertThat(look(empty, TOPIC)).isEqualTo(new Dirt(0, 0, 0, 0, 0));
  }

  private static TopicConfig lag(long minMs, long maxMs) {
    return new Topic().compactOnly().lag(minMs, maxMs).build();
  }

  // ---- groups -------------------------------------------------------------------------------

  @Test
  void neighboursGoTogetherUntilASegmentIsFull() {
    TopicConfig topic = new Topic().segmentBytes(250).build();
    List<Sizes> segments =
        List.of(
            new Sizes(0, 10, 100, 8, 12),
            new Sizes(10, 20, 100, 8, 12),
            new Sizes(20, 30, 100, 8, 12),
            new Sizes(30, 40, 900, 8, 12),
            new Sizes(40, 50, 100, 8, 12));

    assertThat(CompactionPlan.group(segments, topic))
        .containsExactly(new Group(0, 2), new Group(2, 3), new Group(3, 4), new Group(4, 5));
  }

  @Test
  void indexFilesBoundAGroupToo() {
    TopicConfig topic = new Topic().indexBytes(24).build();
    List<Sizes> segments =
        List.of(
            new Sizes(0, 10, 100, 8, 12),
            new Sizes(10, 20, 100, 8, 12),
            new Sizes(20, 30, 100, 8, 12));

    assertThat(CompactionPlan.group(segments, topic))
        .containsExactly(new Group(0, 2), new Group(2, 3));
  }

  @Test
  void offsetsOfAGroupFitInto31BitsAboveItsBase() {
    long far = Integer.MAX_VALUE;
    List<Sizes> reaching =
        List.of(new Sizes(0, far, 100, 8, 12), new Sizes(far, far + 1, 100, 8, 12));
    List<Sizes> beyond =
        List.of(new Sizes(0, far, 100, 8, 12), new Sizes(far, far + 2, 100, 8, 12));
    List<Sizes> empty = List.of(new Sizes(0, far, 100, 8, 12), new Sizes(far, 3 * far, 0, 0, 0));

    assertThat(CompactionPlan.group(reaching, TOPIC)).containsExactly(new Group(0, 2));
    assertThat(CompactionPlan.group(beyond, TOPIC))
        .containsExactly(new Group(0, 1), new Group(1, 2));
    assertThat(CompactionPlan.group(empty, TOPIC)).containsExactly(new Group(0, 2));
  }

  // ---- rolling ------------------------------------------------------------------------------

  @Test
  void theMaximumLagClosesTheActiveSegmentOfACompactedTopic() {
    RollPolicy.ActiveSegment active = new RollPolicy.ActiveSegment(0, 100, 1_000, 0, 0, 0, 0);

    assertThat(RollPolicy.expired(active, lag(0, 5_000), 6_500)).isTrue();
    assertThat(RollPolicy.expired(active, lag(0, 5_000), 5_500)).isFalse();
    assertThat(RollPolicy.expired(active, new Topic().lag(0, 5_000).build(), 6_500)).isFalse();
  }
}
