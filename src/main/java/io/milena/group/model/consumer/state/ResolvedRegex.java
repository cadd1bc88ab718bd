package io.milena.group.model.consumer.state;

import io.milena.group.model.MemberBytes;
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

  /** With the expression, as {@link MemberBytes} counts it. */
  long bytes(String regex) {
    return MemberBytes.of(regex) + MemberBytes.of(topics);
  }
}
