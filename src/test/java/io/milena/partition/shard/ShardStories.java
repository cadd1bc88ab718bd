package io.milena.partition.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** One shard on a disk that the test moves by hand. */
abstract class ShardStories {
  static final List<Integer> ALONE = List.of(ShardFixture.BROKER);
  static final List<Integer> BOTH = List.of(ShardFixture.BROKER, 2);

  @TempDir Path dir;
  FakeShardLogs logs;
  ShardFixture shard;

  @BeforeEach
  void startShard() {
    logs = new FakeShardLogs(dir);
    shard = new ShardFixture(dir, vertx -> logs);
  }

  @AfterEach
  void stopShard() {
    shard.close();
    assertThat(shard.halted).as("a broken invariant").isFalse();
  }

  void holdWrites() {
    shard.onShard(() -> logs.log().holdWrites());
  }

  void finishWrites() {
    shard.onShard(() -> logs.log().finishWrites());
  }
}
