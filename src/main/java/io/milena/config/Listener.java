package io.milena.config;

/**
 * One entry of {@code listeners} or {@code advertised.listeners}.
 *
 * @param name upper case, e.g. PLAINTEXT or HTTP
 * @param host as given; empty for all addresses
 * @param port 0 for a free one
 * @param securityProtocol PLAINTEXT (the only one there is yet)
 */
public record Listener(String name, String host, int port, String securityProtocol) {
  /** True for the listeners of health, readiness and metrics, which no Kafka client uses. */
  public boolean http() {
    return name.equals("HTTP") || name.equals("HTTPS");
  }

  /** True when it takes connections on all addresses of the machine. */
  public boolean wildcard() {
    return host.isEmpty() || host.equals("0.0.0.0") || host.equals("::");
  }

  /** True unless only this machine can reach it: not a loopback address. */
  public boolean beyondLoopback() {
    return !(host.equals("localhost") || host.equals("::1") || host.startsWith("127."));
  }

  /** NAME://host:port, an IPv6 host in brackets. */
  @Override
  public String toString() {
    return name + "://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
