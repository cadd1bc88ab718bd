package io.milena.api;

import io.milena.config.TopicConfig;
import io.milena.log.batch.BatchHeader;
import io.milena.log.batch.BatchValidator;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.TopicImage;
import io.milena.partition.PartitionMessages.Append;
import io.milena.partition.PartitionMessages.AppendReply;
import io.milena.partition.PartitionMessages.Origin;
import io.milena.partition.PartitionMessages.PartitionAppend;
import io.milena.partition.PartitionMessages.PartitionAppendResult;
import io.milena.protocol.KafkaErrors;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.message.ProduceResponseData.TopicProduceResponse;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Produce request on its way: look at each partition, validate, hand on in the connection's
 * order, answer. Owned by the event loop of its connection.
 */
final class ProduceJob {
  private static final Logger LOG = LoggerFactory.getLogger(ProduceJob.class);
  private static final short ALL = -1;
  private static final String NO_TRANSACTIONS = "This broker does not support transactions yet";

  private final ProduceApi.Tools tools;
  private final ClusterImage image;
  private final ApiRequest request;
  private final ProduceRequestReader.Request produce;
  private final ProduceAnswers answers;
  private final long deadlineNs;
  private final long nowMs;

  /** Partitions that passed the first look, in the order of the request. */
  private final List<ProducePart> parts = new ArrayList<>();

  private List<ProducePart> costly = List.of();

  ProduceJob(
      ProduceApi.Tools tools,
      ClusterImage image,
      ApiRequest request,
      ProduceRequestReader.Request produce) {
    this.tools = tools;
    this.image = image;
    this.request = request;
    this.produce = produce;
    this.answers = new ProduceAnswers(request, image);
    this.deadlineNs =
        tools.clock().monotonicNs()
            + TimeUnit.MILLISECONDS.toNanos(Math.max(0, produce.timeoutMs()));
    this.nowMs = tools.clock().wallMs();
  }

  /**
   * Starts. When it returns, the records are with their shards, or the request has its place in the
   * connection's order.
   */
  Future<ApiResponse> run() {
    look();
    for (ProducePart part : parts) {
      validateIfCheap(part);
    }
    StageOne order = request.connection().stageOne();
    if (costly.isEmpty() && !order.busy()) {
      return append();
    }
    Promise<ApiResponse> done = Promise.promise();
    Future<Void> turn = order.enter();
    validateCostly()
        .compose(validated -> turn)
        .onSuccess(
            mine -> {
              try {
                append().onComplete(done);
              } catch (RuntimeException | OutOfMemoryError e) {
                done.fail(e);
              } finally {
                order.leave();
              }
            });
    return done.future();
  }

  // ---- first look ---------------------------------------------------------------------------

  private void look() {
    Errors whole = refusalOfAll();
    for (ProduceRequestReader.Topic topic : produce.topics()) {
      TopicProduceResponse told = answers.addTopic(topic);
      TopicImage known = topic.name() != null ? image.topic(topic.name()) : image.topic(topic.id());
      Errors refusal = whole != Errors.NONE ? whole : refusalOf(topic, known);
      TopicConfig config = refusal == Errors.NONE ? tools.configs().config(image, known) : null;
      for (ProduceRequestReader.Partition place : topic.partitions()) {
        PartitionProduceResponse answer = answers.addPartition(told, place.index());
        if (refusal != Errors.NONE) {
          answers.refuse(
              answer, refusal, whole == Errors.INVALID_TXN_STATE ? NO_TRANSACTIONS : null);
        } else if (known.partition(place.index()) == null) {
          answers.refuse(answer, Errors.UNKNOWN_TOPIC_OR_PARTITION, null);
        } else {
          Uuid id = topic.name() == null ? topic.id() : null;
          parts.add(
              new ProducePart(
                  known,
                  id,
                  config,
                  tools.meters().of(known.name()),
                  request.body(),
                  place,
                  answer));
        }
      }
    }
  }

  private Errors refusalOfAll() {
    if (produce.acks() < ALL || produce.acks() > 1) {
      return Errors.INVALID_REQUIRED_ACKS;
    }
    return produce.transactionalId() == null ? Errors.NONE : Errors.INVALID_TXN_STATE;
  }

  private static Errors refusalOf(ProduceRequestReader.Topic topic, TopicImage known) {
    if (known == null) {
      return topic.name() == null ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION;
    }
    return Topic.isInternal(known.name()) ? Errors.INVALID_TOPIC_EXCEPTION : Errors.NONE;
  }

  // ---- validation ---------------------------------------------------------------------------

