package io.milena.group.model.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.coordinator.model.Answer;
import io.milena.coordinator.model.CoordinatorRecord;
import io.milena.coordinator.model.Decision;
import io.milena.coordinator.model.Token;
import io.milena.group.model.Caller;
import io.milena.group.model.GroupLimits;
import io.milena.group.model.GroupSettings;
import io.milena.group.model.GroupTable;
import io.milena.group.model.consumer.state.ConsumerGroup;
import io.milena.group.model.consumer.timing.GroupTiming;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.TopicImage;
import io.milena.testing.HandTimers;
import io.milena.testing.HandTimers.Due;
import io.milena.testing.ImageChange;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/**
 * Consumer groups with everything around them replaced: a clock that only the test moves, an append
 * that is committed at once or fails when told, timers that ring in their order.
 */
final class TestGroups {
  static final String GROUP = "g";
  static final String CLIENT = "client";
  static final String HOST = "/127.0.0.1";

  /** Waits for one answer. */
  static final class Ask implements Token {
    private final List<ApiMessage> answers = new ArrayList<>();
  }

  final List<CoordinatorRecord> log = new ArrayList<>();
  private final HandTimers timers = new HandTimers();
  private final List<Ask> asked = new ArrayList<>();
  private List<CoordinatorRecord> lastRecords = new ArrayList<>();
  private long nowMs = 1_000_000;
  private Errors nextFailure = Errors.NONE;
  private boolean nextBreaks;
  private ClusterImage image = ClusterImage.empty("cluster");
  private int memberIds;
  GroupTable table = new GroupTable();
  ConsumerGroups groups;
  TestClassics classics;
  GroupSettings.Migration migration = GroupSettings.Migration.BIDIRECTIONAL;
  GroupTiming timing = new GroupTiming(45_000, 5_000, 0);
  int maxSize = Integer.MAX_VALUE;
  boolean quick;
  List<String> assignors = List.of("uniform", "range");

  TestGroups() {
    groups = make();
  }

  private ConsumerGroups make() {
    classics = new TestClassics(table);
    return new ConsumerGroups(
        table,
        new ConsumerSetup(
            settings(), () -> image, group -> timing, () -> "made-" + ++memberIds, quick),
        classics);
  }

  GroupSettings settings() {
    return new GroupSettings(
        new GroupSettings.Classic(3_000, 6_000, 1_800_000, Integer.MAX_VALUE),
        new GroupSettings.Consumer(true, maxSize, assignors, migration, 600_000),
        new GroupSettings.Offsets(1, 1, 4_096));
  }

  TestGroups withMaxSize(int size) {
    maxSize = size;
    groups = make();
    return this;
  }

  TestGroups withCaps(GroupLimits.Caps caps) {
    table = new GroupTable(new GroupLimits(caps));
    groups = make();
    return this;
  }

  TestGroups quick() {
    quick = true;
    groups = make();
    return this;
  }

  long nowMs() {
    return nowMs;
  }

  ClusterImage image() {
    return image;
  }

  static Uuid id(String topic) {
    return new Uuid(77, topic.hashCode());
  }

  TestGroups topic(String name, int partitions) {
    return change(List.of(ImageChange.topic(name, id(name), partitions)), List.of());
  }

  TestGroups noTopic(String name) {
    return change(List.of(), List.of(name));
  }

  private TestGroups change(List<TopicImage> come, List<String> gone) {
    image = ImageChange.of(image).topics(come).topicsGone(gone).image();
    groups.imageChanged();
    return this;
  }

  void failNextAppend(Errors error) {
    nextFailure = error;
  }

  /** The next append is committed and what is due then breaks before it does anything. */
  void breakAfterNextAppend() {
    nextBreaks = true;
  }

  /** As when the step that set them broke: what its records say is there, its timers are not. */
  void loseTimers() {
    timers.clear();
  }

  List<CoordinatorRecord> takeRecords() {
    List<CoordinatorRecord> taken = lastRecords;
    lastRecords = new ArrayList<>();
    return taken;
  }

  ConsumerGroup group() {
    return (ConsumerGroup) table.find(GROUP);
  }

  static ConsumerGroupHeartbeatRequestData request(String memberId, int epoch) {
    return new ConsumerGroupHeartbeatRequestData()
        .setGroupId(GROUP)
        .setMemberId(memberId)
        .setMemberEpoch(epoch);
  }

  static ConsumerGroupHeartbeatRequestData joining(String memberId, String... topics) {
    return request(memberId, 0)
        .setRebalanceTimeoutMs(60_000)
        .setSubscribedTopicNames(List.of(topics))
        .setTopicPartitions(List.of());
  }

  ConsumerGroupHeartbeatResponseData join(String memberId, String... topics) {
    return heartbeat(joining(memberId, topics));
  }

  ConsumerGroupHeartbeatResponseData leave(String memberId) {
    return heartbeat(request(memberId, -1));
  }

  ConsumerGroupHeartbeatResponseData beat(String memberId, int epoch) {
    return heartbeat(request(memberId, epoch));
  }

