package io.milena.group.model.classic;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.coordinator.model.Answer;
import io.milena.coordinator.model.CoordinatorRecord;
import io.milena.coordinator.model.Decision;
import io.milena.coordinator.model.Token;
import io.milena.group.model.Caller;
import io.milena.group.model.GroupSettings;
import io.milena.group.model.GroupTable;
import io.milena.testing.HandTimers;
import io.milena.testing.HandTimers.Due;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.coordinator.group.generated.GroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue;

/**
 * The classic groups of one partition with a runtime of a few lines around them: a clock that the
 * test moves, appends that are committed at once, held or refused, steps of one group that wait for
 * one another.
 */
final class ClassicRig {
  static final String GROUP = "g";
  static final long START_MS = 1_000_000;
  static final int INITIAL_DELAY_MS = 3_001;
  static final int SESSION_MS = 10_007;
  static final int REBALANCE_MS = 60_017;

  /** Members that join at once are told their first generation within this. */
  static final int GATHERED_MS = 2 * INITIAL_DELAY_MS;

  /** Somebody who waits. */
  static final class Reply implements Token {
    final List<ApiMessage> bodies = new ArrayList<>();

    boolean done() {
      return !bodies.isEmpty();
    }

    ApiMessage body() {
      if (bodies.isEmpty()) {
        throw new AssertionError("no answer yet");
      }
      return bodies.get(0);
    }

    JoinGroupResponseData join() {
      return (JoinGroupResponseData) body();
    }

    SyncGroupResponseData sync() {
      return (SyncGroupResponseData) body();
    }

    String assignment() {
      return new String(sync().assignment(), StandardCharsets.UTF_8);
    }

    LeaveGroupResponseData leave() {
      return (LeaveGroupResponseData) body();
    }

    Errors error() {
      ApiMessage body = body();
      if (body instanceof JoinGroupResponseData join) {
        return Errors.forCode(join.errorCode());
      }
      if (body instanceof SyncGroupResponseData sync) {
        return Errors.forCode(sync.errorCode());
      }
      if (body instanceof HeartbeatResponseData heartbeat) {
        return Errors.forCode(heartbeat.errorCode());
      }
      return Errors.forCode(((LeaveGroupResponseData) body).errorCode());
    }
  }

  final GroupTable table = new GroupTable();
  final ClassicGroups groups;
  final List<CoordinatorRecord> log = new ArrayList<>();
  final HandTimers timers = new HandTimers();
  private final Map<String, Decision> held = new LinkedHashMap<>();
  private final Map<String, Deque<Runnable>> queued = new HashMap<>();
  private final List<CoordinatorRecord> fresh = new ArrayList<>();
  private int ids;
  long nowMs = START_MS;
  long longestStepNs;

  /** The next member id's end; null to count. */
  String nextId;

  boolean holdAppends;
  Errors nextFailure = Errors.NONE;

  ClassicRig(GroupSettings.Classic classic) {
    groups = new ClassicGroups(table, classic, this::newId);
  }

  static ClassicRig started() {
    return new ClassicRig(classic(Integer.MAX_VALUE)).load(List.of());
  }

  static GroupSettings.Classic classic(int maxSize) {
    return new GroupSettings.Classic(INITIAL_DELAY_MS, 6_000, 1_800_000, maxSize);
  }

  private String newId() {
    String id = nextId == null ? "id" + ids++ : nextId;
    nextId = null;
    return id;
  }

  /** Replays a log and starts. */
  ClassicRig load(List<CoordinatorRecord> records) {
    for (CoordinatorRecord record : records) {
      log.add(record);
      apply(record);
    }
    run("", groups.loaded(nowMs));
    return this;
  }

  /** Another coordinator with this one's log, a little later. */
  ClassicRig restarted(GroupSettings.Classic classic) {
    return restarted(classic, log);
  }

  /** Another coordinator with that log, a little later. */
  ClassicRig restarted(GroupSettings.Classic classic, List<CoordinatorRecord> written) {
    ClassicRig next = new ClassicRig(classic);
    next.nowMs = nowMs;
    next.ids = ids;
    return next.load(written);
  }

