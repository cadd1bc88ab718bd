package io.milena.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigException;

/** What no single setting's range can say: contradictions, and prefixed security settings. */
final class BrokerChecks {
  private static final Pattern SECURED_PREFIX =
      Pattern.compile(
          "listener\\.name\\.[^.]+\\.(?:ssl\\.|[^.]*\\.?sasl\\.|principal\\.builder).*");

  private BrokerChecks() {}

  /** Refuses {@code listener.name.X.ssl.…} and {@code .sasl.…}, which ask for security. */
  static void refusePrefixed(String name) {
    if (SECURED_PREFIX.matcher(name).matches()) {
      throw new ConfigException(
          "Setting " + name + " is not possible: TLS and SASL do not exist yet.");
    }
  }

  static void check(Map<String, String> given, Map<String, Object> values) {
    same(given, values, List.of("log.segment.ms", "log.roll.ms"));
    same(given, values, List.of("broker.id", "node.id"));
    int id = Math.max((Integer) values.get("broker.id"), (Integer) values.get("node.id"));
    int reserved = (Integer) values.get("reserved.broker.max.id");
    boolean generated = (Boolean) values.get("broker.id.generation.enable");
    if (generated && id > reserved) {
      throw new ConfigException(
          ("broker.id is %d, above reserved.broker.max.id (%d): such ids are drawn. Choose a smaller"
                  + " one, raise the limit or switch broker.id.generation.enable off.")
              .formatted(id, reserved));
    }
    if (!generated && id < 0) {
      throw new ConfigException(
          "broker.id is not set and broker.id.generation.enable is false: the broker has no id.");
    }
    atMost(values, "replica.fetch.wait.max.ms", "replica.lag.time.max.ms");
    atMost(values, "milena.heartbeat.interval.ms", "milena.heartbeat.timeout.ms");
    atMost(values, "log.cleaner.min.compaction.lag.ms", "log.cleaner.max.compaction.lag.ms");
    checkCleaner(values);
    notZero(values, List.of("log.retention.ms", "log.retention.minutes", "log.retention.hours"));
    long queued = (Long) values.get("queued.max.request.bytes");
    int largest = (Integer) values.get("socket.request.max.bytes");
    if (queued >= 0 && queued < largest) {
      throw new ConfigException(
          "queued.max.request.bytes (%d) is below socket.request.max.bytes (%d)."
              .formatted(queued, largest));
    }
    checkDirectories(values);
    GroupChecks.check(values);
    connectionOverrides((String) values.get("max.connections.per.ip.overrides"));
  }

  private static void checkCleaner(Map<String, Object> values) {
    int threads = (Integer) values.get("log.cleaner.threads");
    if (!(Boolean) values.get("log.cleaner.enable")) {
      return;
    }
    if (threads < 1) {
      throw new ConfigException(
          "log.cleaner.threads is 0: without a cleaner set log.cleaner.enable=false.");
    }
    long dedupe = (Long) values.get("log.cleaner.dedupe.buffer.size");
    if (dedupe / threads <= 1 << 20) {
      throw new ConfigException(
          "log.cleaner.dedupe.buffer.size (%d) has to be more than 1 MiB for each of %d cleaners."
              .formatted(dedupe, threads));
    }
  }

  private static void same(
      Map<String, String> given, Map<String, Object> values, List<String> names) {
    boolean both = given.containsKey(names.get(0)) && given.containsKey(names.get(1));
    if (both && !Objects.equals(values.get(names.get(0)), values.get(names.get(1)))) {
      throw new ConfigException(
          "%s (%s) and %s (%s) are one setting and differ."
              .formatted(
                  names.get(0), values.get(names.get(0)), names.get(1), values.get(names.get(1))));
    }
  }

  static void atMost(Map<String, Object> values, String lower, String upper) {
    long low = ((Number) values.get(lower)).longValue();
    long high = ((Number) values.get(upper)).longValue();
    if (low > high) {
      throw new ConfigException("%s (%d) is above %s (%d).".formatted(lower, low, upper, high));
    }
  }

  /** Kafka, too, refuses a retention of 0 and takes anything negative as none. */
  private static void notZero(Map<String, Object> values, List<String> names) {
    for (String name : names) {
      Number value = (Number) values.get(name);
      if (value != null) {
        if (value.longValue() == 0) {
          throw new ConfigException(name + " must not be 0; -1 is no limit.");
        }
        return;
      }
    }
  }

  private static void checkDirectories(Map<String, Object> values) {
    Object dirs = values.get("log.dirs") == null ? values.get("log.dir") : values.get("log.dirs");
    List<?> list = (List<?>) dirs;
    if (list.isEmpty()) {
      throw new ConfigException("log.dirs names no directory.");
    }
    if (list.stream().distinct().count() != list.size()) {
      throw new ConfigException("log.dirs names a directory twice.");
    }
  }

  /** {@code address:number,…} as a map. */
  static Map<String, Integer> connectionOverrides(String text) {
    Map<String, Integer> overrides = new HashMap<>();
    for (String entry : text.split(",")) {
      if (entry.isBlank()) {
        continue;
      }
      int colon = entry.lastIndexOf(':');
      try {
        overrides.put(
            entry.substring(0, Math.max(0, colon)).trim(),
            Integer.parseInt(entry.substring(colon + 1).trim()));
      } catch (NumberFormatException e) {
        throw new ConfigException(
            "max.connections.per.ip.overrides has an entry that is not address:number: " + entry);
      }
    }
    return overrides;
  }
}
