package io.milena.group.model.oracle;

import com.yammer.metrics.core.MetricsRegistry;
import io.milena.coordinator.model.CoordinatorRecord;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.network.ClientInformation;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.common.utils.internals.LogContext;
import org.apache.kafka.coordinator.common.runtime.CoordinatorMetadataImage;
import org.apache.kafka.coordinator.common.runtime.CoordinatorResult;
import org.apache.kafka.coordinator.group.GroupConfigManager;
import org.apache.kafka.coordinator.group.GroupCoordinatorConfig;
import org.apache.kafka.coordinator.group.GroupCoordinatorShard;
import org.apache.kafka.coordinator.group.metrics.GroupCoordinatorMetrics;
import org.apache.kafka.coordinator.group.modern.share.ShareGroupConfig;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;
import org.apache.kafka.server.common.ApiMessageAndVersion;
import org.apache.kafka.timeline.SnapshotRegistry;

/**
 * Kafka's coordinator of one partition of {@code __consumer_offsets}. Writes are committed within
 * the call, or refused if {@link #failNextAppend} was called before; then Kafka's state goes back
 * as in its own runtime. Records are seen as Milena writes them down.
 */
public final class KafkaShard {
  private static final TopicPartition PARTITION = new TopicPartition("__consumer_offsets", 0);

  /** Shared: each registry starts threads of its own. */
  private static final MetricsRegistry REGISTRY = new MetricsRegistry();

  private final OracleTime time;
  private final OracleTimers timers;
  private final OracleTasks tasks = new OracleTasks();
  private final SnapshotRegistry snapshots;
  private final GroupCoordinatorShard shard;
  private final GroupConfigManager groupConfigs;
  private final List<CoordinatorRecord> records = new ArrayList<>();
  private CoordinatorMetadataImage image = CoordinatorMetadataImage.EMPTY;
  private long written;
  private Errors nextFailure = Errors.NONE;

  /**
   * @param settings the broker's settings for groups, by Kafka's names
   * @param nowMs where time starts
   */
  public KafkaShard(Map<String, ?> settings, long nowMs) {
    GroupCoordinatorConfig config = GroupCoordinatorConfig.fromProps(settings);
    time = new OracleTime(nowMs);
    timers = new OracleTimers(time);
    LogContext log = new LogContext();
    snapshots = new SnapshotRegistry(log);
    groupConfigs = new GroupConfigManager(config, shareConfig(settings));
    GroupCoordinatorShard.Builder builder = new GroupCoordinatorShard.Builder(config, groupConfigs);
    builder.withAuthorizerPlugin(Optional.empty());
    builder
        .withLogContext(log)
        .withSnapshotRegistry(snapshots)
        .withTime(time)
        .withTimer(timers)
        .withExecutor(tasks)
        .withCoordinatorMetrics(new GroupCoordinatorMetrics(REGISTRY, new Metrics()))
        .withTopicPartition(PARTITION);
    shard = builder.build();
    snapshots.idempotentCreateSnapshot(0);
  }

  private static ShareGroupConfig shareConfig(Map<String, ?> settings) {
    ConfigDef known = new ConfigDef(GroupCoordinatorConfig.CONFIG_DEF);
    ShareGroupConfig.CONFIG_DEF.configKeys().values().forEach(known::define);
    return new ShareGroupConfig(new AbstractConfig(known, settings, false));
  }

  /** Loads the records given and starts, as after a change of leader. */
  public KafkaShard load(List<CoordinatorRecord> log, CoordinatorMetadataImage cluster) {
    for (CoordinatorRecord record : log) {
      shard.replay(written++, -1, (short) -1, kafkas(record));
    }
    snapshots.idempotentCreateSnapshot(written);
    image = cluster;
    shard.onLoaded(cluster);
    return this;
  }

  /** Hands over the partition: whoever waits is answered. */
  public void unload() {
    shard.onUnloaded();
  }

  /** The settings of single groups. */
  public GroupConfigManager groupConfigs() {
    return groupConfigs;
  }

  public CoordinatorMetadataImage image() {
    return image;
  }

  /** Kafka's shard itself, for APIs without a method here. */
  public GroupCoordinatorShard shard() {
    return shard;
  }

