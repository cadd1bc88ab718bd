package io.milena.replication;

import io.milena.base.Invariant;
import io.milena.metadata.PartitionImage;
import java.util.HashMap;
import java.util.Map;

/**
 * The leader of one partition in one leader epoch: knows how far each replica has the log and
 * derives the high watermark from it.
 *
 * <p>The high watermark is the smallest end offset over the in-sync replicas (R19). It moves only
 * while enough of them are in sync (R20), counts only fetches of this epoch, never falls, and never
 * passes the end of the leader's own log. A replica of which nothing was heard in this epoch holds
 * it where it is.
 *
 * <p>Owned by the partition's event loop; a new epoch makes a new object (R13).
 */
public final class LeaderReplica {
  private static final long UNKNOWN = -1;

  private final int brokerId;
  private final int leaderEpoch;
  private final long epochStartOffset;
  private final Map<Integer, Long> followerEnds = new HashMap<>();
  private PartitionImage image;
  private int minInsyncReplicas;
  private long logEndOffset;
  private long highWatermark;

  /**
   * Where a leader starts from (R21).
   *
   * @param highWatermark its own, at most {@code logEndOffset}
   * @param logEndOffset end of what is written of its log
   * @param epochStartOffset where its epoch begins: the end of the log, unfinished writes included
   */
  public record Start(long highWatermark, long logEndOffset, long epochStartOffset) {}

  /**
   * @param brokerId of this broker, the leader of {@code image}
   * @param image leader epoch and in-sync replicas
   * @param minInsyncReplicas {@code min.insync.replicas} of the topic
   */
  public LeaderReplica(int brokerId, PartitionImage image, int minInsyncReplicas, Start start) {
    Invariant.check(
        image.leader() == brokerId, "broker %d leads although %s says otherwise", brokerId, image);
    Invariant.check(
        start.highWatermark() <= start.logEndOffset()
            && start.logEndOffset() <= start.epochStartOffset(),
        "leader starts from %s",
        start);
    this.brokerId = brokerId;
    this.leaderEpoch = image.leaderEpoch();
    this.epochStartOffset = start.epochStartOffset();
    this.image = image;
    this.minInsyncReplicas = minInsyncReplicas;
    this.logEndOffset = start.logEndOffset();
    this.highWatermark = start.highWatermark();
    advance();
  }

  /**
   * The leader's own log grew.
   *
   * @return true when the high watermark moved
   */
  public boolean appended(long newLogEndOffset) {
    Invariant.check(
        newLogEndOffset >= highWatermark,
        "log end %d below high watermark %d",
        newLogEndOffset,
        highWatermark);
    logEndOffset = newLogEndOffset;
    return advance();
  }

  /**
   * A follower asked from {@code fetchOffset} in this epoch: it has everything below (R25 checked
   * by the caller).
   *
   * @return true when the high watermark moved
   */
  public boolean followerFetched(int followerId, long fetchOffset) {
    if (followerId == brokerId || !image.replicas().contains(followerId)) {
      return false;
    }
    followerEnds.put(followerId, fetchOffset);
    return advance();
  }

  /**
   * The controller changed something other than the leader.
   *
   * @param newImage with the same leader and leader epoch
   * @return true when the high watermark moved
   */
  public boolean imageChanged(PartitionImage newImage) {
    Invariant.check(
        newImage.leader() == brokerId && newImage.leaderEpoch() == leaderEpoch,
        "leader of epoch %d told of %s",
        leaderEpoch,
        newImage);
    image = newImage;
    followerEnds.keySet().retainAll(newImage.replicas());
    return advance();
  }

  /**
   * {@code min.insync.replicas} changed.
   *
   * @return true when the high watermark moved
   */
  public boolean minInsyncReplicasChanged(int newMinInsyncReplicas) {
    minInsyncReplicas = newMinInsyncReplicas;
    return advance();
  }

  private boolean advance() {
    if (!enoughInSync()) {
      return false;
    }
    long committed = logEndOffset;
    for (int member : image.isr()) {
      if (member != brokerId) {
        committed = Math.min(committed, followerEnds.getOrDefault(member, UNKNOWN));
      }
    }
    if (committed <= highWatermark) {
      return false;
    }
    highWatermark = committed;
    return true;
  }

  /** True while acks=all may be accepted and the high watermark may move (R20, R23). */
  public boolean enoughInSync() {
    return image.isr().size() >= Math.min(minInsyncReplicas, image.replicas().size());
  }

  public int leaderEpoch() {
    return leaderEpoch;
  }

  /** Offset after the last committed record. */
  public long highWatermark() {
    return highWatermark;
  }

  /**
   * False until everything that was in the log at the start of this epoch is committed: latest
   * offsets are not told before (R21).
   */
  public boolean epochCommitted() {
    return highWatermark >= epochStartOffset;
  }
}
