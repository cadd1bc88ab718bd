package io.milena.api;

import java.util.Locale;
import java.util.Set;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;

/** Changes of this broker's logger levels (KIP-412): all are judged before one is made. */
final class LoggerChanges {
  private static final Set<String> LEVELS =
      Set.of("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL");

  private final ConfigContext context;

  LoggerChanges(ConfigContext context) {
    this.context = context;
  }

  /** Refuses by throwing an {@code ApiException}. */
  void apply(AlterConfigsResource resource, boolean validateOnly) {
    if (!resource.resourceName().equals(Integer.toString(context.brokerId()))) {
      throw new InvalidRequestException(
          "This is broker "
              + context.brokerId()
              + ", loggers of broker '"
              + resource.resourceName()
              + "' were named.");
    }
    for (AlterableConfig config : resource.configs()) {
      judge(config);
    }
    if (validateOnly) {
      return;
    }
    for (AlterableConfig config : resource.configs()) {
      boolean set = config.configOperation() == OpType.SET.id();
      context.loggers().set(config.name(), set ? level(config) : null);
    }
  }

  private void judge(AlterableConfig config) {
    OpType op = OpType.forId(config.configOperation());
    if (op != OpType.SET && op != OpType.DELETE) {
      throw new InvalidRequestException(
          op + " is not possible for logger " + config.name() + ", only SET and DELETE are.");
    }
    if (!context.loggers().exists(config.name())) {
      throw new InvalidConfigurationException("Logger " + config.name() + " does not exist!");
    }
    if (op == OpType.DELETE && config.name().equals(LoggerLevels.ROOT)) {
      throw new InvalidRequestException("The level of the root logger can be set, not deleted.");
    }
    if (op == OpType.SET && (config.value() == null || !LEVELS.contains(level(config)))) {
      throw new InvalidConfigurationException(
          "Logger " + config.name() + " cannot have the level " + config.value() + ".");
    }
  }

  private static String level(AlterableConfig config) {
    return config.value().trim().toUpperCase(Locale.ROOT);
  }
}
