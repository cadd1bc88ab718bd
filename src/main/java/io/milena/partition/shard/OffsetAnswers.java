package io.milena.partition.shard;

import io.milena.log.checkpoint.LeaderEpochs;
import io.milena.partition.PartitionMessages.EpochEnd;
import io.milena.partition.PartitionMessages.EpochEndReply;
import io.milena.partition.PartitionMessages.Isolation;
import io.milena.partition.PartitionMessages.ListOffsets;
import io.milena.partition.PartitionMessages.ListOffsetsReply;
import io.milena.partition.PartitionMessages.PartitionEpochEnd;
import io.milena.partition.PartitionMessages.PartitionEpochEndResult;
import io.milena.partition.PartitionMessages.PartitionListOffsets;
import io.milena.partition.PartitionMessages.PartitionListOffsetsResult;
import io.milena.storage.PartitionLog;
import io.milena.storage.file.StorageException;
import io.milena.storage.segment.TimestampedOffset;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers where something lies in a log: ListOffsets and OffsetForLeaderEpoch. */
final class OffsetAnswers {
  private static final Logger LOG = LoggerFactory.getLogger(OffsetAnswers.class);

  // Special timestamps of ListOffsets (KIP-79, 405, 734, 1005, 1023).
  private static final long LATEST = -1;
  private static final long EARLIEST = -2;
  private static final long MAX_TIMESTAMP = -3;
  private static final long EARLIEST_LOCAL = -4;
  private static final long LATEST_TIERED = -5;
  private static final long EARLIEST_PENDING_UPLOAD = -6;

  private static final PartitionListOffsetsResult NOTHING_FOUND =
      new PartitionListOffsetsResult(Errors.NONE, -1, -1, -1);

  private final Hosted hosted;

  OffsetAnswers(Hosted hosted) {
    this.hosted = hosted;
  }

  Future<ListOffsetsReply> listOffsets(ListOffsets ask) {
    List<Future<PartitionListOffsetsResult>> found = new ArrayList<>(ask.parts().size());
    for (PartitionListOffsets part : ask.parts()) {
      found.add(offset(part, ask.isolation()));
    }
    return Future.all(found).map(all -> new ListOffsetsReply(all.list()));
  }

  private Future<PartitionListOffsetsResult> offset(
      PartitionListOffsets part, Isolation isolation) {
    Partition partition = hosted.find(part.topic(), part.partition());
    Refusal refusal =
        partition == null
            ? hosted.missing(part.topic(), part.partition(), null)
            : partition.refusal(null, part.currentLeaderEpoch());
    if (refusal != null) {
      return refused(refusal.error());
    }
    PartitionLog log = partition.log();
    long timestampMs = part.timestampMs();
    if (timestampMs == LATEST) {
      return latest(partition, isolation);
    }
    if (timestampMs == EARLIEST || timestampMs == EARLIEST_LOCAL) {
      return Future.succeededFuture(earliest(log));
    }
    if (timestampMs == LATEST_TIERED || timestampMs == EARLIEST_PENDING_UPLOAD) {
      // There is no remote storage, so nothing is there and nothing is on its way.
      return Future.succeededFuture(NOTHING_FOUND);
    }
    long end = partition.visibleEnd(isolation);
    Future<TimestampedOffset> search =
        timestampMs == MAX_TIMESTAMP
            ? log.offsetOfMaxTimestamp()
            : log.offsetForTimestamp(timestampMs, end);
    return search
        .map(found -> searched(partition, isolation, end, found))
        .recover(failure -> refused(toError(partition, failure)));
  }

  private static Future<PartitionListOffsetsResult> latest(
      Partition partition, Isolation isolation) {
    if (hidden(partition, isolation)) {
      return refused(Errors.OFFSET_NOT_AVAILABLE);
    }
    return Future.succeededFuture(
        new PartitionListOffsetsResult(
            Errors.NONE, partition.visibleEnd(isolation), -1, partition.leader().leaderEpoch()));
  }

  /** R21: clients are not told the end before all of the former epochs is committed. */
  private static boolean hidden(Partition partition, Isolation isolation) {
    return isolation != Isolation.LOG_END
        && partition.leader() != null
        && !partition.leader().epochCommitted();
  }

  private static PartitionListOffsetsResult earliest(PartitionLog log) {
    long start = log.logStartOffset();
    return new PartitionListOffsetsResult(
        Errors.NONE, start, -1, log.leaderEpochs().epochFor(start));
  }

  private static PartitionListOffsetsResult searched(
      Partition partition, Isolation isolation, long end, TimestampedOffset found) {
    if (found.offset() >= 0 && found.offset() < end) {
      return new PartitionListOffsetsResult(
          Errors.NONE, found.offset(), found.timestampMs(), found.leaderEpoch());
    }
    return hidden(partition, isolation)
        ? new PartitionListOffsetsResult(Errors.OFFSET_NOT_AVAILABLE, -1, -1, -1)
        : NOTHING_FOUND;
  }

  private static Future<PartitionListOffsetsResult> refused(Errors error) {
    return Future.succeededFuture(new PartitionListOffsetsResult(error, -1, -1, -1));
  }

  private static Errors toError(Partition partition, Throwable failure) {
    if (failure instanceof StorageException) {
      LOG.warn("search in {}: {}", partition.name(), failure.getMessage());
      return Errors.KAFKA_STORAGE_ERROR;
    }
    LOG.error("search in {} failed unexpectedly", partition, failure);
    return Errors.UNKNOWN_SERVER_ERROR;
  }

  EpochEndReply epochEnd(EpochEnd ask) {
    return new EpochEndReply(ask.parts().stream().map(this::epochEnd).toList());
  }

  private PartitionEpochEndResult epochEnd(PartitionEpochEnd part) {
    Partition partition = hosted.find(part.topic(), part.partition());
    Refusal refusal =
        partition == null
            ? hosted.missing(part.topic(), part.partition(), null)
            : partition.refusal(null, part.currentLeaderEpoch());
    if (refusal != null) {
      return new PartitionEpochEndResult(refusal.error(), -1, -1);
    }
    LeaderEpochs.EpochEnd end =
        partition
            .log()
            .leaderEpochs()
            .endOffsetFor(part.leaderEpoch(), partition.log().logEndOffset());
    return new PartitionEpochEndResult(Errors.NONE, end.epoch(), end.endOffset());
  }
}
