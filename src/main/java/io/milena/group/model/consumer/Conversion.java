package io.milena.group.model.consumer;

import io.milena.group.model.Group;
import io.milena.group.model.GroupSettings;
import io.milena.group.model.consumer.check.Refused;
import io.milena.group.model.consumer.state.ConsumerGroup;
import io.milena.group.model.consumer.state.Member;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;

/**
 * Turns groups into the other kind while they work (KIP-848, {@code
 * group.consumer.migration.policy}). A classic group of consumers is upgraded when a member of the
 * consumer protocol joins; its own members go on in it with the classic protocol. A consumer group
 * is downgraded when the last member of the consumer protocol goes and classic ones stay.
 */
final class Conversion {
  private final Core core;
  private final ClassicSide classic;

  Conversion(Core core, ClassicSide classic) {
    this.core = core;
    this.classic = classic;
  }

  private GroupSettings settings() {
    return core.setup().settings();
  }

  /**
   * The group that a member of the consumer protocol joins: there, new, or made of a classic one.
   */
  ConsumerGroup groupToJoin(String groupId, Step step) {
    Group group = core.table().find(groupId);
    if (group instanceof ConsumerGroup consumerGroup) {
      return consumerGroup;
    }
    if (group == null) {
      return new ConsumerGroup(groupId, step.nowMs());
    }
    if (group.isEmpty()) {
      step.records().addAll(group.tombstones());
      return new ConsumerGroup(groupId, step.nowMs());
    }
    return upgrade(group, step);
  }

  private ConsumerGroup upgrade(Group group, Step step) {
    ClassicSide.View view = classic.view(group);
    String obstacle = obstacle(view);
    if (obstacle != null) {
      throw new Refused(
          Errors.GROUP_ID_NOT_FOUND,
          "Classic group " + group.groupId() + " cannot become a consumer group: " + obstacle);
    }
    step.records().addAll(group.tombstones());
    ConsumerGroup upgraded = write(group.groupId(), view, step);
    step.thenAsDecided(at -> classic.upgraded(group, Errors.REBALANCE_IN_PROGRESS, at));
    step.then(
        (at, answers, timers) -> {
          ConsumerGroup applied = core.find(group.groupId());
          view.members().stream()
              .filter(m -> applied.member(m.memberId()) != null)
              .forEach(
                  m ->
                      MemberTimers.heard(applied, m.memberId(), at + m.sessionTimeoutMs(), timers));
        });
    return upgraded;
  }

  /** What its members wrote may be malformed, or be more than the consumer protocol can carry. */
  private ConsumerGroup write(String groupId, ClassicSide.View view, Step step) {
    try {
      return new Upgrade(groupId, view, core.image())
          .write(step.records(), core.hashes(), step.nowMs());
    } catch (Refused e) {
      throw new Refused(Errors.GROUP_ID_NOT_FOUND, e.getMessage());
    }
  }

  private String obstacle(ClassicSide.View view) {
    if (view == null || !ConsumerGroup.PROTOCOL_TYPE.equals(view.protocolType())) {
      return "its members are not consumers.";
    }
    if (!settings().consumer().migration().upgrades()) {
      return "group.consumer.migration.policy does not allow it.";
    }
    return view.members().size() > settings().consumer().maxSize() ? "it is too large." : null;
  }

  /** Whether the group has to become a classic one when these members go. */
  boolean downgradesWithout(ConsumerGroup group, Collection<Member> gone) {
    int stay = group.members().size() - gone.size();
    long classicGone = gone.stream().filter(Member::isClassic).count();
    return stay > 0 && group.classic().members() - classicGone == stay && mayDowngrade(stay);
  }

  /** Whether the group has to become a classic one when a classic member takes this one's place. */
  boolean downgradesWhenReplaced(ConsumerGroup group, Member replaced) {
    return replaced != null
        && !replaced.isClassic()
        && group.classic().members() == group.members().size() - 1
        && mayDowngrade(group.members().size());
  }

  private boolean mayDowngrade(int size) {
    return settings().consumer().migration().downgrades() && size <= settings().classic().maxSize();
  }

  /** Writes the classic group down; its members are called back. */
  void downgrade(ConsumerGroup group, Collection<Member> gone, Step step) {
    List<Member> stay = new ArrayList<>(group.members().values());
    stay.removeAll(gone);
    step.records().addAll(group.tombstones());
    write(group, new Downgrade(group, core.image(), stay), true, step);
  }

  /** As {@link #downgrade} when {@code come} takes the place of {@code gone} in this very step. */
  void downgradeReplacing(ConsumerGroup group, Member gone, MemberChange change, Step step) {
    Member come = change.member();
    List<Member> members = new ArrayList<>(group.members().values());
    members.remove(gone);
    members.add(come);
    step.records().addAll(group.tombstones(gone.id(), come.id()));
    Downgrade downgrade =
        new Downgrade(group, core.image(), members).replacing(gone.id(), come.id());
    write(group, downgrade, group.targetEpoch() < change.epoch(), step);
  }

  private void write(ConsumerGroup group, Downgrade downgrade, boolean rebalance, Step step) {
    step.records().add(downgrade.record(step.nowMs()));
    step.then(
        (at, answers, timers) ->
            group
                .members()
                .keySet()
                .forEach(id -> MemberTimers.cancelAll(group.groupId(), id, timers)));
    step.thenAsDecided(
        at -> classic.downgraded(group.groupId(), downgrade.protocols(), rebalance, at));
  }
}
