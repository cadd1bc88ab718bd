package io.milena.api;

import io.milena.config.TopicConfigRules;
import io.milena.controller.ControllerClient;
import io.milena.protocol.KafkaErrors;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicConfigs;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.protocol.Errors;

/** CreateTopics 2–7: forwarded to the controller; settings in force are added to the answer. */
public final class CreateTopicsApi implements ApiHandler {
  private static final short FIRST_WITH_CONFIGS = 5;

  private final ControllerClient controller;
  private final TopicConfigRules rules;

  /**
   * @param rules list the settings in force of a new topic
   */
  public CreateTopicsApi(ControllerClient controller, TopicConfigRules rules) {
    this.controller = controller;
    this.rules = rules;
  }

  @Override
  public short apiKey() {
    return SupportedApis.CREATE_TOPICS;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    CreateTopicsRequestData data = request.decode(CreateTopicsRequestData::new);
    Set<String> duplicates = removeDuplicates(data);
    Map<String, Map<String, String>> configs = configs(data);
    List<String> names = new ArrayList<>(configs.keySet());
    Future<CreateTopicsResponseData> created =
        names.isEmpty()
            ? Future.succeededFuture(new CreateTopicsResponseData())
            : controller
                .createTopics(data, data.timeoutMs())
                .recover(failure -> Future.succeededFuture(failed(names, failure)));
    return created.map(
        response -> {
          if (request.apiVersion() >= FIRST_WITH_CONFIGS) {
            addConfigs(response, configs);
          }
          duplicates.forEach(name -> response.topics().add(duplicate(name)));
          return ApiResponse.of(response);
        });
  }

  private static Set<String> removeDuplicates(CreateTopicsRequestData data) {
    Set<String> seen = new LinkedHashSet<>();
    Set<String> duplicates = new LinkedHashSet<>();
    for (CreatableTopic topic : data.topics()) {
      if (!seen.add(topic.name())) {
        duplicates.add(topic.name());
      }
    }
    if (!duplicates.isEmpty()) {
      data.topics().removeIf(topic -> duplicates.contains(topic.name()));
    }
    return duplicates;
  }

  private static Map<String, Map<String, String>> configs(CreateTopicsRequestData data) {
    Map<String, Map<String, String>> byTopic = new LinkedHashMap<>();
    for (CreatableTopic topic : data.topics()) {
      Map<String, String> configs = new HashMap<>();
      topic.configs().forEach(c -> configs.put(c.name(), c.value()));
      byTopic.put(topic.name(), configs);
    }
    return byTopic;
  }

  private void addConfigs(
      CreateTopicsResponseData response, Map<String, Map<String, String>> configs) {
    for (CreatableTopicResult result : response.topics()) {
      if (result.errorCode() != Errors.NONE.code()) {
        continue;
      }
      List<CreatableTopicConfigs> listed = new ArrayList<>();
      for (TopicConfigRules.Setting s : rules.effective(configs.get(result.name()))) {
        listed.add(
            new CreatableTopicConfigs()
                .setName(s.name())
                .setValue(s.value())
                .setConfigSource(s.source())
                .setReadOnly(s.readOnly())
                .setIsSensitive(s.sensitive()));
      }
      result.setConfigs(listed);
    }
  }

  private static CreateTopicsResponseData failed(List<String> names, Throwable failure) {
    CreateTopicsResponseData response = new CreateTopicsResponseData();
    for (String name : names) {
      response
          .topics()
          .add(
              new CreatableTopicResult()
                  .setName(name)
                  .setErrorCode(KafkaErrors.of(failure).code())
                  .setErrorMessage(KafkaErrors.message(failure)));
    }
    return response;
  }

  private static CreatableTopicResult duplicate(String name) {
    return new CreatableTopicResult()
        .setName(name)
        .setErrorCode(Errors.INVALID_REQUEST.code())
        .setErrorMessage("Duplicate topic name.");
  }
}
