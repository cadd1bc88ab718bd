package io.milena.connection;

/**
 * The states of a connection.
 *
 * <pre>
 * OPEN -- stop of the broker --> DRAINING -- last answer sent --> CLOSED
 *   |                                |
 *   +-- bad frame, failed request, answer that closes, peer gone --> CLOSED
 * </pre>
 */
enum ConnectionState {
  /** Takes frames. */
  OPEN,
  /** Takes no frames, sends the answers of those in flight. */
  DRAINING,
  /** Takes and sends nothing. */
  CLOSED
}
