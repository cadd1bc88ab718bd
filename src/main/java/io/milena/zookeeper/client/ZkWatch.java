package io.milena.zookeeper.client;

/** A standing watch; set again by itself after every event and with every new session. */
public interface ZkWatch {
  /** Stops it; the handler is not called again from the caller's context. */
  void close();
}
