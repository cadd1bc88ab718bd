package io.milena.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeProducersRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.ListConfigResourcesRequestData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.UpdateFeaturesRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every API at its lowest and highest version and at the highest of librdkafka and kafkajs: an
 * answer that decodes without a byte left, and without an error anywhere in it.
 */
@Timeout(60)
class ApiMatrixIT {
  private static final String TOPIC = "matrix";

  /** Highest versions that kafkajs 2.2.4 and librdkafka speak, besides our own ends. */
  private static final Map<ApiKeys, List<Integer>> CLIENT_MAXIMA =
      Map.of(
          ApiKeys.PRODUCE, List.of(7, 10),
          ApiKeys.FETCH, List.of(11, 16),
          ApiKeys.METADATA, List.of(6, 13),
          ApiKeys.LIST_OFFSETS, List.of(3, 7),
          ApiKeys.CREATE_TOPICS, List.of(3, 4),
          ApiKeys.INIT_PRODUCER_ID, List.of(1, 4),
          ApiKeys.OFFSET_COMMIT, List.of(5, 9),
          ApiKeys.OFFSET_FETCH, List.of(4, 9),
          ApiKeys.API_VERSIONS, List.of(2, 3));

  private static final Pattern WITH_ERROR = Pattern.compile("[eE]rrorCode=-?[1-9]");

  @TempDir static Path home;
  private static MilenaProcess broker;
  private static Uuid topicId;
  private static int created;

