package io.milena.group.model.consumer;

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
record RegexChange(boolean changed, boolean takesEffect, boolean needsSearch) {
  private static final RegexChange NONE = new RegexChange(false, false, false);

  /**
   * @param records gets the tombstone of an expression that nobody else has
   */
  static RegexChange of(
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
