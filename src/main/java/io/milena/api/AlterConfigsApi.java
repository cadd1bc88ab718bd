package io.milena.api;

import io.milena.protocol.KafkaErrors;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.AlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.AlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.AlterConfigsResponseData;
import org.apache.kafka.common.message.AlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;

/**
 * AlterConfigs 0-2 (KIP-133): replaces all settings of topics, brokers and groups. Loggers are not
 * among them. The controller writes. Stateless, shared.
 */
public final class AlterConfigsApi implements ApiHandler {
  private final ConfigJudge judge;
  private final ConfigWriter writer;

  public AlterConfigsApi(ConfigContext context, ConfigWriter writer) {
    this.judge = new ConfigJudge(context);
    this.writer = writer;
  }

  @Override
  public short apiKey() {
    return SupportedApis.ALTER_CONFIGS;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    AlterConfigsRequestData data = request.decode(AlterConfigsRequestData::new);
    IncrementalAlterConfigsRequestData accepted =
        new IncrementalAlterConfigsRequestData().setValidateOnly(data.validateOnly());
    AlterConfigsResponseData answer = new AlterConfigsResponseData();
    for (AlterConfigsResource resource : data.resources()) {
      try {
        accepted
            .resources()
            .add(judge.whole(resource.resourceType(), resource.resourceName(), wanted(resource)));
      } catch (ApiException e) {
        answer
            .responses()
            .add(
                new AlterConfigsResourceResponse()
                    .setResourceType(resource.resourceType())
                    .setResourceName(resource.resourceName())
                    .setErrorCode(KafkaErrors.of(e).code())
                    .setErrorMessage(KafkaErrors.message(e)));
      }
    }
    return ConfigWrites.send(writer, accepted, new IncrementalAlterConfigsResponseData())
        .map(written -> merge(answer, written))
        .map(ApiResponse::of);
  }

  private static Map<String, String> wanted(AlterConfigsResource resource) {
    Map<String, String> wanted = new LinkedHashMap<>();
    for (AlterableConfig config : resource.configs()) {
      if (wanted.containsKey(config.name())) {
        throw new InvalidRequestException("Duplicate config key: " + config.name());
      }
      wanted.put(config.name(), config.value());
    }
    return wanted;
  }

  private static AlterConfigsResponseData merge(
      AlterConfigsResponseData answer, IncrementalAlterConfigsResponseData written) {
    written
        .responses()
        .forEach(
            one ->
                answer
                    .responses()
                    .add(
                        new AlterConfigsResourceResponse()
                            .setResourceType(one.resourceType())
                            .setResourceName(one.resourceName())
                            .setErrorCode(one.errorCode())
                            .setErrorMessage(one.errorMessage())));
    return answer;
  }
}
