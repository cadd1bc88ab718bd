package io.milena.metadata;

import java.util.List;
import java.util.Optional;

/**
 * A live broker.
 *
 * @param id broker id
 * @param epoch broker epoch: creation zxid of its znode
 * @param rack {@code broker.rack}, or null
 * @param endpoints its listeners, never empty
 * @param fenced true while its heartbeats are missing
 * @param cleanStart true when it registered after a clean stop, with every log as it left it
 */
public record BrokerImage(
    int id,
    long epoch,
    String rack,
    List<BrokerEndpoint> endpoints,
    boolean fenced,
    boolean cleanStart) {
  public BrokerImage {
    endpoints = endpoints == null ? List.of() : List.copyOf(endpoints);
  }

  /** The same broker, silent or heard. */
  public BrokerImage withFenced(boolean nowFenced) {
    return new BrokerImage(id, epoch, rack, endpoints, nowFenced, cleanStart);
  }

  /** The endpoint of that listener name. */
  public Optional<BrokerEndpoint> endpoint(String listener) {
    return endpoints.stream().filter(e -> e.listener().equals(listener)).findFirst();
  }
}
