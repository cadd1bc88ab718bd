package io.milena.zookeeper.client;

import java.nio.file.Path;

/**
 * How to reach ZooKeeper.
 *
 * @param connect {@code zookeeper.connect}: {@code host:port,host:port[/chroot]}
 * @param sessionTimeoutMs {@code zookeeper.session.timeout.ms}; the server may negotiate another
 * @param connectionTimeoutMs {@code zookeeper.connection.timeout.ms}: how long the first connection
 *     may take
 * @param sessionFile where session id and password are kept for R6, in the locked data directory;
 *     null keeps none
 */
public record ZkOptions(
    String connect, int sessionTimeoutMs, int connectionTimeoutMs, Path sessionFile) {
  /** Largest request and answer of this client, as Kafka sets it (jute.maxbuffer). */
  public static final int MAX_BUFFER_BYTES = 4 << 20;

  public ZkOptions {
    if (connect.isBlank() || sessionTimeoutMs <= 0 || connectionTimeoutMs <= 0) {
      throw new IllegalArgumentException(
          "connect '" + connect + "', " + sessionTimeoutMs + " ms, " + connectionTimeoutMs + " ms");
    }
  }

  /** The servers without the chroot. */
  public String hosts() {
    int slash = connect.indexOf('/');
    return slash < 0 ? connect : connect.substring(0, slash);
  }

  /** The chroot with its leading slash and without a trailing one; empty when there is none. */
  public String chroot() {
    int slash = connect.indexOf('/');
    String chroot = slash < 0 ? "" : connect.substring(slash);
    while (chroot.endsWith("/")) {
      chroot = chroot.substring(0, chroot.length() - 1);
    }
    return chroot;
  }

  /** Servers and normalised chroot, as ZooKeeper's client takes it. */
  public String connectString() {
    return hosts() + chroot();
  }
}
