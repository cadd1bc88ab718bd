package io.milena.zookeeper.client;

/**
 * Something happened to the session.
 *
 * @param sessionId the session it happened to
 */
public record SessionEvent(Kind kind, long sessionId) {
  /** What happened. */
  public enum Kind {
    /** Connection lost; the session may live on: start nothing that needs ZooKeeper (R8). */
    SUSPENDED,
    /** Connected again, same session: ephemerals and watches are still there. */
    RECONNECTED,
    /**
     * The session is over: its ephemerals are gone. Stop controller work before returning from the
     * handler (R6); a new session is opened only after every handler returned.
     */
    EXPIRED,
    /** A new session is there after {@link #EXPIRED}: register anew. Watches are set again. */
    NEW_SESSION
  }
}
