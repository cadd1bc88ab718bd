package io.milena.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/** What is written is read; what is garbage is refused with one kind of exception. */
class FileCodecProperties {
  @Property(tries = 300)
  void shouldReadTheOffsetCheckpointItWrote(
      @ForAll
          Map<
                  @AlphaChars @StringLength(min = 1, max = 20) String,
                  @LongRange(max = Long.MAX_VALUE) Long>
              offsets) {
    Map<TopicPartition, Long> checkpoint = new LinkedHashMap<>();
    offsets.forEach((topic, at) -> checkpoint.put(new TopicPartition(topic, (int) (at % 9)), at));

    byte[] file = OffsetCheckpoint.encode(checkpoint);

    assertThat(OffsetCheckpoint.decode(file)).isEqualTo(checkpoint);
  }

  @Example
  void shouldWriteKafkasOffsetCheckpoint() {
    byte[] file = OffsetCheckpoint.encode(Map.of(new TopicPartition("some-topic.v1", 3), 42L));

    assertThat(file).isEqualTo(TestBatches.bytes("0\n1\nsome-topic.v1 3 42\n"));
  }

  @Example
  void shouldRefuseAPartitionThatIsThereTwice() {
    byte[] file = TestBatches.bytes("0\n2\na 0 1\na 0 2\n");

    assertThatThrownBy(() -> OffsetCheckpoint.decode(file))
        .isInstanceOf(CorruptFileException.class);
  }

  @Example
  void shouldWriteKafkasPartitionMetadata() {
    Uuid id = Uuid.fromString("vPeOCWypqUOSepEvx0cbog");

    byte[] file = PartitionMetadataFile.encode(id);

    assertThat(file).isEqualTo(TestBatches.bytes("version: 0\ntopic_id: vPeOCWypqUOSepEvx0cbog"));
    assertThat(PartitionMetadataFile.decode(file)).isEqualTo(id);
  }

  @Property(tries = 1_000)
  void shouldRefuseGarbageWithOneKindOfException(@ForAll byte[] bytes, @ForAll String text) {
    for (byte[] garbage :
        List.of(bytes, TestBatches.bytes("0\n" + text), TestBatches.bytes(text))) {
      assertRefusedOrRead(() -> OffsetCheckpoint.decode(garbage));
      assertRefusedOrRead(() -> LeaderEpochs.decode(garbage));
      assertRefusedOrRead(() -> PartitionMetadataFile.decode(garbage));
      assertRefusedOrRead(() -> ProducerSnapshot.decode(ByteBuffer.wrap(garbage)));
      assertRefusedOrRead(() -> TxnIndex.decode(0, ByteBuffer.wrap(garbage)));
    }
  }

  private static void assertRefusedOrRead(Runnable reader) {
    try {
      reader.run();
    } catch (CorruptFileException refused) {
      assertThat(refused).hasMessageNotContaining("null");
    }
  }

  @Property(tries = 300)
  void shouldReadTheEpochsItWrote(
      @ForAll @Size(max = 20) List<@IntRange(max = 50) Integer> epochs,
      @ForAll @Size(max = 20) List<@LongRange(max = 500) Long> starts) {
    LeaderEpochs written = new LeaderEpochs();
    for (int i = 0; i < Math.min(epochs.size(), starts.size()); i++) {
      written.assign(epochs.get(i), starts.get(i));
    }

    LeaderEpochs read = LeaderEpochs.decode(written.encode());

    assertThat(read.entries()).isEqualTo(written.entries());
    List<LeaderEpochs.Entry> entries = read.entries();
    for (int i = 1; i < entries.size(); i++) {
      assertThat(entries.get(i).epoch()).isGreaterThan(entries.get(i - 1).epoch());
      assertThat(entries.get(i).startOffset())
          .isGreaterThanOrEqualTo(entries.get(i - 1).startOffset());
    }
  }

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
