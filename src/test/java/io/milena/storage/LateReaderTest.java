package io.milena.storage;

import static io.milena.storage.StorageBed.small;
import static org.awaitility.Awaitility.await;

import io.milena.storage.segment.FileSlice;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A listener may send a slice for a while after the logs were closed. */
class LateReaderTest {
  @TempDir Path dir;
  private StorageBed bed;

  @BeforeEach
  void start() {
    bed = new StorageBed(dir).start();
  }

  @AfterEach
  void stop() {
    bed.close();
  }

  @Test
  void shouldCloseTheChannelThatIsGivenBackAfterTheStop() {
    PartitionLog log = bed.log(small(1 << 20));
    bed.append(log, 1, 10);
    FileSlice slice = bed.on(() -> log.read(0, 1, 1_000, true));
    bed.stop(true);

    slice.release();

    await().until(() -> !slice.channel().isOpen());
  }
}
