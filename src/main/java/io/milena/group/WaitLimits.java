package io.milena.group;

import io.milena.group.model.GroupRequest;
import io.milena.protocol.SupportedApis;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.JoinGroupRequestData;

/**
 * How long a request may wait for its answer before it is told to come again. Stateless.
 *
 * <p>Joins and syncs wait for other members: far longer than the protocol lets them, so that this
 * only bounds what should not happen (one whose group's append hangs is told before, by {@code
 * offsets.commit.timeout.ms}). Everything else waits for appends alone: for that of whoever is
 * before it, and for its own.
 */
final class WaitLimits {
  private static final long MEMBERS_MS = TimeUnit.HOURS.toMillis(1);

  private WaitLimits() {}

  /**
   * @param appendTimeoutMs {@code offsets.commit.timeout.ms}
   */
  static long ms(GroupRequest request, long appendTimeoutMs) {
    return switch (request.apiKey()) {
      case SupportedApis.JOIN_GROUP -> {
        JoinGroupRequestData join = (JoinGroupRequestData) request.body();
        yield MEMBERS_MS
            + Math.max(0, join.rebalanceTimeoutMs())
            + Math.max(0, join.sessionTimeoutMs());
      }
      case SupportedApis.SYNC_GROUP -> MEMBERS_MS;
      default -> 2 * appendTimeoutMs;
    };
  }
}
