package io.milena.partition.shard;

import static io.milena.partition.shard.ShardFixture.BROKER;
import static io.milena.partition.shard.ShardFixture.image;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.milena.config.TopicConfig;
import io.milena.config.TopicConfigs;
import io.milena.storage.directory.StorageOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a shard does by the clock, on real files. */
class HousekeepingStoriesTest {
  private static final long OFTEN_MS = 20;

  @TempDir Path dir;
  private ShardOnFiles files;
  private ShardFixture shard;

  @BeforeEach
  void start() {
    StorageOptions options =
        new StorageOptions(
            List.of(dir), 0, 1, 1 << 20, 16, OFTEN_MS, OFTEN_MS, OFTEN_MS, 86_400_000);
    files =
        new ShardOnFiles(
            new PartitionVerticle.Options(options, 1 << 20, OFTEN_MS, OFTEN_MS, OFTEN_MS));
    shard = files.shard;
  }

  @AfterEach
  void stop() {
    files.close();
  }

  private static TopicConfig config(long retentionMs, long flushMs) {
    return TopicConfigs.effective(
        Map.of(),
        Map.of(),
        Map.of("retention.ms", Long.toString(retentionMs), "flush.ms", Long.toString(flushMs)));
  }

  @Test
  void shouldRemoveExpiredRecordsInTheNextSweep() {
    shard.become(image(BROKER, 3, List.of(BROKER)), config(1, Long.MAX_VALUE));

    shard.appended(Batches.at(Batches.LONG_AGO_MS, "old"));

    await().until(() -> shard.read(0).error() == Errors.OFFSET_OUT_OF_RANGE);
    assertThat(shard.read(1).error()).isEqualTo(Errors.NONE);
  }

  @Test
  void shouldBringRecordsToTheDiskAfterFlushMs() {
    shard.become(image(BROKER, 3, List.of(BROKER)), config(-1, 10));

    shard.appended(Batches.plain("a", "b"));

    Path checkpoint = dir.resolve("recovery-point-offset-checkpoint");
    await()
        .until(
            () -> Files.exists(checkpoint) && Files.readString(checkpoint).contains("story 0 2"));
  }
}
