package io.milena.api;

import io.milena.metadata.BrokerEndpoint;
import io.milena.metadata.BrokerImage;
import io.milena.metadata.ClusterImage;
import io.milena.metadata.PartitionImage;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/**
 * Who leads a partition that was asked for at the wrong broker, and how to reach it (KIP-951). For
 * one answer.
 */
final class LeaderHints {
  /** Leader and epoch; both -1 when unknown. */
  record Leader(int id, int epoch) {}

  /** Where the client reaches a broker on the listener it uses. */
  private record Endpoint(String host, int port, String rack) {}

  private static final Leader UNKNOWN = new Leader(-1, -1);

  private final ClusterImage image;
  private final String listener;
  private final Map<Integer, Endpoint> endpoints = new TreeMap<>();

  LeaderHints(ClusterImage image, String listener) {
    this.image = image;
    this.listener = listener;
  }

  /**
   * The leader by the newer of what the shard said and what the image says; its endpoint is kept
   * for {@link #addEndpoints}.
   */
  Leader leader(String topic, int partition, int saidId, int saidEpoch) {
    PartitionImage known = image.partition(topic, partition);
    int id = saidId;
    int epoch = saidEpoch;
    if (known != null && known.leaderEpoch() > saidEpoch) {
      id = known.leader();
      epoch = known.leaderEpoch();
    }
    if (id < 0) {
      return UNKNOWN;
    }
    BrokerImage broker = image.brokers().get(id);
    if (broker != null && !broker.fenced()) {
      broker.endpoint(listener).ifPresent(e -> endpoints.put(broker.id(), endpoint(broker, e)));
    }
    return new Leader(id, epoch);
  }

  /** Makes the element of an answer in which an endpoint is told; each answer has its own type. */
  interface Told<T> {
    T endpoint(int brokerId, String host, int port, String rack);
  }

  /** Adds the endpoints of the leaders named so far to an answer, in the order of their ids. */
  <T> void addEndpoints(Collection<T> answer, Told<T> told) {
    endpoints.forEach(
        (id, endpoint) ->
            answer.add(told.endpoint(id, endpoint.host(), endpoint.port(), endpoint.rack())));
  }

  private static Endpoint endpoint(BrokerImage broker, BrokerEndpoint endpoint) {
    return new Endpoint(endpoint.host(), endpoint.port(), broker.rack());
  }
}
