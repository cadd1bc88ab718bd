package io.milena.config;

import java.util.List;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;

/**
 * One known setting.
 *
 * @param key name, type, default, range, importance and documentation
 * @param use what Milena does with it
 * @param update where it may be changed while brokers run
 * @param synonyms of a topic setting: the broker settings that give its default, strongest first
 */
public record Setting(ConfigKey key, Use use, Update update, List<Synonym> synonyms) {
  public Setting {
    synonyms = List.copyOf(synonyms);
  }

  /** What a value of the setting does. */
  public enum Use {
    /** It is honoured. */
    HONOURED,
    /** It is known from Kafka and makes no difference here: one line in the log. */
    HARMLESS,
    /** It asks for safety or meaning that does not exist yet: setting it stops the start. */
    REFUSED
  }

  /** Where a running broker takes a new value from. */
  public enum Update {
    READ_ONLY,
    /** Per broker only. */
    PER_BROKER,
    /** Per broker or for the whole cluster. */
    CLUSTER_WIDE
  }

  /**
   * @param name of the broker setting
   * @param factor that turns its unit into that of the topic setting, e.g. hours to milliseconds
   */
  public record Synonym(String name, long factor) {
    /** {@code value} of the broker setting in the topic setting's unit; −1 stays −1. */
    public String convert(String value) {
      if (factor == 1) {
        return value;
      }
      long number = Long.parseLong(value.trim());
      return Long.toString(number < 0 ? number : Math.multiplyExact(number, factor));
    }
  }

  public String name() {
    return key.name;
  }
}
