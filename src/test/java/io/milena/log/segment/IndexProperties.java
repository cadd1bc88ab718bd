package io.milena.log.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.milena.log.CorruptFileException;
import java.nio.ByteBuffer;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** Index search equals linear search; files survive the round trip; insane files are recognised. */
class IndexProperties {
  private static final long BASE = 5_000_000_000L;
  private static final long TIME = 1_700_000_000_000L;

  @Property
  void shouldFindPositionsAsALinearSearchDoes(
      @ForAll @Size(max = 60) List<@IntRange(min = 1, max = 20) Integer> steps,
      @ForAll @LongRange(min = -30, max = 1_300) long target) {
    OffsetIndex index = offsets(steps);

    int position = index.positionFor(BASE + target);

    int expected = 0;
    for (int i = 0; i < index.entries(); i++) {
      if (index.offsetAt(i) <= BASE + target) {
        expected = index.positionAt(i);
      }
    }
    assertThat(position).isEqualTo(expected);
  }

  @Property
  void shouldFindTimestampsAsALinearSearchDoes(
      @ForAll @Size(max = 60) List<@IntRange(min = 1, max = 20) Integer> steps,
      @ForAll @LongRange(min = -30, max = 1_300) long target) {
    TimeIndex index = times(steps);

    long offset = index.offsetFor(TIME + target);

    long expected = BASE;
    for (int i = 0; i < index.entries(); i++) {
      if (index.timestampAt(i) < TIME + target) {
        expected = index.offsetAt(i);
      }
    }
    assertThat(offset).isEqualTo(expected);
  }

  @Property
  void shouldTruncateAsALinearFilterDoes(
      @ForAll @Size(max = 60) List<@IntRange(min = 1, max = 20) Integer> steps,
      @ForAll @LongRange(min = -30, max = 1_300) long target) {
    OffsetIndex offsets = offsets(steps);
    TimeIndex times = times(steps);
    int keptOffsets = 0;
    int keptTimes = 0;
    for (int i = 0; i < steps.size(); i++) {
      keptOffsets += offsets.offsetAt(i) < BASE + target ? 1 : 0;
      keptTimes += times.offsetAt(i) < BASE + target ? 1 : 0;
    }

    offsets.truncateTo(BASE + target);
    times.truncateTo(BASE + target);

    assertThat(offsets.entries()).isEqualTo(keptOffsets);
    assertThat(times.entries()).isEqualTo(keptTimes);
  }

  @Property
  void shouldReadWhatWasWrittenWithOrWithoutPadding(
      @ForAll @Size(max = 60) List<@IntRange(min = 1, max = 20) Integer> steps,
      @ForAll @IntRange(max = 20) int padding,
      @ForAll @IntRange(max = 60) int splitAt) {
    OffsetIndex offsets = offsets(steps);
    TimeIndex times = times(steps);
    int split = Math.min(splitAt, steps.size());

    OffsetIndex offsetsAgain =
        OffsetIndex.decode(BASE, file(offsets.encode(0), 8 * padding), Integer.MAX_VALUE);
    TimeIndex timesAgain =
        TimeIndex.decode(BASE, file(times.encode(0), 12 * padding), Long.MAX_VALUE);

    assertThat(offsetsAgain.encode(0)).isEqualTo(offsets.encode(0));
    assertThat(timesAgain.encode(0)).isEqualTo(times.encode(0));
    assertThat(offsets.encode(split)).isEqualTo(offsets.encode(0).position(8 * split).slice());
    assertThat(times.encode(split)).isEqualTo(times.encode(0).position(12 * split).slice());
  }

  @Property
  void shouldReadAnyFileAsASaneIndexOrRefuseIt(@ForAll byte[] bytes) {
    try {
      OffsetIndex index = OffsetIndex.decode(BASE, ByteBuffer.wrap(bytes), 1_000);
      for (int i = 1; i < index.entries(); i++) {
        assertThat(index.offsetAt(i)).isGreaterThan(index.offsetAt(i - 1));
        assertThat(index.positionAt(i)).isBetween(index.positionAt(i - 1) + 1, 999);
      }
    } catch (CorruptFileException insane) {
      assertThat(bytes).isNotEmpty();
    }
    try {
      TimeIndex index = TimeIndex.decode(BASE, ByteBuffer.wrap(bytes), BASE + 1_000);
      for (int i = 1; i < index.entries(); i++) {
        assertThat(index.timestampAt(i)).isGreaterThan(index.timestampAt(i - 1));
        assertThat(index.offsetAt(i)).isBetween(index.offsetAt(i - 1), BASE + 999);
      }
    } catch (CorruptFileException insane) {
      assertThat(bytes).isNotEmpty();
    }
  }

  @Property(tries = 200)
  void shouldRefuseEntriesOutOfOrder(
      @ForAll @Size(min = 2, max = 20) List<@IntRange(min = 1, max = 20) Integer> steps) {
    OffsetIndex index = offsets(steps);
    int last = index.entries() - 1;

    assertThatThrownBy(() -> index.append(index.offsetAt(last), index.positionAt(last) + 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> index.append(index.offsetAt(last) + 1, index.positionAt(last)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> OffsetIndex.decode(BASE, index.encode(0), index.positionAt(last)))
        .isInstanceOf(CorruptFileException.class);
  }

  private static OffsetIndex offsets(List<Integer> steps) {
    OffsetIndex index = new OffsetIndex(BASE);
    long offset = BASE;
    int position = 0;
    for (int step : steps) {
      offset += step;
      position += 4096 + step;
      index.append(offset, position);
    }
    return index;
  }

  private static TimeIndex times(List<Integer> steps) {
    TimeIndex index = new TimeIndex(BASE);
    long offset = BASE;
    long time = TIME;
    for (int step : steps) {
      offset += step - 1;
      time += step;
      assertThat(index.maybeAppend(time, offset)).isTrue();
      assertThat(index.maybeAppend(time, offset + 1)).isFalse();
    }
    return index;
  }

  private static ByteBuffer file(ByteBuffer entries, int paddingBytes) {
    return ByteBuffer.allocate(entries.remaining() + paddingBytes).put(entries).rewind();
  }
}
