package io.milena.group.model.classic;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.coordinator.model.CoordinatorRecord;
import io.milena.group.model.classic.ClassicRig.Reply;
import io.milena.group.model.oracle.KafkaShard;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroupMember;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.JoinGroupResponseData.JoinGroupResponseMember;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.coordinator.common.runtime.CoordinatorMetadataImage;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue;

/**
 * Milena and Kafka asked the same at the same time. After each request and each move of the clock
 * the answers that came, the records that were appended and the group as it is described must be
 * the same. The ids of new members are Kafka's, so that they are the same too.
 */
final class ClassicDuel {
  /** One request to both; open until both have answered. */
  static final class Pair {
    final Reply milena;
    final CompletableFuture<? extends ApiMessage> kafka;
    final ApiKeys api;
    final int version;
    final String memberId;

    /** Kafka never answers a request that a later one of the member takes the place of. */
    boolean superseded;

    Pair(
        Reply milena,
        CompletableFuture<? extends ApiMessage> kafka,
        ApiKeys api,
        int version,
        String memberId) {
      this.milena = milena;
      this.kafka = kafka;
      this.api = api;
      this.version = version;
      this.memberId = memberId;
    }
  }

  private static final String CLIENT = "c";

  private final int maxSize;
  private KafkaShard kafka;
  private ClassicRig milena;
  private final List<CoordinatorRecord> kafkasLog = new ArrayList<>();
  private final List<Pair> open = new ArrayList<>();
  private final Set<String> seenIds = new HashSet<>();
  private final List<String> script = new ArrayList<>();
  private int unusedIds;

  ClassicDuel(int maxSize) {
    this.maxSize = maxSize;
    kafka = newKafka(ClassicRig.START_MS).load(List.of(), noTopics());
    milena = new ClassicRig(ClassicRig.classic(maxSize)).load(List.of());
  }

  private KafkaShard newKafka(long nowMs) {
    return new KafkaShard(
        Map.of(
            "group.max.size", "" + maxSize,
            "group.initial.rebalance.delay.ms", "" + ClassicRig.INITIAL_DELAY_MS,
            "group.min.session.timeout.ms", "6000",
            "group.max.session.timeout.ms", "1800000",
            "offsets.retention.check.interval.ms", "2000000000"),
        nowMs);
  }

  private static CoordinatorMetadataImage noTopics() {
    return CoordinatorMetadataImage.EMPTY;
  }

  ClassicRig milena() {
    return milena;
  }

  /** What was asked so far, one line each. */
  List<String> script() {
    return script;
  }

  Pair join(int version, JoinGroupRequestData request) {
    script.add("join v" + version + " " + request);
    supersede(ApiKeys.JOIN_GROUP, request.memberId());
    JoinGroupRequestData kafkas = request.duplicate();
    if (version == 0) {
      kafkas.setRebalanceTimeoutMs(request.sessionTimeoutMs());
    }
    CompletableFuture<JoinGroupResponseData> theirs =
        kafka.join(KafkaShard.from(ApiKeys.JOIN_GROUP, version, CLIENT), kafkas);
    if (request.memberId().isEmpty()) {
      milena.nextId = newIdsEnd(theirs, request);
    }
    return opened(
        new Pair(
            milena.join(version, request),
            theirs,
            ApiKeys.JOIN_GROUP,
            version,
            request.memberId()));
  }

  private String newIdsEnd(
      CompletableFuture<JoinGroupResponseData> theirs, JoinGroupRequestData request) {
    String newId = theirs.isDone() ? theirs.join().memberId() : "";
    for (DescribedGroupMember member : describedByKafka().members()) {
      if (!seenIds.contains(member.memberId())) {
        newId = member.memberId();
      }
    }
    if (newId.isEmpty()) {
      return "unused" + unusedIds++;
    }
    seenIds.add(newId);
    String prefix = request.groupInstanceId() == null ? CLIENT : request.groupInstanceId();
    return newId.substring(prefix.length() + 1);
  }

  private void supersede(ApiKeys api, String memberId) {
    for (Pair pair : open) {
      if (pair.api == api && !memberId.isEmpty() && memberId.equals(pair.memberId)) {
        pair.superseded = true;
      }
    }
  }

  Pair sync(int version, SyncGroupRequestData request) {
    script.add("sync v" + version + " " + request);
    supersede(ApiKeys.SYNC_GROUP, request.memberId());
    CompletableFuture<? extends ApiMessage> theirs =
        kafka.sync(KafkaShard.from(ApiKeys.SYNC_GROUP, version, CLIENT), request.duplicate());
    return opened(
        new Pair(
            milena.sync(version, request),
            theirs,
            ApiKeys.SYNC_GROUP,
            version,
            request.memberId()));
  }

  void heartbeat(HeartbeatRequestData request) {
    script.add("heartbeat " + request);
    ApiMessage theirs =
        kafka.heartbeat(KafkaShard.from(ApiKeys.HEARTBEAT, 4, CLIENT), request.duplicate());
    opened(
        new Pair(
            milena.heartbeat(request),
            CompletableFuture.completedFuture(theirs),
            ApiKeys.HEARTBEAT,
            4,
            request.memberId()));
  }

