package io.milena.partition;

import io.milena.config.TopicConfig;
import io.milena.log.batch.BatchHeader;
import io.milena.log.compaction.BatchCleaner;
import io.milena.log.compaction.CompactionPlan;
import io.milena.metadata.PartitionImage;
import io.milena.storage.compaction.CleanableSegment;
import io.milena.storage.compaction.CleanedSegment;
import io.milena.storage.compaction.CleaningSource;
import io.milena.storage.segment.FileSlice;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Promise;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;

/**
 * What is said to a partition verticle and what it answers. Local only, passed by reference over
 * the event bus; one message per (request, shard), never per partition. Refusals are values ({@link
 * Errors}), a failed future means a bug or a stopped verticle.
 */
public final class PartitionMessages {
  private PartitionMessages() {}

  /** Anything a partition verticle hears. */
  public sealed interface Request
      permits Append,
          Read,
          AwaitGrowth,
          CancelAwait,
          ListOffsets,
          EpochEnd,
          Become,
          Stop,
          Configure,
          DeleteRecords,
          DescribeProducers,
          DescribeLogs,
          Measure,
          FindCleanable,
          BeginCleaning,
          ContinueCleaning,
          SwapSegments,
          EndCleaning {}

  /**
   * One request on its way to a shard, passed by reference over the local event bus, together with
   * the promise that the shard completes. The promise belongs to the caller's context, so that the
   * answer arrives there: with one event loop between them it costs no hop, else one.
   *
   * <p>One way with a promise instead of the bus's own request and reply: no reply address, no
   * reply handler and no timer per request (spikes.md §4). There is no bus timeout to outlive a
   * request's own deadline; the shard answers each envelope exactly once, also when it stops.
   *
   * @param request what is asked
   * @param answer completed once by the shard
   * @param sentNs monotonic time when it was sent
   */
  public record Envelope(Request request, Promise<Object> answer, long sentNs) {}

  /** Who appends: decides which checks are due. */
  public enum Origin {
    /** A client's Produce request: everything is checked. */
    CLIENT,
    /** A coordinator writing its internal topic. */
    COORDINATOR
  }

  /** Why offsets are asked for and how far they may be seen (R24). */
  public enum Isolation {
    /** Up to the log end: replicas. */
    LOG_END,
    /** Up to the high watermark. */
    READ_UNCOMMITTED,
    /** Up to the last stable offset. */
    READ_COMMITTED
  }

  // ---- produce ------------------------------------------------------------------------------

  /**
   * Append to several partitions of one shard. Always answered; never retried by the sender.
   *
   * @param acks 0, 1 or -1 (R23)
   * @param deadlineNs monotonic time after which acks=all is answered with REQUEST_TIMED_OUT
   */
  public record Append(List<PartitionAppend> parts, short acks, long deadlineNs, Origin origin)
      implements Request {}

  /**
   * @param topicId checked when not null and not zero
   * @param records validated batches end to end; ownership passes to the shard, which stamps
   *     offsets in place and releases the buffer in every case
   * @param batches headers in {@code records}, positions relative to its reader index
   * @param currentLeaderEpoch epoch in which alone it may be appended (R45); -1 for any
   */
  public record PartitionAppend(
      String topic,
      int partition,
      Uuid topicId,
      ByteBuf records,
      List<BatchHeader> batches,
      int currentLeaderEpoch) {
    /** In whatever epoch the partition is led. */
    public PartitionAppend(
        String topic, int partition, Uuid topicId, ByteBuf records, List<BatchHeader> batches) {
      this(topic, partition, topicId, records, batches, -1);
    }
  }

  /** Results in the order of the parts. */
  public record AppendReply(List<PartitionAppendResult> results) {}

  /**
   * @param baseOffset of the first record, or of the batch that this one repeats (R34); -1 on error
   * @param message for the error, or null
   * @param leaderId current leader when the error is NOT_LEADER_OR_FOLLOWER, else -1
   * @param leaderEpoch its epoch, else -1
   */
  public record PartitionAppendResult(
      Errors error,
      long baseOffset,
      long logStartOffset,
      String message,
      int leaderId,
      int leaderEpoch) {}

  // ---- fetch --------------------------------------------------------------------------------

  /**
   * Read from several partitions of one shard, in the order given, until {@code maxBytes} are
   * found. Data of each result is a retained {@link FileSlice}: the receiver releases it.
   *
   * @param minOneBatch true when the first non-empty partition may exceed the limits by one batch
   */
  public record Read(
      List<PartitionRead> parts, int maxBytes, boolean minOneBatch, Isolation isolation)
      implements Request {}

