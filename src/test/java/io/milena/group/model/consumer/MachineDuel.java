package io.milena.group.model.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.coordinator.model.CoordinatorRecord;
import io.milena.group.model.GroupRefusals;
import io.milena.group.model.GroupRequest;
import io.milena.group.model.oracle.KafkaShard;
import io.milena.group.model.oracle.OracleImage;
import io.milena.metadata.TopicImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroupMember;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.coordinator.group.GroupCoordinatorShard.DeletedTopic;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.GroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.OffsetCommitKey;

/**
 * The whole group machine and Kafka's coordinator are asked the same at the same times about one
 * group, in both protocols and while it is turned from one to the other. After each event the
 * answers that came and the records that were written must be the same.
 */
final class MachineDuel {
  static final String GROUP = TestGroups.GROUP;

  /** One request to both; open until both have answered. */
  static final class Pair {
    private final TestMachine.Ask milena;
    private final CompletableFuture<? extends ApiMessage> kafka;
    private final ApiKeys api;
    private final String memberId;

    /** Kafka never answers a request that a later one of the member takes the place of. */
    private boolean superseded;

    private Pair(
        TestMachine.Ask milena,
        CompletableFuture<? extends ApiMessage> kafka,
        ApiKeys api,
        String memberId) {
      this.milena = milena;
      this.kafka = kafka;
      this.api = api;
      this.memberId = memberId;
    }

    boolean done() {
      return milena.answer() != null;
    }

    @SuppressWarnings("unchecked")
    <T extends ApiMessage> T answer() {
      return (T) milena.answer();
    }
  }

  private final TestMachine milena;
  private final KafkaShard kafka;
  private final List<Pair> open = new ArrayList<>();
  private final Set<String> seenIds = new HashSet<>();
  private final StringBuilder story = new StringBuilder();
  private OracleImage image;
  private long images;
  private int unusedIds;

  MachineDuel(int assignmentIntervalMs) {
    milena = new TestMachine(assignmentIntervalMs);
    Map<String, Object> settings = new HashMap<>();
    settings.put("group.consumer.assignors", List.of("range", "uniform"));
    settings.put("group.consumer.assignment.interval.ms", assignmentIntervalMs);
    settings.put("group.consumer.assignor.offload.enable", false);
    settings.put("group.consumer.migration.policy", "bidirectional");
    settings.put("group.initial.rebalance.delay.ms", TestMachine.INITIAL_DELAY_MS);
    settings.put("offsets.retention.check.interval.ms", TestMachine.RARELY_MS);
    image = new OracleImage(milena.image(), ++images);
    kafka = new KafkaShard(settings, milena.nowMs()).load(List.of(), image);
  }

  TestMachine milena() {
    return milena;
  }

  @Override
  public String toString() {
    return story.toString();
  }

  // ---- requests -----------------------------------------------------------------------------

  Pair heartbeat(ConsumerGroupHeartbeatRequestData request) {
    var theirs =
        asked(
            ApiKeys.CONSUMER_GROUP_HEARTBEAT,
            1,
            request,
            kafka.write(
                shard ->
                    shard.consumerGroupHeartbeat(
                        from(ApiKeys.CONSUMER_GROUP_HEARTBEAT, 1), request.duplicate())));
    return both(ApiKeys.CONSUMER_GROUP_HEARTBEAT, 1, request, request.memberId(), theirs);
  }

  Pair join(JoinGroupRequestData request) {
    supersede(ApiKeys.JOIN_GROUP, request.memberId());
    CompletableFuture<JoinGroupResponseData> theirs =
        kafka.join(from(ApiKeys.JOIN_GROUP, 9), request.duplicate());
    if (request.memberId().isEmpty()) {
      milena.nextMemberId = newIdsEnd(theirs, request);
    }
    return both(ApiKeys.JOIN_GROUP, 9, request, request.memberId(), theirs);
  }

  Pair sync(SyncGroupRequestData request) {
    supersede(ApiKeys.SYNC_GROUP, request.memberId());
    return both(
        ApiKeys.SYNC_GROUP,
        5,
        request,
        request.memberId(),
        kafka.sync(from(ApiKeys.SYNC_GROUP, 5), request.duplicate()));
  }

