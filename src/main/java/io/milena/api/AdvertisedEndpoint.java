package io.milena.api;

import io.milena.metadata.BrokerEndpoint;
import io.milena.metadata.BrokerImage;
import java.util.Optional;
import java.util.Set;

/**
 * Where a client is told to find a broker: its registered endpoint of the listener by which the
 * client came; our own, when nobody set {@code advertised.listeners} and the listener is a
 * wildcard, is the local end of the client's own socket, for that is an address that works for it.
 * Immutable, any thread.
 */
public final class AdvertisedEndpoint {
  private final int ownId;
  private final Set<String> bySocket;

  /** A host and a port. */
  public record HostPort(String host, int port) {}

  /**
   * @param ownId our broker id
   * @param bySocket listeners whose own address is taken from the client's socket
   */
  public AdvertisedEndpoint(int ownId, Set<String> bySocket) {
    this.ownId = ownId;
    this.bySocket = Set.copyOf(bySocket);
  }

  /** Address of {@code broker} for that client; empty when it has no such listener. */
  public Optional<HostPort> of(BrokerImage broker, ClientConnection client) {
    if (broker.id() == ownId && bySocket.contains(client.listener())) {
      return Optional.of(new HostPort(client.localHost(), client.localPort()));
    }
    return broker.endpoint(client.listener()).map(AdvertisedEndpoint::hostPort);
  }

  private static HostPort hostPort(BrokerEndpoint endpoint) {
    return new HostPort(endpoint.host(), endpoint.port());
  }
}