  void unload(Errors error) {
    deliver(groups.unload(error));
  }

  // Requests.

  Reply join(int version, JoinGroupRequestData request) {
    Reply reply = new Reply();
    serial(request.groupId(), () -> groups.join(caller(version, reply), request, nowMs));
    return reply;
  }

  Reply sync(int version, SyncGroupRequestData request) {
    Reply reply = new Reply();
    serial(request.groupId(), () -> groups.sync(caller(version, reply), request, nowMs));
    return reply;
  }

  Reply heartbeat(HeartbeatRequestData request) {
    Reply reply = new Reply();
    run(request.groupId(), groups.heartbeat(caller(4, reply), request, nowMs));
    return reply;
  }

  Reply leave(int version, LeaveGroupRequestData request) {
    Reply reply = new Reply();
    serial(request.groupId(), () -> groups.leave(caller(version, reply), request, nowMs));
    return reply;
  }

  private static Caller caller(int version, Reply reply) {
    return new Caller(reply, (short) version, "c", "/127.0.0.1");
  }

  // Shorter requests, to the one group of the stories.

  static JoinGroupRequestData joining(String memberId, String... protocols) {
    JoinGroupRequestData.JoinGroupRequestProtocolCollection list =
        new JoinGroupRequestData.JoinGroupRequestProtocolCollection();
    for (String protocol : protocols.length == 0 ? new String[] {"range"} : protocols) {
      list.add(
          new JoinGroupRequestData.JoinGroupRequestProtocol()
              .setName(protocol)
              .setMetadata(subscription("of-" + protocol)));
    }
    return new JoinGroupRequestData()
        .setGroupId(GROUP)
        .setMemberId(memberId)
        .setProtocolType("consumer")
        .setSessionTimeoutMs(SESSION_MS)
        .setRebalanceTimeoutMs(REBALANCE_MS)
        .setProtocols(list);
  }

  /** What a consumer of one topic tells its leader. */
  static byte[] subscription(String topic) {
    ByteBuffer bytes = ConsumerProtocol.serializeSubscription(new Subscription(List.of(topic)));
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    return copy;
  }

  Reply join(String memberId) {
    return join(9, joining(memberId));
  }

  /** A dynamic member's two joins. */
  Reply joinTwice() {
    return join(join("").join().memberId());
  }

  Reply joinStatic(String instanceId) {
    return join(9, joining("").setGroupInstanceId(instanceId));
  }

  static SyncGroupRequestData syncing(JoinGroupResponseData told) {
    return new SyncGroupRequestData()
        .setGroupId(GROUP)
        .setMemberId(told.memberId())
        .setGenerationId(told.generationId())
        .setProtocolType(told.protocolType())
        .setProtocolName(told.protocolName());
  }

  /** A follower's sync, or that of a leader who assigns each member its own id. */
  Reply sync(Reply joined) {
    JoinGroupResponseData told = joined.join();
    SyncGroupRequestData request = syncing(told);
    for (JoinGroupResponseData.JoinGroupResponseMember member : told.members()) {
      request
          .assignments()
          .add(
              new SyncGroupRequestData.SyncGroupRequestAssignment()
                  .setMemberId(member.memberId())
                  .setAssignment(member.memberId().getBytes(StandardCharsets.UTF_8)));
    }
    return sync(5, request);
  }

  Reply heartbeat(String memberId, int generation) {
    return heartbeat(
        new HeartbeatRequestData()
            .setGroupId(GROUP)
            .setMemberId(memberId)
            .setGenerationId(generation));
  }

  Reply leave(String memberId) {
    return leave(
        5,
        new LeaveGroupRequestData()
            .setGroupId(GROUP)
            .setMembers(List.of(new LeaveGroupRequestData.MemberIdentity().setMemberId(memberId))));
  }

  /** Members that form a generation; the leader's reply first. */
  List<Reply> generation(int members) {
    List<Reply> joins = new ArrayList<>();
    for (int i = 0; i < members; i++) {
      joins.add(joinTwice());
    }
    pass(GATHERED_MS);
    joins.sort(Comparator.comparing(reply -> reply.join().members().isEmpty()));
    return joins;
  }

