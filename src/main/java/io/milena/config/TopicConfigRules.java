package io.milena.config;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the setting tables know about topic-level settings, for those who must judge or list them
 * without seeing the tables: the controller and CreateTopics. Pure and usable from any thread.
 */
public interface TopicConfigRules {
  /**
   * Why these topic-level settings cannot be taken.
   *
   * @param configs names and values as a client gave them
   * @return one sentence for the client, empty when all is well
   */
  Optional<String> problem(Map<String, String> configs);

  /**
   * All topic settings in force for a topic with these topic-level values, as CreateTopics v5+ and
   * DescribeConfigs list them.
   */
  List<Setting> effective(Map<String, String> configs);

  /**
   * @param name of the setting
   * @param value in force, null when sensitive
   * @param source Kafka's {@code ConfigEntry.ConfigSource} id, e.g. 1 topic, 4 static broker, 5
   *     default
   * @param readOnly true when clients cannot set it
   * @param sensitive true when the value is not to be shown
   */
  record Setting(String name, String value, byte source, boolean readOnly, boolean sensitive) {}

  /** Takes everything, lists nothing: for tests and tools without tables. */
  static TopicConfigRules none() {
    return new TopicConfigRules() {
      @Override
      public Optional<String> problem(Map<String, String> configs) {
        return Optional.empty();
      }

      @Override
      public List<Setting> effective(Map<String, String> configs) {
        return List.of();
      }
    };
  }
}
