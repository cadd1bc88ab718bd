package io.milena.app;

import io.milena.base.Clock;
import io.milena.config.BrokerConfig;

/** Placeholder until the next landing. */
final class Assembly {
  Assembly(BrokerConfig config, Clock clock) {}

  void start() {}

  void stop() {}

  String summary() {
    return "";
  }
}