  Pair classicHeartbeat(HeartbeatRequestData request) {
    ApiMessage theirs = kafka.heartbeat(from(ApiKeys.HEARTBEAT, 4), request.duplicate());
    return both(
        ApiKeys.HEARTBEAT,
        4,
        request,
        request.memberId(),
        CompletableFuture.completedFuture(theirs));
  }

  Pair leave(LeaveGroupRequestData request) {
    ApiMessage theirs = kafka.leave(from(ApiKeys.LEAVE_GROUP, 5), request.duplicate());
    // Kafka forgets the sync of a member that leaves.
    request.members().forEach(member -> supersede(ApiKeys.SYNC_GROUP, member.memberId()));
    return both(ApiKeys.LEAVE_GROUP, 5, request, "", CompletableFuture.completedFuture(theirs));
  }

  Pair commit(int version, OffsetCommitRequestData request) {
    // Kafka's broker looks ids up before it asks its coordinator.
    OffsetCommitRequestData kafkas = request.duplicate();
    for (OffsetCommitRequestData.OffsetCommitRequestTopic topic : kafkas.topics()) {
      TopicImage known = milena.image().topic(topic.name());
      topic.setTopicId(known == null ? Uuid.ZERO_UUID : known.id());
    }
    var theirs =
        asked(
            ApiKeys.OFFSET_COMMIT,
            version,
            kafkas,
            kafka.write(shard -> shard.commitOffset(from(ApiKeys.OFFSET_COMMIT, version), kafkas)));
    return both(ApiKeys.OFFSET_COMMIT, version, request, request.memberId(), theirs);
  }

  /** What both tell of committed offsets; an error as its name. */
  void fetch(OffsetFetchRequestGroup request) {
    OffsetFetchRequestData data = new OffsetFetchRequestData();
    data.groups().add(request);
    story.append("\n@").append(milena.nowMs()).append(' ').append(data);
    ApiMessage ours = milena.ask(ApiKeys.OFFSET_FETCH, 9, GROUP, data).answer();
    OffsetFetchResponseGroup told =
        ((org.apache.kafka.common.message.OffsetFetchResponseData) ours).groups().get(0);
    String theirs;
    try {
      theirs =
          DuelText.offsets(kafka.read((shard, at) -> shard.fetchOffsets(request.duplicate(), at)));
    } catch (org.apache.kafka.common.errors.ApiException e) {
      theirs = Errors.forException(e).name();
    }
    assertThat(
            told.errorCode() == 0
                ? DuelText.offsets(told)
                : Errors.forCode(told.errorCode()).name())
        .as(story.toString())
        .isEqualTo(theirs);
  }

  // ---- time and topics ----------------------------------------------------------------------

  void advance(long ms) {
    story.append("\n+").append(ms).append(" ms");
    long until = milena.nowMs() + ms;
    kafka.advanceTo(until);
    milena.kafkas = kafka.takeRecords();
    milena.advance(ms);
    compare();
  }

  /** The topic is there, with so many partitions. */
  void topic(String name, Uuid id, int partitions) {
    story.append("\n").append(name).append(" has ").append(partitions);
    milena.topic(name, id, partitions);
    imageChanged(List.of());
  }

  void noTopic(String name) {
    story.append("\n").append(name).append(" is deleted");
    Uuid id = milena.image().topic(name).id();
    milena.noTopic(name);
    imageChanged(List.of(new DeletedTopic(id, name)));
  }

  private void imageChanged(List<DeletedTopic> gone) {
    OracleImage now = new OracleImage(milena.image(), ++images);
    kafka.shard().onMetadataUpdate(now.since(image), now);
    image = now;
    if (!gone.isEmpty()) {
      kafka.write(shard -> shard.onTopicsDeleted(gone)).join();
    }
    compare();
  }

  // ---- both ---------------------------------------------------------------------------------

  private static org.apache.kafka.server.authorizer.AuthorizableRequestContext from(
      ApiKeys api, int version) {
    return KafkaShard.from(api, version, TestGroups.CLIENT);
  }

  /** What Kafka's service makes of what its shard throws. */
  private CompletableFuture<ApiMessage> asked(
      ApiKeys api, int version, ApiMessage request, CompletableFuture<? extends ApiMessage> told) {
    return told.handle(
        (answer, thrown) -> {
          if (thrown == null) {
            return answer;
          }
          Throwable cause =
              thrown instanceof java.util.concurrent.CompletionException
                  ? thrown.getCause()
                  : thrown;
          if (Errors.forException(cause) == Errors.UNKNOWN_SERVER_ERROR) {
            story.append("\nKafka fails: ").append(cause).append(" at ");
            story.append(List.of(cause.getStackTrace()).subList(0, 4));
          }
          return GroupRefusals.of(
              new GroupRequest(
                  api.id, (short) version, GROUP, request, TestGroups.CLIENT, TestGroups.HOST),
              Errors.forException(cause));
        });
  }

