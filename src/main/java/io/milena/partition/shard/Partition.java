package io.milena.partition.shard;

import io.milena.base.Invariant;
import io.milena.config.TopicConfig;
import io.milena.metadata.PartitionImage;
import io.milena.partition.PartitionMessages.BecomePartition;
import io.milena.partition.PartitionMessages.Isolation;
import io.milena.replication.LeaderReplica;
import io.milena.storage.PartitionLog;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One partition of this shard: its log, the image it obeys, its part as a replica and its high
 * watermark. Owned by the shard's event loop.
 *
 * <p>Always holds: log start ≤ high watermark ≤ log end; there is a {@link LeaderReplica} exactly
 * while the image names this broker as leader, and it is of the image's epoch. A log that was found
 * damaged is the exception: it is led in no epoch in which it may have been led before, for the
 * same offsets would then be given to other records under the same epoch (R13, I2).
 */
final class Partition {
  private static final Logger STATE_CHANGE = LoggerFactory.getLogger("state-change");

  private final TopicPartition name;
  private final PartitionLog log;
  private final PartitionAppends appends;
  private final Consumer<Partition> onGrowth;
  private PartitionImage image;
  private TopicConfig config;
  private LeaderReplica leader;
  private long highWatermark;
  private long cleanAtNs;
  private boolean damaged;

  /** Up to this epoch it is not to lead. */
  private int lostInEpoch = -1;

  /**
   * @param log just opened
   * @param checkpointedHighWatermark where the high watermark was known to be, within the log
   * @param onGrowth told when more became readable
   */
  Partition(
      PartitionLog log,
      long checkpointedHighWatermark,
      StagedBudget budget,
      Consumer<Partition> onGrowth) {
    this.name = log.topicPartition();
    this.log = log;
    this.onGrowth = onGrowth;
    this.appends = new PartitionAppends(this, log, budget);
    this.highWatermark =
        Math.min(log.logEndOffset(), Math.max(log.logStartOffset(), checkpointedHighWatermark));
    // Transactions whose end a recovery just read again, and that were committed before (R42).
    log.producers().onHighWatermark(highWatermark);
  }

  /** Its log is not what a clean stop left: the first image's epoch is not one to lead in. */
  Partition damaged() {
    damaged = true;
    return this;
  }

  TopicPartition name() {
    return name;
  }

  PartitionLog log() {
    return log;
  }

  PartitionAppends appends() {
    return appends;
  }

  PartitionImage image() {
    return image;
  }

  TopicConfig config() {
    return config;
  }

  /** The leader's state; null while somebody else leads. */
  LeaderReplica leader() {
    return leader;
  }

  boolean leadsIn(int leaderEpoch) {
    return leader != null && leader.leaderEpoch() == leaderEpoch;
  }

  long highWatermark() {
    return highWatermark;
  }

  /** End of what a reader of that isolation may see (R24, R42). */
  long visibleEnd(Isolation isolation) {
    return switch (isolation) {
      case LOG_END -> log.logEndOffset();
      case READ_UNCOMMITTED -> highWatermark;
      case READ_COMMITTED -> lastStableOffset();
    };
  }

  long lastStableOffset() {
    return log.producers().lastStableOffset(highWatermark);
  }

  /**
   * Why a request that only the leader serves is refused, or null.
   *
   * @param topicId what the client believes; null or zero when it did not say
   * @param wrongTopicId error when that is another topic
   */
  Refusal refusal(Uuid topicId, Errors wrongTopicId) {
    if (Hosted.isSet(topicId) && !topicId.equals(log.topicId())) {
      return Refusal.of(wrongTopicId);
    }
    return leader == null ? Refusal.notLeader(image) : null;
  }

  /**
   * As {@link #refusal(Uuid, Errors)}, with the leader epoch that the client knows (KIP-320, R25).
   *
   * @param currentLeaderEpoch -1 when the client did not say
   */
  Refusal refusal(Uuid topicId, int currentLeaderEpoch) {
    if (Hosted.isSet(topicId) && !topicId.equals(log.topicId())) {
      return Refusal.of(Errors.INCONSISTENT_TOPIC_ID);
    }
    if (currentLeaderEpoch >= 0 && currentLeaderEpoch != image.leaderEpoch()) {
      Errors error =
          currentLeaderEpoch < image.leaderEpoch()
              ? Errors.FENCED_LEADER_EPOCH
              : Errors.UNKNOWN_LEADER_EPOCH;
      return new Refusal(error, image.leader(), image.leaderEpoch(), null);
    }
    return leader == null ? Refusal.notLeader(image) : null;
  }