  /** A stable group of dynamic members; the leader's reply first. */
  List<Reply> stable(int members) {
    List<Reply> joins = generation(members);
    joins.forEach(this::sync);
    return joins;
  }

  ClassicGroup group() {
    return (ClassicGroup) table.find(GROUP);
  }

  String state() {
    return group() == null ? "none" : group().stateName();
  }

  // The runtime.

  void pass(long ms) {
    advanceTo(nowMs + ms);
  }

  /** Moves time; timers fire at their own times, in order of deadline and setting. */
  void advanceTo(long newMs) {
    for (Due due = timers.takeDue(newMs); due != null; due = timers.takeDue(newMs)) {
      Due fired = due;
      nowMs = Math.max(nowMs, fired.atMs());
      serial(((ClassicTimer) fired.key()).groupId(), () -> groups.timer(fired.key(), nowMs));
    }
    nowMs = newMs;
  }

  /** Until nothing is due any more, however late it gets. */
  void letAllTimersRunOut() {
    while (!timers.keys().isEmpty()) {
      advanceTo(timers.firstMs());
    }
  }

  /** The records appended since the last call. */
  List<CoordinatorRecord> takeRecords() {
    List<CoordinatorRecord> taken = List.copyOf(fresh);
    fresh.clear();
    return taken;
  }

  boolean holds(String groupId) {
    return held.containsKey(groupId);
  }

  /** Settles the append a group waits for. */
  void settle(String groupId, Errors outcome) {
    Decision decision = held.remove(groupId);
    if (decision != null) {
      settle(groupId, decision, outcome);
      drain(groupId);
    }
  }

  void settleAll() {
    while (!held.isEmpty()) {
      settle(held.keySet().iterator().next(), Errors.NONE);
    }
  }

  private void serial(String groupId, Supplier<Decision> step) {
    if (held.containsKey(groupId)) {
      queued.computeIfAbsent(groupId, id -> new ArrayDeque<>()).add(() -> serial(groupId, step));
      return;
    }
    long startNs = System.nanoTime();
    Decision decision = step.get();
    longestStepNs = Math.max(longestStepNs, System.nanoTime() - startNs);
    run(groupId, decision);
  }

  private void drain(String groupId) {
    Deque<Runnable> waiting = queued.remove(groupId);
    while (waiting != null && !waiting.isEmpty()) {
      waiting.poll().run();
    }
  }

  private void run(String groupId, Decision decision) {
    assertThat(decision.bugs()).isEmpty();
    deliver(decision.answers());
    timers.set(decision.timers());
    if (decision.records().isEmpty()) {
      return;
    }
    Errors failure = nextFailure;
    nextFailure = Errors.NONE;
    if (failure == Errors.NONE && holdAppends) {
      held.put(groupId, decision);
    } else {
      settle(groupId, decision, failure);
    }
  }

  private void settle(String groupId, Decision decision, Errors outcome) {
    long startNs = System.nanoTime();
    Decision next;
    if (outcome == Errors.NONE) {
      log.addAll(decision.records());
      fresh.addAll(decision.records());
      decision.records().forEach(this::apply);
      next = decision.after().committed(nowMs);
    } else {
      next = decision.after().failed(outcome, nowMs);
    }
    longestStepNs = Math.max(longestStepNs, System.nanoTime() - startNs);
    run(groupId, next);
  }

  private void apply(CoordinatorRecord record) {
    if (record.key() instanceof GroupMetadataKey key) {
      groups.apply(key, reread((GroupMetadataValue) record.value(), record.valueVersion()), nowMs);
    }
  }

  /** What comes back from the log is another object. */
  private static GroupMetadataValue reread(GroupMetadataValue value, short version) {
    return value == null
        ? null
        : new GroupMetadataValue(
            new ByteBufferAccessor(MessageUtil.toByteBufferAccessor(value, version).buffer()),
            version);
  }

  private void deliver(List<Answer> answers) {
    answers.forEach(answer -> ((Reply) answer.to()).bodies.add(answer.body()));
  }
}
