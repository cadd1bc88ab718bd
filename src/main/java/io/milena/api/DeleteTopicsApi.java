package io.milena.api;

import io.milena.controller.ControllerClient;
import io.milena.protocol.KafkaErrors;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsResponseData.DeletableTopicResult;
import org.apache.kafka.common.protocol.Errors;

/** DeleteTopics 1–6, by name or (6) by id: forwarded to the controller. */
public final class DeleteTopicsApi implements ApiHandler {
  private static final short FIRST_WITH_STATES = 6;
  private static final short FIRST_WITH_DISABLED = 3;

  private final ControllerClient controller;
  private final boolean enabled;

  /**
   * @param enabled {@code delete.topic.enable}
   */
  public DeleteTopicsApi(ControllerClient controller, boolean enabled) {
    this.controller = controller;
    this.enabled = enabled;
  }

  @Override
  public short apiKey() {
    return SupportedApis.DELETE_TOPICS;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    DeleteTopicsRequestData data = request.decode(DeleteTopicsRequestData::new);
    List<DeleteTopicState> wanted = wanted(request.apiVersion(), data);
    List<DeletableTopicResult> refused = new ArrayList<>();
    if (!enabled) {
      Errors error =
          request.apiVersion() < FIRST_WITH_DISABLED
              ? Errors.INVALID_REQUEST
              : Errors.TOPIC_DELETION_DISABLED;
      wanted.forEach(topic -> refused.add(result(topic, error, error.message())));
      return answer(new DeleteTopicsResponseData(), refused);
    }
    List<DeleteTopicState> good = check(wanted, refused);
    if (good.isEmpty()) {
      return answer(new DeleteTopicsResponseData(), refused);
    }
    DeleteTopicsRequestData forward =
        new DeleteTopicsRequestData().setTopics(good).setTimeoutMs(data.timeoutMs());
    return controller
        .deleteTopics(forward, data.timeoutMs())
        .recover(failure -> Future.succeededFuture(failed(good, failure)))
        .compose(response -> answer(response, refused));
  }

  private static List<DeleteTopicState> wanted(short version, DeleteTopicsRequestData data) {
    if (version >= FIRST_WITH_STATES) {
      return data.topics();
    }
    return data.topicNames().stream().map(name -> new DeleteTopicState().setName(name)).toList();
  }

  private static List<DeleteTopicState> check(
      List<DeleteTopicState> wanted, List<DeletableTopicResult> refused) {
    Set<Object> seen = new HashSet<>();
    Set<Object> twice = new HashSet<>();
    wanted.stream().map(DeleteTopicsApi::key).filter(k -> !seen.add(k)).forEach(twice::add);
    List<DeleteTopicState> good = new ArrayList<>();
    Set<Object> refusedTwice = new HashSet<>();
    for (DeleteTopicState topic : wanted) {
      boolean named = topic.name() != null;
      boolean identified = !topic.topicId().equals(Uuid.ZERO_UUID);
      if (named == identified) {
        String problem =
            named
                ? "You may not specify both topic name and topic id."
                : "Neither topic name nor id was specified.";
        refused.add(result(topic, Errors.INVALID_REQUEST, problem));
      } else if (!twice.contains(key(topic))) {
        good.add(topic);
      } else if (refusedTwice.add(key(topic))) {
        refused.add(result(topic, Errors.INVALID_REQUEST, "Duplicate topic name or id."));
      }
    }
    return good;
  }

  private static Object key(DeleteTopicState topic) {
    return topic.name() != null ? topic.name() : topic.topicId();
  }

  private static DeletableTopicResult result(DeleteTopicState topic, Errors error, String message) {
    return new DeletableTopicResult()
        .setName(topic.name())
        .setTopicId(topic.topicId())
        .setErrorCode(error.code())
        .setErrorMessage(message);
  }

  private static DeleteTopicsResponseData failed(List<DeleteTopicState> topics, Throwable failure) {
    DeleteTopicsResponseData response = new DeleteTopicsResponseData();
    for (DeleteTopicState topic : topics) {
      response
          .responses()
          .add(result(topic, KafkaErrors.of(failure), KafkaErrors.message(failure)));
    }
    return response;
  }

  private static Future<ApiResponse> answer(
      DeleteTopicsResponseData response, List<DeletableTopicResult> refused) {
    refused.forEach(response.responses()::add);
    return Future.succeededFuture(ApiResponse.of(response));
  }
}
