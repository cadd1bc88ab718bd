package io.milena.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.milena.config.TopicConfigRules;
import io.milena.controller.ControllerClient;
import io.vertx.core.Future;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.Cursor;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients are told of brokers and topics, in every version; answers must encode. */
class MetadataApisTest {
  private final ApiBench bench = new ApiBench(2);
  private final List<String> created = new ArrayList<>();

  @AfterEach
  void bodiesAreReleased() {
    bench.close();
  }

  static IntStream metadataVersions() {
    return IntStream.rangeClosed(0, 13);
  }

  static Stream<Integer> createVersions() {
    return IntStream.rangeClosed(2, 7).boxed();
  }

  @ParameterizedTest
  @MethodSource("metadataVersions")
  void shouldListBrokersAndTopics(int version) {
    bench.topic("t", 2);

    MetadataResponseData response = bench.ask(metadata(false), names("t", "nope"), version);

    assertThat(response.brokers()).hasSize(2);
    MetadataResponseTopic t = response.topics().find("t");
    assertThat(t.partitions()).hasSize(2).allMatch(p -> p.leaderId() == p.replicaNodes().get(0));
    assertThat(response.topics().find("nope").errorCode())
        .isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 12})
  void shouldTellAllFromNone(int version) {
    bench.topic("t", 1);

    MetadataResponseData empty =
        bench.ask(metadata(false), new MetadataRequestData().setTopics(List.of()), version);

    assertThat(empty.topics()).hasSize(version == 0 ? 1 : 0);
  }

  /** So asks Kafka's consumer whose regular expression the broker matched. */
  @Test
  void shouldFindTopicsByIdWhenTheNameIsEmpty() {
    Uuid id = bench.topic("t", 1);
    MetadataRequestData request =
        new MetadataRequestData()
            .setTopics(
                List.of(
                    new MetadataRequestTopic().setName("").setTopicId(id),
                    new MetadataRequestTopic().setName("").setTopicId(new Uuid(1, 2))));

    MetadataResponseData response = bench.ask(metadata(true), request, 12);

    assertThat(response.topics())
        .extracting(MetadataResponseTopic::name, MetadataResponseTopic::errorCode)
        .containsExactlyInAnyOrder(
            tuple("t", Errors.NONE.code()), tuple(null, Errors.UNKNOWN_TOPIC_ID.code()));
    assertThat(created).isEmpty();
  }

  @Test
  void shouldFindTopicsById() {
    Uuid id = bench.topic("t", 1);
    MetadataRequestData request =
        new MetadataRequestData()
            .setTopics(
                List.of(
                    new MetadataRequestTopic().setName(null).setTopicId(id),
                    new MetadataRequestTopic().setName(null).setTopicId(new Uuid(1, 2))));

    MetadataResponseData response = bench.ask(metadata(true), request, 12);

    assertThat(response.topics())
        .extracting(MetadataResponseTopic::errorCode)
        .containsExactlyInAnyOrder(Errors.NONE.code(), Errors.UNKNOWN_TOPIC_ID.code());
    assertThat(created).isEmpty();
  }

  @Test
  void shouldCreateMissingTopicsOnceAndAnswerWithThem() {
    MetadataResponseData response = bench.ask(metadata(true), names("new", "new", "a/b"), 9);

    assertThat(created).containsExactly("new");
    assertThat(response.topics().find("new").errorCode()).isEqualTo(Errors.NONE.code());
    assertThat(response.topics().find("a/b").errorCode())
        .isEqualTo(Errors.INVALID_TOPIC_EXCEPTION.code());
  }

  @Test
  void shouldNotCreateWhenTheClientDoesNotWantIt() {
    MetadataRequestData request = names("new").setAllowAutoTopicCreation(false);

    bench.ask(metadata(true), request, 9);

    assertThat(created).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("createVersions")
  void shouldRefuseDuplicatesAndCreateTheRest(int version) {
    CreateTopicsRequestData request = new CreateTopicsRequestData().setTimeoutMs(1_000);
    for (String name : List.of("a", "b", "a")) {
      request
          .topics()
          .add(
              new CreatableTopic()
                  .setName(name)
                  .setNumPartitions(1)
                  .setReplicationFactor((short) 1));
    }

    CreateTopicsResponseData response =
        bench.ask(new CreateTopicsApi(controller(), TopicConfigRules.none()), request, version);

    assertThat(created).containsExactly("b");
    assertThat(response.topics().find("a").errorCode()).isEqualTo(Errors.INVALID_REQUEST.code());
    assertThat(response.topics().find("b").errorCode()).isEqualTo(Errors.NONE.code());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 5})
  void shouldSayWhenDeletionIsOffOrTooSlow(int version) {
    DeleteTopicsRequestData request = new DeleteTopicsRequestData().setTopicNames(List.of("t"));

    DeleteTopicsResponseData off =
        bench.ask(new DeleteTopicsApi(controller(), false), request, version);
    DeleteTopicsResponseData slow =
        bench.ask(new DeleteTopicsApi(controller(), true), request, version);

    assertThat(off.responses().find("t").errorCode())
        .isEqualTo(
            version < 3 ? Errors.INVALID_REQUEST.code() : Errors.TOPIC_DELETION_DISABLED.code());
    assertThat(slow.responses().find("t").errorCode()).isEqualTo(Errors.REQUEST_TIMED_OUT.code());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void shouldAnswerEachTopicWhenTheControllerIsSilent(int version) {
    CreatePartitionsRequestData request = new CreatePartitionsRequestData();
    request.topics().add(new CreatePartitionsTopic().setName("t").setCount(3).setAssignments(null));

    CreatePartitionsResponseData response =
        bench.ask(new CreatePartitionsApi(controller()), request, version);

    assertThat(response.results().get(0).errorCode()).isEqualTo(Errors.REQUEST_TIMED_OUT.code());
  }

  @Test
  void shouldPageThroughPartitions() {
    bench.topic("a", 3);
    bench.topic("b", 2);
    DescribeTopicPartitionsApi api = new DescribeTopicPartitionsApi(bench::image, 2_000);

    DescribeTopicPartitionsResponseData first =
        bench.ask(api, new DescribeTopicPartitionsRequestData().setResponsePartitionLimit(4), 0);
    DescribeTopicPartitionsResponseData second =
        bench.ask(
            api,
            new DescribeTopicPartitionsRequestData()
                .setResponsePartitionLimit(4)
                .setCursor(
                    new Cursor()
                        .setTopicName(first.nextCursor().topicName())
                        .setPartitionIndex(first.nextCursor().partitionIndex())),
            0);

    assertThat(first.topics().find("a").partitions()).hasSize(3);
    assertThat(first.topics().find("b").partitions()).hasSize(1);
    assertThat(second.topics()).hasSize(1);
    assertThat(second.topics().find("b").partitions().get(0).partitionIndex()).isEqualTo(1);
    assertThat(second.nextCursor()).isNull();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void shouldDescribeTheClusterAndItsReassignments(int version) {
    DescribeClusterResponseData cluster =
        bench.ask(
            new DescribeClusterApi(bench::image, new AdvertisedEndpoint(-1, Set.of())),
            new DescribeClusterRequestData(),
            version);
    ListPartitionReassignmentsResponseData none =
        bench.ask(
            new ListPartitionReassignmentsApi(bench::image),
            new ListPartitionReassignmentsRequestData().setTopics(null),
            0);

    assertThat(cluster.brokers()).hasSize(2);
    assertThat(none.topics()).isEmpty();
  }

  @Test
  void shouldNameTheClientsOwnSocketWhenNothingIsAdvertised() {
    int self = bench.image().brokers().keySet().iterator().next();
    MetadataApi api =
        new MetadataApi(
            bench::image,
            controller(),
            new AdvertisedEndpoint(self, Set.of("PLAINTEXT")),
            new MetadataApi.Options(false, 1_000));

    MetadataResponseData response = bench.ask(api, names(), 9);

    assertThat(response.brokers().find(self).host()).isNotEqualTo("host" + self);
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 11})
  void shouldRefuseTopicIdsWhereTheAnswerNeedsAName(int version) {
    MetadataRequestData byId =
        new MetadataRequestData()
            .setTopics(
                List.of(new MetadataRequestTopic().setName(null).setTopicId(Uuid.randomUuid())));

    assertThatThrownBy(() -> bench.ask(metadata(false), byId, version))
        .isInstanceOf(InvalidRequestException.class);
  }

  private MetadataApi metadata(boolean autoCreate) {
    return new MetadataApi(
        bench::image,
        controller(),
        new AdvertisedEndpoint(-1, Set.of()),
        new MetadataApi.Options(autoCreate, 1_000));
  }

  private static MetadataRequestData names(String... names) {
    return new MetadataRequestData()
        .setTopics(Stream.of(names).map(n -> new MetadataRequestTopic().setName(n)).toList());
  }

  /** Creates at once; all else is never answered in time. */
  private ControllerClient controller() {
    return (ControllerClient)
        Proxy.newProxyInstance(
            ControllerClient.class.getClassLoader(),
            new Class<?>[] {ControllerClient.class},
            (proxy, method, args) -> {
              if (!method.getName().equals("createTopics")) {
                return Future.failedFuture(new TimeoutException("too late"));
              }
              CreateTopicsResponseData response = new CreateTopicsResponseData();
              for (CreatableTopic topic : ((CreateTopicsRequestData) args[0]).topics()) {
                created.add(topic.name());
                Uuid id = bench.topic(topic.name(), 1);
                response
                    .topics()
                    .add(new CreatableTopicResult().setName(topic.name()).setTopicId(id));
              }
              return Future.succeededFuture(response);
            });
  }
}
