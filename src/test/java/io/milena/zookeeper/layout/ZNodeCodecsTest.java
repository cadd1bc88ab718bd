package io.milena.zookeeper.layout;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.milena.metadata.BrokerEndpoint;
import io.milena.zookeeper.client.ZNode;
import io.milena.zookeeper.client.ZkException;
import io.milena.zookeeper.layout.BrokerZNode.FeatureRange;
import io.milena.zookeeper.layout.TopicZNode.Assignment;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The JSON of every znode against what Kafka 3.9 writes; key order does not count. */
class ZNodeCodecsTest {
  private static final Uuid TOPIC_ID = Uuid.fromString("Xj5qb0y2QUi2rwXq2xWvzQ");

  private static JsonNode json(byte[] data) throws Exception {
    return new ObjectMapper().readTree(data);
  }

  private static JsonNode json(String text) throws Exception {
    return new ObjectMapper().readTree(text);
  }

  @Test
  void shouldWriteTheClusterIdWithAVersionThatIsAString() throws Exception {
    byte[] data = ClusterIdZNode.encode("b2wpCBtKQZKgmMmuBDVcsw");

    assertThat(json(data))
        .isEqualTo(json("{'version':'1','id':'b2wpCBtKQZKgmMmuBDVcsw'}".replace('\'', '"')));
    assertThat(ClusterIdZNode.decode(data)).isEqualTo("b2wpCBtKQZKgmMmuBDVcsw");
  }

  @Test
  void shouldWriteABrokerAsVersionFive() throws Exception {
    BrokerZNode broker =
        new BrokerZNode(
            3,
            List.of(
                new BrokerEndpoint("HTTP", "web.example.org", 8080, "PLAINTEXT"),
                new BrokerEndpoint("SECURE", "fd00::7", 9093, "SSL"),
                new BrokerEndpoint("PLAINTEXT", "broker.example.org", 9092, "PLAINTEXT")),
            "dc1",
            9999,
            1_700_000_000_000L,
            Map.of("transaction.version", new FeatureRange(0, 2)),
            false);

    byte[] data = broker.encode();

    assertThat(json(data))
        .isEqualTo(
            json(
                """
                {"version":5,"host":"broker.example.org","port":9092,"jmx_port":9999,
                 "timestamp":"1700000000000",
                 "endpoints":["HTTP://web.example.org:8080","SECURE://[fd00::7]:9093",
                              "PLAINTEXT://broker.example.org:9092"],
                 "listener_security_protocol_map":
                   {"HTTP":"PLAINTEXT","SECURE":"SSL","PLAINTEXT":"PLAINTEXT"},
                 "rack":"dc1",
                 "features":{"transaction.version":{"min_version":0,"max_version":2}}}"""));
    assertThat(BrokerZNode.decode(3, data)).isEqualTo(broker);
  }

  @Test
  void shouldWriteNoHostWhenNoListenerIsPlaintext() throws Exception {
    BrokerZNode broker =
        new BrokerZNode(
            3, List.of(new BrokerEndpoint("SSL", "h", 9093, "SSL")), null, -1, 1, Map.of(), false);

    JsonNode data = json(broker.encode());

    assertThat(data.get("host").isNull()).isTrue();
    assertThat(data.get("port").intValue()).isEqualTo(-1);
    assertThat(data.has("rack")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"version\":1,\"host\":\"h1\",\"port\":9092,\"jmx_port\":9999,\"timestamp\":\"22\"}",
        "{\"version\":2,\"host\":\"h1\",\"port\":9092,\"jmx_port\":9999,\"timestamp\":\"22\","
            + "\"endpoints\":[\"PLAINTEXT://h1:9092\"]}",
        "{\"version\":3,\"host\":\"h1\",\"port\":9092,\"jmx_port\":9999,\"timestamp\":\"22\","
            + "\"endpoints\":[\"PLAINTEXT://h1:9092\"],\"rack\":null}",
        "{\"version\":4,\"host\":\"h1\",\"port\":9092,\"jmx_port\":9999,\"timestamp\":\"22\","
            + "\"endpoints\":[\"PLAINTEXT://h1:9092\"],"
            + "\"listener_security_protocol_map\":{\"PLAINTEXT\":\"PLAINTEXT\"}}",
        "{\"features\":{},\"listener_security_protocol_map\":{\"PLAINTEXT\":\"PLAINTEXT\"},"
            + "\"endpoints\":[\"PLAINTEXT://h1:9092\"],\"jmx_port\":9999,\"port\":9092,"
            + "\"host\":\"h1\",\"version\":5,\"timestamp\":\"22\"}"
      })
  void shouldReadEveryVersionOfABroker(String text) {
    BrokerZNode broker = BrokerZNode.decode(7, text.getBytes(UTF_8));

    assertThat(broker)
        .isEqualTo(
            new BrokerZNode(
                7,
                List.of(new BrokerEndpoint("PLAINTEXT", "h1", 9092, "PLAINTEXT")),
                null,
                9999,
                22,
                Map.of(),
                false));
  }

