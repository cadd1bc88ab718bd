package io.milena.testing;

import io.milena.base.Clock;
import io.milena.metadata.ClusterImage;
import io.milena.metrics.LogMeters;
import io.milena.metrics.VerticleMeters;
import io.milena.partition.PartitionClient;
import io.milena.partition.shard.PartitionVerticle;
import io.milena.storage.directory.LogDirectories;
import io.milena.storage.directory.StorageOptions;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/** The only shard of broker 1, on real files in one directory, and a client of it. */
public final class FilesShard {
  private final Vertx vertx;
  private final LogDirectories directories;
  private final PartitionClient client;
  private final String deployment;

  /**
   * Opens the directory and deploys the shard.
   *
   * @param vertx of the test, with the codecs of messages
   * @param image the cluster as the shard is to see it
   * @param halt what a broken invariant does
   */
  public FilesShard(Vertx vertx, Path dir, Supplier<ClusterImage> image, Runnable halt) {
    this.vertx = vertx;
    StorageOptions storage = StorageOptions.defaults(List.of(dir), 1);
    directories = LogDirectories.open(storage);
    directories.identify("story", 1);
    directories.attach(vertx);
    client = PartitionClient.create(vertx, 1, Clock.system());
    deployment =
        Waiting.on(
            vertx.deployVerticle(
                new PartitionVerticle(
                    0,
                    PartitionVerticle.Options.defaults(storage),
                    directories,
                    new PartitionVerticle.Surroundings(
                        Clock.system(),
                        image,
                        halt,
                        new VerticleMeters("story"),
                        new LogMeters()))));
  }

  /** Asks the shard. */
  public PartitionClient client() {
    return client;
  }

  /** Takes the shard away and closes its files as a broker does that stops. */
  public void stop() {
    Waiting.on(vertx.undeploy(deployment));
    Waiting.on(directories.close(true));
  }
}
