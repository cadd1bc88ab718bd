package io.milena.connection;

/**
 * Where connections report what happened, for metrics. Called on event loops; implementations are
 * thread-safe and never block.
 */
public interface ConnectionMeters {
  /** Why a connection was refused or closed by us. */
  enum Refusal {
    /** {@code max.connections} reached. */
    TOO_MANY_CONNECTIONS("max.connections is reached"),
    /** {@code max.connections.per.ip} reached. */
    TOO_MANY_FROM_ADDRESS("max.connections.per.ip is reached"),
    /** A frame length that is negative, too short or over {@code socket.request.max.bytes}. */
    FRAME_LENGTH(
        "a request without a length, or longer than socket.request.max.bytes: is this a Kafka client,"
            + " and without TLS?"),
    /** Header or body that cannot be decoded. */
    INVALID_REQUEST("a request that cannot be read"),
    /** An API or version that we do not serve. */
    UNSUPPORTED("a request that is not served"),
    /** A started frame that made no progress. */
    STALLED_FRAME("the rest of a request did not come"),
    /** Nothing happened for {@code connections.max.idle.ms}. */
    IDLE("connections.max.idle.ms without a request"),
    /** A handler failed. */
    FAILED_REQUEST("a request failed");

    private final String text;

    Refusal(String text) {
      this.text = text;
    }

    /** What an operator reads. */
    public String text() {
      return text;
    }
  }

  /** A request whose answer left, or that has none. To be read during the call only. */
  void requestDone(FinishedRequest request);

  /** A connection on that listener was refused or closed by us. */
  void refused(String listener, Refusal why);

  /** A connection was accepted. */
  void opened(String listener);

  /** An accepted connection ended, whoever closed it. */
  void closed(String listener);

  /** Reports to nobody. */
  ConnectionMeters NONE =
      new ConnectionMeters() {
        @Override
        public void requestDone(FinishedRequest request) {
          // nobody listens
        }

        @Override
        public void refused(String listener, Refusal why) {
          // nobody listens
        }

        @Override
        public void opened(String listener) {
          // nobody listens
        }

        @Override
        public void closed(String listener) {
          // nobody listens
        }
      };
}
