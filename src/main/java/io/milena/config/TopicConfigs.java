package io.milena.config;

import io.milena.config.ConfigEntry.SynonymValue;
import io.milena.config.Setting.Synonym;
import io.milena.config.Setting.Use;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.record.TimestampType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topic settings of Kafka 4.4: which there are, which values they take, and what is in force
 * for a topic given its own settings, the brokers' dynamic ones, the file's and the defaults.
 * Stateless; usable from any thread.
 */
public final class TopicConfigs {
  private static final Logger LOG = LoggerFactory.getLogger(TopicConfigs.class);
  private static final SettingTable TABLE = new SettingTable("topic-settings.tsv");

  /** Settings of Kafka 3.9 that 4.x dropped: kept where a topic has them, without effect. */
  private static final Set<String> DROPPED =
      Set.of(
          "message.format.version",
          "message.timestamp.difference.max.ms",
          "message.downconversion.enable");

  private TopicConfigs() {}

  /** All topic settings by name, in alphabetical order. */
  public static Map<String, Setting> settings() {
    return TABLE.settings();
  }

  /**
   * What is in force. A stored value that does not parse is skipped with a warning, as if it were
   * not there: no topic may keep a broker from starting.
   *
   * @param brokerDefaults broker settings of file and command line ({@link BrokerConfig#given()})
   * @param dynamicBrokerConfigs broker settings of {@code /config/brokers}, own over cluster-wide
   *     ({@link BrokerLayers#dynamic()})
   * @param topicOverrides settings of {@code /config/topics/T}
   */
  public static TopicConfig effective(
      Map<String, String> brokerDefaults,
      Map<String, String> dynamicBrokerConfigs,
      Map<String, String> topicOverrides) {
    return build(new Lookup(topicOverrides, List.of(dynamicBrokerConfigs, brokerDefaults)));
  }

  /** Values of one topic, by name, from the strongest place that has a valid one. */
  private record Lookup(Map<String, String> topic, List<Map<String, String>> layers) {
    Object get(String name) {
      String own = topic.get(name);
      Object value = own == null ? null : valid(name, own, name);
      for (int i = 0; value == null && i < layers.size(); i++) {
        value = fromLayer(name, layers.get(i));
      }
      return value != null ? value : TABLE.get(name).key().defaultValue;
    }

    private static Object fromLayer(String name, Map<String, String> layer) {
      if (layer.isEmpty()) {
        return null;
      }
      for (Synonym synonym : TABLE.get(name).synonyms()) {
        String given = layer.get(synonym.name());
        if (given != null) {
          try {
            return valid(name, synonym.convert(given), synonym.name());
          } catch (ArithmeticException | NumberFormatException e) {
            LOG.warn("Ignoring {}={}: {}", synonym.name(), given, e.getMessage());
          }
        }
      }
      return null;
    }

    private static Object valid(String name, String value, String givenAs) {
      try {
        return TABLE.parse(name, value);
      } catch (ConfigException e) {
        LOG.warn("Ignoring a stored value of {}: {}", givenAs, e.getMessage());
        return null;
      }
    }

    int integer(String name) {
      return (Integer) get(name);
    }

    long number(String name) {
      return (Long) get(name);
    }

    boolean flag(String name) {
      return (Boolean) get(name);
    }
  }

  private static TopicConfig build(Lookup in) {
    List<?> policies = (List<?>) in.get("cleanup.policy");
    return new TopicConfig(
        in.integer("segment.bytes"),
        in.number("segment.ms"),
        in.number("segment.jitter.ms"),
        in.integer("segment.index.bytes"),
        in.integer("index.interval.bytes"),
        in.number("retention.bytes"),
        in.number("retention.ms"),
        in.number("file.delete.delay.ms"),
        in.number("flush.messages"),
        in.number("flush.ms"),
        in.integer("max.message.bytes"),
        in.integer("max.decompressed.message.bytes"),
        in.integer("min.insync.replicas"),
        in.flag("unclean.leader.election.enable"),
        in.flag("preallocate"),
        policies.contains("compact"),
        policies.contains("delete"),
        (String) in.get("compression.type"),
        new TopicConfig.CompressionLevels(
            in.integer("compression.gzip.level"),
            in.integer("compression.lz4.level"),
            in.integer("compression.zstd.level")),
        TimestampType.forName((String) in.get("message.timestamp.type")),
        in.number("message.timestamp.before.max.ms"),
        in.number("message.timestamp.after.max.ms"),
        in.number("delete.retention.ms"),
        in.number("min.compaction.lag.ms"),
        in.number("max.compaction.lag.ms"),
        (Double) in.get("min.cleanable.dirty.ratio"));
  }

