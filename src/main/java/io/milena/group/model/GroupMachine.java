package io.milena.group.model;

import io.milena.coordinator.model.Answer;
import io.milena.coordinator.model.CoordinatorMachine;
import io.milena.coordinator.model.CoordinatorRecord;
import io.milena.coordinator.model.Decision;
import io.milena.coordinator.model.Decisions;
import io.milena.coordinator.model.Token;
import io.milena.group.model.classic.ClassicGroup;
import io.milena.group.model.classic.ClassicGroups;
import io.milena.group.model.classic.ClassicTimer;
import io.milena.group.model.consumer.ConsumerGroups;
import io.milena.group.model.consumer.ConsumerSetup;
import io.milena.group.model.consumer.timing.GroupTiming;
import io.milena.group.model.offsets.GroupOffsets;
import io.milena.metadata.ClusterImage;
import io.milena.protocol.SupportedApis;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsResponseData.DescribedGroup;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.coordinator.group.generated.ConsumerGroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.GroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue;

/**
 * One partition of {@code __consumer_offsets}: its groups of both kinds and their offsets, which
 * share a table of groups; each part decides about its own requests, records and timers. Of the
 * thread of its coordinator.
 */
public final class GroupMachine implements CoordinatorMachine<GroupRequest> {
  /** From here on DescribeGroups tells that there is no such group. */
  private static final short DESCRIBE_TELLS_UNKNOWN_GROUP = 6;

  private static final String DEAD = "Dead";

  private final GroupTable table;
  private final ClassicGroups classic;
  private final ConsumerGroups consumer;
  private final GroupOffsets offsets;
  private final Consumer<Done> farewell;
  private boolean serves;
  private long consumerRebalances;

  /** The time of what is going on, for groups that offsets bring into being. */
  private long nowMs;

  /**
   * What a machine works with.
   *
   * @param limits shared by the machines of one verticle
   * @param image the newest cluster image; the same object as long as nothing changed
   * @param timing times of a consumer group under an image, by its id
   * @param memberIds random UUIDs
   * @param farewell told what a machine has done when it is unloaded
   */
  public record Surroundings(
      GroupSettings settings,
      GroupLimits limits,
      Supplier<ClusterImage> image,
      BiFunction<ClusterImage, String, GroupTiming> timing,
      Supplier<String> memberIds,
      Consumer<Done> farewell) {}

  /**
   * What was done since a machine serves, for metrics.
   *
   * @param committed offsets that clients committed
   * @param expired offsets that ran out or whose topic is gone
   * @param deleted offsets that were deleted on demand
   * @param classicRebalances generations that were completed
   * @param consumerRebalances new epochs of groups of the consumer protocol
   */
  public record Done(
      long committed, long expired, long deleted, long classicRebalances, long consumerRebalances) {
    public static final Done NOTHING = new Done(0, 0, 0, 0, 0);

    /** Both together. */
    public Done plus(Done other) {
      return new Done(
          committed + other.committed,
          expired + other.expired,
          deleted + other.deleted,
          classicRebalances + other.classicRebalances,
          consumerRebalances + other.consumerRebalances);
    }
  }

  public GroupMachine(Surroundings around) {
    Supplier<ClusterImage> image = around.image();
    farewell = around.farewell();
    table = new GroupTable(around.limits());
    classic = new ClassicGroups(table, around.settings().classic(), around.memberIds());
    consumer =
        new ConsumerGroups(
            table,
            new ConsumerSetup(
                around.settings(),
                image,
                groupId -> around.timing().apply(image.get(), groupId),
                around.memberIds(),
                true),
            new ClassicBridge(table, classic));
    offsets =
        new GroupOffsets(
            table,
            groupId -> ClassicGroup.empty(groupId, nowMs),
            image,
            around.settings().offsets());
  }

  // ---- turns --------------------------------------------------------------------------------

