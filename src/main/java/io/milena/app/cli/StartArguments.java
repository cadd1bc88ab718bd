package io.milena.app.cli;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.common.config.ConfigException;

/**
 * What the command {@code start} was given.
 *
 * @param config path of the properties file, or null
 * @param overrides {@code key=value} in the order of the command line
 */
public record StartArguments(String config, List<String> overrides) {
  public StartArguments {
    overrides = List.copyOf(overrides);
  }

  /** Recognises {@code start [--config FILE] [--override KEY=VALUE]…}; empty for all else. */
  public static Optional<StartArguments> parse(String[] args) {
    if (args.length == 0 || !args[0].equals("start")) {
      return Optional.empty();
    }
    String config = null;
    List<String> overrides = new ArrayList<>();
    for (int i = 1; i < args.length; i += 2) {
      if (i + 1 == args.length) {
        return Optional.empty();
      }
      switch (args[i]) {
        case "--config" -> config = args[i + 1];
        case "--override" -> overrides.add(args[i + 1]);
        default -> {
          return Optional.empty();
        }
      }
    }
    return Optional.of(new StartArguments(config, overrides));
  }

  /**
   * The settings of the file with those of the command line put over them.
   *
   * @throws ConfigException in one sentence when the file cannot be read or an override is no pair
   */
  public Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>();
    if (config != null) {
      Properties file = load(Path.of(config));
      file.stringPropertyNames().forEach(k -> settings.put(k.trim(), file.getProperty(k).trim()));
    }
    for (String override : overrides) {
      int equals = override.indexOf('=');
      if (equals <= 0) {
        throw new ConfigException("--override wants key=value, not '" + override + "'.");
      }
      settings.put(override.substring(0, equals).trim(), override.substring(equals + 1).trim());
    }
    return settings;
  }

  private static Properties load(Path path) {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
      properties.load(reader);
      return properties;
    } catch (NoSuchFileException e) {
      throw new ConfigException("There is no configuration file " + path + ".");
    } catch (IOException | IllegalArgumentException e) {
      throw new ConfigException(
          "The configuration file " + path + " cannot be read: " + e.getMessage());
    }
  }
}
