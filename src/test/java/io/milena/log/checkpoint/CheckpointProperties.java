package io.milena.log.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.milena.log.CorruptFileException;
import io.milena.log.batch.TestBatches;
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

/** Checkpoints that were written are read, and are Kafka's to the letter. */
class CheckpointProperties {
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
}
