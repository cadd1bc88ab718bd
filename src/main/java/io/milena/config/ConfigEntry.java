package io.milena.config;

import java.util.List;
import org.apache.kafka.common.config.ConfigDef.Type;

/**
 * One line of a DescribeConfigs answer.
 *
 * @param name of the setting
 * @param value in force, or null when there is none or it is a secret
 * @param source of the value
 * @param type of the value; null when unknown
 * @param sensitive true for secrets, whose value is never told
 * @param readOnly true when no request can change it
 * @param documentation one sentence, or null
 * @param synonyms every place that gives a value, the one in force first
 */
public record ConfigEntry(
    String name,
    String value,
    ConfigSource source,
    Type type,
    boolean sensitive,
    boolean readOnly,
    String documentation,
    List<SynonymValue> synonyms) {
  public ConfigEntry {
    synonyms = List.copyOf(synonyms);
  }

  /** A line of a setting that anybody may see and change; without a place it has its default. */
  static ConfigEntry open(Setting setting, String value, List<SynonymValue> places) {
    return new ConfigEntry(
        setting.name(),
        value,
        places.isEmpty() ? ConfigSource.DEFAULT : places.get(0).source(),
        setting.key().type,
        false,
        false,
        setting.key().documentation,
        places);
  }

  /** One place that gives a value; {@code value} is null for secrets. */
  public record SynonymValue(String name, String value, ConfigSource source) {}
}
