package io.milena.api;

import java.net.InetAddress;
import org.apache.kafka.common.security.auth.KafkaPrincipal;

/**
 * A connection as the APIs see it, whatever its transport. Owned by the event loop of its listener;
 * only that loop calls it.
 */
public interface ClientConnection {
  /** Unique in this process. */
  String id();

  /** Name of the listener, e.g. PLAINTEXT. */
  String listener();

  KafkaPrincipal principal();

  /** Address of the peer. */
  InetAddress clientAddress();

  /** Host of the socket's local end, by which the client reached us. */
  String localHost();

  /** Port of the socket's local end. */
  int localPort();

  /** Fetch sessions of this connection; they go with it. */
  FetchSessions fetchSessions();

  /** Keeps this connection's Produce requests in order while one is validated off the loop. */
  StageOne stageOne();

  /** Name and version that the client told with ApiVersions, for metrics; may be null. */
  void clientSoftware(String name, String version);
}