  private void validateIfCheap(ProducePart part) {
    part.counts.totalProduceRequests.increment();
    ByteBuffer bytes = part.bytes();
    if (BatchValidator.isCheap(bytes, part.config)) {
      part.verdict(
          tools.validator().validate(bytes, rules(part, BatchValidator.LOOP_WORK_LIMIT_BYTES)));
      if (!(part.verdict() instanceof BatchValidator.TooCostly)) {
        return;
      }
    }
    if (costly.isEmpty()) {
      costly = new ArrayList<>();
    }
    costly.add(part);
  }

  private BatchValidator.Request rules(ProducePart part, int workLimitBytes) {
    return new BatchValidator.Request(
        part.config, request.apiVersion(), nowMs, true, workLimitBytes);
  }

  /** Never fails: what goes wrong with a partition is its verdict. */
  private Future<Void> validateCostly() {
    if (costly.isEmpty()) {
      return Future.succeededFuture();
    }
    return onCpu(
            () -> {
              for (ProducePart part : costly) {
                part.verdict(
                    tools.validator().validate(part.bytes(), rules(part, Integer.MAX_VALUE)));
              }
              return null;
            })
        .otherwise(
            failure -> {
              LOG.error("Validation on a worker failed", failure);
              for (ProducePart part : costly) {
                part.verdict(
                    new BatchValidator.Refused(
                        KafkaErrors.of(failure), KafkaErrors.message(failure), List.of()));
              }
              return null;
            });
  }

  private Future<Void> onCpu(Callable<Void> work) {
    try {
      return tools.cpu().run(work);
    } catch (RuntimeException closed) {
      return Future.failedFuture(closed);
    }
  }

  // ---- append -------------------------------------------------------------------------------

  private Future<ApiResponse> append() {
    List<PartitionAppend> appends = new ArrayList<>(parts.size());
    List<ProducePart> appended = new ArrayList<>(parts.size());
    try {
      collect(appends, appended);
    } catch (RuntimeException | OutOfMemoryError e) {
      appends.forEach(append -> append.records().release());
      throw e;
    }
    if (appends.isEmpty()) {
      return Future.succeededFuture(answer());
    }
    return ByShard.<PartitionAppend, PartitionAppendResult>gather(
            ByShard.split(
                appends,
                tools.partitions().shards(),
                p -> tools.partitions().shardOf(p.topic(), p.partition())),
            (shard, own) ->
                tools
                    .partitions()
                    .append(shard, new Append(own, produce.acks(), deadlineNs, Origin.CLIENT))
                    .map(AppendReply::results),
            (part, error) -> new PartitionAppendResult(error, -1, -1, null, -1, -1))
        .map(
            results -> {
              for (int i = 0; i < results.size(); i++) {
                take(appended.get(i), results.get(i));
              }
              return answer();
            });
  }

  /** Splits the partitions into those that are refused and those that are appended. */
  private void collect(List<PartitionAppend> appends, List<ProducePart> appended) {
    for (ProducePart part : parts) {
      if (part.verdict() instanceof BatchValidator.Refused refused) {
        refuse(part, refused);
      } else if (part.batches().get(0).isTransactional()) {
        answers.refuse(part.answer, Errors.INVALID_TXN_STATE, NO_TRANSACTIONS);
        part.counts.failedProduceRequests.increment();
      } else {
        appended.add(part);
        appends.add(
            new PartitionAppend(
                part.topic.name(),
                part.partition(),
                part.topicId,
                part.handOver(),
                part.batches()));
      }
    }
  }

  private void refuse(ProducePart part, BatchValidator.Refused refused) {
    answers.refuse(part.answer, refused);
    part.counts.failedProduceRequests.increment();
    if (refused.error() == Errors.MESSAGE_TOO_LARGE
        || refused.error() == Errors.RECORD_LIST_TOO_LARGE) {
      part.counts.bytesRejected.add(part.sizeBytes());
    }
  }

  private void take(ProducePart part, PartitionAppendResult result) {
    List<BatchHeader> batches = part.batches();
    answers.take(part, result, batches.get(0));
    if (result.error() != Errors.NONE) {
      part.counts.failedProduceRequests.increment();
      return;
    }
    for (BatchHeader batch : batches) {
      part.counts.bytesIn.add(batch.sizeBytes());
      part.counts.messagesIn.add(batch.recordCount());
    }
  }

  private ApiResponse answer() {
    ProduceResponseData response = answers.finish();
    if (produce.acks() != 0) {
      return ApiResponse.of(response);
    }
    if (!answers.failed()) {
      return ApiResponse.none();
    }
    LOG.info(
        "Closing connection {}: a Produce request of {} with acks=0 failed: {}",
        request.connection().id(),
        request.clientId(),
        answers.summary());
    return ApiResponse.close();
  }
}