  // ---- orders of the node -------------------------------------------------------------------

  /**
   * Obeys a newer image; an older one is refused without effect (R9).
   *
   * @return FENCED_LEADER_EPOCH or INVALID_UPDATE_VERSION for an older image;
   *     ELIGIBLE_LEADERS_NOT_AVAILABLE when it is to lead and waits for a higher leader epoch
   */
  Errors become(BecomePartition order) {
    PartitionImage newer = order.image();
    if (image != null && newer.leaderEpoch() < image.leaderEpoch()) {
      return Errors.FENCED_LEADER_EPOCH;
    }
    if (image != null
        && newer.leaderEpoch() == image.leaderEpoch()
        && newer.partitionEpoch() < image.partitionEpoch()) {
      return Errors.INVALID_UPDATE_VERSION;
    }
    if (image == null && damaged) {
      lostInEpoch = newer.leaderEpoch();
    }
    boolean newEpoch = image == null || newer.leaderEpoch() != image.leaderEpoch();
    image = newer;
    if (!order.config().equals(config)) {
      config = order.config();
      log.configure(config);
    }
    if (newer.leader() != order.brokerId()) {
      resign();
    } else if (newer.leaderEpoch() <= lostInEpoch) {
      return Errors.ELIGIBLE_LEADERS_NOT_AVAILABLE;
    } else if (newEpoch || leader == null) {
      resign();
      lead(order.brokerId());
    } else {
      afterReplicaChange(leader.imageChanged(newer));
      afterReplicaChange(leader.minInsyncReplicasChanged(config.minInsyncReplicas()));
    }
    return Errors.NONE;
  }

  private void lead(int brokerId) {
    int epoch = image.leaderEpoch();
    int latest = log.leaderEpochs().latestEpoch();
    if (latest > epoch) {
      STATE_CHANGE.warn("{} leads in epoch {} though its log knows {}", name, epoch, latest);
    }
    if (latest != epoch && log.writable()) {
      log.beginEpoch(epoch);
    }
    leader =
        new LeaderReplica(
            brokerId,
            image,
            config.minInsyncReplicas(),
            new LeaderReplica.Start(highWatermark, log.logEndOffset(), log.stagedEndOffset()));
    afterReplicaChange(leader.highWatermark() > highWatermark);
    STATE_CHANGE.debug("{} leads in epoch {} from offset {}", name, epoch, log.stagedEndOffset());
  }

  private void resign() {
    if (leader != null) {
      leader = null;
      appends.leadershipLost();
      STATE_CHANGE.debug("{} no longer leads; now {}", name, image);
    }
  }

  /** Takes over settings; the image stays as it is. */
  void configure(TopicConfig newConfig) {
    config = newConfig;
    log.configure(newConfig);
    if (leader != null) {
      afterReplicaChange(leader.minInsyncReplicasChanged(newConfig.minInsyncReplicas()));
    }
  }

  /** Nobody is served any more; the log is the caller's to close or delete. */
  void stop(Refusal refusal) {
    leader = null;
    appends.stop(refusal);
  }

  /** Monotonic time when everything was last known to be on the disk; for {@code flush.ms}. */
  long cleanAtNs() {
    return cleanAtNs;
  }

  void cleanAt(long nowNs) {
    cleanAtNs = nowNs;
  }

  // ---- growth -------------------------------------------------------------------------------

  /** A write completed: more is in the log. */
  void logGrew() {
    if (leader == null) {
      return;
    }
    if (leader.appended(log.logEndOffset())) {
      afterReplicaChange(true);
    } else {
      onGrowth.accept(this);
    }
  }

  private void afterReplicaChange(boolean highWatermarkMoved) {
    if (!highWatermarkMoved) {
      return;
    }
    long moved = leader.highWatermark();
    Invariant.check(
        moved >= highWatermark && moved <= log.logEndOffset(),
        "%s: high watermark from %d to %d, log end %d",
        name,
        highWatermark,
        moved,
        log.logEndOffset());
    highWatermark = moved;
    log.producers().onHighWatermark(moved);
    appends.committedUpTo(moved);
    onGrowth.accept(this);
  }

  @Override
  public String toString() {
    return String.format(
        "%s[log %d..%d staged %d, high watermark %d, leader %s, %s]",
        name,
        log.logStartOffset(),
        log.logEndOffset(),
        log.stagedEndOffset(),
        highWatermark,
        leader != null,
        image);
  }
}
