package io.milena.zookeeper.client;

import org.apache.zookeeper.client.ZKClientConfig;

/**
 * The client's settings without loading what is not used. ZooKeeper's own class asks the TLS
 * provider for its protocols on the way (some 400 classes, 100 ms and more of CPU at start) even
 * for a plain connection; with TLS or SASL switched on by ZooKeeper's system properties it is left
 * as it is.
 */
public final class LeanClientConfig extends ZKClientConfig {
  /** Settings for one client: jute.maxbuffer of {@link ZkOptions#MAX_BUFFER_BYTES}. */
  public LeanClientConfig() {
    setProperty(JUTE_MAXBUFFER, Integer.toString(ZkOptions.MAX_BUFFER_BYTES));
    if (!wantsSasl()) {
      setProperty(ENABLE_CLIENT_SASL_KEY, "false");
    }
  }

  /** Called by the constructor of the superclass: static state only. */
  @Override
  protected void handleBackwardCompatibility() {
    if (wantsTls() || wantsSasl()) {
      super.handleBackwardCompatibility();
    } else {
      setProperty(DISABLE_AUTO_WATCH_RESET, System.getProperty(DISABLE_AUTO_WATCH_RESET));
    }
  }

  private static boolean wantsTls() {
    return Boolean.getBoolean(SECURE_CLIENT)
        || System.getProperty(ZOOKEEPER_CLIENT_CNXN_SOCKET) != null;
  }

  private static boolean wantsSasl() {
    return System.getProperty("java.security.auth.login.config") != null;
  }
}
