package io.milena.group.model.offsets;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.coordinator.model.AfterAppend;
import io.milena.coordinator.model.Answer;
import io.milena.coordinator.model.CoordinatorRecord;
import io.milena.coordinator.model.Decision;
import io.milena.coordinator.model.Token;
import io.milena.group.model.Group;
import io.milena.group.model.GroupLimits;
import io.milena.group.model.GroupRequest;
import io.milena.group.model.GroupSettings;
import io.milena.group.model.GroupTable;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.TopicImage;
import io.milena.protocol.SupportedApis;
import io.milena.testing.HandTimers;
import io.milena.testing.HandTimers.Due;
import io.milena.testing.ImageChange;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopics;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.coordinator.group.generated.GroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.OffsetCommitKey;
import org.apache.kafka.coordinator.group.generated.OffsetCommitValue;

/**
 * A log in memory around {@link GroupOffsets}: appends settle when the test says so, in order;
 * records go through their bytes; timers run when the clock is moved.
 */
final class OffsetsBench {
  static final long RETENTION_MS = 7 * 24 * 3_600_000L;
  static final long CHECK_MS = 600_000;
  static final int METADATA_MAX = 100;

  private record Step(List<CoordinatorRecord> records, AfterAppend after) {}

  /** Who waits. */
  static final class Waiter implements Token {}

  final GroupTable groups;
  final GroupOffsets offsets;
  final List<CoordinatorRecord> log = new ArrayList<>();
  final HandTimers timers = new HandTimers();
  final Map<Token, ApiMessage> answers = new IdentityHashMap<>();
  ClusterImage image = ClusterImage.empty("cluster");
  long nowMs = 1_700_000_000_000L;
  int longestStep;

  /** So many parts of the next decision break. */
  int bugs;

  private final Deque<Step> appending = new ArrayDeque<>();

  OffsetsBench() {
    this(GroupLimits.none());
  }

  OffsetsBench(GroupLimits limits) {
    this(limits, ScriptedGroup::new);
  }

  OffsetsBench(GroupLimits limits, Function<String, Group> newSimpleGroup) {
    groups = new GroupTable(limits);
    offsets =
        new GroupOffsets(
            groups,
            newSimpleGroup,
            () -> image,
            new GroupSettings.Offsets(RETENTION_MS, CHECK_MS, METADATA_MAX));
  }

  // ---- the runtime --------------------------------------------------------------------------

  Waiter take(Waiter waiter, Decision decision) {
    take(decision);
    return waiter;
  }

  void take(Decision decision) {
    assertThat(decision.bugs()).hasSize(bugs);
    bugs = 0;
    for (Answer answer : decision.answers()) {
      if (answers.putIfAbsent(answer.to(), answer.body()) != null) {
        throw new AssertionError("answered twice: " + answer);
      }
    }
    timers.set(decision.timers());
    if (!decision.records().isEmpty()) {
      longestStep = Math.max(longestStep, decision.records().size());
      appending.add(new Step(decision.records(), decision.after()));
    }
  }

  boolean appending() {
    return !appending.isEmpty();
  }

  /** The oldest append is committed. */
  void settleOne() {
    Step step = appending.remove();
    for (CoordinatorRecord record : step.records()) {
      append(record);
    }
    take(step.after().committed(nowMs));
  }

  void settle() {
    while (!appending.isEmpty()) {
      settleOne();
    }
  }

  /** The oldest append fails. */
  void fail(Errors error) {
    take(appending.remove().after().failed(error, nowMs));
  }

  private void append(CoordinatorRecord record) {
    CoordinatorRecord read = throughBytes(record);
    log.add(read);
    apply(read, log.size() - 1);
  }

  void apply(CoordinatorRecord record, long offset) {
    if (record.key() instanceof GroupMetadataKey key && record.value() == null) {
      groups.remove(key.group());
    }
    offsets.apply(record, offset);
  }

  /** Only what the value's version has room for comes back, and the id, which memory keeps. */
  private static CoordinatorRecord throughBytes(CoordinatorRecord record) {
    if (!(record.value() instanceof OffsetCommitValue value)) {
      return record;
    }
    ByteBuffer bytes = MessageUtil.toByteBufferAccessor(value, record.valueVersion()).buffer();
    OffsetCommitValue read = new OffsetCommitValue();
    read.read(new ByteBufferAccessor(bytes), record.valueVersion());
    read.setTopicId(value.topicId());
    return new CoordinatorRecord(record.key(), read, record.valueVersion());
  }

  /** Lets time go by; what is due on the way is done, appends settle at once. */
  void advance(long ms) {
    long untilMs = nowMs + ms;
    for (Due next = timers.takeDue(untilMs); next != null; next = timers.takeDue(untilMs)) {
      nowMs = Math.max(nowMs, next.atMs());
      take(offsets.timer(next.key(), nowMs));
      settle();
    }
    nowMs = untilMs;
  }

  void loaded() {
    take(offsets.loaded(nowMs));
  }

  // ---- requests -----------------------------------------------------------------------------

  static GroupRequest request(int key, int version, String groupId, ApiMessage body) {
    return new GroupRequest((short) key, (short) version, groupId, body, "client", "/127.0.0.1");
  }

