package io.milena.coordinator.model;

/**
 * One thing that an internal topic's log says, in the order of the log.
 *
 * @param offset of the record
 * @param producerId of the transaction that it belongs to; {@link #NO_TRANSACTION} for none
 * @param record null for a transaction's end
 * @param committed at a transaction's end: whether its records count
 */
public record LogEntry(long offset, long producerId, CoordinatorRecord record, boolean committed) {
  /** {@code producerId} outside of transactions. */
  public static final long NO_TRANSACTION = -1;

  /** A record that counts at once. */
  public static LogEntry plain(long offset, CoordinatorRecord record) {
    return new LogEntry(offset, NO_TRANSACTION, record, true);
  }

  /** A record that counts when its transaction is committed (R43). */
  public static LogEntry transactional(long offset, long producerId, CoordinatorRecord record) {
    return new LogEntry(offset, producerId, record, false);
  }

  /** The end of a producer's transaction. */
  public static LogEntry end(long offset, long producerId, boolean committed) {
    return new LogEntry(offset, producerId, null, committed);
  }
}
