package io.milena.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.base.Clock;
import io.milena.base.RandomSource;
import io.milena.bus.Codecs;
import io.milena.config.TopicConfig;
import io.milena.coordinator.CoordinatorObserver;
import io.milena.group.model.GroupLimits;
import io.milena.group.model.GroupRequest;
import io.milena.group.model.GroupSettings;
import io.milena.group.model.consumer.timing.GroupTiming;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.PartitionImage;
import io.milena.metadata.TopicImage;
import io.milena.metrics.BusMeters;
import io.milena.metrics.VerticleMeters;
import io.milena.partition.PartitionClient;
import io.milena.partition.PartitionMessages.Append;
import io.milena.partition.PartitionMessages.Become;
import io.milena.partition.PartitionMessages.BecomePartition;
import io.milena.protocol.SupportedApis;
import io.milena.testing.FilesShard;
import io.milena.testing.ImageChange;
import io.milena.work.CpuWork;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocolCollection;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two group verticles on a real shard with real files. */
class GroupVerticleTest {
  private static final int BROKER = 1;
  private static final int PARTITIONS = 3;
  private static final Uuid TOPIC_ID = Uuid.randomUuid();

  @TempDir Path dir;
  private final AtomicBoolean halted = new AtomicBoolean();
  private final AtomicReference<ClusterImage> image =
      new AtomicReference<>(ClusterImage.empty("story"));
  private Vertx vertx;
  private PartitionClient partitions;
  private GroupClient client;
  private final AtomicBoolean diskHangs = new AtomicBoolean();

  @BeforeEach
  void startVerticles() throws Exception {
    vertx = Vertx.vertx();
    Codecs.register(vertx, new BusMeters());
    partitions = new FilesShard(vertx, dir, image::get, () -> halted.set(true)).client();
    GroupOptions options = options();
    for (int i = 0; i < options.verticles(); i++) {
      get(vertx.deployVerticle(new GroupVerticle(i, options, around(options))));
    }
    client = GroupClient.create(vertx, options.verticles(), BROKER, image::get, Clock.system());
    lead(1);
  }

  @AfterEach
  void closeVertx() throws Exception {
    assertThat(halted).isFalse();
    get(vertx.close());
  }

  private static GroupOptions options() {
    return new GroupOptions(
        BROKER,
        2,
        new GroupSettings(
            new GroupSettings.Classic(0, 100, 60_000, 100),
            new GroupSettings.Consumer(
                true,
                100,
                List.of("uniform", "range"),
                GroupSettings.Migration.BIDIRECTIONAL,
                600_000),
            new GroupSettings.Offsets(60_000, 60_000, 4_096)),
        GroupLimits.Caps.NONE,
        2_000,
        new GroupOptions.Topic(PARTITIONS, 1, 1 << 20, 1));
  }

  private GroupVerticle.Surroundings around(GroupOptions options) {
    WorkerExecutor worker = vertx.createSharedWorkerExecutor("cpu", 2);
    return new GroupVerticle.Surroundings(
        hangingOnDemand(partitions),
        null,
        image::get,
        GroupVerticleTest::timing,
        now -> 1 << 20,
        new CpuWork() {
          @Override
          public <T> Future<T> run(Callable<T> work) {
            return worker.executeBlocking(work, false);
          }
        },
        CoordinatorObserver.NONE,
        index -> new VerticleMeters("group-" + index),
        Clock.system(),
        RandomSource.system(),
        () -> halted.set(true));
  }

  private static GroupTiming timing(ClusterImage now, String groupId) {
    String heartbeatMs =
        now.groupConfigs()
            .getOrDefault(groupId, Map.of())
            .getOrDefault("consumer.heartbeat.interval.ms", "5000");
    return new GroupTiming(45_000, Integer.parseInt(heartbeatMs), 0);
  }

