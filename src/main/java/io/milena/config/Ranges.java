package io.milena.config;

import java.util.List;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Validator;
import org.apache.kafka.common.config.ConfigException;

/**
 * The ranges of the setting tables: {@code [min,max]} with either end open, the same with {@code
 * |n} for one value besides, {@code {a,b}} for one of, {@code ~{a,b}} for one of in any case,
 * {@code list{a,b}} for any of, {@code throttled} for lists of replicas, empty for anything.
 */
final class Ranges {
  private static final Pattern REPLICA = Pattern.compile("\\d+:\\d+");

  private Ranges() {}

  static Validator parse(String range) {
    if (range.isEmpty()) {
      return null;
    }
    if (range.equals("throttled")) {
      return ConfigDef.LambdaValidator.with(
          Ranges::ensureReplicas, () -> "* or [partition]:[broker],[partition]:[broker],...");
    }
    if (range.startsWith("list{")) {
      return ConfigDef.ValidList.in(words(range, 5));
    }
    if (range.startsWith("~{")) {
      return ConfigDef.CaseInsensitiveValidString.in(words(range, 2));
    }
    if (range.startsWith("{")) {
      return ConfigDef.ValidString.in(words(range, 1));
    }
    if (range.startsWith("[")) {
      return numbers(range);
    }
    throw new IllegalStateException("range " + range);
  }

  /** As {@link #parse}, for a setting that may be without a value. */
  static Validator orNull(String range) {
    Validator validator = parse(range);
    if (validator == null) {
      return null;
    }
    return ConfigDef.LambdaValidator.with(
        (name, value) -> {
          if (value != null) {
            validator.ensureValid(name, value);
          }
        },
        validator::toString);
  }

  private static String[] words(String range, int from) {
    return range.substring(from, range.length() - 1).split(",");
  }

  private static Validator numbers(String range) {
    int bar = range.indexOf('|');
    String interval = bar < 0 ? range : range.substring(0, bar);
    String[] ends = interval.substring(1, interval.length() - 1).split(",", -1);
    Validator within = within(ends[0], ends[1]);
    if (bar < 0) {
      return within;
    }
    long besides = Long.parseLong(range.substring(bar + 1));
    return ConfigDef.LambdaValidator.with(
        (name, value) -> {
          if (value == null || ((Number) value).longValue() != besides) {
            within.ensureValid(name, value);
          }
        },
        () -> within + " or " + besides);
  }

  private static Validator within(String min, String max) {
    if (max.isEmpty()) {
      return ConfigDef.Range.atLeast(number(min));
    }
    return ConfigDef.Range.between(number(min), number(max));
  }

  private static Number number(String text) {
    if (text.indexOf('.') >= 0) {
      return Double.valueOf(text);
    }
    return Long.valueOf(text);
  }

  private static void ensureReplicas(String name, Object value) {
    List<?> replicas = (List<?>) value;
    if (replicas.size() == 1 && replicas.get(0).equals("*")) {
      return;
    }
    for (Object replica : replicas) {
      if (!REPLICA.matcher(((String) replica).trim()).matches()) {
        throw new ConfigException(name, value, "want * or a list of partition:broker pairs");
      }
    }
  }
}
