package io.milena.group.model.classic;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How many members of a group support each protocol, kept up to date member by member, so that a
 * join costs nothing per other member.
 */
final class ProtocolCounts {
  private final Map<String, Integer> supporters = new HashMap<>();

  void add(List<ClassicProtocol> protocols) {
    for (String name : names(protocols)) {
      supporters.merge(name, 1, Integer::sum);
    }
  }

  void remove(List<ClassicProtocol> protocols) {
    for (String name : names(protocols)) {
      supporters.computeIfPresent(name, (key, count) -> count == 1 ? null : count - 1);
    }
  }

  /** Does every one of the members support one of these? */
  boolean anyCommon(List<ClassicProtocol> protocols, int members) {
    for (ClassicProtocol protocol : protocols) {
      if (supporters.getOrDefault(protocol.name(), 0) == members) {
        return true;
      }
    }
    return false;
  }

  /** The protocols that all the members support. */
  Set<String> common(int members) {
    Set<String> common = new HashSet<>();
    supporters.forEach(
        (name, count) -> {
          if (count == members) {
            common.add(name);
          }
        });
    return common;
  }

  /** Number of protocols that somebody supports. */
  int size() {
    return supporters.size();
  }

  /** A protocol that a member names twice counts once. */
  private static Iterable<String> names(List<ClassicProtocol> protocols) {
    if (protocols.size() == 1) {
      return List.of(protocols.get(0).name());
    }
    Set<String> names = new HashSet<>();
    for (ClassicProtocol protocol : protocols) {
      names.add(protocol.name());
    }
    return names;
  }
}
