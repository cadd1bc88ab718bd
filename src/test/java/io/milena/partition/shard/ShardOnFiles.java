package io.milena.partition.shard;

import static io.milena.partition.shard.ShardFixture.BROKER;
import static io.milena.partition.shard.ShardFixture.get;

import io.milena.base.Clock;
import io.milena.metrics.LogMeters;
import io.milena.storage.LogStore;
import io.milena.storage.directory.LogDirectories;
import io.milena.storage.directory.StorageOptions;
import io.vertx.core.Vertx;
import java.util.function.UnaryOperator;

/** A shard on the files it will have, in the directories of its options. */
final class ShardOnFiles implements AutoCloseable {
  final ShardFixture shard;
  private final LogDirectories directories;

  ShardOnFiles(PartitionVerticle.Options options) {
    this(options, logs -> logs, Clock.system());
  }

  /**
   * @param around what the shard sees of its logs
   * @param clock of the shard
   */
  ShardOnFiles(PartitionVerticle.Options options, UnaryOperator<ShardLogs> around, Clock clock) {
    StorageOptions storage = options.storage();
    directories = LogDirectories.open(storage);
    directories.identify("cluster", BROKER);
    Vertx vertx = Vertx.vertx();
    directories.attach(vertx);
    shard =
        new ShardFixture(
            vertx,
            options,
            v ->
                around.apply(
                    ShardLogs.of(
                        new LogStore(v, directories, storage, Clock.system(), new LogMeters()))),
            clock);
  }

  /** Stops the shard and closes its files as a broker does that stops. */
  @Override
  public void close() {
    shard.stop();
    get(directories.close(true));
    shard.close();
  }
}
