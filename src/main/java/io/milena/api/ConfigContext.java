package io.milena.api;

import io.milena.config.BrokerLayers;
import io.milena.metadata.ClusterImage;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What the APIs of settings know of their surroundings. Thread-safe.
 *
 * @param brokerId of this broker
 * @param image the newest cluster image
 * @param given settings of file and command line
 * @param loggers levels of this broker's loggers
 */
public record ConfigContext(
    int brokerId, Supplier<ClusterImage> image, Map<String, String> given, LoggerLevels loggers) {
  public ConfigContext {
    given = Map.copyOf(given);
  }

  /** Where this broker's settings are given. */
  BrokerLayers layers() {
    return BrokerLayers.of(brokerId, image.get().brokerConfigs(), given);
  }
}
