package io.milena.group.model.consumer;

import io.milena.group.model.assignor.PartitionAssignor;
import io.milena.group.model.consumer.check.Refused;
import io.milena.group.model.consumer.state.ConsumerGroup;
import io.milena.group.model.consumer.state.CurrentAssignment;
import io.milena.group.model.consumer.state.GroupRecords;
import io.milena.group.model.consumer.state.Member;
import io.milena.group.model.consumer.state.Reconciler;
import io.milena.group.model.consumer.state.Registration;
import io.milena.group.model.consumer.state.Subscriptions;
import io.milena.group.model.consumer.state.TargetComputer;
import io.milena.group.model.consumer.topics.RegexChange;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.TopicImage;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData.TopicPartitions;
import org.apache.kafka.common.protocol.Errors;

/**
 * A member joins, comes back or says something new; what both protocols have in common. Its methods
 * are called once each, in the order in which they stand here, and write the records into the step.
 * The group is left as it is.
 */
final class MemberChange {
  private final Core core;
  private final ConsumerGroup group;
  private final Step step;
  private final ClusterImage image;
  private final Member onRecord;
  private final Member before;
  private Member member;
  private Subscriptions after;
  private int epoch;
  private boolean regexSearchDue;

  /**
   * Where the step begins.
   *
   * @param onRecord the member, or the one whose place it takes; null for a new one
   * @param before the same under the id that it has now
   * @param said the same with what it says now
   */
  record Start(Member onRecord, Member before, Member said) {
    /** With what the member says now. */
    Start saying(Registration registration) {
      return new Start(onRecord, before, before.with(registration));
    }
  }

  MemberChange(Core core, ConsumerGroup group, Step step, Start start) {
    this.core = core;
    this.group = group;
    this.step = step;
    this.image = core.image();
    this.onRecord = start.onRecord();
    this.before = start.before();
    this.member = start.said();
    this.epoch = group.epoch();
  }

  /** The member as it will be. */
  Member member() {
    return member;
  }

  /** The group epoch as it will be. */
  int epoch() {
    return epoch;
  }

  /** Keeps what the member says; true when it subscribes other topics by name than before. */
  boolean writeRegistration() {
    if (member.registration().equals(before.registration())) {
      boolean moved = onRecord != null && !onRecord.id().equals(member.id());
      after = moved ? subscriptionsAfter() : group.subscriptions();
      return false;
    }
    checkBytes();
    step.records().add(GroupRecords.member(group.groupId(), member));
    after = subscriptionsAfter();
    return !member.registration().topics().equals(before.registration().topics());
  }

  /** Members that say more than before need room for it (F35). */
  private void checkBytes() {
    long had = onRecord == null ? 0 : onRecord.registration().bytes();
    if (!core.table().limits().hasRoomForMemberBytes(member.registration().bytes() - had)) {
      throw new Refused(
          Errors.COORDINATOR_NOT_AVAILABLE, "The members of all groups take too much memory.");
    }
  }

  private Subscriptions subscriptionsAfter() {
    List<Member> gone = onRecord == null ? List.of() : List.of(onRecord);
    return group.subscriptions().after(gone, List.of(member));
  }

  /** Looks after expressions that come or go, and has topics searched when that is due. */
  RegexChange updateRegex() {
    RegexChange change =
        RegexChange.of(group, before.registration(), member.registration(), step.records());
    regexSearchDue = RegexRefresh.due(core, group, after, change.needsSearch(), step.nowMs());
    if (regexSearchDue) {
      step.then(
          (at, answers, timers) -> RegexRefresh.start(core.find(group.groupId()), at, timers));
    }
    return change;
  }

  /** True when members together now prefer another assignor. */
  boolean assignorChanges() {
    String prefers = group.preferredAssignor().orElse(core.defaultAssignor());
    String willPrefer = preferredAssignor();
    return !prefers.equals(willPrefer);
  }

  private String preferredAssignor() {
    return group.preferredAssignor(onRecord, member).orElse(core.defaultAssignor());
  }

  /** Raises the group epoch when asked to, or when the topics themselves changed. */
  void updateEpoch(boolean raise) {
    if (!raise && group.memory().knows(image)) {
      return;
    }
    long hash = core.hashes().of(after.topicNames(), image);
    if (raise || hash != group.metadataHash()) {
      epoch++;
      step.records().add(GroupRecords.epoch(group.groupId(), epoch, hash));
    }
    if (group.hasLegacyMetadata()) {
      step.records().add(GroupRecords.noLegacyMetadata(group.groupId()));
    }
    step.then(
        (at, answers, timers) -> {
          ConsumerGroup applied = core.find(group.groupId());
          if (applied != null) {
            applied.memory().checked(image);
          }
        });
  }

  /** What the member is to have: by a new assignment when one is due, and may be. */
  Target updateTarget() {
    if (group.targetEpoch() >= epoch || !targetMayBeComputed()) {
      return lastTarget();
    }
    PartitionAssignor assignor = core.assignor(preferredAssignor());
    Map<String, Map<Uuid, Set<Integer>>> targets =
        new TargetComputer(group)
            .with(onRecord, member, after)
            .compute(assignor, image, step.records());
    step.records().add(GroupRecords.targetEpoch(group.groupId(), epoch, step.nowMs()));
    return new Target(epoch, targets.get(member.id()));
  }

  /** A target with its epoch. */
  record Target(int epoch, Map<Uuid, Set<Integer>> partitions) {}

  /** The target as it is on record. */
  Target lastTarget() {
    String id = onRecord == null ? member.id() : onRecord.id();
    return new Target(group.targetEpoch(), group.target(id));
  }

  /** A time stamp ahead of the clock is another broker's; nobody is to wait for it. */
  private boolean targetMayBeComputed() {
    long nowMs = step.nowMs();
    long last = group.targetTimestampMs();
    int intervalMs = core.timing(group.groupId()).assignmentIntervalMs();
    return last == 0 || intervalMs == 0 || nowMs >= last + intervalMs || last > nowMs;
  }

  /**
   * Leads the member on.
   *
   * @param owned what it says it holds, or null
   * @param subscriptionChanged by name or expression
   */
  void reconcile(Target target, List<TopicPartitions> owned, boolean subscriptionChanged) {
    if (!subscriptionChanged && member.current().reconciledTo(target.epoch())) {
      return;
    }
    Set<String> names = after.topicsOf(member.registration());
    Reconciler.View view =
        new Reconciler.View(group, topicId -> subscribes(names, topicId), names.isEmpty(), owned);
    CurrentAssignment next =
        new Reconciler(member, target.epoch(), target.partitions(), view).step(subscriptionChanged);
    if (next == null) {
      throw new Refused(
          Errors.FENCED_MEMBER_EPOCH,
          "The member's state is not known here: it must give up its partitions and rejoin.");
    }
    if (next.equals(member.current())) {
      return;
    }
    member = member.with(next);
    Member reconciled = member;
    step.records().add(GroupRecords.current(group.groupId(), reconciled));
    if (!reconciled.isClassic()) {
      step.then(
          (at, answers, timers) ->
              MemberTimers.reassigned(core.find(group.groupId()), reconciled, at, timers));
    }
  }

  private boolean subscribes(Set<String> names, Uuid topicId) {
    TopicImage topic = image.topic(topicId);
    return topic != null && names.contains(topic.name());
  }
}
