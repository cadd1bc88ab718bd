package io.milena.controller;

import io.milena.base.Backoff;
import io.milena.base.Clock;
import io.milena.base.RandomSource;
import io.milena.bus.Addresses;
import io.milena.bus.Asking;
import io.milena.bus.BusException;
import io.milena.bus.BusMessage;
import io.milena.bus.Envelope;
import io.milena.bus.LocalCodec;
import io.milena.controller.ControllerMessages.NodeReport;
import io.milena.controller.ControllerMessages.NodeReportReply;
import io.milena.metadata.BrokerImage;
import io.milena.metadata.ClusterImage;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.message.AllocateProducerIdsRequestData;
import org.apache.kafka.common.message.AllocateProducerIdsResponseData;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/**
 * The client over the event bus: by reference when the controller is in this process (or none is
 * known yet), else in the envelope of R51. Without state of its own; usable from any event loop.
 */
final class BusControllerClient implements ControllerClient {
  private static final short CREATE_TOPICS_VERSION = 7;
  private static final short DELETE_TOPICS_VERSION = 6;
  private static final short CREATE_PARTITIONS_VERSION = 3;
  private static final short ALTER_CONFIGS_VERSION = 1;
  private static final short ALLOCATE_VERSION = 0;

  private static final long FIRST_PAUSE_MS = 20;
  private static final long LONGEST_PAUSE_MS = 500;
  private static final long REMOTE_ATTEMPT_MS = 2_000;

  /** Bounds of what clients may ask for. */
  private static final int LEAST_TIMEOUT_MS = 1_000;

  private static final int LONGEST_TIMEOUT_MS = 120_000;

  private final Vertx vertx;
  private final Supplier<ClusterImage> image;
  private final int ownId;
  private final Asking.Tools tools;
  private final Clock clock;
  private final RandomSource random;

  BusControllerClient(Vertx vertx, Supplier<ClusterImage> image, int ownId, Asking.Tools tools) {
    this.vertx = vertx;
    this.image = image;
    this.ownId = ownId;
    this.tools = tools;
    this.clock = tools.clock();
    this.random = tools.random();
  }

  @Override
  public Future<CreateTopicsResponseData> createTopics(
      CreateTopicsRequestData request, int timeoutMs) {
    return command(request, CREATE_TOPICS_VERSION, timeoutMs)
        .map(answer -> answer.message(CreateTopicsResponseData::new));
  }

  @Override
  public Future<DeleteTopicsResponseData> deleteTopics(
      DeleteTopicsRequestData request, int timeoutMs) {
    return command(request, DELETE_TOPICS_VERSION, timeoutMs)
        .map(answer -> answer.message(DeleteTopicsResponseData::new));
  }

  @Override
  public Future<CreatePartitionsResponseData> createPartitions(
      CreatePartitionsRequestData request, int timeoutMs) {
    return command(request, CREATE_PARTITIONS_VERSION, timeoutMs)
        .map(answer -> answer.message(CreatePartitionsResponseData::new));
  }

  @Override
  public Future<IncrementalAlterConfigsResponseData> alterConfigs(
      IncrementalAlterConfigsRequestData request, int timeoutMs) {
    return command(request, ALTER_CONFIGS_VERSION, timeoutMs)
        .map(answer -> answer.message(IncrementalAlterConfigsResponseData::new));
  }

  @Override
  public Future<AllocateProducerIdsResponseData> allocateProducerIds(
      long brokerEpoch, int timeoutMs) {
    AllocateProducerIdsRequestData request =
        new AllocateProducerIdsRequestData().setBrokerId(ownId).setBrokerEpoch(brokerEpoch);
    return command(request, ALLOCATE_VERSION, timeoutMs)
        .map(answer -> answer.message(AllocateProducerIdsResponseData::new));
  }

