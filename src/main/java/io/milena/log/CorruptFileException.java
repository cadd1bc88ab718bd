package io.milena.log;

/**
 * The bytes of a file are not what its format says. The owner of the file rebuilds what can be
 * rebuilt (indexes, snapshots, epochs) and takes the log out of service where it cannot.
 */
public final class CorruptFileException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** {@code message} names what was expected and what was found. */
  public CorruptFileException(String message) {
    super(message);
  }
}
