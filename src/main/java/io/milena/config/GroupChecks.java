package io.milena.config;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.ConfigException;

/** What no single setting of groups can say. */
final class GroupChecks {
  private static final Set<String> ASSIGNORS = Set.of("uniform", "range");

  private GroupChecks() {}

  static void check(Map<String, Object> values) {
    BrokerChecks.atMost(values, "group.min.session.timeout.ms", "group.max.session.timeout.ms");
    within(values, "session.timeout.ms");
    within(values, "heartbeat.interval.ms");
    within(values, "assignment.interval.ms");
    int heartbeatMs = (Integer) values.get("group.consumer.heartbeat.interval.ms");
    int sessionMs = (Integer) values.get("group.consumer.session.timeout.ms");
    if (heartbeatMs >= sessionMs) {
      throw new ConfigException(
          ("group.consumer.heartbeat.interval.ms (%d) is not below"
                  + " group.consumer.session.timeout.ms (%d).")
              .formatted(heartbeatMs, sessionMs));
    }
    protocols((List<?>) values.get("group.coordinator.rebalance.protocols"));
    assignors((List<?>) values.get("group.consumer.assignors"));
  }

  private static void within(Map<String, Object> values, String what) {
    String min = "group.consumer.min." + what;
    String max = "group.consumer.max." + what;
    String name = "group.consumer." + what;
    BrokerChecks.atMost(values, min, max);
    BrokerChecks.atMost(values, min, name);
    BrokerChecks.atMost(values, name, max);
  }

  private static void protocols(List<?> protocols) {
    if (protocols.stream().noneMatch("classic"::equals)) {
      throw new ConfigException(
          "group.coordinator.rebalance.protocols lacks classic, which cannot be switched off.");
    }
  }

  private static void assignors(List<?> assignors) {
    if (assignors.isEmpty() || assignors.stream().distinct().count() != assignors.size()) {
      throw new ConfigException("group.consumer.assignors is empty or names an assignor twice.");
    }
    for (Object assignor : assignors) {
      if (!ASSIGNORS.contains(assignor)) {
        throw new ConfigException(
            "group.consumer.assignors names %s; there are uniform and range.".formatted(assignor));
      }
    }
  }
}
