package io.milena.group.model.consumer.state;

import java.util.Set;

/**
 * An expression with the topics that it matched; record type 16.
 *
 * @param topics names
 * @param version of the cluster image that was searched; rises
 * @param timestampMs when that was
 */
public record ResolvedRegex(Set<String> topics, long version, long timestampMs) {
  /** Before it was resolved. */
  public static final ResolvedRegex NONE = new ResolvedRegex(Set.of(), -1, -1);
}
