package io.milena.log.compaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.config.TopicConfig;
import io.milena.log.batch.BatchHeader;
import io.milena.log.compaction.KeyedLog.Compacted;
import io.milena.log.compaction.KeyedLog.Seen;
import io.milena.log.producer.ProducerState;
import io.milena.log.producer.ProducerStates;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Whatever was written, compaction changes nothing that a reader relies on. */
class CompactionProperties {
  private static final long NOW_MS = KeyedLog.NOW_MS + 1_000_000;
  private static final long LATER_MS = NOW_MS + TopicConfig.defaults().deleteRetentionMs() + 1;

  private static KeyedLog log(List<Integer> events, boolean ended) {
    KeyedLog log = new KeyedLog();
    events.forEach(log::add);
    if (ended) {
      log.endTransactions();
    }
    return log;
  }

  /** Where a segment could end at or below the stable offset: at a batch. */
  private static long uncleanable(KeyedLog log, int where) {
    long stable = log.stableOffset();
    List<Long> ends =
        log.batches.stream()
            .map(b -> BatchHeader.read(b, 0).nextOffset())
            .filter(end -> end <= stable)
            .toList();
    return ends.isEmpty() ? 0 : ends.get(where % ends.size());
  }

  @Property(tries = 1_000)
  void shouldKeepTheLastValueOfEachKeyTheOffsetsAndWhatIsNotToBeTouched(
      @ForAll @Size(min = 1, max = 40) List<Integer> events,
      @ForAll boolean ended,
      @ForAll @IntRange(max = 100) int where,
      @ForAll @IntRange(min = 1, max = 8) int mapEntries) {
    KeyedLog log = log(events, ended);
    long uncleanable = uncleanable(log, where);
    ProducerStates live = log.producers();

    Compacted compacted = log.compact(0, uncleanable, mapEntries, NOW_MS, live, log.aborted());

    checkSameForReaders(log, compacted);
    checkUntouchedFrom(uncleanable, log, compacted.log());
    checkOffsetsAndEnd(log, compacted.log(), uncleanable);
    assertThat(lastSequences(compacted.log().producers())).isEqualTo(lastSequences(live));
    assertThat(compacted.log().stableOffset()).isEqualTo(log.stableOffset());
  }

  @Property(tries = 1_000)
  void shouldCleanRoundAfterRoundUntilNoKeyStandsTwiceAndNothingDeletedIsLeft(
      @ForAll @Size(min = 1, max = 40) List<Integer> events,
      @ForAll @IntRange(min = 4, max = 8) int mapEntries) {
    KeyedLog log = log(events, true);
    ProducerStates live = log.producers();
    long uncleanable = log.end();
    Compacted last = new Compacted(log, 0, log.aborted());

    for (int round = 0; last.cleanedTo() < uncleanable; round++) {
      assertThat(round).as("rounds").isLessThan(100);
      last = compactAgain(last, mapEntries, NOW_MS + round, live);
      checkSameForReaders(log, last);
    }

    assertThat(keysOnce(last.log().committed(last.aborted()))).as("each key once").isTrue();
    last = compactAgain(new Compacted(last.log(), 0, last.aborted()), 100, LATER_MS + 100, live);
    checkSameForReaders(log, last);
    assertThat(last.log().records()).noneMatch(record -> record.value() == null);
    for (int round = 2; round <= 5; round++) {
      last =
          compactAgain(
              new Compacted(last.log(), 0, last.aborted()),
              100,
              NOW_MS + round * (LATER_MS - NOW_MS + 1_000),
              live);
      checkSameForReaders(log, last);
    }
    checkNoMarkerWithoutNeed(last.log());
    assertThat(lastSequences(last.log().producers())).isEqualTo(lastSequences(live));
  }

  private static Compacted compactAgain(
      Compacted last, int mapEntries, long nowMs, ProducerStates live) {
    return last.log()
        .compact(last.cleanedTo(), last.log().end(), mapEntries, nowMs, live, last.aborted());
  }

  private static boolean keysOnce(List<Seen> records) {
    Set<String> keys = new HashSet<>();
    return records.stream().allMatch(record -> keys.add(record.key()));
  }

  private static void checkSameForReaders(KeyedLog before, Compacted after) {
    List<Seen> committed = before.committed(before.aborted());
    List<Seen> now = after.log().committed(after.aborted());
    checkSubsequence(committed, now);
    assertThat(KeyedLog.table(now)).isEqualTo(KeyedLog.table(committed));
    checkSubsequence(before.records(), after.log().records());
  }

  private static void checkSubsequence(List<Seen> all, List<Seen> some) {
    if (!some.isEmpty()) {
      assertThat(all).containsSubsequence(some);
    }
  }

  private static void checkUntouchedFrom(long offset, KeyedLog before, KeyedLog after) {
    assertThat(above(offset, after)).isEqualTo(above(offset, before));
  }

  private static List<ByteBuffer> above(long offset, KeyedLog log) {
    return log.batches.stream()
        .filter(batch -> BatchHeader.read(batch, 0).baseOffset() >= offset)
        .toList();
  }

  private static void checkOffsetsAndEnd(KeyedLog before, KeyedLog after, long uncleanable) {
    long next = 0;
    Set<Long> bases = new HashSet<>();
    before.batches.forEach(batch -> bases.add(BatchHeader.read(batch, 0).baseOffset()));
    boolean endKept = uncleanable == 0;
    for (ByteBuffer batch : after.batches) {
      BatchHeader header = BatchHeader.read(batch, 0);
      assertThat(header.baseOffset()).isGreaterThanOrEqualTo(next).isIn(bases);
      assertThat(header.leaderEpoch()).isEqualTo(4);
      next = header.nextOffset();
      endKept |= next == uncleanable;
    }
    assertThat(endKept).as("the end of what was cleaned").isTrue();
  }

  private static Map<Long, String> lastSequences(ProducerStates producers) {
    Map<Long, String> last = new java.util.TreeMap<>();
    for (ProducerState state : producers.active()) {
      last.put(
          state.producerId(), state.epoch() + "/" + state.lastSequence() + state.txnFirstOffset());
    }
    return last;
  }

  /** A marker is left only behind a batch of its transaction, or as the end of the log. */
  private static void checkNoMarkerWithoutNeed(KeyedLog log) {
    Set<Long> inTransaction = new HashSet<>();
    for (ByteBuffer batch : log.batches) {
      BatchHeader header = BatchHeader.read(batch, 0);
      if (header.isControl()) {
        assertThat(inTransaction.remove(header.producerId()) || header.recordCount() == 0)
            .as("marker at %d is needed", header.baseOffset())
            .isTrue();
      } else if (header.isTransactional()) {
        inTransaction.add(header.producerId());
      }
    }
  }
}