  @Override
  public Object serialKey(GroupRequest request) {
    return switch (request.apiKey()) {
      case SupportedApis.JOIN_GROUP,
          SupportedApis.SYNC_GROUP,
          SupportedApis.LEAVE_GROUP,
          SupportedApis.OFFSET_DELETE,
          SupportedApis.DELETE_GROUPS ->
          request.groupId();
      case SupportedApis.CONSUMER_GROUP_HEARTBEAT ->
          consumer.serialKey(
              (ConsumerGroupHeartbeatRequestData) request.body(),
              request.clientId(),
              request.clientHost());
      default -> null;
    };
  }

  @Override
  public Object serialKeyOfTimer(Object timerKey) {
    if (timerKey instanceof ClassicTimer timer) {
      return timer.groupId();
    }
    return consumer.owns(timerKey)
        ? consumer.serialKeyOfTimer(timerKey)
        : offsets.serialKeyOfTimer(timerKey);
  }

  // ---- requests -----------------------------------------------------------------------------

  @Override
  public String subject(GroupRequest request) {
    return request.groupId() == null ? "all groups" : "group " + request.groupId();
  }

  @Override
  public Decision handle(GroupRequest request, Token token, long now) {
    nowMs = now;
    Caller caller =
        new Caller(token, request.apiVersion(), request.clientId(), request.clientHost());
    ApiMessage body = request.body();
    return switch (request.apiKey()) {
      case SupportedApis.JOIN_GROUP,
          SupportedApis.SYNC_GROUP,
          SupportedApis.HEARTBEAT,
          SupportedApis.LEAVE_GROUP ->
          handleClassic(request, caller, now);
      case SupportedApis.OFFSET_COMMIT -> commit(request, token, now);
      case SupportedApis.OFFSET_FETCH -> offsets.fetch(request, token);
      case SupportedApis.OFFSET_DELETE -> offsets.delete(request, token);
      case SupportedApis.DELETE_GROUPS -> offsets.deleteGroup(request, token);
      case SupportedApis.CONSUMER_GROUP_HEARTBEAT ->
          consumer.heartbeat(caller, (ConsumerGroupHeartbeatRequestData) body, now);
      case SupportedApis.CONSUMER_GROUP_DESCRIBE -> Decision.answer(token, consumerGroup(request));
      case SupportedApis.DESCRIBE_GROUPS -> Decision.answer(token, classicGroup(request));
      case SupportedApis.LIST_GROUPS -> Decision.answer(token, list());
      default -> Decision.answer(token, refusal(request, Errors.UNSUPPORTED_VERSION));
    };
  }

  /**
   * Members of the classic protocol may be in a consumer group that is being migrated (KIP-848).
   */
  private Decision handleClassic(GroupRequest request, Caller caller, long now) {
    Group group = table.find(request.groupId());
    boolean migrating = group != null && group.kind() == Group.Kind.CONSUMER;
    if (request.body() instanceof JoinGroupRequestData join) {
      return migrating && !group.isEmpty()
          ? consumer.classicJoin(caller, join, now)
          : classic.join(caller, join, now);
    }
    if (request.body() instanceof SyncGroupRequestData sync) {
      return migrating ? consumer.classicSync(caller, sync, now) : classic.sync(caller, sync, now);
    }
    if (request.body() instanceof HeartbeatRequestData heartbeat) {
      return migrating
          ? consumer.classicHeartbeat(caller, heartbeat, now)
          : classic.heartbeat(caller, heartbeat, now);
    }
    LeaveGroupRequestData leave = (LeaveGroupRequestData) request.body();
    return migrating
        ? consumer.classicLeave(caller, leave, now)
        : classic.leave(caller, leave, now);
  }

  /** A member that commits is alive. */
  private Decision commit(GroupRequest request, Token token, long now) {
    Decision commit = offsets.commit(request, token, now);
    String memberId = ((OffsetCommitRequestData) request.body()).memberId();
    return commit.records().isEmpty()
        ? commit
        : Decisions.all(
            List.of(
                () -> commit, () -> classic.committedOffsets(request.groupId(), memberId, now)));
  }

