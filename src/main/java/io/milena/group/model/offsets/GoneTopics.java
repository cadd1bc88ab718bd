package io.milena.group.model.offsets;

import io.milena.metadata.ClusterImage;
import io.milena.metadata.TopicImage;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.Uuid;

/**
 * Topics that vanished from the image while offsets of them are kept; volatile, of one thread. What
 * was committed before a topic vanished counts for nobody from then on, also when a topic of the
 * same name comes; it is taken away a little later, unless the very same topic is back by then (an
 * image that lacked it for a moment).
 *
 * <p>Bounded by the topics that have offsets.
 */
final class GoneTopics {
  /**
   * A topic that vanished.
   *
   * @param id of the topic that is gone
   * @param lastOffset of the log when it vanished: later commits are of its successor
   * @param sinceMs when
   */
  private record Gone(Uuid id, long lastOffset, long sinceMs) {}

  private final Map<String, Gone> gone = new HashMap<>();

  /** Topics that a whole sweep ago were in no image, see {@link #confirm}. */
  private Set<String> suspects = new HashSet<>();

  /**
   * Compares two images that follow each other.
   *
   * @return true when a topic with offsets vanished
   */
  boolean imageChanged(
      Set<String> topics, ClusterImage before, ClusterImage now, long lastOffset, long nowMs) {
    boolean some = false;
    for (String topic : topics) {
      TopicImage old = before.topic(topic);
      TopicImage image = now.topic(topic);
      if (old != null && (image == null || !image.id().equals(old.id()))) {
        Uuid id = gone.containsKey(topic) ? Uuid.ZERO_UUID : old.id(); // both are gone
        gone.put(topic, new Gone(id, lastOffset, nowMs));
        some = true;
      }
    }
    return some;
  }

  /**
   * Finds topics that vanished while nobody looked (a coordinator was loading, the broker down):
   * those which the image lacks in two sweeps that follow each other.
   *
   * @return true when there are such topics
   */
  boolean confirm(Set<String> topics, ClusterImage now, long lastOffset, long nowMs) {
    Set<String> missing = new HashSet<>();
    if (now.number() >= 0) {
      for (String topic : topics) {
        if (now.topic(topic) == null && !gone.containsKey(topic)) {
          missing.add(topic);
        }
      }
    }
    boolean some = false;
    for (String topic : missing) {
      if (suspects.contains(topic)) {
        gone.put(topic, new Gone(Uuid.ZERO_UUID, lastOffset, nowMs));
        some = true;
      }
    }
    missing.removeAll(gone.keySet());
    suspects = missing;
    return some;
  }

  /** True when the offset is one of a topic that vanished. */
  boolean covers(String topic, CommittedOffset offset) {
    if (gone.isEmpty()) {
      return false;
    }
    Gone one = gone.get(topic);
    return one != null && offset.recordOffset() <= one.lastOffset() && offset.of(one.id());
  }

  boolean isEmpty() {
    return gone.isEmpty();
  }

  /**
   * Topics that vanished before {@code untilMs}; those that are back as they were are forgotten.
   */
  Set<String> ripe(ClusterImage now, long untilMs) {
    gone.entrySet()
        .removeIf(
            entry -> {
              TopicImage image = now.topic(entry.getKey());
              return image != null && image.id().equals(entry.getValue().id());
            });
    Set<String> names = new HashSet<>();
    gone.forEach(
        (name, one) -> {
          if (one.sinceMs() <= untilMs) {
            names.add(name);
          }
        });
    return names;
  }

  /** Everything of these topics has been taken away. */
  void forget(Set<String> topics) {
    topics.forEach(gone::remove);
  }
}
