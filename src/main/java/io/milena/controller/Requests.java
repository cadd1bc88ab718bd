package io.milena.controller;

import io.milena.bus.BusMessage;
import io.milena.bus.Envelope;
import io.milena.controller.ControllerMessages.NodeReport;
import io.milena.controller.model.Commands;
import io.vertx.core.Future;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.AllocateProducerIdsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * What the awake controller hears, sorted by kind. A question that comes twice (its answer was
 * lost) gets the answer of the first time. Owned by the controller's context.
 */
final class Requests {
  private static final short CREATE_TOPICS = 19;
  private static final short DELETE_TOPICS = 20;
  private static final short CREATE_PARTITIONS = 37;
  private static final short INCREMENTAL_ALTER_CONFIGS = 44;
  private static final short ALLOCATE_PRODUCER_IDS = 67;

  /** Remembered questions. */
  private static final int REMEMBERED = 1_000;

  private record Question(int senderId, long senderEpoch, long requestId) {}

  private final Office office;
  private final Reports reports;
  private final ProducerIdBlocks blocks;
  private final Map<Question, Future<BusMessage>> recent =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Question, Future<BusMessage>> eldest) {
          return size() > REMEMBERED;
        }
      };

  Requests(Office office, Reports reports, ProducerIdBlocks blocks) {
    this.office = office;
    this.reports = reports;
    this.blocks = blocks;
  }

  /** The answer; fails with Kafka's exceptions. */
  Future<BusMessage> handle(BusMessage message) {
    if (message.apiKey() == BusMessage.OWN_RECORD) {
      if (message.version() != ControllerMessages.NODE_REPORT) {
        return unknown(message);
      }
      NodeReport report = message.record(NodeReport.class);
      return Future.succeededFuture(message.answerRecord(office.epoch(), reports.heard(report)));
    }
    Envelope from = message.envelope();
    if (from.senderId() == office.writes().brokerId()) {
      // within the process nothing is lost, so nothing comes twice
      return command(message).map(body -> message.answer(office.epoch(), body));
    }
    Question question = new Question(from.senderId(), from.senderEpoch(), from.requestId());
    Future<BusMessage> known = recent.get(question);
    if (known != null) {
      return known;
    }
    Future<BusMessage> answer = command(message).map(body -> message.answer(office.epoch(), body));
    recent.put(question, answer);
    answer.onFailure(e -> recent.remove(question));
    return answer;
  }

  private Future<ApiMessage> command(BusMessage message) {
    return switch (message.apiKey()) {
      case CREATE_TOPICS -> {
        CreateTopicsRequestData data = message.message(CreateTopicsRequestData::new);
        yield office.run(token -> new Commands.CreateTopics(token, data));
      }
      case DELETE_TOPICS -> {
        DeleteTopicsRequestData data = message.message(DeleteTopicsRequestData::new);
        yield office.run(token -> new Commands.DeleteTopics(token, data));
      }
      case CREATE_PARTITIONS -> {
        CreatePartitionsRequestData data = message.message(CreatePartitionsRequestData::new);
        yield office.run(token -> new Commands.CreatePartitions(token, data));
      }
      case INCREMENTAL_ALTER_CONFIGS -> {
        IncrementalAlterConfigsRequestData data =
            message.message(IncrementalAlterConfigsRequestData::new);
        yield office.run(token -> new Commands.AlterConfigs(token, data));
      }
      case ALLOCATE_PRODUCER_IDS ->
          blocks.allocate(message.message(AllocateProducerIdsRequestData::new));
      default -> unknown(message);
    };
  }

  private static <T> Future<T> unknown(BusMessage message) {
    return Future.failedFuture(
        new InvalidRequestException(
            "The controller knows no message " + message.apiKey() + "/" + message.version()));
  }
}
