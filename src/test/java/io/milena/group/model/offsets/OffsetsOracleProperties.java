package io.milena.group.model.offsets;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.coordinator.model.CoordinatorRecord;
import io.milena.group.model.GroupLimits;
import io.milena.group.model.GroupRefusals;
import io.milena.group.model.classic.ClassicGroup;
import io.milena.group.model.oracle.KafkaShard;
import io.milena.protocol.SupportedApis;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopics;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.coordinator.common.runtime.CoordinatorMetadataImage;
import org.apache.kafka.coordinator.group.generated.GroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.OffsetCommitKey;
import org.apache.kafka.coordinator.group.generated.OffsetCommitValue;

/**
 * Kafka's coordinator and ours are asked the same at the same times: same answers, same records, in
 * whatever order one batch has them. Versions of values differ on purpose: Kafka 4.4 writes 4.
 */
class OffsetsOracleProperties {
  private static final Map<String, Object> SETTINGS =
      Map.of(
          "offsets.retention.minutes",
          (int) (OffsetsBench.RETENTION_MS / 60_000),
          "offsets.retention.check.interval.ms",
          OffsetsBench.CHECK_MS,
          "offset.metadata.max.bytes",
          OffsetsBench.METADATA_MAX);

  private enum What {
    COMMIT,
    COMMIT_BY_ID,
    COMMIT_FOR_A_WHILE,
    COMMIT_AS_MEMBER,
    TOO_MUCH_METADATA,
    DELETE,
    DELETE_GROUP,
    ADVANCE
  }

  private record Event(What what, int group, int partition, int number) {}

