package io.milena.app.assembly;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import io.milena.api.LoggerLevels;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.LoggerFactory;

/** {@link LoggerLevels} of logback. */
final class LogbackLevels implements LoggerLevels {
  private static LoggerContext context() {
    return (LoggerContext) LoggerFactory.getILoggerFactory();
  }

  private static String shown(Logger logger) {
    String name = logger.getName();
    return name.equals(org.slf4j.Logger.ROOT_LOGGER_NAME) ? ROOT : name;
  }

  private static String own(String logger) {
    return logger.equals(ROOT) ? org.slf4j.Logger.ROOT_LOGGER_NAME : logger;
  }

  @Override
  public Map<String, String> levels() {
    Map<String, String> levels = new TreeMap<>();
    for (Logger logger : context().getLoggerList()) {
      levels.put(shown(logger), logger.getEffectiveLevel().toString());
    }
    return levels;
  }

  @Override
  public boolean exists(String logger) {
    return context().exists(own(logger)) != null;
  }

  @Override
  public void set(String logger, String level) {
    Level wanted = null;
    if (level != null) {
      String upper = level.toUpperCase(Locale.ROOT);
      wanted = upper.equals("FATAL") ? Level.ERROR : Level.valueOf(upper);
    }
    context().getLogger(own(logger)).setLevel(wanted);
  }
}