  ConsumerGroupHeartbeatResponseData heartbeat(ConsumerGroupHeartbeatRequestData request) {
    Ask ask = ask();
    Caller caller = new Caller(ask, (short) 1, CLIENT, HOST);
    carryOut(groups.heartbeat(caller, request, nowMs));
    return (ConsumerGroupHeartbeatResponseData) answer(ask);
  }

  Ask ask() {
    Ask ask = new Ask();
    asked.add(ask);
    return ask;
  }

  ApiMessage answer(Ask ask) {
    assertThat(ask.answers).hasSize(1);
    return ask.answers.get(0);
  }

  void everybodyWasAnsweredOnce() {
    assertThat(asked).allSatisfy(ask -> assertThat(ask.answers).hasSize(1));
  }

  void carryOut(Decision decision) {
    assertThat(decision.bugs()).isEmpty();
    for (Answer answer : decision.answers()) {
      ((Ask) answer.to()).answers.add(answer.body());
    }
    timers.set(decision.timers());
    if (decision.after() != null) {
      append(decision);
    }
  }

  private void append(Decision decision) {
    if (nextFailure != Errors.NONE) {
      Errors error = nextFailure;
      nextFailure = Errors.NONE;
      carryOut(decision.after().failed(error, nowMs));
      return;
    }
    for (CoordinatorRecord record : decision.records()) {
      apply(record);
      lastRecords.add(record);
    }
    if (nextBreaks) {
      nextBreaks = false;
      return;
    }
    carryOut(decision.after().committed(nowMs));
  }

  /** A record is committed. */
  void apply(CoordinatorRecord record) {
    assertThat(groups.apply(record, log.size(), nowMs) || classics.apply(record)).isTrue();
    log.add(record);
  }

  /** Moves time; what is due on the way rings. */
  void advance(long ms) {
    long until = nowMs + ms;
    for (Due next = timers.takeDue(until); next != null; next = timers.takeDue(until)) {
      nowMs = Math.max(nowMs, next.atMs());
      carryOut(groups.timer(next.key(), nowMs));
    }
    nowMs = until;
  }

  JoinGroupResponseData classicJoin(JoinGroupRequestData request) {
    Ask ask = ask();
    carryOut(groups.classicJoin(new Caller(ask, (short) 9, CLIENT, HOST), request, nowMs));
    return (JoinGroupResponseData) answer(ask);
  }

  SyncGroupResponseData classicSync(SyncGroupRequestData request) {
    Ask ask = ask();
    carryOut(groups.classicSync(new Caller(ask, (short) 5, CLIENT, HOST), request, nowMs));
    return (SyncGroupResponseData) answer(ask);
  }

  HeartbeatResponseData classicHeartbeat(HeartbeatRequestData request) {
    Ask ask = ask();
    carryOut(groups.classicHeartbeat(new Caller(ask, (short) 4, CLIENT, HOST), request, nowMs));
    return (HeartbeatResponseData) answer(ask);
  }

  LeaveGroupResponseData classicLeave(LeaveGroupRequestData request) {
    Ask ask = ask();
    carryOut(groups.classicLeave(new Caller(ask, (short) 5, CLIENT, HOST), request, nowMs));
    return (LeaveGroupResponseData) answer(ask);
  }

  int timerCount() {
    return timers.keys().size();
  }

  /** Another broker takes over: the log is read from its start. */
  void failOver() {
    timers.clear();
    table = new GroupTable();
    groups = make();
    List<CoordinatorRecord> written = List.copyOf(log);
    log.clear();
    written.forEach(this::apply);
    carryOut(groups.loaded(nowMs));
  }

  /** The assignment in an answer as topic-partition texts. */
  Set<String> assigned(ConsumerGroupHeartbeatResponseData answer) {
    Set<String> result = new HashSet<>();
    answer
        .assignment()
        .topicPartitions()
        .forEach(
            t ->
                t.partitions().forEach(p -> result.add(image.topic(t.topicId()).name() + "-" + p)));
    return result;
  }

  /** What an answer that has an assignment gives to its member. */
  static Map<Uuid, TreeSet<Integer>> told(ConsumerGroupHeartbeatResponseData answer) {
    Map<Uuid, TreeSet<Integer>> told = new TreeMap<>();
    answer
        .assignment()
        .topicPartitions()
        .forEach(t -> told.put(t.topicId(), new TreeSet<>(t.partitions())));
    return told;
  }

  /** What a member says it holds. */
  static List<ConsumerGroupHeartbeatRequestData.TopicPartitions> holding(
      Map<Uuid, ? extends java.util.Collection<Integer>> partitions) {
    List<ConsumerGroupHeartbeatRequestData.TopicPartitions> list = new ArrayList<>();
    partitions.forEach(
        (topic, numbers) ->
            list.add(
                new ConsumerGroupHeartbeatRequestData.TopicPartitions()
                    .setTopicId(topic)
                    .setPartitions(new ArrayList<>(numbers))));
    return list;
  }
}