  /** Appends are never answered while {@link #diskHangs}. */
  private PartitionClient hangingOnDemand(PartitionClient real) {
    return (PartitionClient)
        Proxy.newProxyInstance(
            PartitionClient.class.getClassLoader(),
            new Class<?>[] {PartitionClient.class},
            (proxy, method, arguments) -> {
              if (!diskHangs.get() || !method.getName().equals("append")) {
                return method.invoke(real, arguments);
              }
              ((Append) arguments[1]).parts().forEach(part -> part.records().release());
              return Promise.promise().future();
            });
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  /** This broker leads all partitions of the topic, in that epoch. */
  private void lead(int epoch) throws Exception {
    ClusterImage led = ledBy(BROKER, epoch);
    List<BecomePartition> orders = new ArrayList<>();
    for (PartitionImage part : led.topic(GroupClient.TOPIC).partitions()) {
      orders.add(
          new BecomePartition(GroupClient.TOPIC, TOPIC_ID, part, BROKER, TopicConfig.defaults()));
    }
    get(partitions.become(0, new Become(orders)));
    get(client.follow(led));
    image.set(led);
    Awaitility.await().until(() -> get(client.summary()).active() == PARTITIONS);
  }

  private ClusterImage ledBy(int broker, int epoch) {
    List<PartitionImage> parts = new ArrayList<>();
    for (int p = 0; p < PARTITIONS; p++) {
      parts.add(
          new PartitionImage(
              p, List.of(broker), List.of(broker), broker, epoch, epoch, List.of(), List.of()));
    }
    return with(new TopicImage(GroupClient.TOPIC, TOPIC_ID, parts, Map.of()), Map.of());
  }

  private ClusterImage with(TopicImage topic, Map<String, Map<String, String>> groupConfigs) {
    return ImageChange.of(image.get()).topics(List.of(topic)).groupConfigs(groupConfigs).image();
  }

  private Future<ApiMessage> ask(short key, int version, String group, ApiMessage body) {
    return client.ask(new GroupRequest(key, (short) version, group, body, "me", "/127.0.0.1"));
  }

  private Errors commit(String group, String member, int generation, long offset) throws Exception {
    OffsetCommitResponseData answer =
        (OffsetCommitResponseData) get(commitLater(group, member, generation, offset));
    return errorOf(answer);
  }

  private static Errors errorOf(OffsetCommitResponseData answer) {
    return Errors.forCode(answer.topics().get(0).partitions().get(0).errorCode());
  }

  private Future<ApiMessage> commitLater(String group, String member, int generation, long offset) {
    OffsetCommitRequestData data =
        new OffsetCommitRequestData()
            .setGroupId(group)
            .setMemberId(member)
            .setGenerationIdOrMemberEpoch(generation);
    data.topics()
        .add(
            new OffsetCommitRequestTopic()
                .setName("words")
                .setPartitions(
                    List.of(
                        new OffsetCommitRequestPartition()
                            .setPartitionIndex(0)
                            .setCommittedOffset(offset))));
    return ask(SupportedApis.OFFSET_COMMIT, 8, group, data);
  }

  private long committed(String group) throws Exception {
    return fetch(group).topics().get(0).partitions().get(0).committedOffset();
  }

  private OffsetFetchResponseGroup fetch(String group) throws Exception {
    OffsetFetchRequestData data = new OffsetFetchRequestData();
    data.groups().add(new OffsetFetchRequestGroup().setGroupId(group).setTopics(null));
    OffsetFetchResponseData answer =
        (OffsetFetchResponseData) get(ask(SupportedApis.OFFSET_FETCH, 8, group, data));
    assertThat(answer.groups().get(0).errorCode()).isZero();
    return answer.groups().get(0);
  }

  private Future<ApiMessage> fetchStable(String group) {
    OffsetFetchRequestData data = new OffsetFetchRequestData().setRequireStable(true);
    data.groups().add(new OffsetFetchRequestGroup().setGroupId(group).setTopics(null));
    return ask(SupportedApis.OFFSET_FETCH, 8, group, data);
  }

  @Test
  void whoWaitsForAnAppendThatHangsIsToldToComeAgain() throws Exception {
    assertThat(commit("g", "", -1, 7)).isEqualTo(Errors.NONE);
    diskHangs.set(true);

    Future<ApiMessage> committing = commitLater("g", "", -1, 9);
    Future<ApiMessage> fetching = fetchStable("g");
    Future<ApiMessage> joining = joinLater("g2");
    Future<ApiMessage> joiningToo = joinLater("g2");

    assertThat(errorOf((OffsetCommitResponseData) get(committing)))
        .isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE);
    for (Future<ApiMessage> join : List.of(joining, joiningToo)) {
      assertThat(Errors.forCode(((JoinGroupResponseData) get(join)).errorCode()))
          .isEqualTo(Errors.COORDINATOR_NOT_AVAILABLE);
    }
    OffsetFetchResponseData fetched = (OffsetFetchResponseData) get(fetching);
    assertThat(Errors.forCode(fetched.groups().get(0).errorCode()))
        .isEqualTo(Errors.NOT_COORDINATOR);
  }

  private JoinGroupResponseData join(String group) throws Exception {
    return (JoinGroupResponseData) get(joinLater(group));
  }

  private Future<ApiMessage> joinLater(String group) {
    JoinGroupRequestProtocolCollection protocols = new JoinGroupRequestProtocolCollection();
    protocols.add(new JoinGroupRequestProtocol().setName("any").setMetadata(new byte[] {1}));
    return ask(
        SupportedApis.JOIN_GROUP,
        2,
        group,
        new JoinGroupRequestData()
            .setGroupId(group)
            .setSessionTimeoutMs(30_000)
            .setRebalanceTimeoutMs(30_000)
            .setProtocolType("toy")
            .setProtocols(protocols));
  }

