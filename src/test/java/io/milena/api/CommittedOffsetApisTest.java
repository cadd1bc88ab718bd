package io.milena.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.milena.group.model.GroupRefusals;
import io.milena.group.model.GroupRequest;
import io.vertx.core.Future;
import java.util.Collections;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponsePartition;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponseTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopics;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** OffsetCommit, OffsetFetch and OffsetDelete, coordinators scripted. */
class CommittedOffsetApisTest {
  private final ApiBench bench = new ApiBench(1);
  private final ScriptedGroups groups = new ScriptedGroups();
  private Uuid known;

  @BeforeEach
  void coordinatorsAgree() {
    known = bench.topic("t", 2);
    groups.answer = request -> Future.succeededFuture(agree(request));
  }

  @AfterEach
  void bodiesAreReleased() {
    bench.close();
  }

  /** Commits and deletes go well; what is fetched is the number of the partition plus 100. */
  private static ApiMessage agree(GroupRequest request) {
    if (!(request.body() instanceof OffsetFetchRequestData data)) {
      return request.body() instanceof OffsetDeleteRequestData delete
          ? deleted(delete)
          : GroupRefusals.of(request, Errors.NONE);
    }
    OffsetFetchRequestGroup asked = data.groups().get(0);
    OffsetFetchResponseGroup told = new OffsetFetchResponseGroup().setGroupId(asked.groupId());
    if (asked.topics() == null) {
      told.topics().add(told("t", Uuid.ZERO_UUID, List.of(0)));
      told.topics().add(told("gone", Uuid.ZERO_UUID, List.of(0)));
    } else {
      asked
          .topics()
          .forEach(t -> told.topics().add(told(t.name(), t.topicId(), t.partitionIndexes())));
    }
    return new OffsetFetchResponseData().setGroups(List.of(told));
  }

  private static OffsetFetchResponseTopics told(String name, Uuid id, List<Integer> partitions) {
    return new OffsetFetchResponseTopics()
        .setName(name)
        .setTopicId(id)
        .setPartitions(
            partitions.stream()
                .map(
                    p ->
                        new OffsetFetchResponsePartitions()
                            .setPartitionIndex(p)
                            .setCommittedOffset(100 + p)
                            .setCommittedLeaderEpoch(6)
                            .setMetadata("m"))
                .toList());
  }

  private static ApiMessage deleted(OffsetDeleteRequestData data) {
    OffsetDeleteResponseData response = new OffsetDeleteResponseData();
    for (OffsetDeleteRequestTopic topic : data.topics()) {
      OffsetDeleteResponseTopic told = new OffsetDeleteResponseTopic().setName(topic.name());
      topic
          .partitions()
          .forEach(
              p ->
                  told.partitions()
                      .add(
                          new OffsetDeleteResponsePartition()
                              .setPartitionIndex(p.partitionIndex())));
      response.topics().add(told);
    }
    return response;
  }

  // ---- commit -------------------------------------------------------------------------------