  public long nowMs() {
    return time.milliseconds();
  }

  /** The next append is refused with this error. */
  public void failNextAppend(Errors error) {
    nextFailure = error;
  }

  /** The records appended since the last call. */
  public List<CoordinatorRecord> takeRecords() {
    List<CoordinatorRecord> taken = List.copyOf(records);
    records.clear();
    return taken;
  }

  /** Moves time; timers fire at their own times, in order. */
  public void advanceTo(long newMs) {
    for (OracleTimers.Due due = timers.takeDue(newMs); due != null; due = timers.takeDue(newMs)) {
      time.set(Math.max(due.atMs(), time.milliseconds()));
      OracleTimers.Due fired = due;
      finished(write(ignored -> fired.operation().generateRecords()));
    }
    time.set(newMs);
  }

  /**
   * Stops what Kafka leaves behind when it turns a consumer group into a classic one: timers for
   * classic members to join and to sync, which would put members out of a group that came later.
   */
  public void forgetTimersOfClassicMembers(String groupId) {
    timers.forget(
        key -> key.startsWith("join-" + groupId + "-") || key.startsWith("sync-" + groupId + "-"));
  }

  /**
   * Stops what Kafka leaves behind when it turns a classic group that gathers into a consumer
   * group: the timer of that gathering. It does no harm while the group is a consumer group, but
   * Kafka keeps it by the group's name alone, and so it would end a gathering that never began when
   * the group is a classic one again: an empty group counts a generation that it does not write
   * down and then fails over its state, a stable one loses its dynamic members in memory first.
   */
  public void forgetTimerOfClassicGathering(String groupId) {
    timers.forget(("join-" + groupId)::equals);
  }

  /** Does the background work that Kafka has asked for, until none is left. */
  public void runTasks() {
    for (OracleTasks.Task task = tasks.take(); task != null; task = tasks.take()) {
      OracleTasks.Task taken = task;
      finished(write(ignored -> taken.run()));
    }
  }

  /** Nobody waits for it: an append that was refused is no matter, anything else is a bug. */
  private static void finished(CompletableFuture<Void> write) {
    write
        .exceptionally(
            thrown -> {
              if (thrown instanceof ApiException) {
                return null;
              }
              throw new AssertionError("Kafka failed", thrown);
            })
        .join();
  }

  /**
   * A write as Kafka's runtime does it.
   *
   * @return failed with what the shard threw or the append was refused with
   */
  public <T> CompletableFuture<T> write(
      Function<
              GroupCoordinatorShard,
              CoordinatorResult<T, org.apache.kafka.coordinator.common.runtime.CoordinatorRecord>>
          operation) {
    CoordinatorResult<T, org.apache.kafka.coordinator.common.runtime.CoordinatorRecord> result;
    try {
      result = operation.apply(shard);
    } catch (RuntimeException thrown) {
      snapshots.revertToSnapshot(written);
      return CompletableFuture.failedFuture(thrown);
    }
    if (result.records().isEmpty()) {
      return settle(result, null);
    }
    long before = written;
    if (result.replayRecords()) {
      long offset = written;
      for (org.apache.kafka.coordinator.common.runtime.CoordinatorRecord record :
          result.records()) {
        shard.replay(offset++, -1, (short) -1, record);
      }
    }
    if (nextFailure != Errors.NONE) {
      Errors error = nextFailure;
      nextFailure = Errors.NONE;
      snapshots.revertToSnapshot(before);
      return settle(result, error.exception());
    }
    written += result.records().size();
    snapshots.idempotentCreateSnapshot(written);
    snapshots.deleteSnapshotsUpTo(written);
    result.records().forEach(record -> records.add(milenas(record)));
    return settle(result, null);
  }

  private static <T> CompletableFuture<T> settle(
      CoordinatorResult<T, ?> result, RuntimeException failure) {
    if (failure == null) {
      if (result.appendFuture() != null) {
        result.appendFuture().complete(null);
      }
      return CompletableFuture.completedFuture(result.response());
    }
    if (result.appendFuture() != null) {
      result.appendFuture().completeExceptionally(failure);
    }
    return CompletableFuture.failedFuture(failure);
  }

