package io.milena.api;

import io.milena.group.GroupClient;
import io.milena.group.model.GroupRefusals;
import io.milena.group.model.GroupRequest;
import io.milena.protocol.KafkaErrors;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.ToLongFunction;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the group APIs ask coordinators: one question for each group, answered in the order in which
 * they were asked, every trouble as a value in the answer. Stateless but for the client; shared.
 */
final class GroupAsks {
  /**
   * Most groups, topics or members that one request may name; more close the connection. Far above
   * what clients send, far below what a frame has room for.
   */
  static final int MAX_NAMED = 10_000;

  /**
   * Most partitions that one request about offsets may name, the same one many times or not: each
   * becomes a record or an answer on the loop of a coordinator.
   */
  static final int MAX_PARTITIONS = 100_000;

  private static final Logger LOG = LoggerFactory.getLogger(GroupAsks.class);

  private final GroupClient groups;

  GroupAsks(GroupClient groups) {
    this.groups = groups;
  }

  /** A question about one group, from who sent the request. */
  static GroupRequest question(ApiRequest request, String groupId, ApiMessage body) {
    return question(request, request.apiVersion(), groupId, body);
  }

  /** The same in the form of another version of the API. */
  static GroupRequest question(
      ApiRequest request, short apiVersion, String groupId, ApiMessage body) {
    return new GroupRequest(
        request.apiKey(),
        apiVersion,
        groupId,
        body,
        request.clientId() == null ? "" : request.clientId(),
        "/" + request.connection().clientAddress().getHostAddress());
  }

  /** Asks the coordinator of the group; never fails. */
  @SuppressWarnings("unchecked") // an API has one answer class, and each caller serves one API
  <T extends ApiMessage> Future<T> ask(GroupRequest question) {
    return (Future<T>)
        groups
            .ask(question)
            .otherwise(failure -> GroupRefusals.of(question, error(question, failure)));
  }

  /** Asks for each group by itself; the answers are in the order of the questions. */
  <T extends ApiMessage> Future<List<T>> askEach(List<GroupRequest> questions) {
    List<Future<T>> answers = new ArrayList<>(questions.size());
    for (GroupRequest question : questions) {
      answers.add(ask(question));
    }
    return answers.isEmpty()
        ? Future.succeededFuture(List.of())
        : Future.all(answers).map(all -> all.list());
  }

  /** Asks every coordinator of this broker; never fails. */
  @SuppressWarnings("unchecked") // as for ask: the answer class is that of the API
  <T extends ApiMessage> Future<List<T>> askAll(GroupRequest question) {
    return (Future<List<T>>)
        (Future<?>)
            groups
                .askAll(question)
                .otherwise(
                    failure -> List.of(GroupRefusals.of(question, error(question, failure))));
  }

  private static Errors error(GroupRequest question, Throwable failure) {
    if (KafkaErrors.expected(failure)) {
      return KafkaErrors.of(failure);
    }
    LOG.error("The coordinator of group {} did not answer", question.groupId(), failure);
    return Errors.COORDINATOR_NOT_AVAILABLE;
  }

  /**
   * Refuses a request that names too much.
   *
   * @throws InvalidRequestException which closes the connection
   */
  static void bound(String what, int count) {
    bound(what, count, MAX_NAMED);
  }

  /**
   * Refuses a request that names too many partitions in all.
   *
   * @throws InvalidRequestException which closes the connection
   */
  static <T> void boundPartitions(Collection<T> topics, ToLongFunction<T> partitions) {
    bound("partitions", topics.stream().mapToLong(partitions).sum(), MAX_PARTITIONS);
  }

  private static void bound(String what, long count, int most) {
    if (count > most) {
      throw new InvalidRequestException(
          count + " " + what + " in one request, at most " + most + " are served");
    }
  }
}