  @BeforeAll
  static void startBroker() throws Exception {
    broker = new MilenaProcess(home).start();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
      topicId = admin.createTopics(List.of(new NewTopic(TOPIC, 2, (short) 1))).topicId(TOPIC).get();
    }
    try (RawKafka raw = new RawKafka(broker.kafkaPort())) {
      raw.call(ApiKeys.PRODUCE, (short) 9, produce(9));
    }
    awaitCoordinators();
  }

  /** The first who looks for a coordinator makes the internal topic; then its partitions load. */
  private static void awaitCoordinators() {
    GroupRequests groups = new GroupRequests(broker.kafkaPort(), TOPIC, topicId);
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              try (RawKafka raw = new RawKafka(broker.kafkaPort())) {
                ApiMessage found =
                    raw.call(
                        ApiKeys.FIND_COORDINATOR,
                        (short) 4,
                        groups.all().get(ApiKeys.FIND_COORDINATOR).apply(4));
                ApiMessage listed =
                    raw.call(ApiKeys.LIST_GROUPS, (short) 5, new ListGroupsRequestData());
                return !WITH_ERROR.matcher(found.toString() + listed).find();
              }
            });
  }

  @AfterAll
  static void stopBroker() throws Exception {
    broker.close();
    assertThat(broker.log()).doesNotContain("ERROR");
  }

  static Stream<Arguments> everyApiAtItsVersions() throws Exception {
    List<Arguments> cases = new ArrayList<>();
    for (ApiKeys key : requests().keySet()) {
      TreeSet<Integer> versions = new TreeSet<>(CLIENT_MAXIMA.getOrDefault(key, List.of()));
      versions.add((int) key.oldestVersion());
      versions.add((int) key.latestVersion(false));
      versions.forEach(version -> cases.add(Arguments.of(key, version)));
    }
    return cases.stream();
  }

  @ParameterizedTest(name = "{0} v{1}")
  @MethodSource("everyApiAtItsVersions")
  void anApiAnswersWithoutAnError(ApiKeys key, int version) throws Exception {
    try (RawKafka raw = new RawKafka(broker.kafkaPort())) {
      ApiMessage answer = raw.call(key, (short) version, requests().get(key).at(version));
      assertThat(answer.toString()).doesNotContainPattern(WITH_ERROR);
    }
  }

  @Test
  void everyAnnouncedApiIsTriedHere() throws Exception {
    try (RawKafka raw = new RawKafka(broker.kafkaPort())) {
      ApiVersionsResponseData answer =
          (ApiVersionsResponseData)
              raw.call(
                  ApiKeys.API_VERSIONS,
                  (short) 3,
                  new ApiVersionsRequestData()
                      .setClientSoftwareName("raw")
                      .setClientSoftwareVersion("1"));
      assertThat(answer.apiKeys())
          .extracting(v -> ApiKeys.forId(v.apiKey()))
          .containsExactlyInAnyOrderElementsOf(requests().keySet());
      assertThat(answer.apiKeys().find(ApiKeys.PRODUCE.id).minVersion()).isZero();
    }
  }

  @Test
  void fetchedBytesAreThoseThatWereProducedWhateverTheVersion() throws Exception {
    try (RawKafka raw = new RawKafka(broker.kafkaPort())) {
      for (int version : List.of(4, 11, 12, 13, 16, 18)) {
        FetchResponseData answer =
            (FetchResponseData) raw.call(ApiKeys.FETCH, (short) version, fetch(version));
        MemoryRecords records =
            (MemoryRecords) answer.responses().get(0).partitions().get(0).records();
        assertThat(records.records().iterator().next().value())
            .isEqualTo(java.nio.ByteBuffer.wrap("matrix".getBytes(StandardCharsets.UTF_8)));
        records.batches().forEach(batch -> batch.ensureValid());
      }
    }
  }

  @Test
  void pipelinedRequestsAreAnsweredInTheirOrder() throws Exception {
    try (RawKafka raw = new RawKafka(broker.kafkaPort())) {
      for (int i = 0; i < 100; i++) {
        raw.send(ApiKeys.PRODUCE, (short) 9, produce(9));
        raw.send(ApiKeys.METADATA, (short) 12, metadata(12));
      }
      long last = -1;
      for (int i = 0; i < 100; i++) {
        ProduceResponseData answer = (ProduceResponseData) raw.receive(ApiKeys.PRODUCE, (short) 9);
        long offset = answer.responses().iterator().next().partitionResponses().get(0).baseOffset();
        assertThat(offset).isGreaterThan(last);
        last = offset;
        raw.receive(ApiKeys.METADATA, (short) 12);
      }
    }
  }

  /** A request of that API at a version. */
  private interface AtVersion {
    ApiMessage at(int version);
  }

  private static ApiMessage updateFeatures(int version) {
    UpdateFeaturesRequestData request = new UpdateFeaturesRequestData();
    request
        .featureUpdates()
        .add(
            new UpdateFeaturesRequestData.FeatureUpdateKey()
                .setFeature("group.version")
                .setMaxVersionLevel((short) 1));
    return request;
  }

  private static Map<ApiKeys, AtVersion> requests() {
    Map<ApiKeys, AtVersion> all = new EnumMap<>(requestsApartFromGroups());
    new GroupRequests(broker.kafkaPort(), TOPIC, topicId)
        .all()
        .forEach((key, request) -> all.put(key, request::apply));
    return all;
  }

  private static Map<ApiKeys, AtVersion> requestsApartFromGroups() {
    return Map.ofEntries(
        Map.entry(ApiKeys.API_VERSIONS, ApiMatrixIT::apiVersions),
        Map.entry(ApiKeys.UPDATE_FEATURES, ApiMatrixIT::updateFeatures),
        Map.entry(ApiKeys.METADATA, ApiMatrixIT::metadata),
        Map.entry(ApiKeys.PRODUCE, ApiMatrixIT::produce),
        Map.entry(ApiKeys.FETCH, ApiMatrixIT::fetch),
        Map.entry(ApiKeys.LIST_OFFSETS, v -> listOffsets()),
        Map.entry(ApiKeys.OFFSET_FOR_LEADER_EPOCH, v -> epochs()),
        Map.entry(ApiKeys.CREATE_TOPICS, v -> createTopics()),
        Map.entry(ApiKeys.DELETE_TOPICS, ApiMatrixIT::deleteTopics),
        Map.entry(ApiKeys.CREATE_PARTITIONS, v -> createPartitions()),
        Map.entry(ApiKeys.DELETE_RECORDS, v -> deleteRecords()),
        Map.entry(ApiKeys.DESCRIBE_CONFIGS, v -> describeConfigs()),
        Map.entry(ApiKeys.ALTER_CONFIGS, v -> alterConfigs()),
        Map.entry(ApiKeys.INCREMENTAL_ALTER_CONFIGS, v -> incrementalAlterConfigs()),
        Map.entry(ApiKeys.LIST_CONFIG_RESOURCES, v -> new ListConfigResourcesRequestData()),
        Map.entry(ApiKeys.DESCRIBE_LOG_DIRS, v -> new DescribeLogDirsRequestData().setTopics(null)),
        Map.entry(ApiKeys.INIT_PRODUCER_ID, v -> initProducerId()),
        Map.entry(ApiKeys.DESCRIBE_PRODUCERS, v -> describeProducers()),
        Map.entry(ApiKeys.DESCRIBE_TOPIC_PARTITIONS, v -> describeTopicPartitions()),
        Map.entry(ApiKeys.DESCRIBE_CLUSTER, v -> new DescribeClusterRequestData()),
        Map.entry(
            ApiKeys.LIST_PARTITION_REASSIGNMENTS,
            v -> new ListPartitionReassignmentsRequestData().setTopics(null)));
  }

  private static ApiMessage apiVersions(int version) {
    ApiVersionsRequestData request = new ApiVersionsRequestData();
    return version < 3
        ? request
        : request.setClientSoftwareName("raw").setClientSoftwareVersion("1");
  }

  private static ApiMessage metadata(int version) {
    return new MetadataRequestData()
        .setAllowAutoTopicCreation(true)
        .setTopics(List.of(new MetadataRequestData.MetadataRequestTopic().setName(TOPIC)));
  }

  private static ApiMessage produce(int version) {
    MemoryRecords records =
        MemoryRecords.withRecords(
            Compression.NONE,
            new SimpleRecord(1_700_000_000_000L, null, "matrix".getBytes(StandardCharsets.UTF_8)));
    ProduceRequestData.TopicProduceData topic =
        new ProduceRequestData.TopicProduceData()
            .setPartitionData(
                List.of(
                    new ProduceRequestData.PartitionProduceData().setIndex(0).setRecords(records)));
    if (version >= 13) {
      topic.setTopicId(topicId);
    } else {
      topic.setName(TOPIC);
    }
    ProduceRequestData request = new ProduceRequestData().setAcks((short) -1).setTimeoutMs(10_000);
    request.topicData().add(topic);
    return request;
  }

  private static ApiMessage fetch(int version) {
    FetchRequestData.FetchTopic topic =
        new FetchRequestData.FetchTopic()
            .setPartitions(
                List.of(
                    new FetchRequestData.FetchPartition()
                        .setPartition(0)
                        .setFetchOffset(0)
                        .setPartitionMaxBytes(1 << 20)));
    if (version >= 13) {
      topic.setTopicId(topicId);
    } else {
      topic.setTopic(TOPIC);
    }
    return new FetchRequestData()
        .setMaxWaitMs(100)
        .setMinBytes(1)
        .setMaxBytes(1 << 20)
        .setTopics(List.of(topic));
  }

  private static ApiMessage listOffsets() {
    return new ListOffsetsRequestData()
        .setReplicaId(-1)
        .setTopics(
            List.of(
                new ListOffsetsRequestData.ListOffsetsTopic()
                    .setName(TOPIC)
                    .setPartitions(
                        List.of(
                            new ListOffsetsRequestData.ListOffsetsPartition()
                                .setPartitionIndex(0)
                                .setTimestamp(-1)))));
  }

  private static ApiMessage epochs() {
    OffsetForLeaderEpochRequestData request = new OffsetForLeaderEpochRequestData();
    request
        .topics()
        .add(
            new OffsetForLeaderEpochRequestData.OffsetForLeaderTopic()
                .setTopic(TOPIC)
                .setPartitions(
                    List.of(
                        new OffsetForLeaderEpochRequestData.OffsetForLeaderPartition()
                            .setPartition(0)
                            .setLeaderEpoch(0))));
    return request;
  }

  private static ApiMessage createTopics() {
    CreateTopicsRequestData request = new CreateTopicsRequestData().setTimeoutMs(10_000);
    request
        .topics()
        .add(
            new CreateTopicsRequestData.CreatableTopic()
                .setName("matrix-" + created++)
                .setNumPartitions(1)
                .setReplicationFactor((short) 1));
    return request;
  }

  private static ApiMessage deleteTopics(int version) {
    String name = "gone-" + created++;
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
      admin.createTopics(List.of(new NewTopic(name, 1, (short) 1))).all().get();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    DeleteTopicsRequestData request = new DeleteTopicsRequestData().setTimeoutMs(10_000);
    return version >= 6
        ? request.setTopics(List.of(new DeleteTopicsRequestData.DeleteTopicState().setName(name)))
        : request.setTopicNames(List.of(name));
  }

  private static ApiMessage createPartitions() {
    CreatePartitionsRequestData request =
        new CreatePartitionsRequestData().setTimeoutMs(10_000).setValidateOnly(true);
    request
        .topics()
        .add(
            new CreatePartitionsRequestData.CreatePartitionsTopic()
                .setName(TOPIC)
                .setCount(3)
                .setAssignments(null));
    return request;
  }

  private static ApiMessage deleteRecords() {
    return new DeleteRecordsRequestData()
        .setTimeoutMs(10_000)
        .setTopics(
            List.of(
                new DeleteRecordsRequestData.DeleteRecordsTopic()
                    .setName(TOPIC)
                    .setPartitions(
                        List.of(
                            new DeleteRecordsRequestData.DeleteRecordsPartition()
                                .setPartitionIndex(1)
                                .setOffset(0)))));
  }

  private static ApiMessage describeConfigs() {
    return new DescribeConfigsRequestData()
        .setResources(
            List.of(
                new DescribeConfigsRequestData.DescribeConfigsResource()
                    .setResourceType((byte) 2)
                    .setResourceName(TOPIC)
                    .setConfigurationKeys(null)));
  }

  private static ApiMessage alterConfigs() {
    AlterConfigsRequestData request = new AlterConfigsRequestData();
    AlterConfigsRequestData.AlterConfigsResource resource =
        new AlterConfigsRequestData.AlterConfigsResource()
            .setResourceType((byte) 2)
            .setResourceName(TOPIC);
    resource
        .configs()
        .add(new AlterConfigsRequestData.AlterableConfig().setName("flush.ms").setValue("9000"));
    request.resources().add(resource);
    return request;
  }

  private static ApiMessage incrementalAlterConfigs() {
    IncrementalAlterConfigsRequestData request = new IncrementalAlterConfigsRequestData();
    IncrementalAlterConfigsRequestData.AlterConfigsResource resource =
        new IncrementalAlterConfigsRequestData.AlterConfigsResource()
            .setResourceType((byte) 2)
            .setResourceName(TOPIC);
    resource
        .configs()
        .add(
            new IncrementalAlterConfigsRequestData.AlterableConfig()
                .setName("flush.ms")
                .setConfigOperation((byte) 0)
                .setValue("9001"));
    request.resources().add(resource);
    return request;
  }

  private static ApiMessage initProducerId() {
    return new InitProducerIdRequestData().setTransactionalId(null).setTransactionTimeoutMs(1000);
  }

  private static ApiMessage describeProducers() {
    DescribeProducersRequestData request = new DescribeProducersRequestData();
    request
        .topics()
        .add(
            new DescribeProducersRequestData.TopicRequest()
                .setName(TOPIC)
                .setPartitionIndexes(List.of(0)));
    return request;
  }

  private static ApiMessage describeTopicPartitions() {
    return new DescribeTopicPartitionsRequestData()
        .setTopics(List.of(new DescribeTopicPartitionsRequestData.TopicRequest().setName(TOPIC)));
  }
}
