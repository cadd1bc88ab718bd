package io.milena.process;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupCurrentMemberAssignmentKey;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupCurrentMemberAssignmentValue;
import org.apache.kafka.coordinator.group.generated.GroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue;
import org.apache.kafka.coordinator.group.generated.OffsetCommitKey;
import org.apache.kafka.coordinator.group.generated.OffsetCommitValue;

/**
 * What {@code __consumer_offsets} tells of all groups, record by record: committed offsets that go
 * back, generations of two sets of members, partitions of two owners. Read it before compaction
 * does. Kafka's formats: the key's first two bytes are its type, the value's its version.
 */
final class GroupHistory {
  private static final String TOPIC = "__consumer_offsets";
  private static final int OFFSET_COMMIT = 1;
  private static final int GROUP_METADATA = 2;
  private static final int CONSUMER_CURRENT_ASSIGNMENT = 8;

  private final List<String> faults = new ArrayList<>();
  private final Map<String, Long> committed = new HashMap<>();
  private final Map<String, Set<String>> membersByGeneration = new HashMap<>();
  private final Map<String, Map<String, Set<String>>> ownedByMember = new HashMap<>();
  private int commits;
  private int generations;
  private int assignments;

  /** Reads the whole topic. */
  static GroupHistory read(String bootstrap) {
    GroupHistory history = new GroupHistory();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrap, "auto.offset.reset", "earliest"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> all =
          IntStream.range(0, consumer.partitionsFor(TOPIC).size())
              .mapToObj(p -> new TopicPartition(TOPIC, p))
              .toList();
      consumer.assign(all);
      consumer.seekToBeginning(all);
      Map<TopicPartition, Long> ends = consumer.endOffsets(all);
      long deadlineNs = System.nanoTime() + Duration.ofSeconds(60).toNanos();
      while (all.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        if (System.nanoTime() > deadlineNs) {
          throw new AssertionError(TOPIC + " is not read to its end in time");
        }
        consumer.poll(Duration.ofMillis(500)).forEach(history::add);
      }
    }
    return history;
  }

  List<String> faults() {
    return faults;
  }

  int commits() {
    return commits;
  }

  int generations() {
    return generations;
  }

  /** Records of what a member of the consumer protocol owns. */
  int assignments() {
    return assignments;
  }

  private void add(ConsumerRecord<byte[], byte[]> record) {
    ByteBuffer key = ByteBuffer.wrap(record.key());
    int type = key.getShort();
    ByteBufferAccessor rest = new ByteBufferAccessor(key);
    ByteBuffer value = record.value() == null ? null : ByteBuffer.wrap(record.value());
    if (type == OFFSET_COMMIT) {
      addCommit(new OffsetCommitKey(rest, (short) 0), value);
    } else if (type == GROUP_METADATA && value != null) {
      addGeneration(new GroupMetadataKey(rest, (short) 0).group(), value);
    } else if (type == CONSUMER_CURRENT_ASSIGNMENT) {
      addOwner(new ConsumerGroupCurrentMemberAssignmentKey(rest, (short) 0), value);
    }
  }

  private void addCommit(OffsetCommitKey key, ByteBuffer value) {
    String where = key.group() + " " + key.topic() + "-" + key.partition();
    if (value == null) {
      faults.add(where + ": the committed offset was taken away");
      return;
    }
    short version = value.getShort();
    long offset = new OffsetCommitValue(new ByteBufferAccessor(value), version).offset();
    Long before = committed.put(where, offset);
    if (before != null && before > offset) {
      faults.add(where + ": committed " + offset + " after " + before);
    }
    commits++;
  }

  private void addGeneration(String group, ByteBuffer value) {
    short version = value.getShort();
    GroupMetadataValue found = new GroupMetadataValue(new ByteBufferAccessor(value), version);
    if (found.members().isEmpty()) {
      return;
    }
    generations++;
    Set<String> members = new TreeSet<>();
    Set<TopicPartition> owned = new HashSet<>();
    String where = group + " generation " + found.generation();
    for (GroupMetadataValue.MemberMetadata member : found.members()) {
      String instance = member.groupInstanceId();
      members.add(instance == null ? member.memberId() : instance);
      if (member.assignment().length > 0) {
        ByteBuffer assignment = ByteBuffer.wrap(member.assignment());
        for (TopicPartition partition :
            ConsumerProtocol.deserializeAssignment(assignment).partitions()) {
          if (!owned.add(partition)) {
            faults.add(where + ": " + partition + " has two owners");
          }
        }
      }
    }
    Set<String> before = membersByGeneration.putIfAbsent(where, members);
    if (before != null && !before.equals(members)) {
      faults.add(where + ": members " + members + " after " + before);
    }
  }

  private void addOwner(ConsumerGroupCurrentMemberAssignmentKey key, ByteBuffer value) {
    Map<String, Set<String>> members =
        ownedByMember.computeIfAbsent(key.groupId(), g -> new HashMap<>());
    if (value == null) {
      members.remove(key.memberId());
      return;
    }
    assignments++;
    short version = value.getShort();
    var found =
        new ConsumerGroupCurrentMemberAssignmentValue(new ByteBufferAccessor(value), version);
    Set<String> owned = new HashSet<>();
    List<ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions> all =
        new ArrayList<>(found.assignedPartitions());
    all.addAll(found.partitionsPendingRevocation());
    all.forEach(t -> t.partitions().forEach(p -> owned.add(t.topicId() + "-" + p)));
    members.put(key.memberId(), owned);
    members.forEach(
        (other, theirs) -> {
          if (!other.equals(key.memberId()) && theirs.stream().anyMatch(owned::contains)) {
            faults.add(
                key.groupId()
                    + " epoch "
                    + found.memberEpoch()
                    + ": "
                    + key.memberId()
                    + " owns "
                    + owned
                    + ", "
                    + other
                    + " owns "
                    + theirs);
          }
        });
  }
}
