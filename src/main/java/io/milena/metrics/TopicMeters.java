package io.milena.metrics;

import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Kafka's BrokerTopicMetrics: what goes in and out, per topic. Thread-safe; the caller may keep the
 * {@link Counts} of a topic for the length of a request.
 */
public final class TopicMeters {
  private final ConcurrentHashMap<String, Counts> topics = new ConcurrentHashMap<>();
  private final Counts gone = new Counts();

  /** The counters of one topic. */
  public static final class Counts {
    /** Bytes of accepted batches. */
    public final LongAdder bytesIn = new LongAdder();

    /** Accepted records. */
    public final LongAdder messagesIn = new LongAdder();

    /** Bytes of batches sent to consumers. */
    public final LongAdder bytesOut = new LongAdder();

    /** Bytes of batches that were too large. */
    public final LongAdder bytesRejected = new LongAdder();

    /** Partitions asked for in Produce requests. */
    public final LongAdder totalProduceRequests = new LongAdder();

    /** Partitions asked for in Fetch requests. */
    public final LongAdder totalFetchRequests = new LongAdder();

    /** Partitions of Produce requests that were answered with an error. */
    public final LongAdder failedProduceRequests = new LongAdder();

    /** Partitions of Fetch requests that were answered with an error. */
    public final LongAdder failedFetchRequests = new LongAdder();

    private void add(Counts other) {
      bytesIn.add(other.bytesIn.sum());
      messagesIn.add(other.messagesIn.sum());
      bytesOut.add(other.bytesOut.sum());
      bytesRejected.add(other.bytesRejected.sum());
      totalProduceRequests.add(other.totalProduceRequests.sum());
      totalFetchRequests.add(other.totalFetchRequests.sum());
      failedProduceRequests.add(other.failedProduceRequests.sum());
      failedFetchRequests.add(other.failedFetchRequests.sum());
    }
  }

  /** The counters of a topic that exists; callers never pass names that only a client claims. */
  public Counts of(String topic) {
    Counts counts = topics.get(topic);
    return counts != null ? counts : topics.computeIfAbsent(topic, t -> new Counts());
  }

  /** Takes the counters of deleted topics away; what they counted stays in {@link #all()}. */
  public void retain(Set<String> existing) {
    for (String topic : topics.keySet()) {
      if (!existing.contains(topic)) {
        Counts counts = topics.remove(topic);
        if (counts != null) {
          gone.add(counts);
        }
      }
    }
  }

  /** Names with counters, in alphabetical order. */
  public Set<String> topics() {
    return new TreeSet<>(topics.keySet());
  }

  /** Sums over all topics, deleted ones included. */
  public Counts all() {
    Counts sum = new Counts();
    sum.add(gone);
    topics.values().forEach(sum::add);
    return sum;
  }
}
