package io.milena.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.milena.metadata.ClusterImage;
import io.milena.testing.ImageChange;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.AlterConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfigCollection;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.ListConfigResourcesRequestData;
import org.apache.kafka.common.message.ListConfigResourcesResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings of topics and brokers as clients see and change them. */
class ConfigApisTest {
  private static final byte TOPIC = ConfigResource.Type.TOPIC.id();
  private static final byte BROKER = ConfigResource.Type.BROKER.id();
  private static final byte GROUP = ConfigResource.Type.GROUP.id();

  private final ApiBench bench = new ApiBench(1);
  private final List<IncrementalAlterConfigsRequestData> written = new ArrayList<>();
  private Map<Integer, Map<String, String>> brokerConfigs = Map.of();
  private Map<String, Map<String, String>> groupConfigs = Map.of();

  @AfterEach
  void bodiesAreReleased() {
    bench.close();
  }

  @Test
  void shouldLetABrokerKeepSettingsOfKafkaThatWeWouldNotTake() {
    brokerConfigs = Map.of(ApiBench.SELF, Map.of("num.network.threads", "9"));

    short error = change(BROKER, "1", "log.retention.ms", OpType.SET, "7").errorCode();

    assertThat(error).isEqualTo(Errors.NONE.code());
    assertThat(written).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "4, 1, num.network.threads, 9, INVALID_CONFIG",
    "4, one, log.retention.ms, 9, INVALID_REQUEST",
    "4, '', log.retention.ms, soon, INVALID_CONFIG",
    "2, t, retention.ms, soon, INVALID_CONFIG",
    "2, t, no.such, 1, INVALID_CONFIG",
    "2, nope, retention.ms, 1, UNKNOWN_TOPIC_OR_PARTITION",
    "32, g, consumer.session.timeout.ms, 1, INVALID_CONFIG",
    "32, g, share.session.timeout.ms, 50000, INVALID_CONFIG",
    "32, '', consumer.session.timeout.ms, 50000, INVALID_REQUEST"
  })
  void shouldRefuseAChangeThatCannotBe(
      byte type, String name, String key, String value, Errors why) {
    bench.topic("t", 1);

    assertThat(change(type, name, key, OpType.SET, value).errorCode()).isEqualTo(why.code());
    assertThat(written).isEmpty();
  }

  @Test
  void shouldAppendToTheDefaultOfAListAndWriteTheResult() {
    bench.topic("t", 1);

    change(TOPIC, "t", "cleanup.policy", OpType.APPEND, "compact");

    AlterableConfig sent = written.get(0).resources().iterator().next().configs().iterator().next();
    assertThat(sent.value()).isEqualTo("delete,compact");
    assertThat(sent.configOperation()).isEqualTo(OpType.SET.id());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void shouldDescribeATopicInEveryVersion(int version) {
    bench.topic("t", 1);
    DescribeConfigsRequestData ask =
        new DescribeConfigsRequestData()
            .setIncludeSynonyms(true)
            .setResources(
                List.of(new DescribeConfigsResource().setResourceType(TOPIC).setResourceName("t")));

    DescribeConfigsResponseData answer = bench.ask(new DescribeConfigsApi(context()), ask, version);

    DescribeConfigsResourceResult retention =
        answer.results().get(0).configs().stream()
            .filter(c -> c.name().equals("retention.ms"))
            .findFirst()
            .orElseThrow();
    assertThat(retention.value()).isEqualTo("3600000");
    assertThat(retention.configSource()).isEqualTo((byte) 4); // the broker's file
  }

  @Test
  void shouldTakeSettingsOfAGroupThatDoesNotExist() {
    short error =
        change(GROUP, "g", "consumer.session.timeout.ms", OpType.SET, "50000").errorCode();

    assertThat(error).isEqualTo(Errors.NONE.code());
    assertThat(written.get(0).resources().iterator().next().resourceType()).isEqualTo(GROUP);
  }

  @Test
  void shouldReplaceAllSettingsOfAGroup() {
    groupConfigs = Map.of("g", Map.of("consumer.session.timeout.ms", "50000"));
    AlterConfigsRequestData request = new AlterConfigsRequestData();
    AlterConfigsRequestData.AlterConfigsResource resource =
        new AlterConfigsRequestData.AlterConfigsResource()
            .setResourceType(GROUP)
            .setResourceName("g");
    resource
        .configs()
        .add(
            new AlterConfigsRequestData.AlterableConfig()
                .setName("consumer.heartbeat.interval.ms")
                .setValue("6000"));
    request.resources().add(resource);

    AlterConfigsResponseData answer =
        bench.ask(new AlterConfigsApi(context(), this::write), request, 2);

    assertThat(answer.responses().get(0).errorCode()).isZero();
    assertThat(written.get(0).resources().iterator().next().configs())
        .extracting(AlterableConfig::name, AlterableConfig::configOperation)
        .containsExactlyInAnyOrder(
            tuple("consumer.session.timeout.ms", OpType.DELETE.id()),
            tuple("consumer.heartbeat.interval.ms", OpType.SET.id()));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void shouldDescribeAGroupWithWhatItHasAndWhatItWouldHave(int version) {
    groupConfigs = Map.of("g", Map.of("consumer.session.timeout.ms", "50000"));

    DescribeConfigsResponseData answer = describeGroup("g", version);

    DescribeConfigsResourceResult session = row(answer, "consumer.session.timeout.ms");
    assertThat(session.value()).isEqualTo("50000");
    assertThat(session.configSource()).isEqualTo((byte) 8);
    assertThat(session.synonyms())
        .extracting(s -> s.name(), s -> s.source())
        .containsExactly(
            tuple("consumer.session.timeout.ms", (byte) 8),
            tuple("group.consumer.session.timeout.ms", (byte) 5));
    DescribeConfigsResourceResult heartbeat = row(answer, "consumer.heartbeat.interval.ms");
    assertThat(heartbeat.value()).isEqualTo("5000");
    assertThat(heartbeat.configSource()).isEqualTo((byte) 5);
  }

  @Test
  void shouldNotDescribeAGroupWithoutAName() {
    assertThat(describeGroup("", 4).results().get(0).errorCode())
        .isEqualTo(Errors.INVALID_REQUEST.code());
  }

  private DescribeConfigsResponseData describeGroup(String group, int version) {
    DescribeConfigsRequestData ask =
        new DescribeConfigsRequestData()
            .setIncludeSynonyms(true)
            .setResources(
                List.of(
                    new DescribeConfigsResource().setResourceType(GROUP).setResourceName(group)));
    return bench.ask(new DescribeConfigsApi(context()), ask, version);
  }

  private static DescribeConfigsResourceResult row(
      DescribeConfigsResponseData answer, String name) {
    return answer.results().get(0).configs().stream()
        .filter(c -> c.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void shouldListGroupsThatHaveSettings() {
    groupConfigs = Map.of("g", Map.of("consumer.session.timeout.ms", "50000"));

    ListConfigResourcesResponseData all =
        bench.ask(new ListConfigResourcesApi(context()), new ListConfigResourcesRequestData(), 1);
    ListConfigResourcesResponseData groups =
        bench.ask(
            new ListConfigResourcesApi(context()),
            new ListConfigResourcesRequestData().setResourceTypes(List.of(GROUP)),
            1);

    assertThat(all.configResources()).extracting(r -> r.resourceName()).contains("g");
    assertThat(groups.configResources())
        .extracting(r -> r.resourceType(), r -> r.resourceName())
        .containsExactly(tuple(GROUP, "g"));
  }

  private IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse change(
      byte type, String name, String key, OpType op, String value) {
    AlterableConfigCollection configs = new AlterableConfigCollection();
    configs.add(new AlterableConfig().setName(key).setConfigOperation(op.id()).setValue(value));
    IncrementalAlterConfigsRequestData request = new IncrementalAlterConfigsRequestData();
    request
        .resources()
        .add(
            new AlterConfigsResource()
                .setResourceType(type)
                .setResourceName(name)
                .setConfigs(configs));
    IncrementalAlterConfigsResponseData answer =
        bench.ask(new IncrementalAlterConfigsApi(context(), this::write), request, 1);
    return answer.responses().get(0);
  }

  private Future<IncrementalAlterConfigsResponseData> write(
      IncrementalAlterConfigsRequestData request) {
    written.add(request);
    IncrementalAlterConfigsResponseData answer = new IncrementalAlterConfigsResponseData();
    request.resources().forEach(r -> answer.responses().add(ConfigWrites.answer(r)));
    return Future.succeededFuture(answer);
  }

  private ConfigContext context() {
    return new ConfigContext(
        ApiBench.SELF, this::image, Map.of("log.retention.hours", "1"), new NoLoggers());
  }

  private ClusterImage image() {
    return ImageChange.of(bench.image())
        .brokerConfigs(brokerConfigs)
        .groupConfigs(groupConfigs)
        .image();
  }

  private static final class NoLoggers implements LoggerLevels {
    @Override
    public Map<String, String> levels() {
      return Map.of();
    }

    @Override
    public boolean exists(String logger) {
      return false;
    }

    @Override
    public void set(String logger, String level) {
      throw new AssertionError("no loggers");
    }
  }
}
