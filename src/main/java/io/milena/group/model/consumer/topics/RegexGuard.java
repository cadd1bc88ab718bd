package io.milena.group.model.consumer.topics;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.milena.group.model.consumer.check.Refused;
import java.util.regex.Matcher;
import org.apache.kafka.common.protocol.Errors;

/**
 * Lets expressions of clients in. RE2/J matches in time linear in expression × name, but counted
 * repetitions are written out when it compiles: {@code ((a{1000}){1000}){1000}} would need all
 * memory. So the length times all counts is bounded; Kafka has no such bound, and no sensible
 * expression comes near it.
 */
final class RegexGuard {
  private static final long MAX_WEIGHT = 20_000;
  private static final java.util.regex.Pattern COUNTED =
      java.util.regex.Pattern.compile("\\{(\\d{1,9})(?:,(\\d{0,9}))?}");

  private RegexGuard() {}

  /** The compiled expression; INVALID_REGULAR_EXPRESSION when it is none or too heavy. */
  static Pattern check(String regex) {
    if (weight(regex) > MAX_WEIGHT) {
      throw new Refused(
          Errors.INVALID_REGULAR_EXPRESSION,
          "SubscribedTopicRegex is too long or repeats too much.");
    }
    try {
      return Pattern.compile(regex);
    } catch (PatternSyntaxException e) {
      throw new Refused(
          Errors.INVALID_REGULAR_EXPRESSION,
          "SubscribedTopicRegex `" + regex + "` cannot be parsed: " + e.getDescription() + ".");
    }
  }

  /** A bound for the instructions it compiles to. */
  static long weight(String regex) {
    long weight = regex.length();
    Matcher counted = COUNTED.matcher(regex);
    while (counted.find() && weight <= MAX_WEIGHT) {
      long least = Long.parseLong(counted.group(1));
      String most = counted.group(2);
      weight *= Math.max(1, most == null || most.isEmpty() ? least : Long.parseLong(most));
    }
    return weight;
  }
}
