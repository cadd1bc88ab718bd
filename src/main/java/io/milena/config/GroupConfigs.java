package io.milena.config;

import io.milena.config.ConfigEntry.SynonymValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The settings that a single group may have: those of the consumer protocol, each with a broker
 * setting that gives its default and two that bound it. Kafka's settings of share and streams
 * groups are refused: those groups do not exist, and unlike topics no group comes from a Kafka 3.9
 * broker with settings that had to be kept. Stateless; usable from any thread.
 */
public final class GroupConfigs {
  public static final String ASSIGNMENT_INTERVAL_MS = "consumer.assignment.interval.ms";
  public static final String HEARTBEAT_INTERVAL_MS = "consumer.heartbeat.interval.ms";
  public static final String SESSION_TIMEOUT_MS = "consumer.session.timeout.ms";

  private static final Logger LOG = LoggerFactory.getLogger(GroupConfigs.class);
  private static final SettingTable TABLE = new SettingTable("group-settings.tsv");
  private static final String BROKER_PREFIX = "group.consumer.";
  private static final String LEAST_PREFIX = "group.consumer.min.";
  private static final String MOST_PREFIX = "group.consumer.max.";

  /** Beginnings of the names that Kafka has for groups of kinds that do not exist here. */
  private static final Map<String, String> OTHER_KINDS =
      Map.of(
          "share.", "share groups",
          "errors.deadletterqueue.", "share groups",
          "streams.", "streams groups");

  private GroupConfigs() {}

  /** All settings of groups by name, in alphabetical order. */
  public static Map<String, Setting> settings() {
    return TABLE.settings();
  }

  /**
   * What is wrong with a change, as a sentence for the client (INVALID_CONFIG); empty when nothing
   * is. A value that stays is not judged by its bounds: they may have moved since, and then {@link
   * #effective} keeps it within them.
   *
   * @param now settings that the group has
   * @param after settings that it would have
   * @param layers where this broker's settings are given
   */
  public static Optional<String> problem(
      Map<String, String> now, Map<String, String> after, BrokerLayers layers) {
    for (Map.Entry<String, String> entry : new TreeMap<>(after).entrySet()) {
      if (!Objects.equals(now.get(entry.getKey()), entry.getValue())) {
        Optional<String> problem = problem(entry.getKey(), entry.getValue(), layers);
        if (problem.isPresent()) {
          return problem;
        }
      }
    }
    boolean paced =
        after.containsKey(SESSION_TIMEOUT_MS) || after.containsKey(HEARTBEAT_INTERVAL_MS);
    int sessionMs = effective(SESSION_TIMEOUT_MS, after, layers);
    int heartbeatMs = effective(HEARTBEAT_INTERVAL_MS, after, layers);
    return paced && heartbeatMs >= sessionMs
        ? Optional.of(
            "%s (%d) is not below %s (%d)."
                .formatted(HEARTBEAT_INTERVAL_MS, heartbeatMs, SESSION_TIMEOUT_MS, sessionMs))
        : Optional.empty();
  }

  private static Optional<String> problem(String name, String value, BrokerLayers layers) {
    if (TABLE.get(name) == null) {
      return Optional.of(unknown(name));
    }
    try {
      int number = (Integer) TABLE.parse(name, value);
      Bounds bounds = Bounds.of(name, layers);
      if (number < bounds.least()) {
        return Optional.of(
            "%s (%d) is below %s (%d)."
                .formatted(name, number, bound(LEAST_PREFIX, name), bounds.least()));
      }
      if (number > bounds.most()) {
        return Optional.of(
            "%s (%d) is above %s (%d)."
                .formatted(name, number, bound(MOST_PREFIX, name), bounds.most()));
      }
      return Optional.empty();
    } catch (ConfigException e) {
      return Optional.of(e.getMessage());
    }
  }

  private static String unknown(String name) {
    for (Map.Entry<String, String> kind : OTHER_KINDS.entrySet()) {
      if (name.startsWith(kind.getKey())) {
        return "Group config " + name + " is of " + kind.getValue() + ", which do not exist yet.";
      }
    }
    return "Unknown group config name: " + name;
  }

  /** The broker's bounds of a setting. */
  private record Bounds(int least, int most) {
    static Bounds of(String name, BrokerLayers layers) {
      return new Bounds(
          ofBroker(bound(LEAST_PREFIX, name), layers), ofBroker(bound(MOST_PREFIX, name), layers));
    }

    int clamp(int value) {
      return Math.max(least, Math.min(most, value));
    }
  }

  private static String bound(String prefix, String name) {
    return prefix + brokerName(name).substring(BROKER_PREFIX.length());
  }

  private static String brokerName(String name) {
    return TABLE.get(name).synonyms().get(0).name();
  }

  /**
   * What is in force for a group: its own value, brought within the broker's bounds should they
   * have moved since it was set, else the broker's. A stored value that does not parse is skipped
   * with a warning.
   *
   * @param own settings of the group
   * @param layers where this broker's settings are given
   */
  public static int effective(String name, Map<String, String> own, BrokerLayers layers) {
    Integer value = ofGroup(name, own);
    return value == null
        ? ofBroker(brokerName(name), layers)
        : Bounds.of(name, layers).clamp(value);
  }

  private static Integer ofGroup(String name, Map<String, String> own) {
    String value = own.get(name);
    try {
      return value == null ? null : (Integer) TABLE.parse(name, value);
    } catch (ConfigException e) {
      LOG.warn("Ignoring a stored value of a group: {}", e.getMessage());
      return null;
    }
  }

  private static int ofBroker(String name, BrokerLayers layers) {
    for (SynonymValue given : layers.given(List.of(name))) {
      try {
        return BrokerConfig.parseNumber(name, given.value()).intValue();
      } catch (ConfigException e) {
        LOG.warn("Ignoring a stored value of {}: {}", name, e.getMessage());
      }
    }
    return (Integer) BrokerConfig.settings().get(name).key().defaultValue;
  }

  /**
   * All settings of a group with their sources, in alphabetical order, its own ones as they were
   * set.
   *
   * @param own settings of the group
   * @param layers where this broker's settings are given
   */
  public static List<ConfigEntry> describe(Map<String, String> own, BrokerLayers layers) {
    List<ConfigEntry> entries = new ArrayList<>(TABLE.settings().size());
    for (Setting setting : TABLE.settings().values()) {
      List<SynonymValue> places = places(setting, own, layers);
      entries.add(ConfigEntry.open(setting, places.get(0).value(), places));
    }
    return entries;
  }

  /** Never empty: the last one is the default. */
  private static List<SynonymValue> places(
      Setting setting, Map<String, String> own, BrokerLayers layers) {
    List<SynonymValue> places = new ArrayList<>();
    Integer value = ofGroup(setting.name(), own);
    if (value != null) {
      places.add(new SynonymValue(setting.name(), value.toString(), ConfigSource.GROUP));
    }
    String broker = brokerName(setting.name());
    places.addAll(layers.given(List.of(broker)));
    ConfigDef.ConfigKey key = BrokerConfig.settings().get(broker).key();
    places.add(
        new SynonymValue(
            broker, ConfigDef.convertToString(key.defaultValue, key.type), ConfigSource.DEFAULT));
    return places;
  }
}
