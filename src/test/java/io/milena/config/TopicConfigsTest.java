package io.milena.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicConfigsTest {
  private static final Map<String, String> NOTHING = Map.of();

  @Test
  void shouldGiveKafkasDefaultsWhenNothingIsSet() {
    assertThat(TopicConfigs.effective(NOTHING, NOTHING, NOTHING)).isEqualTo(TopicConfig.defaults());
  }

  @Test
  void shouldKnowEveryTopicSettingOfTheClientLibrary() throws IllegalAccessException {
    Set<String> names = new HashSet<>();
    for (Field field : org.apache.kafka.common.config.TopicConfig.class.getFields()) {
      if (field.getName().endsWith("_CONFIG")) {
        names.add((String) field.get(null));
      }
    }
    names.remove("message.downconversion.enable"); // gone from Kafka 4's own table, too
    assertThat(TopicConfigs.settings().keySet()).containsAll(names);
  }

  @Test
  void shouldPreferTopicOverDynamicOverStatic() {
    Map<String, String> fixed = Map.of("log.retention.ms", "1000", "log.segment.bytes", "1000");
    Map<String, String> dynamic = Map.of("log.retention.ms", "2000");
    TopicConfig all = TopicConfigs.effective(fixed, dynamic, Map.of("retention.ms", "3000"));
    TopicConfig broker = TopicConfigs.effective(fixed, dynamic, NOTHING);
    assertThat(all.retentionMs()).isEqualTo(3000);
    assertThat(broker.retentionMs()).isEqualTo(2000);
    assertThat(broker.segmentBytes()).isEqualTo(1000);
  }

  @ParameterizedTest
  @CsvSource({
    "'log.retention.hours=2', 7200000",
    "'log.retention.hours=2,log.retention.minutes=3', 180000",
    "'log.retention.hours=2,log.retention.minutes=3,log.retention.ms=4', 4",
    "'log.retention.hours=-1', -1"
  })
  void shouldPreferTheFinerUnit(String settings, long expectedMs) {
    Map<String, String> fixed = new HashMap<>();
    for (String pair : settings.split(",")) {
      fixed.put(pair.split("=")[0], pair.split("=")[1]);
    }
    assertThat(TopicConfigs.effective(fixed, NOTHING, NOTHING).retentionMs()).isEqualTo(expectedMs);
  }

  @Test
  void shouldTakeSegmentMsAsRollMs() {
    assertThat(TopicConfigs.effective(Map.of("log.segment.ms", "5"), NOTHING, NOTHING).segmentMs())
        .isEqualTo(5);
    assertThat(TopicConfigs.effective(Map.of("log.roll.hours", "1"), NOTHING, NOTHING).segmentMs())
        .isEqualTo(3_600_000);
  }

  @Test
  void shouldReadPoliciesAndSkipDamagedStoredValues() {
    TopicConfig config =
        TopicConfigs.effective(
            NOTHING,
            NOTHING,
            Map.of("cleanup.policy", "compact,delete", "segment.bytes", "many", "unknown", "1"));
    assertThat(config.compact()).isTrue();
    assertThat(config.delete()).isTrue();
    assertThat(config.segmentBytes()).isEqualTo(1 << 30);
  }

  @ParameterizedTest
  @CsvSource({
    "retention.ms, abc, retention.ms",
    "retention.ms, -2, retention.ms",
    "cleanup.policy, shred, cleanup.policy",
    "compression.type, brotli, compression.type",
    "no.such, 1, Unknown topic config name: no.such",
    "remote.storage.enable, true, tiered storage",
    "min.cleanable.dirty.ratio, 1.5, min.cleanable.dirty.ratio",
    "leader.replication.throttled.replicas, 1-2, pairs"
  })
  void shouldRefuseWhatCannotBe(String key, String value, String why) {
    assertThat(TopicConfigs.problem(Map.of(key, value)).orElseThrow()).contains(why);
  }

  @Test
  void shouldRefuseNullsAndContradictions() {
    Map<String, String> nulls = new HashMap<>();
    nulls.put("retention.ms", null);
    assertThat(TopicConfigs.problem(nulls).orElseThrow()).contains("Null value", "retention.ms");
    assertThat(
            TopicConfigs.problem(
                    Map.of("min.compaction.lag.ms", "10", "max.compaction.lag.ms", "5"))
                .orElseThrow())
        .contains("min.compaction.lag.ms (10)");
  }

  @Test
  void shouldAcceptWhatKafkaAccepts() {
    assertThat(
            TopicConfigs.problem(
                Map.of(
                    "cleanup.policy", "compact",
                    "leader.replication.throttled.replicas", "*",
                    "follower.replication.throttled.replicas", "0:1,1:2",
                    "compression.gzip.level", "-1",
                    "message.format.version", "2.8",
                    "segment.bytes", "14")))
        .isEmpty();
  }

  @Test
  void shouldTellOfEachTopicSettingWhereItsValueComesFrom() {
    BrokerLayers layers =
        new BrokerLayers(
            Map.of(), Map.of("log.segment.bytes", "2000000"), Map.of("log.retention.hours", "1"));
    Map<String, ConfigEntry> entries = new HashMap<>();
    TopicConfigs.describe(Map.of("retention.ms", "5"), layers)
        .forEach(e -> entries.put(e.name(), e));

    assertThat(entries.get("retention.ms"))
        .returns("5", ConfigEntry::value)
        .returns(ConfigSource.TOPIC, ConfigEntry::source);
    assertThat(entries.get("retention.ms").synonyms())
        .extracting(ConfigEntry.SynonymValue::name)
        .containsExactly("retention.ms", "log.retention.hours", "log.retention.hours");
    assertThat(entries.get("segment.bytes"))
        .returns("2000000", ConfigEntry::value)
        .returns(ConfigSource.DYNAMIC_DEFAULT_BROKER, ConfigEntry::source);
    assertThat(entries.get("cleanup.policy"))
        .returns("delete", ConfigEntry::value)
        .returns(ConfigSource.DEFAULT, ConfigEntry::source);
    assertThat(List.copyOf(entries.keySet())).hasSize(TopicConfigs.settings().size());
  }
}
