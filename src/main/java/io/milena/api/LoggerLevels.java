package io.milena.api;

import java.util.Map;

/** Levels of this broker's loggers, as the resource BROKER_LOGGER shows them. Thread-safe. */
public interface LoggerLevels {
  /** Name of the root logger. */
  String ROOT = "root";

  /** Effective level of each existing logger by name, in alphabetical order. */
  Map<String, String> levels();

  /** True when that logger exists. */
  boolean exists(String logger);

  /**
   * Sets a level.
   *
   * @param level TRACE, DEBUG, INFO, WARN, ERROR or FATAL; null takes the logger's own level away,
   *     so that it inherits one again
   */
  void set(String logger, String level);
}
