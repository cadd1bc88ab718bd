package io.milena.group.model.consumer.topics;

import io.milena.coordinator.model.CoordinatorRecord;
import io.milena.group.model.consumer.state.ConsumerGroup;
import io.milena.group.model.consumer.state.GroupRecords;
import io.milena.group.model.consumer.state.Registration;
import java.util.List;
import java.util.Objects;

/**
 * How a member's expression changed.
 *
 * @param changed it is another
 * @param takesEffect its topics are known, so that an assignment is due now
 * @param needsSearch nobody had it before
 */
public record RegexChange(boolean changed, boolean takesEffect, boolean needsSearch) {
  private static final RegexChange NONE = new RegexChange(false, false, false);

  /**
   * Compares what a member said with what it says.
   *
   * @param group as it is on record, with {@code was} in it
   * @param records gets the tombstone of an expression that nobody else has
   * @throws io.milena.group.model.consumer.check.Refused INVALID_REGULAR_EXPRESSION, when the
   *     expression is new to the group and none or too heavy
   */
  public static RegexChange of(
      ConsumerGroup group, Registration was, Registration is, List<CoordinatorRecord> records) {
    if (Objects.equals(was.regex(), is.regex())) {
      return NONE;
    }
    if (was.hasRegex() && group.subscriptions().subscribers(was.regex()) == 1) {
      records.add(GroupRecords.noRegex(group.groupId(), was.regex()));
    }
    if (!is.hasRegex()) {
      return new RegexChange(true, was.hasRegex(), false);
    }
    if (group.subscriptions().subscribers(is.regex()) == 0) {
      RegexGuard.check(is.regex());
      return new RegexChange(true, false, true);
    }
    return new RegexChange(true, group.subscriptions().resolved().containsKey(is.regex()), false);
  }
}
