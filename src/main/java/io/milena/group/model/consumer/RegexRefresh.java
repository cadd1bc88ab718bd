package io.milena.group.model.consumer;

import io.milena.coordinator.model.Decision;
import io.milena.coordinator.model.Timer;
import io.milena.group.model.consumer.state.ConsumerGroup;
import io.milena.group.model.consumer.state.GroupRecords;
import io.milena.group.model.consumer.state.ResolvedRegex;
import io.milena.group.model.consumer.state.Subscriptions;
import io.milena.group.model.consumer.timing.GroupTimer;
import io.milena.group.model.consumer.timing.GroupTimer.Kind;
import io.milena.group.model.consumer.topics.RegexSearch;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Keeps the topics of expressions up to date: searches when an expression is new, when topics came,
 * and every {@code group.consumer.regex.refresh.interval.ms}; at most every ten seconds. A search
 * goes on slice by slice, by a timer that is due at once, while other steps pass.
 *
 * <p>A search that a bug cut off, so that neither its timer rings nor its outcome is taken note of,
 * is under way for {@link #LOST_AFTER_MS} at most: then the next heartbeat begins another.
 */
final class RegexRefresh {
  private static final long MIN_INTERVAL_MS = 10_000;

  /** More than the longest pause after which a timer that throws rings again. */
  private static final long LOST_AFTER_MS = 120_000;

  private final Core core;
  private final Map<String, RegexSearch> searches = new HashMap<>();

  RegexRefresh(Core core) {
    this.core = core;
  }

  /** Whether the group's topics are to be searched now. */
  static boolean due(
      Core core, ConsumerGroup group, Subscriptions after, boolean needed, long nowMs) {
    long newTopicsVersion = core.images().newTopicsVersion(core.image());
    if (!needed && group.subscriptions().regexes().isEmpty()) {
      return false;
    }
    if (group.memory().searching(nowMs) || after.regexes().isEmpty()) {
      return false;
    }
    ResolvedRegex last =
        group.subscriptions().resolved().values().stream().findFirst().orElse(null);
    if (last == null) {
      return true;
    }
    long ageMs = nowMs - last.timestampMs();
    if (ageMs >= 0 && ageMs <= MIN_INTERVAL_MS) {
      return false;
    }
    return needed
        || ageMs < 0
        || ageMs > core.setup().settings().consumer().regexRefreshIntervalMs()
        || after.regexes().size() != group.subscriptions().resolved().size()
        || last.version() < newTopicsVersion;
  }

  /** Lets the search begin. */
  static void start(ConsumerGroup group, long nowMs, List<Timer> timers) {
    if (group != null) {
      group.memory().searchingUntil(nowMs + LOST_AFTER_MS);
      timers.add(new Timer(key(group), nowMs));
    }
  }

  private static GroupTimer key(ConsumerGroup group) {
    return new GroupTimer(Kind.REGEX, group.groupId(), "");
  }

  /** The next slice; with the last one the outcome is written down. */
  Decision timer(GroupTimer key, long nowMs) {
    ConsumerGroup group = core.find(key.groupId());
    if (group == null || !group.memory().searching(nowMs)) {
      searches.remove(key.groupId());
      return Decision.NOTHING;
    }
    group.memory().searchingUntil(nowMs + LOST_AFTER_MS);
    // Out of the map while it works: one that throws is not gone on with, but begun anew.
    RegexSearch search = searches.remove(key.groupId());
    if (search == null) {
      search = new RegexSearch(group.subscriptions().regexes(), core.image(), nowMs);
    }
    if (!search.slice()) {
      searches.put(key.groupId(), search);
      return Decision.now(List.of(), List.of(new Timer(key, nowMs)));
    }
    return resolved(group, search.result(), nowMs);
  }

  private Decision resolved(ConsumerGroup group, Map<String, ResolvedRegex> found, long nowMs) {
    Subscriptions now = group.subscriptions();
    found.keySet().removeIf(regex -> now.subscribers(regex) == 0);
    Step step = new Step(core.waiting(), nowMs);
    step.then((at, answers, timers) -> group.memory().searchOver());
    step.onFailure(() -> group.memory().searchOver());
    boolean raise = false;
    for (Map.Entry<String, ResolvedRegex> entry : found.entrySet()) {
      ResolvedRegex old = now.resolved().getOrDefault(entry.getKey(), ResolvedRegex.NONE);
      raise |= !old.topics().equals(entry.getValue().topics());
      step.records().add(GroupRecords.regex(group.groupId(), entry.getKey(), entry.getValue()));
    }
    var image = core.image();
    long hash = core.hashes().of(now.after(found).topicNames(), image);
    if (raise || hash != group.metadataHash()) {
      step.records().add(GroupRecords.epoch(group.groupId(), group.epoch() + 1, hash));
      step.then((at, answers, timers) -> group.memory().checked(image));
    }
    return step.decide();
  }
}
