package io.milena.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.coordinator.group.GroupConfig;
import org.apache.kafka.coordinator.group.GroupCoordinatorConfig;
import org.apache.kafka.coordinator.group.modern.share.ShareGroupConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GroupConfigsTest {
  private static final Map<String, String> NOTHING = Map.of();
  private static final BrokerLayers PLAIN = new BrokerLayers(NOTHING, NOTHING, NOTHING);
  private static final String SESSION = GroupConfigs.SESSION_TIMEOUT_MS;
  private static final String HEARTBEAT = GroupConfigs.HEARTBEAT_INTERVAL_MS;
  private static final String ASSIGNMENT = GroupConfigs.ASSIGNMENT_INTERVAL_MS;

  @Test
  void shouldKnowKafkasSettingsOfConsumerGroupsWithItsDefaultsAndBounds() {
    List<String> kafkas =
        GroupConfig.configNames().stream()
            .filter(name -> name.startsWith("consumer.") && !GroupConfig.isInternal(name))
            .toList();
    assertThat(GroupConfigs.settings().keySet()).containsExactlyInAnyOrderElementsOf(kafkas);
    for (String name : kafkas) {
      assertThat(GroupConfigs.effective(name, NOTHING, PLAIN))
          .isEqualTo(GroupConfig.CONFIG_DEF.defaultValues().get(name));
      String least = name.replace("consumer.", "group.consumer.min.");
      assertThat(BrokerConfig.settings().get(least).key().defaultValue)
          .isEqualTo(GroupCoordinatorConfig.CONFIG_DEF.defaultValues().get(least));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "consumer.session.timeout.ms, 1000, group.consumer.min.session.timeout.ms (45000)",
    "consumer.session.timeout.ms, 60001, group.consumer.max.session.timeout.ms (60000)",
    "consumer.session.timeout.ms, soon, consumer.session.timeout.ms",
    "consumer.session.timeout.ms, '', consumer.session.timeout.ms",
    "consumer.heartbeat.interval.ms, 4999, group.consumer.min.heartbeat.interval.ms (5000)",
    "consumer.heartbeat.interval.ms, 15001, group.consumer.max.heartbeat.interval.ms (15000)",
    "consumer.assignment.interval.ms, 15001, group.consumer.max.assignment.interval.ms (15000)",
    "consumer.assignment.interval.ms, -1, consumer.assignment.interval.ms",
    "share.session.timeout.ms, 50000, share groups",
    "errors.deadletterqueue.topic.name, dead, share groups",
    "streams.num.standby.replicas, 1, streams groups",
    "retention.ms, 1, Unknown group config name: retention.ms"
  })
  void shouldSayWhatIsWrongWithAValue(String name, String value, String sentence) {
    assertThat(GroupConfigs.problem(NOTHING, Map.of(name, value), PLAIN).orElseThrow())
        .contains(sentence);
  }

  @Test
  void shouldTakeWhatLiesWithinTheBoundsAndTheBoundsThemselves() {
    for (String sessionMs : List.of("45000", "50000", "60000")) {
      assertThat(GroupConfigs.problem(NOTHING, Map.of(SESSION, sessionMs), PLAIN)).isEmpty();
    }
    assertThat(GroupConfigs.problem(NOTHING, Map.of(ASSIGNMENT, "0"), PLAIN)).isEmpty();
  }

  @Test
  void shouldWantHeartbeatsMoreOftenThanTheSessionEndsWhicheverIsSet() {
    BrokerLayers quick =
        new BrokerLayers(
            NOTHING,
            NOTHING,
            Map.of(
                "group.consumer.min.session.timeout.ms", "1000",
                "group.consumer.max.heartbeat.interval.ms", "50000"));

    assertThat(GroupConfigs.problem(NOTHING, Map.of(SESSION, "5000"), quick).orElseThrow())
        .isEqualTo(
            "consumer.heartbeat.interval.ms (5000) is not below"
                + " consumer.session.timeout.ms (5000).");
    assertThat(GroupConfigs.problem(NOTHING, Map.of(HEARTBEAT, "45000"), quick)).isPresent();
    assertThat(GroupConfigs.problem(NOTHING, Map.of(SESSION, "46000", HEARTBEAT, "45000"), quick))
        .isEmpty();
  }

  @Test
  void shouldKeepAStoredValueWithinBoundsThatMovedAndNotStandInTheWayOfOtherChanges() {
    Map<String, String> stored = Map.of(SESSION, "50000");
    BrokerLayers narrow =
        new BrokerLayers(
            NOTHING, NOTHING, Map.of("group.consumer.max.session.timeout.ms", "47000"));

    assertThat(GroupConfigs.effective(SESSION, stored, narrow)).isEqualTo(47_000);
    assertThat(GroupConfigs.problem(stored, Map.of(SESSION, "50000", HEARTBEAT, "6000"), narrow))
        .isEmpty();
    assertThat(GroupConfigs.problem(stored, Map.of(SESSION, "50001"), narrow)).isPresent();
  }

  @Test
  void shouldPassOverAStoredValueThatIsNone() {
    assertThat(GroupConfigs.effective(SESSION, Map.of(SESSION, "soon"), PLAIN)).isEqualTo(45_000);
    assertThat(
            GroupConfigs.effective(
                ASSIGNMENT,
                NOTHING,
                new BrokerLayers(
                    Map.of("group.consumer.assignment.interval.ms", "soon"), NOTHING, NOTHING)))
        .isEqualTo(1_000);
  }

  @Test
  void shouldTellEveryPlaceThatGivesAValueStrongestFirst() {
    BrokerLayers layers =
        new BrokerLayers(
            Map.of("group.consumer.assignment.interval.ms", "700"),
            Map.of("group.consumer.assignment.interval.ms", "600"),
            Map.of("group.consumer.assignment.interval.ms", "500"));

    ConfigEntry own = entry(ASSIGNMENT, Map.of(ASSIGNMENT, "2000"), layers);
    assertThat(own.value()).isEqualTo("2000");
    assertThat(own.source().id()).isEqualTo((byte) 8);
    assertThat(own.readOnly()).isFalse();
    assertThat(own.synonyms())
        .extracting(ConfigEntry.SynonymValue::value)
        .containsExactly("2000", "700", "600", "500", "1000");

    ConfigEntry brokers = entry(ASSIGNMENT, NOTHING, layers);
    assertThat(brokers.value()).isEqualTo("700");
    assertThat(brokers.source()).isEqualTo(ConfigSource.DYNAMIC_BROKER);
    assertThat(entry(SESSION, NOTHING, layers).source()).isEqualTo(ConfigSource.DEFAULT);
  }

  /** Whether Kafka 4.4 takes the same values and brings stored ones within bounds as we do. */
  @Test
  void shouldAgreeWithKafkaAboutValuesAndBounds() {
    Map<String, String> broker =
        Map.of(
            "group.consumer.min.session.timeout.ms", "1000",
            "group.consumer.min.heartbeat.interval.ms", "500",
            "group.consumer.max.heartbeat.interval.ms", "50000");
    BrokerLayers layers = new BrokerLayers(NOTHING, NOTHING, broker);
    KafkasRules kafka = new KafkasRules(broker);
    List<String> values =
        List.of("", " 5000", "0", "-1", "499", "500", "999", "1000", "5000", "5001", "15001");
    List<String> large = List.of("44999", "45000", "50000", "50001", "60000", "60001", "1e3");
    for (String session : both(values, large)) {
      for (String heartbeat : both(values, large)) {
        for (String assignment : List.of("0", "15001")) {
          Map<String, String> after =
              Map.of(SESSION, session, HEARTBEAT, heartbeat, ASSIGNMENT, assignment);
          assertThat(GroupConfigs.problem(NOTHING, after, layers).isEmpty())
              .as("%s", after)
              .isEqualTo(kafka.takes(after));
        }
      }
      assertThat(GroupConfigs.problem(NOTHING, Map.of(SESSION, session), layers).isEmpty())
          .isEqualTo(kafka.takes(Map.of(SESSION, session)));
      if (session.matches("-?\\d+") && !session.startsWith("-") && !session.equals("0")) {
        assertThat(GroupConfigs.effective(SESSION, Map.of(SESSION, session), layers))
            .isEqualTo(kafka.effective(SESSION, session));
      }
    }
  }

  private static List<String> both(List<String> some, List<String> more) {
    return Stream.concat(some.stream(), more.stream()).toList();
  }

  /** Kafka's own judge. */
  private static final class KafkasRules {
    private final GroupCoordinatorConfig groups;
    private final ShareGroupConfig shares;

    KafkasRules(Map<String, String> broker) {
      ConfigDef both = new ConfigDef(GroupCoordinatorConfig.CONFIG_DEF);
      ShareGroupConfig.CONFIG_DEF.configKeys().values().forEach(both::define);
      AbstractConfig config = new AbstractConfig(both, broker, false);
      groups = new GroupCoordinatorConfig(config);
      shares = new ShareGroupConfig(config);
    }

    boolean takes(Map<String, String> settings) {
      try {
        GroupConfig.validate(new HashMap<>(settings), groups, shares);
        return true;
      } catch (ApiException | ConfigException e) {
        return false;
      }
    }

    int effective(String name, String value) {
      Properties stored = new Properties();
      stored.put(name, value);
      Properties within = GroupConfig.evaluate(stored, "g", groups, shares);
      return Integer.parseInt(within.get(name).toString());
    }
  }

  private static ConfigEntry entry(String name, Map<String, String> own, BrokerLayers layers) {
    return GroupConfigs.describe(own, layers).stream()
        .filter(entry -> entry.name().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