  /**
   * What is wrong with a topic's settings (CreateTopics, AlterConfigs), as a sentence for the
   * client (INVALID_CONFIG); empty when nothing is.
   *
   * @param overrides all settings that the topic would have; null values are refused
   */
  public static Optional<String> problem(Map<String, String> overrides) {
    List<String> nulls =
        overrides.entrySet().stream()
            .filter(e -> e.getValue() == null)
            .map(Map.Entry::getKey)
            .sorted()
            .toList();
    if (!nulls.isEmpty()) {
      return Optional.of("Null value not supported for topic configs: " + String.join(",", nulls));
    }
    Map<String, Object> parsed = new HashMap<>();
    for (Map.Entry<String, String> override : overrides.entrySet()) {
      String name = override.getKey();
      if (DROPPED.contains(name)) {
        continue;
      }
      if (TABLE.get(name) == null) {
        return Optional.of("Unknown topic config name: " + name);
      }
      try {
        parsed.put(name, TABLE.parse(name, override.getValue()));
      } catch (ConfigException e) {
        return Optional.of(e.getMessage());
      }
    }
    return contradiction(parsed);
  }

  private static Optional<String> contradiction(Map<String, Object> parsed) {
    if (Boolean.TRUE.equals(parsed.get("remote.storage.enable"))) {
      return Optional.of("remote.storage.enable cannot be true: there is no tiered storage.");
    }
    long minLagMs = (Long) parsed.getOrDefault("min.compaction.lag.ms", 0L);
    long maxLagMs = (Long) parsed.getOrDefault("max.compaction.lag.ms", Long.MAX_VALUE);
    if (minLagMs > maxLagMs) {
      return Optional.of(
          "min.compaction.lag.ms (%d) is above max.compaction.lag.ms (%d)"
              .formatted(minLagMs, maxLagMs));
    }
    return Optional.empty();
  }

  /**
   * All settings of a topic with their sources, in alphabetical order.
   *
   * @param topicOverrides settings of {@code /config/topics/T}
   * @param layers where this broker's settings are given
   */
  public static List<ConfigEntry> describe(
      Map<String, String> topicOverrides, BrokerLayers layers) {
    Lookup lookup = new Lookup(topicOverrides, List.of(layers.dynamic(), layers.fixed()));
    List<ConfigEntry> entries = new ArrayList<>(TABLE.settings().size());
    for (Setting setting : TABLE.settings().values()) {
      String value = ConfigDef.convertToString(lookup.get(setting.name()), setting.key().type);
      entries.add(ConfigEntry.open(setting, value, places(setting, topicOverrides, value, layers)));
    }
    return entries;
  }

  private static List<SynonymValue> places(
      Setting setting, Map<String, String> topicOverrides, String value, BrokerLayers layers) {
    List<SynonymValue> places = new ArrayList<>();
    if (topicOverrides.get(setting.name()) != null) {
      places.add(new SynonymValue(setting.name(), value, ConfigSource.TOPIC));
    }
    List<String> names = setting.synonyms().stream().map(Synonym::name).toList();
    places.addAll(layers.given(names));
    for (String name : names) {
      Setting broker = BrokerConfig.settings().get(name);
      if (broker != null && broker.key().defaultValue != null) {
        places.add(
            new SynonymValue(
                name,
                ConfigDef.convertToString(broker.key().defaultValue, broker.key().type),
                ConfigSource.DEFAULT));
      }
    }
    return places;
  }

  /** True when a value of the setting changes what the broker does. */
  public static boolean honoured(String name) {
    Setting setting = TABLE.get(name);
    return setting != null && setting.use() == Use.HONOURED;
  }
}