  /** A read of what is committed. */
  public <T> T read(java.util.function.BiFunction<GroupCoordinatorShard, Long, T> operation) {
    return operation.apply(shard, written);
  }

  /** JoinGroup; the answer may be long in coming. */
  public CompletableFuture<JoinGroupResponseData> join(
      AuthorizableRequestContext from, JoinGroupRequestData request) {
    CompletableFuture<JoinGroupResponseData> answer = new CompletableFuture<>();
    write(kafka -> kafka.classicGroupJoin(from, request, answer, true))
        .exceptionally(
            thrown -> {
              answer.complete(
                  new JoinGroupResponseData().setErrorCode(Errors.forException(thrown).code()));
              return null;
            });
    return answer;
  }

  /** SyncGroup. */
  public CompletableFuture<SyncGroupResponseData> sync(
      AuthorizableRequestContext from, SyncGroupRequestData request) {
    CompletableFuture<SyncGroupResponseData> answer = new CompletableFuture<>();
    write(kafka -> kafka.classicGroupSync(from, request, answer))
        .exceptionally(
            thrown -> {
              answer.complete(
                  new SyncGroupResponseData().setErrorCode(Errors.forException(thrown).code()));
              return null;
            });
    return answer;
  }

  /** Heartbeat of the classic protocol. */
  public HeartbeatResponseData heartbeat(
      AuthorizableRequestContext from, HeartbeatRequestData request) {
    return write(kafka -> kafka.classicGroupHeartbeat(from, request))
        .exceptionally(
            thrown -> new HeartbeatResponseData().setErrorCode(Errors.forException(thrown).code()))
        .join();
  }

  /** LeaveGroup, asked by members as from version 3 on. */
  public LeaveGroupResponseData leave(
      AuthorizableRequestContext from, LeaveGroupRequestData request) {
    return write(kafka -> kafka.classicGroupLeave(from, request))
        .exceptionally(thrown -> refused(request, Errors.forException(thrown)))
        .join();
  }

  /** As Kafka's service does around the shard: an unknown group makes every member unknown. */
  private static LeaveGroupResponseData refused(LeaveGroupRequestData request, Errors error) {
    if (error != Errors.UNKNOWN_MEMBER_ID) {
      return new LeaveGroupResponseData().setErrorCode(error.code());
    }
    return new LeaveGroupResponseData()
        .setMembers(
            request.members().stream()
                .map(
                    member ->
                        new LeaveGroupResponseData.MemberResponse()
                            .setMemberId(member.memberId())
                            .setGroupInstanceId(member.groupInstanceId())
                            .setErrorCode(error.code()))
                .toList());
  }

  /** Who asks: a client on 127.0.0.1. */
  public static AuthorizableRequestContext from(ApiKeys api, int version, String clientId) {
    try {
      return new RequestContext(
          new RequestHeader(api, (short) version, clientId, 1),
          "1",
          InetAddress.getByName("127.0.0.1"),
          KafkaPrincipal.ANONYMOUS,
          ListenerName.forSecurityProtocol(SecurityProtocol.PLAINTEXT),
          SecurityProtocol.PLAINTEXT,
          ClientInformation.EMPTY,
          false);
    } catch (UnknownHostException impossible) {
      throw new AssertionError("a number needs no resolver", impossible);
    }
  }

  private static CoordinatorRecord milenas(
      org.apache.kafka.coordinator.common.runtime.CoordinatorRecord record) {
    ApiMessageAndVersion value = record.value();
    return value == null
        ? CoordinatorRecord.tombstone(record.key())
        : new CoordinatorRecord(record.key(), value.message(), value.version());
  }

  private static org.apache.kafka.coordinator.common.runtime.CoordinatorRecord kafkas(
      CoordinatorRecord record) {
    ApiMessage value = record.value();
    return value == null
        ? org.apache.kafka.coordinator.common.runtime.CoordinatorRecord.tombstone(record.key())
        : org.apache.kafka.coordinator.common.runtime.CoordinatorRecord.record(
            record.key(), new ApiMessageAndVersion(value, record.valueVersion()));
  }
}
