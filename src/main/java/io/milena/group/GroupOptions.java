package io.milena.group;

import io.milena.group.model.GroupLimits;
import io.milena.group.model.GroupSettings;

/**
 * What the group verticles are told.
 *
 * @param brokerId ours
 * @param verticles how many there are
 * @param settings of groups
 * @param caps bounds of groups and pending members, of all verticles together
 * @param commitTimeoutMs {@code offsets.commit.timeout.ms}
 * @param topic of the groups
 */
public record GroupOptions(
    int brokerId,
    int verticles,
    GroupSettings settings,
    GroupLimits.Caps caps,
    long commitTimeoutMs,
    Topic topic) {
  /**
   * {@code __consumer_offsets}, as it is created on first need.
   *
   * @param partitions {@code offsets.topic.num.partitions}
   * @param replicationFactor {@code offsets.topic.replication.factor}, fewer while fewer brokers
   *     live
   * @param segmentBytes {@code offsets.topic.segment.bytes}
   * @param compressionCodec {@code offsets.topic.compression.codec}: 0 none, 1 gzip, 2 snappy, 3
   *     lz4, 4 zstd
   */
  public record Topic(
      int partitions, int replicationFactor, int segmentBytes, int compressionCodec) {}
}