  /**
   * @param topicId checked when not null and not zero
   * @param currentLeaderEpoch -1 when the client did not say
   * @param lastFetchedEpoch -1 when the client did not say (R26)
   */
  public record PartitionRead(
      String topic,
      int partition,
      Uuid topicId,
      long fetchOffset,
      int maxBytes,
      int currentLeaderEpoch,
      int lastFetchedEpoch) {}

  /** Results in the order of the parts. */
  public record ReadReply(List<PartitionReadResult> results) {}

  /**
   * @param records null when empty
   * @param abortedTransactions for READ_COMMITTED, else empty
   * @param divergingEpoch -1, or the epoch at which the reader's log diverges (R26)
   * @param divergingEndOffset end offset of that epoch
   */
  public record PartitionReadResult(
      Errors error,
      long highWatermark,
      long lastStableOffset,
      long logStartOffset,
      FileSlice records,
      List<AbortedTransaction> abortedTransactions,
      int divergingEpoch,
      long divergingEndOffset,
      int leaderId,
      int leaderEpoch) {}

  public record AbortedTransaction(long producerId, long firstOffset) {}

  /**
   * Registered wait: answered when together the positions gained {@code minBytes} readable bytes,
   * when one of them has an error to tell, at the deadline, or when it is cancelled.
   *
   * @param minBytes readable bytes from the fetch offsets on, each partition counted up to its own
   *     {@code maxBytes}
   * @param key names this wait for {@link CancelAwait}, compared by identity
   */
  public record AwaitGrowth(
      List<PartitionRead> parts, long minBytes, long deadlineNs, Isolation isolation, Object key)
      implements Request {}

  /**
   * Ends a wait of that shard: it is answered as not satisfied. Harmless when it is over already. A
   * fetch that spans shards sends it to the others once one has enough, and all when its connection
   * is gone, so that no waiters pile up.
   */
  public record CancelAwait(Object key) implements Request {}

  /**
   * @param satisfied false when the deadline or a cancel came first
   */
  public record AwaitGrowthReply(boolean satisfied) {}

  // ---- offsets ------------------------------------------------------------------------------

  /** Offsets by timestamp or special value, for partitions of one shard. */
  public record ListOffsets(List<PartitionListOffsets> parts, Isolation isolation)
      implements Request {}

  /**
   * @param timestampMs or Kafka's special values: -1 latest, -2 earliest, -3 max timestamp, -4
   *     earliest local, -5 latest tiered, -6 earliest pending upload
   */
  public record PartitionListOffsets(
      String topic, int partition, int currentLeaderEpoch, long timestampMs) {}

  public record ListOffsetsReply(List<PartitionListOffsetsResult> results) {}

  /** {@code offset} and {@code timestampMs} are -1 when nothing was found. */
  public record PartitionListOffsetsResult(
      Errors error, long offset, long timestampMs, int leaderEpoch) {}

  /** OffsetForLeaderEpoch for partitions of one shard. */
  public record EpochEnd(List<PartitionEpochEnd> parts) implements Request {}

  public record PartitionEpochEnd(
      String topic, int partition, int currentLeaderEpoch, int leaderEpoch) {}

  public record EpochEndReply(List<PartitionEpochEndResult> results) {}

  /** Both -1 when undefined (R30). */
  public record PartitionEpochEndResult(Errors error, int leaderEpoch, long endOffset) {}

  // ---- orders of the node -------------------------------------------------------------------

  /**
   * Make the partitions what the image says: create or open the log, lead or follow. Answered when
   * every log is open. Repeatable.
   */
  public record Become(List<BecomePartition> parts) implements Request {}

  /**
   * @param image leader, epoch, ISR as the controller decided
   * @param brokerId of this broker: it leads when {@code image.leader()} is the same
   * @param create true when the log may be created (new replica)
   */
  public record BecomePartition(
      String topic, Uuid topicId, PartitionImage image, int brokerId, TopicConfig config) {}

  /**
   * @param results one per part; ELIGIBLE_LEADERS_NOT_AVAILABLE when the log lost records since a
   *     clean stop and is led only in a higher epoch
   */
  public record BecomeReply(List<Errors> results) {}

  /**
   * Stop serving partitions.
   *
   * @param delete true when their files are to go (renamed to -delete, removed later)
   */
  public record Stop(List<StopPartition> parts) implements Request {}

  public record StopPartition(String topic, int partition, boolean delete) {}

  public record StopReply(List<Errors> results) {}

  /** New effective settings by topic; all partitions of this shard take them over. */
  public record Configure(Map<String, TopicConfig> byTopic) implements Request {}

  // ---- administration -----------------------------------------------------------------------

  /** Move log start offsets; {@code offset} -1 means the high watermark. */
  public record DeleteRecords(List<PartitionDeleteRecords> parts, long deadlineNs)
      implements Request {}

  public record PartitionDeleteRecords(String topic, int partition, long offset) {}