  @Provide
  Arbitrary<List<Event>> events() {
    Arbitrary<What> what =
        Arbitraries.frequencyOf(
            Tuple.of(6, Arbitraries.just(What.COMMIT)), Tuple.of(4, Arbitraries.of(What.values())));
    return Combinators.combine(
            what,
            Arbitraries.integers().between(0, 2),
            Arbitraries.integers().between(0, 3),
            Arbitraries.integers().between(0, 1_000))
        .as(Event::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(50);
  }

  @Property(tries = 200)
  void kafkaAnswersAndWritesTheSame(@ForAll("events") List<Event> events) {
    OffsetsBench bench =
        new OffsetsBench(GroupLimits.none(), groupId -> ClassicGroup.empty(groupId, 0));
    KafkaShard kafka =
        new KafkaShard(SETTINGS, bench.nowMs).load(List.of(), CoordinatorMetadataImage.EMPTY);
    bench.loaded();
    int written = 0;
    for (Event event : events) {
      step(event, bench, kafka);
      assertThat(words(bench.log.subList(written, bench.log.size())))
          .as("records of %s", event)
          .isEqualTo(ofWrittenGroups(words(kafka.takeRecords()), bench.log.subList(0, written)));
      written = bench.log.size();
      for (int g = 0; g < 3; g++) {
        String group = "g" + g;
        assertThat(offsets(bench, group))
            .as("offsets of %s after %s", group, event)
            .isEqualTo(kafkas(kafka, group));
      }
    }
  }

  private static void step(Event event, OffsetsBench bench, KafkaShard kafka) {
    String group = "g" + event.group();
    switch (event.what()) {
      case DELETE -> delete(group, event.partition(), bench, kafka);
      case DELETE_GROUP -> deleteGroup(group, bench, kafka);
      case ADVANCE -> {
        bench.advance(event.number() * OffsetsBench.RETENTION_MS / 700);
        kafka.advanceTo(bench.nowMs);
      }
      case TOO_MUCH_METADATA -> {
        // a refused commit to a new group would leave Kafka with a group of which no record tells
        commit(
            new Event(What.COMMIT, event.group(), event.partition(), event.number()),
            group,
            bench,
            kafka);
        commit(event, group, bench, kafka);
      }
      default -> commit(event, group, bench, kafka);
    }
  }

  private static void commit(Event event, String group, OffsetsBench bench, KafkaShard kafka) {
    OffsetCommitRequestData data =
        OffsetsBench.commitData(group, "t", event.partition(), event.number());
    int version = 9;
    switch (event.what()) {
      case COMMIT_BY_ID -> {
        version = 10;
        data.topics().get(0).setTopicId(new Uuid(1, 1));
      }
      case COMMIT_FOR_A_WHILE -> {
        version = 4;
        data.setRetentionTimeMs(event.number() * 1_000_000L);
      }
      case COMMIT_AS_MEMBER -> {
        version = event.number() % 2 == 0 ? 8 : 9;
        data.setGenerationIdOrMemberEpoch(3).setMemberId("m");
      }
      case TOO_MUCH_METADATA ->
          data.topics()
              .get(0)
              .partitions()
              .get(0)
              .setCommittedMetadata("x".repeat(OffsetsBench.METADATA_MAX + event.number() % 2));
      default -> {}
    }
    OffsetsBench.Waiter waiter = bench.commit(data.duplicate(), version);
    bench.settle();
    int asked = version;
    ApiMessage expected =
        kafka
            .write(
                k -> k.commitOffset(KafkaShard.from(ApiKeys.OFFSET_COMMIT, asked, "client"), data))
            .handle(
                (answer, thrown) ->
                    thrown == null
                        ? answer
                        : refused(SupportedApis.OFFSET_COMMIT, asked, group, data, thrown))
            .join();
    assertThat((ApiMessage) bench.answer(waiter)).isEqualTo(expected);
  }

  private static ApiMessage refused(
      short api, int version, String group, ApiMessage data, Throwable thrown) {
    Throwable cause = thrown instanceof CompletionException ? thrown.getCause() : thrown;
    return GroupRefusals.of(
        OffsetsBench.request(api, version, group, data), Errors.forException(cause));
  }

  private static void delete(String group, int partition, OffsetsBench bench, KafkaShard kafka) {
    OffsetDeleteRequestData data = new OffsetDeleteRequestData().setGroupId(group);
    OffsetDeleteRequestTopic topic = new OffsetDeleteRequestTopic().setName("t");
    topic.partitions().add(new OffsetDeleteRequestPartition().setPartitionIndex(partition));
    data.topics().add(topic);
    OffsetsBench.Waiter waiter = bench.delete(group, "t", partition);
    bench.settle();
    ApiMessage expected =
        kafka
            .write(k -> k.deleteOffsets(KafkaShard.from(ApiKeys.OFFSET_DELETE, 0, "client"), data))
            .handle(
                (answer, thrown) ->
                    thrown == null
                        ? answer
                        : refused(SupportedApis.OFFSET_DELETE, 0, group, data, thrown))
            .join();
    assertThat((ApiMessage) bench.answer(waiter)).isEqualTo(expected);
  }

  private static void deleteGroup(String group, OffsetsBench bench, KafkaShard kafka) {
    OffsetsBench.Waiter waiter = bench.deleteGroup(group);
    bench.settle();
    short expected =
        kafka
            .write(
                k ->
                    k.deleteGroups(
                        KafkaShard.from(ApiKeys.DELETE_GROUPS, 2, "client"), List.of(group)))
            .join()
            .find(group)
            .errorCode();
    DeleteGroupsResponseData told = bench.answer(waiter);
    assertThat(told.results().find(group).errorCode()).isEqualTo(expected);
  }

  // ---- words --------------------------------------------------------------------------------

  private static Map<String, Long> offsets(OffsetsBench bench, String group) {
    return byPlace(bench.fetched(bench.fetch(group, false)));
  }

  private static Map<String, Long> kafkas(KafkaShard kafka, String group) {
    OffsetFetchRequestGroup asked = new OffsetFetchRequestGroup().setGroupId(group).setTopics(null);
    OffsetFetchResponseGroup answer = kafka.read((k, at) -> k.fetchOffsets(asked, at));
    return byPlace(answer.topics());
  }

  private static Map<String, Long> byPlace(List<OffsetFetchResponseTopics> topics) {
    Map<String, Long> offsets = new TreeMap<>();
    for (OffsetFetchResponseTopics topic : topics) {
      topic
          .partitions()
          .forEach(
              p ->
                  offsets.put(
                      topic.name() + p.partitionIndex() + p.metadata(), p.committedOffset()));
    }
    return offsets;
  }

  /** Records in words, sorted: the order within a batch is nobody's promise. */
  private static List<String> words(List<CoordinatorRecord> records) {
    return records.stream().map(OffsetsOracleProperties::word).sorted().toList();
  }

  /**
   * A commit of which every partition is refused makes a group in Kafka's memory that is in no
   * record, and whose end is written all the same. Here it makes nothing.
   */
  private static List<String> ofWrittenGroups(List<String> kafkas, List<CoordinatorRecord> before) {
    Set<String> ends = new HashSet<>(List.of("g0 gone", "g1 gone", "g2 gone"));
    for (CoordinatorRecord record : before) {
      if (record.key() instanceof GroupMetadataKey) {
        ends.add(word(record));
      } else if (record.key() instanceof OffsetCommitKey key) {
        ends.remove(key.group() + " gone");
      }
    }
    return kafkas.stream().filter(word -> !ends.contains(word)).toList();
  }

  private static String word(CoordinatorRecord record) {
    if (record.key() instanceof GroupMetadataKey key) {
      return key.group() + " gone";
    }
    OffsetCommitKey key = (OffsetCommitKey) record.key();
    String of = key.group() + "/" + key.topic() + "-" + key.partition();
    if (!(record.value() instanceof OffsetCommitValue value)) {
      return of + " gone";
    }
    boolean expires = record.valueVersion() == 1;
    return of
        + " "
        + value.offset()
        + " "
        + (expires ? "" : value.leaderEpoch() + " " + value.topicId())
        + " "
        + value.metadata()
        + " "
        + value.commitTimestamp()
        + " "
        + value.expireTimestamp();
  }
}
