package io.milena.api;

import io.milena.protocol.KafkaErrors;
import io.vertx.core.Future;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse;

/** What both APIs that change settings do once their resources are judged. */
final class ConfigWrites {
  private ConfigWrites() {}

  /**
   * Sends the accepted resources to the controller and adds its answers to those there already. A
   * controller that cannot be reached is an error of each accepted resource.
   */
  static Future<IncrementalAlterConfigsResponseData> send(
      ConfigWriter writer,
      IncrementalAlterConfigsRequestData accepted,
      IncrementalAlterConfigsResponseData answer) {
    if (accepted.resources().isEmpty()) {
      return Future.succeededFuture(answer);
    }
    return writer
        .write(accepted)
        .map(
            written -> {
              answer.responses().addAll(written.responses());
              return answer;
            })
        .otherwise(
            failure -> {
              for (AlterConfigsResource resource : accepted.resources()) {
                answer
                    .responses()
                    .add(
                        answer(resource)
                            .setErrorCode(KafkaErrors.of(failure).code())
                            .setErrorMessage(KafkaErrors.message(failure)));
              }
              return answer;
            });
  }

  /** The answer to a resource with which all is well. */
  static AlterConfigsResourceResponse answer(AlterConfigsResource resource) {
    return new AlterConfigsResourceResponse()
        .setResourceType(resource.resourceType())
        .setResourceName(resource.resourceName());
  }
}
