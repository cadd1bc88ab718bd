package io.milena.group.model.consumer.timing;

import io.milena.group.model.consumer.state.ConsumerGroup;
import io.milena.group.model.consumer.state.Member;

/**
 * When a member is to come again. Members learn of a new assignment by their own heartbeats alone,
 * and one that waits for others needs several; with Kafka's 5 s between them a rebalance takes 10
 * to 15 s though nobody has anything to do. So, while a group is on its way, whoever is not there
 * yet is asked to come again soon: after half a second, and for big groups so that no more than
 * about 1,000 of these heartbeats come in a second. KIP-848 leaves the interval to the coordinator.
 */
public final class HeartbeatPace {
  private static final int FLOOR_MS = 500;

  private final boolean quick;

  /**
   * @param quick false for the interval of the settings always, as Kafka does
   */
  public HeartbeatPace(boolean quick) {
    this.quick = quick;
  }

  /**
   * Milliseconds until the next heartbeat of {@code member}; never more than the group's setting.
   *
   * @param nowMs wall-clock time, as the records of the group have it
   */
  public int intervalMs(ConsumerGroup group, Member member, GroupTiming timing, long nowMs) {
    int usual = timing.heartbeatIntervalMs();
    if (!quick) {
      return usual;
    }
    long soon = Math.max(FLOOR_MS, group.members().size());
    if (group.awaitsTarget()) {
      long untilTarget = group.targetTimestampMs() + timing.assignmentIntervalMs() - nowMs;
      return (int) Math.min(usual, Math.max(soon, untilTarget));
    }
    boolean there = member.current().reconciledTo(group.targetEpoch());
    return there ? usual : (int) Math.min(usual, soon);
  }
}