  void leave(LeaveGroupRequestData request) {
    script.add("leave " + request);
    ApiMessage theirs =
        kafka.leave(KafkaShard.from(ApiKeys.LEAVE_GROUP, 5, CLIENT), request.duplicate());
    Reply ours = milena.leave(5, request);
    // Kafka forgets the sync of a member that leaves.
    for (Pair pair : open) {
      if (pair.api == ApiKeys.SYNC_GROUP
          && milena.group() != null
          && milena.group().members.find(pair.memberId) == null) {
        pair.superseded = true;
      }
    }
    opened(new Pair(ours, CompletableFuture.completedFuture(theirs), ApiKeys.LEAVE_GROUP, 5, ""));
  }

  void pass(long ms) {
    script.add("pass " + ms);
    kafka.advanceTo(kafka.nowMs() + ms);
    milena.advanceTo(milena.nowMs + ms);
    compare();
  }

  void failNextAppend(Errors error) {
    script.add("fail next append");
    kafka.failNextAppend(error);
    milena.nextFailure = error;
  }

  /** Both lose what is not in the log. */
  void restart() {
    script.add("restart");
    kafka.unload();
    milena.unload(Errors.NOT_COORDINATOR);
    open.removeIf(pair -> !pair.kafka.isDone());
    compareAnswers();
    assertThat(open).isEmpty();
    long nowMs = kafka.nowMs();
    kafka = newKafka(nowMs).load(kafkasLog, noTopics());
    // The order of members in a record decides who leads next; it is the only thing that may
    // differ between the two logs.
    milena = milena.restarted(ClassicRig.classic(maxSize), kafkasLog);
    compare();
  }

  private Pair opened(Pair pair) {
    open.add(pair);
    compare();
    return pair;
  }

  private void compare() {
    compareAnswers();
    compareRecords();
    compareDescriptions();
  }

  private void compareAnswers() {
    for (Pair pair : open) {
      if (pair.superseded) {
        continue;
      }
      assertThat(pair.milena.done()).as("answered: %s", this).isEqualTo(pair.kafka.isDone());
      if (pair.milena.done()) {
        assertThat(plain(pair.milena.body(), pair.version))
            .as("answer: %s", this)
            .isEqualTo(plain(pair.kafka.join(), pair.version));
      }
    }
    open.removeIf(pair -> pair.superseded || pair.milena.done());
  }

  private void compareRecords() {
    List<CoordinatorRecord> theirs = kafka.takeRecords();
    kafkasLog.addAll(theirs);
    assertThat(milena.takeRecords().stream().map(ClassicDuel::plain).toList())
        .as("records: %s", this)
        .isEqualTo(theirs.stream().map(ClassicDuel::plain).toList());
  }

  private void compareDescriptions() {
    DescribedGroup theirs = describedByKafka();
    if (milena.group() == null) {
      assertThat(theirs.groupState()).as("state: %s", this).isEqualTo("Dead");
      return;
    }
    DescribedGroup ours = milena.groups.describe(milena.group());
    assertThat(sorted(ours)).as("description: %s", this).isEqualTo(sorted(theirs));
  }

  private DescribedGroup describedByKafka() {
    return kafka
        .read(
            (shard, offset) ->
                shard.describeGroups(
                    KafkaShard.from(ApiKeys.DESCRIBE_GROUPS, 5, CLIENT),
                    List.of(ClassicRig.GROUP),
                    offset))
        .get(0);
  }

  private static DescribedGroup sorted(DescribedGroup group) {
    List<DescribedGroupMember> members = new ArrayList<>(group.members());
    members.sort(Comparator.comparing(DescribedGroupMember::memberId));
    return group.duplicate().setMembers(members);
  }

  /** Without the order of members, which means nothing. */
  private static ApiMessage plain(ApiMessage body, int version) {
    if (!(body instanceof JoinGroupResponseData join)) {
      return body;
    }
    List<JoinGroupResponseMember> members = new ArrayList<>(join.members());
    members.sort(Comparator.comparing(JoinGroupResponseMember::memberId));
    JoinGroupResponseData plain = join.duplicate().setMembers(members);
    // Kafka does that when it writes the answer.
    return version < 7 && plain.protocolName() == null ? plain.setProtocolName("") : plain;
  }

  private static CoordinatorRecord plain(CoordinatorRecord record) {
    if (record.value() == null) {
      return record;
    }
    GroupMetadataValue value = (GroupMetadataValue) record.value().duplicate();
    List<GroupMetadataValue.MemberMetadata> members = new ArrayList<>(value.members());
    members.sort(Comparator.comparing(GroupMetadataValue.MemberMetadata::memberId));
    return new CoordinatorRecord(record.key(), value.setMembers(members), record.valueVersion());
  }

  @Override
  public String toString() {
    return String.join("\n", script) + "\n";
  }
}
