package io.milena.storage.segment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class RecentBatchesProperties {
  private record Batch(long lastOffset, int position, int size) {}

  @Property(tries = 300)
  void shouldAnswerAsALinearSearchWould(
      @ForAll @IntRange(min = 1, max = 2_500) int batches,
      @ForAll @Size(4) List<@IntRange(min = 1, max = 90) Integer> sizes,
      @ForAll @IntRange(max = 10_000) int startPick,
      @ForAll @IntRange(max = 10_000) int endPick,
      @ForAll @IntRange(min = 1, max = 3_000) int maxBytes,
      @ForAll boolean minOne) {
    RecentBatches recent = new RecentBatches();
    recent.reset(50, 1_000);
    List<Batch> all = new ArrayList<>();
    long next = 50;
    int position = 1_000;
    for (int i = 0; i < batches; i++) {
      int size = sizes.get(i % sizes.size());
      next += 1 + size % 5;
      recent.add(next - 1, position, size);
      all.add(new Batch(next - 1, position, size));
      position += size;
    }
    long start = 50 + startPick % (next - 50);
    long end = start + endPick % (next - start + 1);

    if (!recent.covers(start)) {
      assertThat(batches).isGreaterThan(1_024);
      return;
    }
    int first = 0;
    while (all.get(first).lastOffset() < start) {
      first++;
    }
    int length = 0;
    for (int i = first; i < all.size(); i++) {
      Batch batch = all.get(i);
      boolean fits = length + batch.size() <= maxBytes || (length == 0 && minOne);
      if (batch.lastOffset() >= end || !fits) {
        break;
      }
      length += batch.size();
    }

    assertThat(recent.positionOf(start)).isEqualTo(all.get(first).position());
    assertThat(recent.length(start, end, maxBytes, minOne)).isEqualTo(length);
  }
}
