package io.milena.partition.shard;

import io.milena.log.producer.ProducerState;
import io.milena.partition.PartitionMessages.ActiveProducer;
import io.milena.partition.PartitionMessages.DeleteRecords;
import io.milena.partition.PartitionMessages.DeleteRecordsReply;
import io.milena.partition.PartitionMessages.DescribeLogs;
import io.milena.partition.PartitionMessages.DescribeLogsReply;
import io.milena.partition.PartitionMessages.DescribeProducers;
import io.milena.partition.PartitionMessages.DescribeProducersReply;
import io.milena.partition.PartitionMessages.LogDescription;
import io.milena.partition.PartitionMessages.LogMeasures;
import io.milena.partition.PartitionMessages.MeasureReply;
import io.milena.partition.PartitionMessages.PartitionDeleteRecords;
import io.milena.partition.PartitionMessages.PartitionDeleteRecordsResult;
import io.milena.partition.PartitionMessages.PartitionName;
import io.milena.partition.PartitionMessages.PartitionProducers;
import io.milena.storage.PartitionLog;
import io.milena.storage.file.StorageException;
import io.vertx.core.Future;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What administrators ask of partitions: DeleteRecords, DescribeProducers, DescribeLogDirs. */
final class AdminAnswers {
  private static final Logger LOG = LoggerFactory.getLogger(AdminAnswers.class);
  private static final long HIGH_WATERMARK = -1;

  private final Hosted hosted;
  private final GrowthWaits growthWaits;

  AdminAnswers(Hosted hosted, GrowthWaits growthWaits) {
    this.hosted = hosted;
    this.growthWaits = growthWaits;
  }

  Future<DeleteRecordsReply> deleteRecords(DeleteRecords ask) {
    List<Future<PartitionDeleteRecordsResult>> done = new ArrayList<>(ask.parts().size());
    for (PartitionDeleteRecords part : ask.parts()) {
      done.add(deleteRecords(part));
    }
    return Future.all(done).map(all -> new DeleteRecordsReply(all.list()));
  }

  private Future<PartitionDeleteRecordsResult> deleteRecords(PartitionDeleteRecords part) {
    Partition partition = hosted.find(part.topic(), part.partition());
    if (partition == null) {
      return refused(hosted.missing(part.topic(), part.partition(), null).error());
    }
    Refusal refusal = partition.refusal(null, Errors.UNKNOWN_TOPIC_ID);
    if (refusal != null) {
      return refused(refusal.error());
    }
    if (!partition.config().delete()) {
      return refused(Errors.POLICY_VIOLATION);
    }
    long offset = part.offset() == HIGH_WATERMARK ? partition.highWatermark() : part.offset();
    if (offset < 0 || offset > partition.highWatermark()) {
      return refused(Errors.OFFSET_OUT_OF_RANGE);
    }
    PartitionLog log = partition.log();
    if (!log.writable()) {
      return refused(Errors.KAFKA_STORAGE_ERROR);
    }
    return log.advanceLogStart(offset)
        .map(
            moved -> {
              growthWaits.wake(partition);
              return new PartitionDeleteRecordsResult(Errors.NONE, log.logStartOffset());
            })
        .recover(failure -> refused(toError(partition, failure)));
  }

  private static Future<PartitionDeleteRecordsResult> refused(Errors error) {
    return Future.succeededFuture(new PartitionDeleteRecordsResult(error, -1));
  }

  private static Errors toError(Partition partition, Throwable failure) {
    if (failure instanceof StorageException || failure instanceof IOException) {
      LOG.warn("deletion of records of {}: {}", partition.name(), failure.toString());
      return Errors.KAFKA_STORAGE_ERROR;
    }
    LOG.error("deletion of records of {} failed unexpectedly", partition, failure);
    return Errors.UNKNOWN_SERVER_ERROR;
  }

  DescribeProducersReply describeProducers(DescribeProducers ask) {
    return new DescribeProducersReply(ask.parts().stream().map(this::producers).toList());
  }

  private PartitionProducers producers(PartitionName part) {
    Partition partition = hosted.find(part.topic(), part.partition());
    if (partition == null) {
      Refusal missing = hosted.missing(part.topic(), part.partition(), null);
      return new PartitionProducers(missing.error(), List.of());
    }
    return new PartitionProducers(
        Errors.NONE,
        partition.log().producers().active().stream().map(AdminAnswers::toMessage).toList());
  }

  private static ActiveProducer toMessage(ProducerState state) {
    return new ActiveProducer(
        state.producerId(),
        state.epoch(),
        state.lastSequence(),
        state.lastTimestampMs(),
        state.coordinatorEpoch(),
        state.txnFirstOffset());
  }

  DescribeLogsReply describeLogs(DescribeLogs ask) {
    List<Partition> partitions =
        ask.parts().isEmpty()
            ? hosted.all()
            : ask.parts().stream()
                .map(part -> hosted.find(part.topic(), part.partition()))
                .filter(Objects::nonNull)
                .toList();
    return new DescribeLogsReply(partitions.stream().map(AdminAnswers::toMessage).toList());
  }

  MeasureReply measure(StagedBudget budget) {
    int offline = hosted.offline();
    List<LogMeasures> logs = new ArrayList<>();
    for (Partition partition : hosted.all()) {
      PartitionLog log = partition.log();
      offline += log.directory().online() ? 0 : 1;
      logs.add(
          new LogMeasures(
              partition.name().topic(),
              partition.name().partition(),
              log.sizeBytes(),
              log.logStartOffset(),
              log.logEndOffset(),
              log.segments(),
              partition.highWatermark() - partition.lastStableOffset()));
    }
    return new MeasureReply(budget.stagedBytes(), budget.waiting(), offline, logs);
  }

  private static LogDescription toMessage(Partition partition) {
    PartitionLog log = partition.log();
    return new LogDescription(
        partition.name().topic(),
        partition.name().partition(),
        log.directory().path().toString(),
        log.sizeBytes(),
        log.logStartOffset(),
        log.logEndOffset(),
        partition.highWatermark(),
        partition.leader() != null);
  }
}
