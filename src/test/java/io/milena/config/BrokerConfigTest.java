package io.milena.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BrokerConfigTest {
  private static BrokerConfig parse(String... pairs) {
    Map<String, String> given = new HashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      given.put(pairs[i], pairs[i + 1]);
    }
    return BrokerConfig.parse(given);
  }

  @Test
  void shouldBeASingleNodeWithEverythingWhenNothingIsSet() {
    BrokerConfig config = parse();
    assertThat(config.listeners())
        .extracting(Listener::toString)
        .containsExactly("PLAINTEXT://:9092", "HTTP://127.0.0.1:8080");
    assertThat(config.logDirs()).containsExactly("./milena-data");
    assertThat(config.zookeeperConnect()).isEmpty();
    assertThat(config.groupInitialRebalanceDelayMs()).isZero();
    assertThat(config.brokerId()).isEmpty();
    assertThat(config.interBrokerListener()).isEqualTo("PLAINTEXT");
    assertThat(config.remarks()).isEmpty();
  }

  @Test
  void shouldKeepKafkasRebalanceDelayWithItsOwnZooKeeper() {
    BrokerConfig config = parse("zookeeper.connect", "zk1:2181,zk2:2181/pipeline");
    assertThat(config.zookeeperConnect()).contains("zk1:2181,zk2:2181/pipeline");
    assertThat(config.groupInitialRebalanceDelayMs()).isEqualTo(3000);
  }

  @ParameterizedTest
  @CsvSource({
    "authorizer.class.name, kafka.security.authorizer.AclAuthorizer",
    "process.roles, broker",
    "remote.log.storage.system.enable, true",
    "ssl.keystore.location, /etc/keys.jks",
    "sasl.enabled.mechanisms, PLAIN",
    "zookeeper.set.acl, true",
    "zookeeper.ssl.client.enable, true",
    "controller.quorum.voters, 1@host:9093",
    "create.topic.policy.class.name, com.example.Policy",
    "listener.name.internal.ssl.keystore.location, /etc/keys.jks",
    "listener.name.internal.plain.sasl.jaas.config, x",
    "config.providers, file",
    "zookeeper.metadata.migration.enable, true"
  })
  void shouldRefuseWhatAsksForSafetyOrMeaningThatDoesNotExist(String key, String value) {
    assertThatThrownBy(() -> parse(key, value))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(key);
  }

  @ParameterizedTest
  @CsvSource({
    "authorizer.class.name, ''",
    "remote.log.storage.system.enable, false",
    "ssl.client.auth, none",
    "zookeeper.set.acl, false"
  })
  void shouldAcceptSuchSettingsWithTheirDefaults(String key, String value) {
    assertThat(parse(key, value).remarks()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SSL://:9093",
        "SASL_PLAINTEXT://:9094",
        "SASL_SSL://:9095",
        "HTTPS://:8443,PLAINTEXT://:1"
      })
  void shouldNotOpenAListenerThatAsksForSecurity(String listener) {
    assertThatThrownBy(() -> parse("listeners", listener))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("does not exist yet");
  }

  @Test
  void shouldNotOpenANamedListenerThatIsMappedToSecurity() {
    assertThatThrownBy(
            () ->
                parse(
                    "listeners", "PLAINTEXT://:9092,OUT://:9093",
                    "listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,OUT:SASL_SSL"))
        .hasMessageContaining("OUT")
        .hasMessageContaining("SASL_SSL");
  }

  @Test
  void shouldMentionHarmlessAndUnknownSettings() {
    BrokerConfig config = parse("background.threads", "4", "no.such.thing", "1");
    assertThat(config.remarks()).hasSize(2);
    assertThat(config.remarks().get(0)).contains("background.threads", "changes nothing");
    assertThat(config.remarks().get(1)).contains("no.such.thing", "unknown");
  }

  @Test
  void shouldTakeASettingsFileOfKafka39() {
    BrokerConfig config =
        parse(
            "broker.id", "3",
            "inter.broker.protocol.version", "3.9",
            "log.message.format.version", "3.0",
            "zookeeper.connect", "localhost:2181/kafka",
            "log.dirs", "/a, /b",
            "listeners", "PLAINTEXT://h:9092",
            "log.retention.hours", "168",
            "num.network.threads", "3");
    assertThat(config.brokerId()).hasValue(3);
    assertThat(config.logDirs()).containsExactly("/a", "/b");
    assertThat(config.listeners()).hasSize(1);
    assertThat(config.remarks()).allMatch(r -> r.contains("changes nothing"));
  }

  @Test
  void shouldRefuseTwoNamesOfOneSettingThatDiffer() {
    assertThatThrownBy(() -> parse("log.segment.ms", "1000", "log.roll.ms", "2000"))
        .hasMessageContaining("log.segment.ms (1000) and log.roll.ms (2000)");
    assertThat(parse("log.segment.ms", "1000", "log.roll.ms", "1000").given()).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({
    "log.retention.ms, 0",
    "log.segment.bytes, 13",
    "num.partitions, 0",
    "broker.id, 1001",
    "log.flush.interval.ms, soon",
    "queued.max.request.bytes, 1000",
    "log.dirs, '/a,/a'",
    "max.connections.per.ip.overrides, 127.0.0.1",
    "zookeeper.session.timeout.ms, x"
  })
  void shouldRefuseValuesOutOfRange(String key, String value) {
    assertThatThrownBy(() -> parse(key, value))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(key);
  }

  @ParameterizedTest
  @CsvSource({
    "PLAINTEXT:9092, NAME://host:port",
    "'PLAINTEXT://:9092,PLAINTEXT://:9093', twice",
    "PLAINTEXT://:70000, 65535",
    "HTTP://:8080, no listener that speaks Kafka",
    "OUT://:9092, listener.security.protocol.map",
    "'PLAINTEXT://:9092,HTTP://127.0.0.1:9092', cannot both have port 9092"
  })
  void shouldRefuseListenersThatCannotBe(String listeners, String why) {
    assertThatThrownBy(() -> parse("listeners", listeners)).hasMessageContaining(why);
  }

  @Test
  void shouldReadSeveralListenersWithIpv6AndFreePorts() {
    BrokerConfig config =
        parse(
            "listeners", "INTERNAL://[::1]:0,CLIENT://0.0.0.0:9092",
            "listener.security.protocol.map", "INTERNAL:PLAINTEXT,CLIENT:PLAINTEXT",
            "inter.broker.listener.name", "INTERNAL",
            "advertised.listeners", "CLIENT://example.com:19092");
    assertThat(config.listeners().get(0))
        .isEqualTo(new Listener("INTERNAL", "::1", 0, "PLAINTEXT"));
    assertThat(config.listeners().get(1).wildcard()).isTrue();
    assertThat(config.interBrokerListener()).isEqualTo("INTERNAL");
    assertThat(config.advertisedListeners())
        .extracting(Listener::host)
        .containsExactly("example.com");
  }

  @ParameterizedTest
  @CsvSource({"CLIENT://a:1, does not", "PLAINTEXT://0.0.0.0:9092, can reach"})
  void shouldRefuseToAdvertiseWhatNobodyReaches(String advertised, String why) {
    assertThatThrownBy(
            () ->
                parse(
                    "listener.security.protocol.map",
                    "PLAINTEXT:PLAINTEXT,CLIENT:PLAINTEXT,HTTP:PLAINTEXT",
                    "advertised.listeners",
                    advertised))
        .hasMessageContaining(why);
  }

  @Test
  void shouldTellOfEachBrokerSettingWhereItsValueComesFrom() {
    BrokerLayers layers =
        new BrokerLayers(
            Map.of("log.retention.ms", "3"),
            Map.of("log.retention.ms", "2", "log.segment.bytes", "2000000"),
            Map.of("log.retention.hours", "1", "log.segment.bytes", "3000000"));
    Map<String, ConfigEntry> entries = new HashMap<>();
    BrokerConfig.describe(layers).forEach(e -> entries.put(e.name(), e));

    assertThat(entries).hasSizeGreaterThan(380);
    assertThat(entries.get("log.retention.ms"))
        .returns("3", ConfigEntry::value)
        .returns(ConfigSource.DYNAMIC_BROKER, ConfigEntry::source)
        .returns(false, ConfigEntry::readOnly);
    assertThat(entries.get("log.retention.ms").synonyms())
        .extracting(ConfigEntry.SynonymValue::source)
        .containsExactly(
            ConfigSource.DYNAMIC_BROKER,
            ConfigSource.DYNAMIC_DEFAULT_BROKER,
            ConfigSource.STATIC_BROKER,
            ConfigSource.DEFAULT);
    assertThat(entries.get("log.segment.bytes").source())
        .isEqualTo(ConfigSource.DYNAMIC_DEFAULT_BROKER);
    assertThat(entries.get("log.retention.hours").source()).isEqualTo(ConfigSource.STATIC_BROKER);
    assertThat(entries.get("num.partitions"))
        .returns("1", ConfigEntry::value)
        .returns(true, ConfigEntry::readOnly);
    assertThat(entries.get("ssl.key.password"))
        .returns(true, ConfigEntry::sensitive)
        .returns(null, ConfigEntry::value);
  }

  @ParameterizedTest
  @CsvSource({
    "num.partitions, 2, Cannot update",
    "listeners, PLAINTEXT://:1, Cannot update",
    "no.such.thing, 1, Cannot update",
    "log.retention.ms, abc, log.retention.ms"
  })
  void shouldRefuseDynamicChangesThatCannotBe(String key, String value, String why) {
    assertThat(BrokerConfig.dynamicProblem(Map.of(key, value), true).orElseThrow()).contains(why);
  }

  @Test
  void shouldDocumentEverySetting() {
    assertThat(BrokerConfig.settings().values())
        .allSatisfy(s -> assertThat(s.key().documentation).isNotBlank());
    assertThat(List.of("log.roll.ms", "log.segment.ms", "milena.disk.reserve.bytes"))
        .allMatch(BrokerConfig.settings()::containsKey);
  }

  @Test
  void shouldWarnOfListenersThatOtherMachinesReach() {
    assertThat(parse("listeners", "PLAINTEXT://:9092,HTTP://127.0.0.1:8080").openListeners())
        .singleElement(org.assertj.core.api.InstanceOfAssertFactories.STRING)
        .contains("PLAINTEXT://:9092");
    assertThat(parse("listeners", "PLAINTEXT://localhost:9092").openListeners()).isEmpty();
  }
}
