package io.milena.log.producer;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.log.batch.BatchHeader;
import io.milena.log.batch.TestBatches;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;

/** Producer state is the fold of the log, however the log came about. */
class ProducerStatesProperties {
  private record Step(BatchHeader header, ByteBuffer buffer) {}

  /** A log of data batches, transactional ones and markers of a few producers. */
  private static List<Step> log(List<Integer> seeds) {
    List<Step> steps = new ArrayList<>();
    Map<Long, Integer> sequences = new HashMap<>();
    long offset = 0;
    for (int seed : seeds) {
      long producerId = seed % 3;
      int sequence = sequences.getOrDefault(producerId, 0);
      ByteBuffer batch =
          switch (seed / 3 % 4) {
            case 0 -> marker(offset, producerId, seed % 2 == 0);
            case 1 ->
                TestBatches.idempotent(producerId, seed / 40, sequence, 1 + seed % 4)
                    .putLong(0, offset);
            default -> TestBatches.transactional(offset, producerId, seed / 40, sequence);
          };
      BatchHeader header = BatchHeader.read(batch, 0);
      steps.add(new Step(header, batch));
      sequences.put(producerId, sequence + header.recordCount());
      offset = header.nextOffset();
    }
    return steps;
  }

  private static ByteBuffer marker(long offset, long producerId, boolean commit) {
    ControlRecordType type = commit ? ControlRecordType.COMMIT : ControlRecordType.ABORT;
    return TestBatches.direct(
        MemoryRecords.withEndTransactionMarker(
                offset,
                TestBatches.NOW_MS,
                0,
                producerId,
                (short) 0,
                new EndTransactionMarker(type, 1))
            .buffer());
  }

  private static ProducerStates fold(List<Step> steps) {
    ProducerStates states = new ProducerStates();
    steps.forEach(step -> states.apply(step.header(), step.buffer()));
    return states;
  }

  private static void assertSame(ProducerStates actual, ProducerStates expected) {
    assertThat(actual.active()).containsExactlyInAnyOrderElementsOf(expected.active());
    assertThat(actual.firstUnstableOffset()).isEqualTo(expected.firstUnstableOffset());
    assertThat(actual.endOffset()).isEqualTo(expected.endOffset());
  }

  @Property(tries = 1_000)
  void shouldTakeBackExactlyWhatWasNotWritten(
      @ForAll @Size(max = 40) List<@IntRange(max = 120) Integer> seeds,
      @ForAll @IntRange(max = 40) int writtenSeed) {
    List<Step> steps = log(seeds);
    int written = Math.min(writtenSeed, steps.size());
    long writtenEnd = written == 0 ? 0 : steps.get(written - 1).header().nextOffset();
    ProducerStates states = new ProducerStates();
    for (int i = 0; i < steps.size(); i++) {
      states.apply(steps.get(i).header(), steps.get(i).buffer());
      if (i + 1 == written / 2) {
        states.confirm(states.endOffset());
      }
    }

    states.rollbackTo(writtenEnd);

    assertSame(states, fold(steps.subList(0, written)));
  }

  @Property(tries = 1_000)
  void shouldComeOutTheSameFromASnapshotAndTheRest(
      @ForAll @Size(max = 40) List<@IntRange(max = 120) Integer> seeds,
      @ForAll @IntRange(max = 40) int cutSeed) {
    List<Step> steps = log(seeds);
    int cut = Math.min(cutSeed, steps.size());
    ProducerStates before = fold(steps.subList(0, cut));
    ProducerStates restored = new ProducerStates();

    restored.restore(
        before.endOffset(),
        ProducerSnapshot.decode(ProducerSnapshot.encode(before.active())),
        0,
        Long.MAX_VALUE);
    steps.subList(cut, steps.size()).forEach(s -> restored.apply(s.header(), s.buffer()));

    ProducerStates whole = fold(steps);
    restored.onHighWatermark(whole.endOffset());
    whole.onHighWatermark(whole.endOffset());
    assertThat(restored.firstUnstableOffset()).isEqualTo(whole.firstUnstableOffset());
    for (ProducerState state : whole.active()) {
      ProducerState other = restored.get(state.producerId());
      assertThat(other.epoch()).isEqualTo(state.epoch());
      assertThat(other.lastSequence()).isEqualTo(state.lastSequence());
      assertThat(other.txnFirstOffset()).isEqualTo(state.txnFirstOffset());
      assertThat(other.coordinatorEpoch()).isEqualTo(state.coordinatorEpoch());
      assertThat(other.lastTimestampMs()).isEqualTo(state.lastTimestampMs());
    }
  }

  @Property(tries = 500)
  void shouldKnowTheOldestOpenTransaction(
      @ForAll @Size(max = 40) List<@IntRange(max = 120) Integer> seeds) {
    ProducerStates states = fold(log(seeds));
    states.onHighWatermark(Long.MAX_VALUE);

    long oldest =
        states.active().stream()
            .filter(ProducerState::inTransaction)
            .mapToLong(ProducerState::txnFirstOffset)
            .min()
            .orElse(-1);
    assertThat(states.firstUnstableOffset()).isEqualTo(oldest);
  }
}
