package io.milena.controller;

import io.milena.controller.model.Plan;
import io.milena.controller.model.Plan.LeaderStep;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The {@code state-change} lines of the controller: one per batch, each step at debug. */
final class StateChangeLog {
  private static final Logger LOG = LoggerFactory.getLogger("state-change");

  private StateChangeLog() {}

  static void log(int controllerEpoch, Plan plan) {
    if (plan.steps().isEmpty() || !LOG.isInfoEnabled()) {
      return;
    }
    Map<String, Integer> byReason = new HashMap<>();
    int none = 0;
    for (LeaderStep step : plan.steps()) {
      byReason.merge(step.reason(), 1, Integer::sum);
      none += step.to() < 0 ? 1 : 0;
      LOG.debug("Controller epoch {}: {}", controllerEpoch, step);
    }
    LOG.info(
        "Controller epoch {}: {} partition(s) decided {}, {} without a leader",
        controllerEpoch,
        plan.steps().size(),
        byReason,
        none);
  }
}