  private ApiMessage consumerGroup(GroupRequest request) {
    return new ConsumerGroupDescribeResponseData()
        .setGroups(List.of(consumer.describe(request.groupId())));
  }

  private ApiMessage classicGroup(GroupRequest request) {
    Group group = table.find(request.groupId());
    DescribedGroup described;
    if (group instanceof ClassicGroup found) {
      described = classic.describe(found);
    } else {
      described = new DescribedGroup().setGroupId(request.groupId()).setGroupState(DEAD);
      if (request.apiVersion() >= DESCRIBE_TELLS_UNKNOWN_GROUP) {
        described
            .setErrorCode(Errors.GROUP_ID_NOT_FOUND.code())
            .setErrorMessage(
                group == null
                    ? "Group " + request.groupId() + " not found."
                    : "Group " + request.groupId() + " is not a classic group.");
      }
    }
    return new DescribeGroupsResponseData().setGroups(List.of(described));
  }

  private ApiMessage list() {
    ListGroupsResponseData response = new ListGroupsResponseData();
    for (Group group : table.all()) {
      response
          .groups()
          .add(
              new ListGroupsResponseData.ListedGroup()
                  .setGroupId(group.groupId())
                  .setProtocolType(group.protocolType())
                  .setGroupState(group.stateName())
                  .setGroupType(group.kind().text()));
    }
    return response;
  }

  @Override
  public ApiMessage refusal(GroupRequest request, Errors error) {
    return GroupRefusals.of(request, error);
  }

  // ---- timers, log, end ---------------------------------------------------------------------

  @Override
  public Decision timer(Object timerKey, long now) {
    nowMs = now;
    if (classic.owns(timerKey)) {
      return classic.timer(timerKey, now);
    }
    return consumer.owns(timerKey) ? consumer.timer(timerKey, now) : offsets.timer(timerKey, now);
  }

  /** The cluster image changed. */
  public Decision imageChanged(ClusterImage before, ClusterImage after, long now) {
    nowMs = now;
    consumer.imageChanged();
    return offsets.imageChanged(before, after, now);
  }

  @Override
  public void apply(CoordinatorRecord record, long offset, long now) {
    nowMs = now;
    if (record.key() instanceof GroupMetadataKey key) {
      classic.apply(key, (GroupMetadataValue) record.value(), now);
      return;
    }
    boolean newEpoch = record.key() instanceof ConsumerGroupMetadataKey && record.value() != null;
    consumerRebalances += serves && newEpoch ? 1 : 0;
    if (!consumer.apply(record, offset, now)) {
      offsets.apply(record, offset);
    }
  }

  @Override
  public Decision loaded(long now) {
    nowMs = now;
    serves = true;
    return Decisions.all(
        List.of(() -> classic.loaded(now), () -> consumer.loaded(now), () -> offsets.loaded(now)));
  }

  @Override
  public List<Answer> unload(Errors error) {
    List<Answer> answers = new ArrayList<>(classic.unload(error));
    answers.addAll(consumer.unload(error));
    answers.addAll(offsets.unload(error));
    table.clear();
    farewell.accept(done());
    return answers;
  }

  // ---- for metrics --------------------------------------------------------------------------

  /** Groups by kind and state, as ListGroups names them. */
  public Map<String, Map<String, Integer>> count() {
    Map<String, Map<String, Integer>> counts = new HashMap<>();
    for (Group group : table.all()) {
      counts
          .computeIfAbsent(group.kind().text(), kind -> new HashMap<>())
          .merge(group.stateName(), 1, Integer::sum);
    }
    return counts;
  }

  /** What was done since it serves. */
  public Done done() {
    GroupOffsets.Counts counts = offsets.counts();
    return new Done(
        counts.committed(),
        counts.expired(),
        counts.deleted(),
        classic.completedRebalances(),
        consumerRebalances);
  }

  /** Number of committed offsets. */
  public int offsets() {
    return offsets.size();
  }
}
