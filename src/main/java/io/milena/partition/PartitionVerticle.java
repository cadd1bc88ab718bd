package io.milena.partition;

import io.milena.base.Clock;
import io.milena.metadata.ClusterImage;
import io.milena.storage.LogDirectories;
import io.milena.storage.StorageOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.function.Supplier;

/**
 * The owner of every partition that hashes to this shard: logs, replica state and everybody who
 * waits for them, on one event loop. Heard at the local address {@code partition.<shard>}; asked
 * through {@link PartitionClient} only. Deploy one instance per shard, each with its own number.
 */
public final class PartitionVerticle extends VerticleBase {
  private final int shard;
  private final Options options;
  private final LogDirectories directories;
  private final Surroundings surroundings;

  /**
   * @param shard number in {@code [0, shards)}
   * @param options settings of the broker that concern shards
   * @param directories attached to the Vert.x instance on which this is deployed
   * @param surroundings clock, image and the way to end the process
   */
  public PartitionVerticle(
      int shard, Options options, LogDirectories directories, Surroundings surroundings) {
    this.shard = shard;
    this.options = options;
    this.directories = directories;
    this.surroundings = surroundings;
  }

  /** The event bus address of a shard; local only. */
  static String address(int shard) {
    return "partition." + shard;
  }

  @Override
  public Future<?> start() {
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    return Future.succeededFuture();
  }

  /**
   * @param storage what storage was told; the shard makes its own {@code LogStore} with it. Its
   *     {@code highWatermarkCheckpointMs} is also the interval at which the shard hands its high
   *     watermarks over
   * @param stagedMaxBytes {@code milena.partition.staged.max.bytes}
   * @param retentionCheckMs {@code log.retention.check.interval.ms}
   * @param producerExpiryCheckMs {@code producer.id.expiration.check.interval.ms}
   * @param flushSchedulerMs {@code log.flush.scheduler.interval.ms}: how often logs are looked at
   *     for {@code flush.ms}; at least once a second where a topic sets {@code flush.ms}
   */
  public record Options(
      StorageOptions storage,
      long stagedMaxBytes,
      long retentionCheckMs,
      long producerExpiryCheckMs,
      long flushSchedulerMs) {
    /** Kafka's defaults, and 64 MiB staged. */
    public static Options defaults(StorageOptions storage) {
      return new Options(storage, 64L << 20, 300_000, 600_000, Long.MAX_VALUE);
    }
  }

  /**
   * @param clock both clocks
   * @param image the newest cluster image, to tell "not here" from "nowhere"
   * @param halt ends the process at once after a broken invariant
   */
  public record Surroundings(Clock clock, Supplier<ClusterImage> image, Runnable halt) {}
}
