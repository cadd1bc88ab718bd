package io.milena.config;

import io.milena.config.ConfigEntry.SynonymValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The places where a broker's settings are given, strongest first: what {@code /config/brokers/N}
 * says of this broker, what it says of all, and the file with the command line. Immutable.
 *
 * @param dynamicBroker settings of this broker
 * @param dynamicDefault settings of all brokers of the cluster
 * @param fixed settings of file and command line, as given
 */
public record BrokerLayers(
    Map<String, String> dynamicBroker,
    Map<String, String> dynamicDefault,
    Map<String, String> fixed) {
  /** Key under which cluster-wide settings stand in an image's map of broker settings. */
  public static final int CLUSTER_WIDE = -1;

  public BrokerLayers {
    dynamicBroker = Map.copyOf(dynamicBroker);
    dynamicDefault = Map.copyOf(dynamicDefault);
    fixed = Map.copyOf(fixed);
  }

  /** The layers of broker {@code brokerId} under an image's settings of all brokers. */
  public static BrokerLayers of(
      int brokerId, Map<Integer, Map<String, String>> brokerConfigs, Map<String, String> fixed) {
    return new BrokerLayers(
        brokerConfigs.getOrDefault(brokerId, Map.of()),
        brokerConfigs.getOrDefault(CLUSTER_WIDE, Map.of()),
        fixed);
  }

  /** Both dynamic layers as one map, this broker's values over those of all. */
  public Map<String, String> dynamic() {
    if (dynamicBroker.isEmpty()) {
      return dynamicDefault;
    }
    Map<String, String> merged = new HashMap<>(dynamicDefault);
    merged.putAll(dynamicBroker);
    return merged;
  }

  /** Every given value of the settings {@code names}, strongest first, without defaults. */
  List<SynonymValue> given(List<String> names) {
    List<SynonymValue> found = new ArrayList<>();
    collect(names, dynamicBroker, ConfigSource.DYNAMIC_BROKER, found);
    collect(names, dynamicDefault, ConfigSource.DYNAMIC_DEFAULT_BROKER, found);
    collect(names, fixed, ConfigSource.STATIC_BROKER, found);
    return found;
  }

  private static void collect(
      List<String> names, Map<String, String> layer, ConfigSource source, List<SynonymValue> to) {
    for (String name : names) {
      String value = layer.get(name);
      if (value != null) {
        to.add(new SynonymValue(name, value, source));
      }
    }
  }
}
