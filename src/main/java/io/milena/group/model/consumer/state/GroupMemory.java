package io.milena.group.model.consumer.state;

import io.milena.metadata.ClusterImage;
import java.util.HashMap;
import java.util.Map;

/**
 * What the coordinator knows of a group beside the log; lost and learned anew when the group is
 * loaded elsewhere.
 */
public final class GroupMemory {
  /** Deadlines of one member, in the machine's clock. */
  public static final class Deadlines {
    /** The member's session ends then. */
    public long sessionMs;

    /** The session timer rings then, perhaps too early; 0 when none is set. */
    public long sessionTimerMs;

    /** The member epoch from which it must get on in time; -1 when none is awaited. */
    public int revokingEpoch = -1;

    /** A classic member was told to rejoin. */
    public boolean awaitsJoin;

    /** A classic member joined and has not asked for its assignment. */
    public boolean awaitsSync;
  }

  private final Map<String, Deadlines> deadlines = new HashMap<>();
  private ClusterImage checkedImage;

  /** A search for topics is under way until then, unless it is heard of before; 0 when none is. */
  private long searchUntilMs;

  /** The member's deadlines, made on first need. */
  public Deadlines deadlines(String memberId) {
    return deadlines.computeIfAbsent(memberId, id -> new Deadlines());
  }

  /** The member's deadlines, or null. */
  public Deadlines deadlinesOrNull(String memberId) {
    return deadlines.get(memberId);
  }

  void forget(String memberId) {
    deadlines.remove(memberId);
  }

  /** True when the subscribed topics were compared with this very image. */
  public boolean knows(ClusterImage image) {
    return checkedImage == image;
  }

  /** The subscribed topics were compared with that image, and the outcome is on record. */
  public void checked(ClusterImage image) {
    checkedImage = image;
  }

  /** A search for topics is under way, and was heard of in time. */
  public boolean searching(long nowMs) {
    return nowMs < searchUntilMs;
  }

  /** A search for topics begins or goes on; it is taken for lost when {@code untilMs} comes. */
  public void searchingUntil(long untilMs) {
    searchUntilMs = untilMs;
  }

  /** The search for topics is over, however it ended. */
  public void searchOver() {
    searchUntilMs = 0;
  }
}
