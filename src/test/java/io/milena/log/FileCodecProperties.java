package io.milena.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.log.batch.TestBatches;
import io.milena.log.checkpoint.LeaderEpochs;
import io.milena.log.checkpoint.OffsetCheckpoint;
import io.milena.log.checkpoint.PartitionMetadataFile;
import io.milena.log.producer.ProducerSnapshot;
import io.milena.log.producer.TxnIndex;
import java.nio.ByteBuffer;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** What is garbage is refused by every kind of file with one kind of exception. */
class FileCodecProperties {
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
}
