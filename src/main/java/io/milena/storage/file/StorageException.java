package io.milena.storage.file;

/**
 * A disk, a directory or a file does not do what was asked: Kafka's KAFKA_STORAGE_ERROR. The
 * message is a sentence for the operator.
 */
public class StorageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StorageException(String message) {
    super(message);
  }

  public StorageException(String message, Throwable cause) {
    super(message, cause);
  }
}
