package io.milena.log.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.milena.log.CorruptFileException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** A snapshot that was written is read, and is Kafka's byte by byte; a changed one is refused. */
class ProducerSnapshotProperties {
  @Property(tries = 300)
  void shouldReadTheSnapshotItWroteAndNoChangedOne(
      @ForAll @Size(max = 20) List<@LongRange(max = 1_000_000) Long> seeds,
      @ForAll @IntRange(max = 10_000) int flip) {
    List<ProducerState> states = new ArrayList<>();
    for (long seed : seeds) {
      ProducerState.Batches batches = ProducerState.Batches.NONE;
      if (seed % 3 != 0) {
        batches = batches.with(new ProducerState.Batch((int) seed, seed * 7, 3, seed + 1));
      }
      states.add(
          new ProducerState(
              seed, (short) (seed % 100), batches, (int) (seed % 5) - 1, seed + 1, seed % 2 - 1));
    }
    ByteBuffer file = ProducerSnapshot.encode(states);

    assertThat(ProducerSnapshot.decode(file.duplicate())).isEqualTo(states);

    int at = flip % file.limit();
    file.put(at, (byte) (file.get(at) ^ 1 << (flip % 8)));
    assertThatThrownBy(() -> ProducerSnapshot.decode(file))
        .isInstanceOf(CorruptFileException.class);
  }

  @Example
  void shouldWriteKafkasSnapshotByteByByte() {
    ProducerState.Batches batches =
        ProducerState.Batches.NONE.with(new ProducerState.Batch(9, 109, 9, 1_000));
    ProducerState state = new ProducerState(4_711, (short) 2, batches, 3, 1_000, 100);

    ByteBuffer file = ProducerSnapshot.encode(List.of(state));

    assertThat(file.remaining()).isEqualTo(2 + 4 + 4 + 46);
    assertThat(file.getShort()).isEqualTo((short) 1);
    file.getInt();
    assertThat(file.getInt()).isEqualTo(1);
    assertThat(file.getLong()).isEqualTo(4_711);
    assertThat(file.getShort()).isEqualTo((short) 2);
    assertThat(file.getInt()).isEqualTo(9);
    assertThat(file.getLong()).isEqualTo(109);
    assertThat(file.getInt()).isEqualTo(9);
    assertThat(file.getLong()).isEqualTo(1_000);
    assertThat(file.getInt()).isEqualTo(3);
    assertThat(file.getLong()).isEqualTo(100);
    assertThat(file.hasRemaining()).isFalse();
  }
}