  @Override
  public Future<NodeReportReply> report(NodeReport report, int timeoutMs) {
    Function<Envelope, BusMessage> message =
        envelope -> BusMessage.ofRecord(envelope, ControllerMessages.NODE_REPORT, report);
    return once(message, random.nextLong(), clock.monotonicNs() + timeoutMs * 1_000_000L)
        .map(answer -> answer.record(NodeReportReply.class))
        .recover(e -> Future.failedFuture(error(e).exception(e.getMessage())));
  }

  private Future<BusMessage> command(ApiMessage request, short version, int timeoutMs) {
    int boundedMs = Math.max(LEAST_TIMEOUT_MS, Math.min(LONGEST_TIMEOUT_MS, timeoutMs));
    Call call =
        new Call(
            envelope -> BusMessage.of(envelope, request, version),
            random.nextLong(),
            clock.monotonicNs() + boundedMs * 1_000_000L,
            new Backoff(FIRST_PAUSE_MS, LONGEST_PAUSE_MS, random));
    Promise<BusMessage> answer = Promise.promise();
    attempt(call, answer);
    return answer.future();
  }

  /** The same request id in every attempt, so that the controller knows a repeated question. */
  private record Call(
      Function<Envelope, BusMessage> message, long requestId, long deadlineNs, Backoff backoff) {}

  private void attempt(Call call, Promise<BusMessage> answer) {
    once(call.message(), call.requestId(), call.deadlineNs())
        .onSuccess(answer::complete)
        .onFailure(
            e -> {
              Errors error = error(e);
              long leftMs = (call.deadlineNs() - clock.monotonicNs()) / 1_000_000L;
              boolean elsewhere =
                  error == Errors.NOT_CONTROLLER
                      || error == Errors.STALE_BROKER_EPOCH
                      || error == Errors.REQUEST_TIMED_OUT;
              if (elsewhere && leftMs > 0) {
                long pauseMs = Math.max(1, Math.min(call.backoff().nextMs(), leftMs));
                vertx.setTimer(pauseMs, t -> attempt(call, answer));
              } else if (elsewhere) {
                answer.fail(new TimeoutException("The controller did not answer in time."));
              } else {
                answer.fail(error.exception(e.getMessage()));
              }
            });
  }

  private Future<BusMessage> once(
      Function<Envelope, BusMessage> message, long requestId, long deadlineNs) {
    ClusterImage now = image.get();
    BrokerImage own = now.brokers().get(ownId);
    BrokerImage controller = now.brokers().get(now.controllerId());
    long ownEpoch = own == null ? -1 : own.epoch();
    long leftMs = Math.max(1, (deadlineNs - clock.monotonicNs()) / 1_000_000L);
    if (controller == null || controller.id() == ownId) {
      Envelope envelope =
          new Envelope(now.clusterId(), ownId, ownEpoch, ownId, ownEpoch, -1, requestId);
      long askedNs = clock.monotonicNs();
      return vertx
          .eventBus()
          .<BusMessage>request(
              Addresses.localController(), message.apply(envelope), LocalCodec.options(leftMs))
          .onSuccess(reply -> tools.meters().answered(ownId, clock.monotonicNs() - askedNs))
          .map(reply -> reply.body());
    }
    Envelope envelope =
        new Envelope(
            now.clusterId(),
            ownId,
            ownEpoch,
            controller.id(),
            controller.epoch(),
            now.controllerEpoch(),
            requestId);
    long untilNs = Math.min(deadlineNs, clock.monotonicNs() + REMOTE_ATTEMPT_MS * 1_000_000L);
    return new Asking(vertx, tools)
        .ask(
            Addresses.controller(controller.id(), controller.epoch()),
            message.apply(envelope),
            REMOTE_ATTEMPT_MS,
            untilNs);
  }

  private static Errors error(Throwable e) {
    if (e instanceof BusException bus) {
      return bus.error();
    }
    if (e instanceof ReplyException reply) {
      return reply.failureType() == ReplyFailure.RECIPIENT_FAILURE
          ? Errors.forCode((short) reply.failureCode())
          : Errors.REQUEST_TIMED_OUT;
    }
    return Errors.UNKNOWN_SERVER_ERROR;
  }
}