  static OffsetCommitRequestData commitData(String groupId, String topic, int partition, long at) {
    OffsetCommitRequestData data =
        new OffsetCommitRequestData().setGroupId(groupId).setMemberId("");
    data.topics()
        .add(
            new OffsetCommitRequestTopic()
                .setName(topic)
                .setPartitions(
                    new ArrayList<>(
                        List.of(
                            new OffsetCommitRequestPartition()
                                .setPartitionIndex(partition)
                                .setCommittedOffset(at)
                                .setCommittedLeaderEpoch(4)
                                .setCommittedMetadata("m")))));
    return data;
  }

  Waiter commit(OffsetCommitRequestData data, int version) {
    Waiter waiter = new Waiter();
    return take(
        waiter,
        offsets.commit(
            request(SupportedApis.OFFSET_COMMIT, version, data.groupId(), data), waiter, nowMs));
  }

  Waiter commit(String groupId, String topic, int partition, long at) {
    return commit(commitData(groupId, topic, partition, at), 9);
  }

  /** Commits and settles. */
  void committed(String groupId, String topic, int partition, long at) {
    commit(groupId, topic, partition, at);
    settle();
  }

  Waiter fetch(String groupId, boolean stable, OffsetFetchRequestTopics... topics) {
    OffsetFetchRequestData data = new OffsetFetchRequestData().setRequireStable(stable);
    data.groups()
        .add(
            new OffsetFetchRequestGroup()
                .setGroupId(groupId)
                .setTopics(topics.length == 0 ? null : List.of(topics)));
    Waiter waiter = new Waiter();
    return take(
        waiter, offsets.fetch(request(SupportedApis.OFFSET_FETCH, 9, groupId, data), waiter));
  }

  static OffsetFetchRequestTopics topic(String name, Uuid id, Integer... partitions) {
    return new OffsetFetchRequestTopics()
        .setName(name)
        .setTopicId(id)
        .setPartitionIndexes(List.of(partitions));
  }

  /** The committed offset as a fetch tells it, -1 for none. */
  long offset(String groupId, String topic, int partition) {
    Waiter waiter = fetch(groupId, false, topic(topic, Uuid.ZERO_UUID, partition));
    return fetched(waiter).get(0).partitions().get(0).committedOffset();
  }

  List<OffsetFetchResponseTopics> fetched(Waiter waiter) {
    return ((OffsetFetchResponseData) answers.get(waiter)).groups().get(0).topics();
  }

  /** All that a group has, e.g. {@code t-0=5}. */
  List<String> all(String groupId) {
    List<String> told = new ArrayList<>();
    for (OffsetFetchResponseTopics topic : fetched(fetch(groupId, false))) {
      for (OffsetFetchResponsePartitions partition : topic.partitions()) {
        told.add(
            topic.name() + "-" + partition.partitionIndex() + "=" + partition.committedOffset());
      }
    }
    return told;
  }

  Waiter delete(String groupId, String topic, int partition) {
    OffsetDeleteRequestData data = new OffsetDeleteRequestData().setGroupId(groupId);
    OffsetDeleteRequestTopic one = new OffsetDeleteRequestTopic().setName(topic);
    one.partitions().add(new OffsetDeleteRequestPartition().setPartitionIndex(partition));
    data.topics().add(one);
    Waiter waiter = new Waiter();
    return take(
        waiter, offsets.delete(request(SupportedApis.OFFSET_DELETE, 0, groupId, data), waiter));
  }

  Waiter deleteGroup(String groupId) {
    DeleteGroupsRequestData data = new DeleteGroupsRequestData().setGroupsNames(List.of(groupId));
    Waiter waiter = new Waiter();
    return take(
        waiter,
        offsets.deleteGroup(request(SupportedApis.DELETE_GROUPS, 3, groupId, data), waiter));
  }

  @SuppressWarnings("unchecked")
  <T extends ApiMessage> T answer(Waiter waiter) {
    return (T) answers.get(waiter);
  }

  ScriptedGroup group(String groupId) {
    return (ScriptedGroup) groups.find(groupId);
  }

  /** Puts a group as a member's join would have made it. */
  ScriptedGroup joined(String groupId) {
    ScriptedGroup group = new ScriptedGroup(groupId);
    groups.put(group);
    return group;
  }

  /** The log in words, e.g. {@code g/t-0 v3}, tombstones with a minus. */
  List<String> written() {
    return log.stream().map(OffsetsBench::words).toList();
  }

  private static String words(CoordinatorRecord record) {
    if (record.key() instanceof OffsetCommitKey key) {
      String of = key.group() + "/" + key.topic() + "-" + key.partition();
      return record.value() == null ? "-" + of : of + " v" + record.valueVersion();
    }
    return "-" + ((GroupMetadataKey) record.key()).group();
  }

  // ---- the cluster --------------------------------------------------------------------------

  /** A new image with exactly these topics, told to the offsets. */
  void topics(TopicImage... topics) {
    ClusterImage before = image;
    image = ImageChange.of(image).whole().topics(List.of(topics)).image();
    take(offsets.imageChanged(before, image, nowMs));
  }

  static TopicImage topicImage(String name, Uuid id) {
    return ImageChange.topic(name, id, 1);
  }
}
