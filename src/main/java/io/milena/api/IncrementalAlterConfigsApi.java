package io.milena.api;

import io.milena.protocol.KafkaErrors;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse;

/**
 * IncrementalAlterConfigs 0-1 (KIP-339): sets, deletes, appends to and subtracts from settings of
 * topics, brokers and groups, which the controller writes, and sets levels of this broker's
 * loggers. Stateless, shared.
 */
public final class IncrementalAlterConfigsApi implements ApiHandler {
  private final ConfigJudge judge;
  private final LoggerChanges loggers;
  private final ConfigWriter writer;

  public IncrementalAlterConfigsApi(ConfigContext context, ConfigWriter writer) {
    this.judge = new ConfigJudge(context);
    this.loggers = new LoggerChanges(context);
    this.writer = writer;
  }

  @Override
  public short apiKey() {
    return SupportedApis.INCREMENTAL_ALTER_CONFIGS;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    IncrementalAlterConfigsRequestData data =
        request.decode(IncrementalAlterConfigsRequestData::new);
    IncrementalAlterConfigsResponseData answer = new IncrementalAlterConfigsResponseData();
    IncrementalAlterConfigsRequestData accepted =
        new IncrementalAlterConfigsRequestData().setValidateOnly(data.validateOnly());
    Set<ConfigResource> seen = new HashSet<>();
    for (AlterConfigsResource resource : data.resources()) {
      take(resource, seen, accepted, answer);
    }
    return ConfigWrites.send(writer, accepted, answer).map(ApiResponse::of);
  }

  private void take(
      AlterConfigsResource resource,
      Set<ConfigResource> seen,
      IncrementalAlterConfigsRequestData accepted,
      IncrementalAlterConfigsResponseData answer) {
    try {
      ConfigResource.Type type = ConfigResource.Type.forId(resource.resourceType());
      if (!seen.add(new ConfigResource(type, resource.resourceName()))) {
        throw new InvalidRequestException("Each resource must appear at most once.");
      }
      if (type == ConfigResource.Type.BROKER_LOGGER) {
        loggers.apply(resource, accepted.validateOnly());
        answer.responses().add(ConfigWrites.answer(resource));
      } else {
        accepted.resources().add(judge.incremental(resource));
      }
    } catch (ApiException e) {
      AlterConfigsResourceResponse refusal = ConfigWrites.answer(resource);
      refusal.setErrorCode(KafkaErrors.of(e).code()).setErrorMessage(KafkaErrors.message(e));
      answer.responses().add(refusal);
    }
  }
}