  @Test
  void shouldWriteATopicAsVersionThree() throws Exception {
    TopicZNode topic =
        new TopicZNode(
            TOPIC_ID,
            new TreeMap<>(
                Map.of(
                    0,
                    Assignment.of(List.of(1, 2)),
                    1,
                    new Assignment(List.of(2, 3, 1), List.of(3), List.of(1)))));

    byte[] data = topic.encode();

    assertThat(json(data))
        .isEqualTo(
            json(
                """
                {"version":3,"topic_id":"Xj5qb0y2QUi2rwXq2xWvzQ",
                 "partitions":{"0":[1,2],"1":[2,3,1]},
                 "adding_replicas":{"1":[3]},"removing_replicas":{"1":[1]}}"""));
    assertThat(TopicZNode.decode("t", data)).isEqualTo(topic);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"version\":1,\"partitions\":{\"0\":[4]}}",
        "{\"version\":2,\"partitions\":{\"0\":[4]},\"adding_replicas\":{},\"removing_replicas\":{}}"
      })
  void shouldReadTopicsWrittenBeforeTopicIds(String text) {
    TopicZNode topic = TopicZNode.decode("t", text.getBytes(UTF_8));

    assertThat(topic.topicId()).isEqualTo(Uuid.ZERO_UUID);
    assertThat(topic.partitions()).containsEntry(0, Assignment.of(List.of(4)));
  }

  @Test
  void shouldWriteAPartitionState() throws Exception {
    PartitionStateZNode state = new PartitionStateZNode(9, -1, 12, List.of(3, 1), false);
    PartitionStateZNode recovering = new PartitionStateZNode(9, 3, 13, List.of(3), true);

    assertThat(json(state.encode()))
        .isEqualTo(
            json(
                """
                {"controller_epoch":9,"leader":-1,"version":1,"leader_epoch":12,"isr":[3,1]}"""));
    assertThat(json(recovering.encode()).get("leader_recovery_state").intValue()).isEqualTo(1);
    assertThat(PartitionStateZNode.decode("p", state.encode())).isEqualTo(state);
    assertThat(PartitionStateZNode.decode("p", recovering.encode())).isEqualTo(recovering);
  }

  @Test
  void shouldWriteTheControllerAndItsEpoch() throws Exception {
    ControllerZNode controller = new ControllerZNode(2, 1_700_000_000_000L);

    assertThat(json(controller.encode()))
        .isEqualTo(
            json(
                """
                {"version":2,"brokerid":2,"timestamp":"1700000000000",
                 "kraftControllerEpoch":-1}"""));
    assertThat(ControllerZNode.decode(controller.encode())).isEqualTo(controller);
    assertThat(
            ControllerZNode.decode("{\"version\":1,\"brokerid\":4}".getBytes(UTF_8)).underKRaft())
        .isFalse();
    assertThat(ControllerEpochZNode.encode(17)).asString(UTF_8).isEqualTo("17");
    assertThat(ControllerEpochZNode.decode("17".getBytes(UTF_8))).isEqualTo(17);
  }

  @Test
  void shouldWriteSettingsAndTheirNotifications() throws Exception {
    byte[] config = ConfigZNode.encode(Map.of("retention.ms", "1000", "cleanup.policy", "delete"));

    assertThat(json(config))
        .isEqualTo(
            json(
                """
                {"version":1,"config":{"cleanup.policy":"delete","retention.ms":"1000"}}"""));
    assertThat(ConfigZNode.decode("c", config))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("retention.ms", "1000", "cleanup.policy", "delete"));
    assertThat(ConfigZNode.decode("c", null)).isEmpty();
    assertThat(json(ConfigChangeZNode.encode("users/U/clients/<default>")))
        .isEqualTo(json("{\"version\":2,\"entity_path\":\"users/U/clients/<default>\"}"));
    assertThat(
            ConfigChangeZNode.decode(
                "c",
                "{\"version\":1,\"entity_type\":\"topics\",\"entity_name\":\"t\"}".getBytes(UTF_8)))
        .isEqualTo("topics/t");
  }

  @Test
  void shouldRefuseANoticeWhosePathNoZNodeCanHave() {
    for (String path : new String[] {"topics/a\\u0001b", "topics//t", "topics/..", "topics/t/"}) {
      byte[] notice = ("{\"version\":2,\"entity_path\":\"" + path + "\"}").getBytes(UTF_8);

      assertThatThrownBy(() -> ConfigChangeZNode.decode("c", notice))
          .isInstanceOf(ZkException.Malformed.class);
    }
  }

  @Test
  void shouldWriteProducerIdBlocksWithNumbersAsStrings() throws Exception {
    ProducerIdBlockZNode next = ProducerIdBlockZNode.first(1).next(5);

    assertThat(json(next.encode()))
        .isEqualTo(
            json(
                """
                {"version":1,"broker":5,"block_start":"1000","block_end":"1999"}"""));
    assertThat(ProducerIdBlockZNode.decode(next.encode())).isEqualTo(next);
    assertThat(ProducerIdBlockZNode.decode(null)).isNull();
  }

  @Test
  void shouldWriteLogDirEvents() throws Exception {
    assertThat(json(LogDirEventZNode.encode(6)))
        .isEqualTo(json("{\"version\":1,\"broker\":6,\"event\":1}"));
    assertThat(LogDirEventZNode.decode("l", LogDirEventZNode.encode(6))).isEqualTo(6);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{", "{}", "{\"version\":0}", "{\"version\":\"x\"}"})
  void shouldNameWhatIsMalformed(String text) {
    assertThatThrownBy(() -> BrokerZNode.decode(1, text.getBytes(UTF_8)))
        .isInstanceOf(ZkException.Malformed.class)
        .hasMessageContaining("/brokers/ids/1");
    assertThatThrownBy(() -> PartitionStateZNode.decode("/p", text.getBytes(UTF_8)))
        .isInstanceOf(ZkException.Malformed.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"g", "a b+%*/é", ".", "..", "...", "%2E", "+", "~"})
  void shouldFindTheGroupInTheNameOfItsSettings(String group) {
    String path = Paths.groupConfig(group);

    assertThat(ZNode.parentOf(path)).isEqualTo(Paths.MILENA_GROUP_CONFIGS);
    assertThat(Paths.name(path)).isNotIn(".", "..");
    assertThat(Paths.groupOfConfig(Paths.name(path))).contains(group);
  }

  @Test
  void shouldNotTakeANameForAGroupThatNoGroupHas() {
    assertThat(Paths.groupOfConfig("a+b")).isEmpty();
    assertThat(Paths.groupOfConfig("%zz")).isEmpty();
  }

  @Test
  void shouldSanitiseNamesAsKafkaDoes() {
    assertThat(Paths.sanitize("CN=a b,O=*é/x")).isEqualTo("CN%3Da%20b%2CO%3D%2A%C3%A9%2Fx");
    assertThat(Paths.desanitize(Paths.sanitize("CN=a b,O=*é/x+%"))).isEqualTo("CN=a b,O=*é/x+%");
  }
}