  private OffsetCommitRequestTopic commitTopic(String name, Uuid id, int... partitions) {
    OffsetCommitRequestTopic topic = new OffsetCommitRequestTopic().setName(name).setTopicId(id);
    for (int p : partitions) {
      topic
          .partitions()
          .add(
              new OffsetCommitRequestPartition()
                  .setPartitionIndex(p)
                  .setCommittedOffset(7)
                  .setCommittedMetadata("m"));
    }
    return topic;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 6, 9})
  void whatExistsIsCommittedAndTheRestRefusedHere(int version) {
    OffsetCommitRequestData data = new OffsetCommitRequestData().setGroupId("g").setMemberId("m");
    data.topics().add(commitTopic("nope", Uuid.ZERO_UUID, 0));
    data.topics().add(commitTopic("t", Uuid.ZERO_UUID, 2, 1));

    OffsetCommitResponseData response =
        bench.ask(new OffsetCommitApi(bench::image, groups), data, version);

    assertThat(commitCodes(response))
        .containsExactly(
            "nope-0:UNKNOWN_TOPIC_OR_PARTITION", "t-2:UNKNOWN_TOPIC_OR_PARTITION", "t-1:NONE");
    OffsetCommitRequestData asked = groups.body();
    assertThat(asked.topics()).hasSize(1);
    assertThat(asked.topics().get(0).topicId()).isEqualTo(Uuid.ZERO_UUID);
    assertThat(asked.topics().get(0).partitions()).hasSize(1);
  }

  private static List<String> commitCodes(OffsetCommitResponseData response) {
    return response.topics().stream()
        .flatMap(
            topic ->
                topic.partitions().stream()
                    .map(p -> code(topic.name(), p.partitionIndex(), p.errorCode())))
        .toList();
  }

  private static String code(String topic, int partition, short error) {
    return topic + "-" + partition + ":" + Errors.forCode(error);
  }

  @Test
  void topicsAreCommittedByIdToo() {
    Uuid unknown = Uuid.randomUuid();
    OffsetCommitRequestData data = new OffsetCommitRequestData().setGroupId("g").setMemberId("m");
    data.topics().add(commitTopic("", unknown, 0));
    data.topics().add(commitTopic("", known, 0));

    OffsetCommitResponseData response =
        bench.ask(new OffsetCommitApi(bench::image, groups), data, 10);

    assertThat(response.topics()).extracting(t -> t.topicId()).containsExactly(unknown, known);
    assertThat(response.topics())
        .extracting(t -> Errors.forCode(t.partitions().get(0).errorCode()))
        .containsExactly(Errors.UNKNOWN_TOPIC_ID, Errors.NONE);
    OffsetCommitRequestTopic asked = groups.<OffsetCommitRequestData>body().topics().get(0);
    assertThat(asked.name()).isEqualTo("t");
    assertThat(asked.topicId()).isEqualTo(known);
  }

  @Test
  void aCommitOfNothingThatExistsAsksNobody() {
    OffsetCommitRequestData data = new OffsetCommitRequestData().setGroupId("g").setMemberId("m");
    OffsetCommitResponseData empty =
        bench.ask(new OffsetCommitApi(bench::image, groups), data.duplicate(), 9);
    data.topics().add(commitTopic("nope", Uuid.ZERO_UUID, 0));

    OffsetCommitResponseData response =
        bench.ask(new OffsetCommitApi(bench::image, groups), data, 9);

    assertThat(empty.topics()).isEmpty();
    assertThat(commitCodes(response)).containsExactly("nope-0:UNKNOWN_TOPIC_OR_PARTITION");
    assertThat(groups.asked).isEmpty();
  }

  @Test
  void aCommitOfTooManyTopicsClosesTheConnection() {
    OffsetCommitRequestData data =
        new OffsetCommitRequestData()
            .setGroupId("g")
            .setMemberId("m")
            .setTopics(
                Collections.nCopies(GroupAsks.MAX_NAMED + 1, commitTopic("t", Uuid.ZERO_UUID, 0)));

    assertThatThrownBy(() -> bench.ask(new OffsetCommitApi(bench::image, groups), data, 9))
        .isInstanceOf(InvalidRequestException.class);
  }

  /** Each would become a record, or an answer, on the loop of a coordinator. */
  @Test
  void thousandsOfTimesTheSamePartitionCloseTheConnection() {
    List<Integer> many = Collections.nCopies(100_001, 0);
    OffsetCommitRequestTopic commits =
        new OffsetCommitRequestTopic()
            .setName("t")
            .setPartitions(
                Collections.nCopies(
                    many.size(), new OffsetCommitRequestPartition().setPartitionIndex(0)));
    OffsetCommitRequestData commit =
        new OffsetCommitRequestData().setGroupId("g").setMemberId("m").setTopics(List.of(commits));
    OffsetFetchRequestData fetch =
        new OffsetFetchRequestData()
            .setGroups(
                List.of(
                    new OffsetFetchRequestGroup()
                        .setGroupId("g")
                        .setTopics(
                            List.of(
                                new OffsetFetchRequestTopics()
                                    .setName("t")
                                    .setPartitionIndexes(many)))));

    assertThatThrownBy(() -> bench.ask(new OffsetCommitApi(bench::image, groups), commit, 9))
        .isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> bench.ask(new OffsetFetchApi(bench::image, groups), fetch, 9))
        .isInstanceOf(InvalidRequestException.class);
  }

  // ---- fetch --------------------------------------------------------------------------------

  private static OffsetFetchRequestData oldFetch(String topic, Integer... partitions) {
    return new OffsetFetchRequestData()
        .setGroupId("g")
        .setTopics(
            List.of(
                new OffsetFetchRequestTopic()
                    .setName(topic)
                    .setPartitionIndexes(List.of(partitions))));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 7})
  void anOldFetchOfOneGroupIsAnsweredInItsForm(int version) {
    OffsetFetchRequestData data = oldFetch("t", 1, 0).setRequireStable(version == 7);

    OffsetFetchResponseData response =
        bench.ask(new OffsetFetchApi(bench::image, groups), data, version);

    assertThat(response.topics().get(0).partitions())
        .extracting(p -> p.partitionIndex() + ":" + p.committedOffset() + ":" + p.metadata())
        .containsExactly("1:101:m", "0:100:m");
    GroupRequest asked = groups.asked.get(0);
    assertThat(asked.apiVersion()).isEqualTo((short) 8);
    assertThat(((OffsetFetchRequestData) asked.body()).requireStable()).isEqualTo(version == 7);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9})
  void whoCannotSayWhichMemberItIsAsksAsNone(int version) {
    OffsetFetchRequestData data = oldFetch("t", 1);
    if (version >= 8) {
      data = new OffsetFetchRequestData();
      data.groups().add(group("g", fetchTopic("t", Uuid.ZERO_UUID, 1)));
    }

    bench.ask(new OffsetFetchApi(bench::image, groups), data, version);

    OffsetFetchRequestGroup heard = heard();
    assertThat(heard.memberId()).isNull();
    assertThat(heard.memberEpoch()).isEqualTo(-1);
  }

  @Test
  void anEmptyMemberIdIsHeardAsItWasSaid() {
    OffsetFetchRequestData data = new OffsetFetchRequestData();
    data.groups().add(group("g", fetchTopic("t", Uuid.ZERO_UUID, 1)).setMemberId(""));

    bench.ask(new OffsetFetchApi(bench::image, groups), data, 9);

    assertThat(heard().memberId()).isEmpty();
  }

  private OffsetFetchRequestGroup heard() {
    return ((OffsetFetchRequestData) groups.asked.get(0).body()).groups().get(0);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 7})
  void anOldFetchOfAllTopicsGetsThem(int version) {
    OffsetFetchResponseData response =
        bench.ask(
            new OffsetFetchApi(bench::image, groups),
            new OffsetFetchRequestData().setGroupId("g").setTopics(null),
            version);

    assertThat(response.topics()).extracting(t -> t.name()).containsExactly("t", "gone");
  }

  @ParameterizedTest
  @CsvSource({"1,false", "2,true", "7,true"})
  void anOldFetchIsRefusedWhereItLooksForErrors(int version, boolean onTop) {
    groups.answer =
        request -> Future.succeededFuture(GroupRefusals.of(request, Errors.NOT_COORDINATOR));

    OffsetFetchResponseData response =
        bench.ask(new OffsetFetchApi(bench::image, groups), oldFetch("t", 1), version);

    assertThat(response.errorCode())
        .isEqualTo(onTop ? Errors.NOT_COORDINATOR.code() : Errors.NONE.code());
    if (!onTop) {
      assertThat(response.topics().get(0).partitions().get(0).errorCode())
          .isEqualTo(Errors.NOT_COORDINATOR.code());
    }
  }

  private static OffsetFetchRequestGroup group(String id, OffsetFetchRequestTopics... topics) {
    return new OffsetFetchRequestGroup()
        .setGroupId(id)
        .setTopics(topics.length == 0 ? null : List.of(topics));
  }

  private static OffsetFetchRequestTopics fetchTopic(String name, Uuid id, Integer... partitions) {
    return new OffsetFetchRequestTopics()
        .setName(name)
        .setTopicId(id)
        .setPartitionIndexes(List.of(partitions));
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 9})
  void manyGroupsAreFetchedEachFromItsCoordinator(int version) {
    groups.answer =
        request ->
            Future.succeededFuture(
                request.groupId().equals("elsewhere")
                    ? GroupRefusals.of(request, Errors.NOT_COORDINATOR)
                    : agree(request));
    OffsetFetchRequestData data = new OffsetFetchRequestData();
    data.groups().add(group("g", fetchTopic("t", Uuid.ZERO_UUID, 1)));
    data.groups().add(group("elsewhere", fetchTopic("t", Uuid.ZERO_UUID, 1)));
    data.groups().add(group("all"));

    OffsetFetchResponseData response =
        bench.ask(new OffsetFetchApi(bench::image, groups), data, version);

    assertThat(response.groups())
        .extracting(g -> g.groupId() + ":" + Errors.forCode(g.errorCode()))
        .containsExactly("g:NONE", "elsewhere:NOT_COORDINATOR", "all:NONE");
    assertThat(response.groups().get(2).topics()).hasSize(2);
  }

  @Test
  void topicsAreFetchedByIdAndUnknownOnesRefusedHere() {
    Uuid unknown = Uuid.randomUuid();
    OffsetFetchRequestData data = new OffsetFetchRequestData();
    data.groups().add(group("g", fetchTopic("", unknown, 0), fetchTopic("", known, 1)));
    data.groups().add(group("all"));

    OffsetFetchResponseData response =
        bench.ask(new OffsetFetchApi(bench::image, groups), data, 10);

    assertThat(response.groups().get(0).topics())
        .extracting(
            t ->
                t.topicId()
                    + ":"
                    + t.partitions().get(0).committedOffset()
                    + ":"
                    + Errors.forCode(t.partitions().get(0).errorCode()))
        .containsExactly(known + ":101:NONE", unknown + ":-1:UNKNOWN_TOPIC_ID");
    assertThat(response.groups().get(1).topics())
        .extracting(t -> t.topicId())
        .containsExactly(known);
  }

  // ---- delete -------------------------------------------------------------------------------

  private static OffsetDeleteRequestData delete(String group, String topic, int... partitions) {
    OffsetDeleteRequestData data = new OffsetDeleteRequestData().setGroupId(group);
    OffsetDeleteRequestTopic one = new OffsetDeleteRequestTopic().setName(topic);
    for (int p : partitions) {
      one.partitions().add(new OffsetDeleteRequestPartition().setPartitionIndex(p));
    }
    data.topics().add(one);
    return data;
  }

  private static List<String> deleteCodes(OffsetDeleteResponseData response) {
    return response.topics().stream()
        .flatMap(
            topic ->
                topic.partitions().stream()
                    .map(p -> code(topic.name(), p.partitionIndex(), p.errorCode())))
        .toList();
  }

  @Test
  void offsetsOfWhatExistsAreDeletedAndTheRestRefusedHere() {
    OffsetDeleteRequestData data = delete("g", "t", 0, 9);
    data.topics().add(delete("g", "nope", 0).topics().iterator().next().duplicate());

    OffsetDeleteResponseData response =
        bench.ask(new OffsetDeleteApi(bench::image, groups), data, 0);

    assertThat(deleteCodes(response))
        .containsExactlyInAnyOrder(
            "t-0:NONE", "t-9:UNKNOWN_TOPIC_OR_PARTITION", "nope-0:UNKNOWN_TOPIC_OR_PARTITION");
    assertThat(groups.<OffsetDeleteRequestData>body().topics()).hasSize(1);
  }

  @Test
  void aRefusedDeletionHasOneError() {
    groups.answer =
        request -> Future.succeededFuture(GroupRefusals.of(request, Errors.GROUP_ID_NOT_FOUND));

    OffsetDeleteResponseData refused =
        bench.ask(new OffsetDeleteApi(bench::image, groups), delete("g", "t", 0), 0);
    OffsetDeleteResponseData nameless =
        bench.ask(new OffsetDeleteApi(bench::image, groups), delete("", "t", 0), 0);
    OffsetDeleteResponseData unknown =
        bench.ask(new OffsetDeleteApi(bench::image, groups), delete("g", "nope", 0), 0);

    assertThat(Errors.forCode(refused.errorCode())).isEqualTo(Errors.GROUP_ID_NOT_FOUND);
    assertThat(Errors.forCode(nameless.errorCode())).isEqualTo(Errors.INVALID_GROUP_ID);
    assertThat(deleteCodes(unknown)).containsExactly("nope-0:UNKNOWN_TOPIC_OR_PARTITION");
    assertThat(groups.asked).hasSize(1);
  }
}
