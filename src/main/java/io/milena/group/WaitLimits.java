package io.milena.group;

import io.milena.group.model.GroupRequest;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.JoinGroupRequestData;

/**
 * How long a request may wait for its answer before it is told to come again: far longer than the
 * protocol lets anybody wait, so that it only bounds what should not happen. Stateless.
 */
final class WaitLimits {
  private static final long OTHERS_MS = TimeUnit.HOURS.toMillis(1);

  private WaitLimits() {}

  /** A join waits for the others as long as they may take to come. */
  static long ms(GroupRequest request) {
    return request.body() instanceof JoinGroupRequestData join
        ? OTHERS_MS + Math.max(0, join.rebalanceTimeoutMs()) + Math.max(0, join.sessionTimeoutMs())
        : OTHERS_MS;
  }
}
