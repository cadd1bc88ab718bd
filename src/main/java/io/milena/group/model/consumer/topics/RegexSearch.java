package io.milena.group.model.consumer.topics;

import com.google.re2j.Pattern;
import io.milena.group.model.consumer.check.Refused;
import io.milena.group.model.consumer.state.ResolvedRegex;
import io.milena.metadata.ClusterImage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Searches the topics of one image for those that expressions match, a slice at a time, so that
 * many topics never hold the loop: a slice is a few milliseconds.
 */
public final class RegexSearch {
  /** Matches of a simple expression in a slice. */
  private static final long SLICE = 2_000;

  private record Expression(String text, Pattern pattern, Set<String> found) {}

  private final List<Expression> expressions = new ArrayList<>();
  private final Map<String, ResolvedRegex> hopeless = new HashMap<>();
  private final Iterator<String> topics;
  private final long version;
  private final long startedMs;
  private long costOfTopic;

  /**
   * An expression that is none, or too heavy, finds nothing.
   *
   * @param image is searched as it is now
   * @param nowMs goes into the result
   */
  public RegexSearch(Collection<String> regexes, ClusterImage image, long nowMs) {
    this.topics = List.copyOf(image.topics().keySet()).iterator();
    this.version = ImageWatch.version(image);
    this.startedMs = nowMs;
    for (String regex : regexes) {
      try {
        expressions.add(new Expression(regex, RegexGuard.check(regex), new HashSet<>()));
        costOfTopic += 1 + RegexGuard.weight(regex) / 20;
      } catch (Refused e) {
        // Checked when it was subscribed; written by another version it may not pass here.
        hopeless.put(regex, new ResolvedRegex(Set.of(), version, startedMs));
      }
    }
  }

  /** Searches on; true when it is done. */
  public boolean slice() {
    for (long spent = 0; spent < SLICE && topics.hasNext(); spent += costOfTopic + 1) {
      String topic = topics.next();
      for (Expression expression : expressions) {
        if (expression.pattern().matches(topic)) {
          expression.found().add(topic);
        }
      }
    }
    return !topics.hasNext();
  }

  /** What was found, by expression; complete when {@link #slice} said so. */
  public Map<String, ResolvedRegex> result() {
    Map<String, ResolvedRegex> result = new HashMap<>(hopeless);
    expressions.forEach(
        e -> result.put(e.text(), new ResolvedRegex(Set.copyOf(e.found()), version, startedMs)));
    return result;
  }
}