  private Pair both(
      ApiKeys api,
      int version,
      ApiMessage request,
      String memberId,
      CompletableFuture<? extends ApiMessage> theirs) {
    story.append("\n@").append(milena.nowMs()).append(" v").append(version).append(' ');
    story.append(request);
    kafka.runTasks();
    kafka.advanceTo(kafka.nowMs());
    milena.kafkas = kafka.takeRecords();
    Pair pair = new Pair(milena.ask(api, version, GROUP, request), theirs, api, memberId);
    milena.advance(0);
    open.add(pair);
    compare();
    return pair;
  }

  private void supersede(ApiKeys api, String memberId) {
    for (Pair pair : open) {
      if (pair.api == api && !memberId.isEmpty() && memberId.equals(pair.memberId)) {
        pair.superseded = true;
      }
    }
  }

  private void compare() {
    List<CoordinatorRecord> theirs = new ArrayList<>(milena.kafkas);
    milena.kafkas = List.of();
    theirs.addAll(kafka.takeRecords());
    if (turnsIntoAClassicGroup(theirs)) {
      kafka.forgetTimersOfClassicMembers(GROUP);
    }
    if (turnsIntoAConsumerGroup(theirs)) {
      kafka.forgetTimerOfClassicGathering(GROUP);
    }
    for (Pair pair : open) {
      if (pair.superseded) {
        continue;
      }
      assertThat(pair.done()).as("answered: " + pair.api + story).isEqualTo(pair.kafka.isDone());
      if (pair.done()) {
        assertThat(DuelText.of(pair.answer()))
            .as("answer: " + story)
            .isEqualTo(DuelText.of(pair.kafka.join()));
      }
    }
    open.removeIf(pair -> pair.superseded || pair.done());
    assertThat(RecordText.of(withoutRemovals(milena.takeRecords())))
        .as("records: " + story)
        .isEqualTo(RecordText.of(withoutRemovals(theirs)));
  }

  private static boolean turnsIntoAClassicGroup(List<CoordinatorRecord> records) {
    return records.stream()
        .anyMatch(r -> r.key() instanceof ConsumerGroupMetadataKey && r.value() == null);
  }

  private static boolean turnsIntoAConsumerGroup(List<CoordinatorRecord> records) {
    return records.stream().anyMatch(r -> r.key() instanceof GroupMetadataKey && r.value() == null)
        && records.stream()
            .anyMatch(r -> r.key() instanceof ConsumerGroupMetadataKey && r.value() != null);
  }

  /**
   * Offsets of a deleted topic are nobody's at once, as fetches show, but Milena removes them a
   * little later, for an image may lack a topic for a moment. Offsets have properties of their own.
   */
  private static List<CoordinatorRecord> withoutRemovals(List<CoordinatorRecord> records) {
    return records.stream()
        .filter(r -> r.value() != null || !(r.key() instanceof OffsetCommitKey))
        .toList();
  }

  /** The id that Kafka made up, without what both put before it. */
  private String newIdsEnd(
      CompletableFuture<JoinGroupResponseData> theirs, JoinGroupRequestData request) {
    String newId = theirs.isDone() ? theirs.join().memberId() : "";
    for (DescribedGroupMember member : describedByKafka().members()) {
      if (newId.isEmpty() && !seenIds.contains(member.memberId())) {
        newId = member.memberId();
      }
    }
    if (newId.isEmpty()) {
      return "unused" + unusedIds++;
    }
    seenIds.add(newId);
    String prefix =
        (request.groupInstanceId() == null ? TestGroups.CLIENT : request.groupInstanceId()) + "-";
    return newId.startsWith(prefix) ? newId.substring(prefix.length()) : newId;
  }

  private DescribedGroup describedByKafka() {
    return kafka
        .read(
            (shard, offset) ->
                shard.describeGroups(from(ApiKeys.DESCRIBE_GROUPS, 5), List.of(GROUP), offset))
        .get(0);
  }
}
