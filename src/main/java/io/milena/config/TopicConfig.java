package io.milena.config;

import java.util.Set;
import org.apache.kafka.common.record.TimestampType;

/**
 * The effective settings of one topic, topic-level values over broker defaults: what logs,
 * partitions and validation read. Immutable; replaced as a whole when a setting changes.
 *
 * @param segmentBytes {@code segment.bytes}
 * @param segmentMs {@code segment.ms} ({@code log.roll.ms} = {@code log.segment.ms})
 * @param segmentJitterMs {@code segment.jitter.ms}
 * @param segmentIndexBytes {@code segment.index.bytes}
 * @param indexIntervalBytes {@code index.interval.bytes}
 * @param retentionBytes {@code retention.bytes}, -1 for none
 * @param retentionMs {@code retention.ms}, -1 for none
 * @param fileDeleteDelayMs {@code file.delete.delay.ms}
 * @param flushMessages {@code flush.messages}
 * @param flushMs {@code flush.ms}
 * @param maxMessageBytes {@code max.message.bytes}: largest batch
 * @param maxDecompressedMessageBytes {@code max.decompressed.message.bytes}: largest record after
 *     decompression
 * @param minInsyncReplicas {@code min.insync.replicas}
 * @param uncleanLeaderElection {@code unclean.leader.election.enable}
 * @param preallocate {@code preallocate}
 * @param compact {@code cleanup.policy} contains compact
 * @param delete {@code cleanup.policy} contains delete
 * @param compressionType {@code compression.type}: producer, uncompressed, gzip, snappy, lz4, zstd
 * @param compressionLevels levels for gzip, lz4 and zstd
 * @param timestampType {@code message.timestamp.type}
 * @param timestampBeforeMaxMs {@code message.timestamp.before.max.ms}
 * @param timestampAfterMaxMs {@code message.timestamp.after.max.ms}
 * @param deleteRetentionMs {@code delete.retention.ms}
 * @param minCompactionLagMs {@code min.compaction.lag.ms}
 * @param maxCompactionLagMs {@code max.compaction.lag.ms}
 * @param minCleanableDirtyRatio {@code min.cleanable.dirty.ratio}
 */
public record TopicConfig(
    int segmentBytes,
    long segmentMs,
    long segmentJitterMs,
    int segmentIndexBytes,
    int indexIntervalBytes,
    long retentionBytes,
    long retentionMs,
    long fileDeleteDelayMs,
    long flushMessages,
    long flushMs,
    int maxMessageBytes,
    int maxDecompressedMessageBytes,
    int minInsyncReplicas,
    boolean uncleanLeaderElection,
    boolean preallocate,
    boolean compact,
    boolean delete,
    String compressionType,
    CompressionLevels compressionLevels,
    TimestampType timestampType,
    long timestampBeforeMaxMs,
    long timestampAfterMaxMs,
    long deleteRetentionMs,
    long minCompactionLagMs,
    long maxCompactionLagMs,
    double minCleanableDirtyRatio) {

  /**
   * {@code compression.gzip.level}, {@code compression.lz4.level}, {@code compression.zstd.level}.
   */
  public record CompressionLevels(int gzip, int lz4, int zstd) {}

  /** The codecs that {@code compression.type} may name besides {@code producer}. */
  public static final Set<String> CODECS = Set.of("uncompressed", "gzip", "snappy", "lz4", "zstd");

  /**
   * Age at which the active segment is closed: {@code segment.ms}, and in a compacted topic not
   * later than {@code max.compaction.lag.ms} (KIP-354), for the active segment is never compacted.
   */
  public long maxSegmentMs() {
    return compact && maxCompactionLagMs > 0 ? Math.min(maxCompactionLagMs, segmentMs) : segmentMs;
  }

  /** Kafka 4.4's defaults. */
  public static TopicConfig defaults() {
    return new TopicConfig(
        1 << 30,
        7L * 24 * 3600 * 1000,
        0,
        10 << 20,
        4096,
        -1,
        7L * 24 * 3600 * 1000,
        60_000,
        Long.MAX_VALUE,
        Long.MAX_VALUE,
        1_048_588,
        2_147_483_639,
        1,
        false,
        false,
        false,
        true,
        "producer",
        new CompressionLevels(-1, 9, 3),
        TimestampType.CREATE_TIME,
        Long.MAX_VALUE,
        3_600_000,
        24L * 3600 * 1000,
        0,
        Long.MAX_VALUE,
        0.5);
  }
}
