package io.milena.api;

import io.vertx.core.Future;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;

/**
 * The way to the controller for settings of topics, brokers and groups. Resources come judged, with
 * SET and DELETE only. Fails when no controller could be asked in time.
 */
@FunctionalInterface
public interface ConfigWriter {
  Future<IncrementalAlterConfigsResponseData> write(IncrementalAlterConfigsRequestData request);
}
