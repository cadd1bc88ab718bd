package io.milena.partition;

import io.milena.base.Clock;
import io.milena.config.TopicConfig;
import io.milena.metadata.ClusterImage;
import io.milena.storage.PartitionLog;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * The owner of every partition that hashes to this shard: logs, replica state and everybody who
 * waits for them, on one event loop. Heard at the local address {@code partition.<shard>}; asked
 * through {@link PartitionClient} only. Deploy one instance per shard, each with its own number.
 */
public final class PartitionVerticle extends VerticleBase {
  private final int shard;
  private final Options options;
  private final Logs logs;
  private final Surroundings surroundings;

  /**
   * @param shard number in {@code [0, shards)}
   * @param options settings of the broker that concern shards
   * @param logs where logs are opened and checkpoints written
   * @param surroundings clock, image and the way to end the process
   */
  public PartitionVerticle(int shard, Options options, Logs logs, Surroundings surroundings) {
    this.shard = shard;
    this.options = options;
    this.logs = logs;
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
   * @param stagedMaxBytes {@code milena.partition.staged.max.bytes}
   * @param retentionCheckIntervalMs {@code log.retention.check.interval.ms}
   * @param highWatermarkCheckpointIntervalMs {@code replica.high.watermark.checkpoint.interval.ms}
   * @param recoveryPointCheckpointIntervalMs {@code log.flush.offset.checkpoint.interval.ms}
   * @param logStartCheckpointIntervalMs {@code log.flush.start.offset.checkpoint.interval.ms}
   * @param flushSchedulerIntervalMs {@code log.flush.scheduler.interval.ms}: how often logs are
   *     looked at for {@code flush.ms}
   * @param producerExpiryCheckIntervalMs {@code producer.id.expiration.check.interval.ms}
   */
  public record Options(
      long stagedMaxBytes,
      long retentionCheckIntervalMs,
      long highWatermarkCheckpointIntervalMs,
      long recoveryPointCheckpointIntervalMs,
      long logStartCheckpointIntervalMs,
      long flushSchedulerIntervalMs,
      long producerExpiryCheckIntervalMs) {
    /** Kafka's defaults, and 64 MiB staged. */
    public static Options defaults() {
      return new Options(64L << 20, 300_000, 5_000, 60_000, 60_000, Long.MAX_VALUE, 600_000);
    }
  }

  /**
   * @param clock both clocks
   * @param image the newest cluster image, to tell "not here" from "nowhere"
   * @param halt ends the process at once after a broken invariant
   */
  public record Surroundings(Clock clock, Supplier<ClusterImage> image, Runnable halt) {}

  /** What a shard needs from {@code storage}; every call and every completion on its context. */
  public interface Logs {
    /** Opens the log, or creates it in the directory with the fewest. */
    Future<PartitionLog> open(TopicPartition partition, Uuid topicId, TopicConfig config);

    /** High watermark found in the checkpoint at start; 0 when there was none. */
    long checkpointedHighWatermark(TopicPartition partition);

    /** Writes {@code replication-offset-checkpoint} of the directories of these logs. */
    Future<Void> checkpointHighWatermarks(Map<PartitionLog, Long> highWatermarks);
  }
}
