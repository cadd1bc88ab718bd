package io.milena.group.model.classic;

import io.milena.group.model.GroupLimits;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Bounds what clients of one address may hold that never completed a join: ids that were given out
 * and not come back with, members that wait for their first generation. So a flood of group ids or
 * of members that are never confirmed cannot exhaust the memory of a coordinator (F35). One for
 * each partition of {@code __consumer_offsets}.
 */
final class Newcomers {
  /** Members of one address; a member holds about 300 bytes besides its metadata. */
  static final int MAX_MEMBERS = 10_000;

  /** Metadata of new members of one address. */
  static final long MAX_METADATA_BYTES = 64L << 20;

  private static final class Held {
    int members;
    long bytes;
  }

  private final Map<String, Held> byHost = new HashMap<>();
  private final GroupLimits limits;

  /**
   * @param limits of the broker, in which newcomers count too
   */
  Newcomers(GroupLimits limits) {
    this.limits = limits;
  }

  /** May another one with this metadata come from there? */
  boolean hasRoom(String clientHost, List<ClassicProtocol> protocols) {
    if (!limits.hasRoomForPendingMember(clientHost)) {
      return false;
    }
    Held held = byHost.get(clientHost);
    return held == null
        || held.members < MAX_MEMBERS && held.bytes + bytes(protocols) <= MAX_METADATA_BYTES;
  }

  void enter(String clientHost, List<ClassicProtocol> protocols) {
    Held held = byHost.computeIfAbsent(clientHost, host -> new Held());
    held.members++;
    limits.addPendingMember(clientHost);
    held.bytes += bytes(protocols);
  }

  void leave(String clientHost, List<ClassicProtocol> protocols) {
    byHost.computeIfPresent(
        clientHost,
        (host, held) -> {
          held.members--;
          limits.releasePendingMember(host);
          held.bytes -= bytes(protocols);
          return held.members <= 0 ? null : held;
        });
  }

  /** The coordinator goes. */
  void clear() {
    byHost.forEach(
        (host, held) -> {
          for (int i = 0; i < held.members; i++) {
            limits.releasePendingMember(host);
          }
        });
    byHost.clear();
  }

  int size() {
    return byHost.values().stream().mapToInt(held -> held.members).sum();
  }

  private static long bytes(List<ClassicProtocol> protocols) {
    long bytes = 0;
    for (ClassicProtocol protocol : protocols) {
      bytes += protocol.metadata().length;
    }
    return bytes;
  }
}
