package io.milena.metadata;

import java.util.Optional;
import java.util.Set;

/** Kafka's rules for topic names. Pure. */
public final class TopicNames {
  /** Longest name: folder names add a dash, a partition number and a deletion suffix. */
  public static final int MAX_LENGTH = 249;

  private static final Set<String> INTERNAL =
      Set.of("__consumer_offsets", "__transaction_state", "__share_group_state");

  private TopicNames() {}

  /** Why this cannot be the name of a topic; empty when it can. */
  public static Optional<String> problem(String name) {
    if (name == null || name.isEmpty()) {
      return Optional.of("Topic name is empty");
    }
    if (name.equals(".") || name.equals("..")) {
      return Optional.of("Topic name cannot be \".\" or \"..\"");
    }
    if (name.length() > MAX_LENGTH) {
      return Optional.of("Topic name is longer than " + MAX_LENGTH + " characters");
    }
    for (int i = 0; i < name.length(); i++) {
      if (!legal(name.charAt(i))) {
        return Optional.of(
            "Topic name contains a character other than ASCII letters, digits, '.', '_' and '-'");
      }
    }
    return Optional.empty();
  }

  private static boolean legal(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '.'
        || c == '_'
        || c == '-';
  }

  /**
   * The name with its dots as underscores: two topics whose names are equal in this form collide,
   * because metric names are built so.
   */
  public static String collisionKey(String name) {
    return name.replace('.', '_');
  }

  /** True for topics that belong to coordinators. */
  public static boolean isInternal(String name) {
    return INTERNAL.contains(name);
  }
}
