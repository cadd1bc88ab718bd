package io.milena.group.model.consumer.state;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What the members of a group subscribe, by name and by expression, counted. */
public final class Subscriptions {
  private final Tally<String> topics;
  private final Tally<String> regexes;
  private final Map<String, ResolvedRegex> resolved;

  Subscriptions() {
    this(new Tally<>(), new Tally<>(), new HashMap<>());
  }

  private Subscriptions(
      Tally<String> topics, Tally<String> regexes, Map<String, ResolvedRegex> resolved) {
    this.topics = topics;
    this.regexes = regexes;
    this.resolved = resolved;
  }

  /**
   * As they will be.
   *
   * @param gone members that leave or change, as they are
   * @param come members that join or change, as they will be
   */
  public Subscriptions after(Collection<Member> gone, Collection<Member> come) {
    Subscriptions next = new Subscriptions(topics.copy(), regexes.copy(), new HashMap<>(resolved));
    gone.forEach(next::remove);
    come.forEach(next::add);
    gone.stream()
        .map(Member::registration)
        .filter(r -> r.hasRegex() && next.regexes.count(r.regex()) == 0)
        .forEach(r -> next.forget(r.regex()));
    return next;
  }

  /** As they will be when expressions are resolved anew. */
  public Subscriptions after(Map<String, ResolvedRegex> resolvedAnew) {
    Subscriptions next = new Subscriptions(topics.copy(), regexes.copy(), new HashMap<>(resolved));
    resolvedAnew.forEach(next::resolve);
    return next;
  }

  void add(Member member) {
    member.registration().topics().forEach(topics::add);
    if (member.registration().hasRegex()) {
      regexes.add(member.registration().regex());
    }
  }

  void remove(Member member) {
    member.registration().topics().forEach(topics::remove);
    if (member.registration().hasRegex()) {
      regexes.remove(member.registration().regex());
    }
  }

  void resolve(String regex, ResolvedRegex to) {
    forget(regex);
    resolved.put(regex, to);
    to.topics().forEach(topics::add);
  }

  void forget(String regex) {
    ResolvedRegex old = resolved.remove(regex);
    if (old != null) {
      old.topics().forEach(topics::remove);
    }
  }

  /** Names of all topics that somebody subscribes, existing or not. */
  public Set<String> topicNames() {
    return topics.keys();
  }

  /** Expressions that somebody subscribes. */
  public Set<String> regexes() {
    return regexes.keys();
  }

  /** How many members subscribe that expression. */
  public int subscribers(String regex) {
    return regexes.count(regex);
  }

  /** Resolved expressions. */
  public Map<String, ResolvedRegex> resolved() {
    return resolved;
  }

  /** All topics of one member, by name. */
  public Set<String> topicsOf(Registration member) {
    ResolvedRegex regex = member.hasRegex() ? resolved.get(member.regex()) : null;
    if (regex == null || regex.topics().isEmpty()) {
      return member.topics();
    }
    if (member.topics().isEmpty()) {
      return regex.topics();
    }
    Set<String> both = new HashSet<>(member.topics());
    both.addAll(regex.topics());
    return both;
  }
}
