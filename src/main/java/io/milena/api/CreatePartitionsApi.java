package io.milena.api;

import io.milena.controller.ControllerClient;
import io.milena.protocol.KafkaErrors;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreatePartitionsResponseData.CreatePartitionsTopicResult;
import org.apache.kafka.common.protocol.Errors;

/** CreatePartitions 0–3: forwarded to the controller. */
public final class CreatePartitionsApi implements ApiHandler {
  private final ControllerClient controller;

  public CreatePartitionsApi(ControllerClient controller) {
    this.controller = controller;
  }

  @Override
  public short apiKey() {
    return SupportedApis.CREATE_PARTITIONS;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    CreatePartitionsRequestData data = request.decode(CreatePartitionsRequestData::new);
    Set<String> duplicates = removeDuplicates(data);
    List<String> names = data.topics().stream().map(CreatePartitionsTopic::name).toList();
    Future<CreatePartitionsResponseData> grown =
        names.isEmpty()
            ? Future.succeededFuture(new CreatePartitionsResponseData())
            : controller
                .createPartitions(data, data.timeoutMs())
                .recover(failure -> Future.succeededFuture(failed(names, failure)));
    return grown.map(
        response -> {
          for (String name : duplicates) {
            response
                .results()
                .add(
                    new CreatePartitionsTopicResult()
                        .setName(name)
                        .setErrorCode(Errors.INVALID_REQUEST.code())
                        .setErrorMessage("Duplicate topic name."));
          }
          return ApiResponse.of(response);
        });
  }

  private static Set<String> removeDuplicates(CreatePartitionsRequestData data) {
    Set<String> seen = new LinkedHashSet<>();
    Set<String> duplicates = new LinkedHashSet<>();
    for (CreatePartitionsTopic topic : data.topics()) {
      if (!seen.add(topic.name())) {
        duplicates.add(topic.name());
      }
    }
    if (!duplicates.isEmpty()) {
      data.topics().removeIf(topic -> duplicates.contains(topic.name()));
    }
    return duplicates;
  }

  private static CreatePartitionsResponseData failed(List<String> names, Throwable failure) {
    List<CreatePartitionsTopicResult> results = new ArrayList<>();
    for (String name : names) {
      results.add(
          new CreatePartitionsTopicResult()
              .setName(name)
              .setErrorCode(KafkaErrors.of(failure).code())
              .setErrorMessage(KafkaErrors.message(failure)));
    }
    return new CreatePartitionsResponseData().setResults(results);
  }
}