  public record DeleteRecordsReply(List<PartitionDeleteRecordsResult> results) {}

  public record PartitionDeleteRecordsResult(Errors error, long lowWatermark) {}

  public record DescribeProducers(List<PartitionName> parts) implements Request {}

  public record PartitionName(String topic, int partition) {}

  public record DescribeProducersReply(List<PartitionProducers> results) {}

  public record PartitionProducers(Errors error, List<ActiveProducer> producers) {}

  public record ActiveProducer(
      long producerId,
      int producerEpoch,
      int lastSequence,
      long lastTimestampMs,
      int coordinatorEpoch,
      long currentTransactionStartOffset) {}

  /** Sizes and places of the logs of this shard; empty means all. */
  public record DescribeLogs(List<PartitionName> parts) implements Request {}

  public record DescribeLogsReply(List<LogDescription> logs) {}

  public record LogDescription(
      String topic,
      int partition,
      String logDir,
      long sizeBytes,
      long logStartOffset,
      long logEndOffset,
      long highWatermark,
      boolean leader) {}

  /** Asks for what a shard holds just now; answered with a {@link MeasureReply}. */
  public enum Measure implements Request {
    ALL
  }

  /**
   * @param stagedBytes of appends that are taken and not written
   * @param waitingAppends requests that wait for room among them
   * @param offlinePartitions whose log directory failed
   */
  public record MeasureReply(
      long stagedBytes, int waitingAppends, int offlinePartitions, List<LogMeasures> logs) {}

  /**
   * @param segments files of the log
   * @param lastStableOffsetLag offsets between the last stable offset and the high watermark
   */
  public record LogMeasures(
      String topic,
      int partition,
      long sizeBytes,
      long logStartOffset,
      long logEndOffset,
      int segments,
      long lastStableOffsetLag) {}

  // ---- compaction ---------------------------------------------------------------------------

  /** Which compacted partitions of the shard want cleaning. */
  public record FindCleanable() implements Request {}

  /**
   * @param dirtiest null when none is due
   * @param due how many are due
   * @param maxDirtyRatio of all that may be cleaned
   * @param maxOverdueMs how long {@code max.compaction.lag.ms} is over at most
   * @param setAside per log directory: partitions that cannot be cleaned
   */
  public record FindCleanableReply(
      CleanablePartition dirtiest,
      int due,
      double maxDirtyRatio,
      long maxOverdueMs,
      List<SetAside> setAside) {}

  public record CleanablePartition(String topic, int partition, double dirtyRatio) {}

  /**
   * @param bytes of their logs
   */
  public record SetAside(String logDir, int partitions, long bytes) {}

  /** Claims a partition for a cleaning, until {@link EndCleaning}: one at a time. */
  public record BeginCleaning(String topic, int partition) implements Request {}

  /**
   * @param order null when the partition is not to be cleaned now
   */
  public record BeginCleaningReply(CleaningOrder order) {}

  /**
   * What is to be cleaned, as it stands.
   *
   * @param claim names the cleaning in what follows
   * @param producers what each known producer did last, by id
   */
  public record CleaningOrder(
      CleaningClaim claim,
      CompactionPlan.Dirt dirt,
      CleaningSource source,
      Map<Long, BatchCleaner.LastOfProducer> producers,
      TopicConfig config) {}

  /** One cleaning of one partition. */
  public record CleaningClaim(String topic, int partition, long number) {}

  /**
   * Is the cleaning still wanted? No longer when the partition was stopped, was cut, got another
   * leader, or is compacted no more.
   */
  public record ContinueCleaning(CleaningClaim claim) implements Request {}

  public record ContinueCleaningReply(boolean wanted) {}

  /** Puts a compacted segment into the place of those it was made of. */
  public record SwapSegments(
      CleaningClaim claim, List<CleanableSegment> replaced, CleanedSegment.Written compacted)
      implements Request {}

  /**
   * @param swapped false when the log has changed or the cleaning is not wanted any more: the
   *     compacted files are the sender's to remove
   */
  public record SwapSegmentsReply(boolean swapped) {}

  /** The cleaning is over and its files are gone: only now the partition may be claimed again. */
  public record EndCleaning(CleaningClaim claim, CleaningEnd end, long cleanedTo)
      implements Request {}

  /** How a cleaning ended. */
  public enum CleaningEnd {
    /** Everything below {@code cleanedTo} is clean. */
    CLEANED,
    /** It may be tried again. */
    ABORTED,
    /** Its directory has no room for it: others go first for a while. */
    NO_ROOM,
    /** It cannot be cleaned: it is set aside until the next start. */
    UNCLEANABLE
  }

  /** Answer that says only that it was done. */
  public enum Done {
    DONE
  }
}