  @Test
  void aMemberJoinsSyncsAndCommitsAndTheNextEpochKnowsIt() throws Exception {
    JoinGroupResponseData joined = join("g");
    assertThat(joined.errorCode()).isZero();
    SyncGroupRequestData sync =
        new SyncGroupRequestData()
            .setGroupId("g")
            .setMemberId(joined.memberId())
            .setGenerationId(joined.generationId())
            .setAssignments(
                List.of(
                    new SyncGroupRequestAssignment()
                        .setMemberId(joined.memberId())
                        .setAssignment(new byte[] {7})));
    SyncGroupResponseData synced =
        (SyncGroupResponseData) get(ask(SupportedApis.SYNC_GROUP, 2, "g", sync));
    assertThat(synced.assignment()).containsExactly(7);
    assertThat(commit("g", joined.memberId(), joined.generationId(), 42)).isEqualTo(Errors.NONE);
    assertThat(commit("g", joined.memberId(), joined.generationId() + 1, 43))
        .isEqualTo(Errors.ILLEGAL_GENERATION);

    lead(2);

    assertThat(committed("g")).isEqualTo(42);
    assertThat(commit("g", joined.memberId(), joined.generationId(), 44)).isEqualTo(Errors.NONE);
    assertThat(committed("g")).isEqualTo(44);
  }

  @Test
  void offsetsOfATopicAreGoneWithTheImageThatHasItNoMore() throws Exception {
    get(
        client.follow(
            with(new TopicImage("words", Uuid.randomUuid(), List.of(), Map.of()), Map.of())));
    assertThat(commit("g", "", -1, 42)).isEqualTo(Errors.NONE);
    assertThat(committed("g")).isEqualTo(42);

    get(client.follow(image.get()));

    assertThat(fetch("g").topics()).isEmpty();
  }

  @Test
  void manyOffsetsInManyGroupsComeBackAfterALoad() throws Exception {
    for (int i = 0; i < 300; i++) {
      assertThat(commit("group-" + i, "", -1, i)).isEqualTo(Errors.NONE);
    }
    lead(2);
    for (int i = 0; i < 300; i++) {
      assertThat(committed("group-" + i)).isEqualTo(i);
    }
    List<ApiMessage> lists =
        get(
            client.askAll(
                new GroupRequest(
                    SupportedApis.LIST_GROUPS,
                    (short) 5,
                    null,
                    new ListGroupsRequestData(),
                    "me",
                    "/127.0.0.1")));
    assertThat(lists.stream().mapToInt(l -> ((ListGroupsResponseData) l).groups().size()).sum())
        .isEqualTo(300);
  }

  @Test
  void whoeverWaitsIsToldWhenThePartitionIsLedByAnother() throws Exception {
    JoinGroupResponseData first = join("g");
    assertThat(first.errorCode()).isZero();
    JoinGroupRequestProtocolCollection protocols = new JoinGroupRequestProtocolCollection();
    protocols.add(new JoinGroupRequestProtocol().setName("any").setMetadata(new byte[] {1}));
    Future<ApiMessage> second =
        ask(
            SupportedApis.JOIN_GROUP,
            2,
            "g",
            new JoinGroupRequestData()
                .setGroupId("g")
                .setSessionTimeoutMs(30_000)
                .setRebalanceTimeoutMs(30_000)
                .setProtocolType("toy")
                .setProtocols(protocols));
    get(client.follow(ledBy(BROKER + 1, 2)));
    assertThat(((JoinGroupResponseData) get(second)).errorCode())
        .isEqualTo(Errors.NOT_COORDINATOR.code());
    assertThat(join("g").errorCode()).isEqualTo(Errors.NOT_COORDINATOR.code());
  }

  @Test
  void aMemberIsToldTheNewPaceByTheFirstHeartbeatAfterTheVerticleHeardOfIt() throws Exception {
    ConsumerGroupHeartbeatResponseData joined =
        beat(
            new ConsumerGroupHeartbeatRequestData()
                .setGroupId("paced")
                .setMemberId("m")
                .setMemberEpoch(0)
                .setRebalanceTimeoutMs(30_000)
                .setSubscribedTopicNames(List.of())
                .setTopicPartitions(List.of()));
    assertThat(joined.errorCode()).isZero();
    assertThat(joined.heartbeatIntervalMs()).isEqualTo(5_000);
    TopicImage topic = image.get().topic(GroupClient.TOPIC);
    get(
        client.follow(
            with(topic, Map.of("paced", Map.of("consumer.heartbeat.interval.ms", "7000")))));
    ConsumerGroupHeartbeatResponseData next =
        beat(
            new ConsumerGroupHeartbeatRequestData()
                .setGroupId("paced")
                .setMemberId("m")
                .setMemberEpoch(joined.memberEpoch()));
    assertThat(next.errorCode()).isZero();
    assertThat(next.heartbeatIntervalMs()).isEqualTo(7_000);
  }

  private ConsumerGroupHeartbeatResponseData beat(ConsumerGroupHeartbeatRequestData request)
      throws Exception {
    return (ConsumerGroupHeartbeatResponseData)
        get(ask(SupportedApis.CONSUMER_GROUP_HEARTBEAT, 1, request.groupId(), request));
  }
}
