package io.milena.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** {@link TopicConfigRules} by the setting tables and the layers of this broker. Thread-safe. */
public final class TopicRules implements TopicConfigRules {
  private final Supplier<BrokerLayers> layers;

  /**
   * @param layers where this broker's settings are given, read anew each time
   */
  public TopicRules(Supplier<BrokerLayers> layers) {
    this.layers = layers;
  }

  @Override
  public Optional<String> problem(Map<String, String> configs) {
    return TopicConfigs.problem(configs);
  }

  @Override
  public List<Setting> effective(Map<String, String> configs) {
    List<Setting> settings = new ArrayList<>();
    for (ConfigEntry entry : TopicConfigs.describe(configs, layers.get())) {
      settings.add(
          new Setting(
              entry.name(),
              entry.value(),
              entry.source().id(),
              entry.readOnly(),
              entry.sensitive()));
    }
    return settings;
  }
}
