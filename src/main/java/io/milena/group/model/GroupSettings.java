package io.milena.group.model;

import java.util.List;

/**
 * The broker's settings for groups, Kafka's names; those that a group may have of its own are in
 * {@link io.milena.group.model.consumer.timing.GroupTiming}.
 *
 * @param classic of the classic protocol
 * @param consumer of the consumer protocol (KIP-848)
 * @param offsets of committed offsets
 */
public record GroupSettings(Classic classic, Consumer consumer, Offsets offsets) {
  /**
   * @param initialRebalanceDelayMs {@code group.initial.rebalance.delay.ms}
   * @param minSessionTimeoutMs {@code group.min.session.timeout.ms}
   * @param maxSessionTimeoutMs {@code group.max.session.timeout.ms}
   * @param maxSize {@code group.max.size}, pending members counted
   */
  public record Classic(
      int initialRebalanceDelayMs, int minSessionTimeoutMs, int maxSessionTimeoutMs, int maxSize) {}

  /**
   * @param enabled whether {@code group.coordinator.rebalance.protocols} names "consumer"
   * @param maxSize {@code group.consumer.max.size}
   * @param assignors {@code group.consumer.assignors}, the first is the default
   * @param migration {@code group.consumer.migration.policy}
   * @param regexRefreshIntervalMs {@code group.consumer.regex.refresh.interval.ms}
   */
  public record Consumer(
      boolean enabled,
      int maxSize,
      List<String> assignors,
      Migration migration,
      long regexRefreshIntervalMs) {}

  /** {@code group.consumer.migration.policy}. */
  public enum Migration {
    BIDIRECTIONAL,
    UPGRADE,
    DOWNGRADE,
    DISABLED;

    public boolean upgrades() {
      return this == BIDIRECTIONAL || this == UPGRADE;
    }

    public boolean downgrades() {
      return this == BIDIRECTIONAL || this == DOWNGRADE;
    }
  }

  /**
   * @param retentionMs {@code offsets.retention.minutes}
   * @param retentionCheckIntervalMs {@code offsets.retention.check.interval.ms}
   * @param metadataMaxBytes {@code offset.metadata.max.bytes}
   */
  public record Offsets(long retentionMs, long retentionCheckIntervalMs, int metadataMaxBytes) {}
}
