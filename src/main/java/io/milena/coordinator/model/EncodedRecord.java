package io.milena.coordinator.model;

/**
 * A record as its log keeps it.
 *
 * @param record what it says
 * @param key bytes, with the type
 * @param value bytes, with the version; null for a tombstone
 */
public record EncodedRecord(CoordinatorRecord record, byte[] key, byte[] value) {
  /** Varints and attributes around key and value, at most. */
  private static final int FRAMING_BYTES = 5 + 1 + 10 + 5 + 5 + 5 + 1;

  /** Bytes it takes in a batch without compression, at most. */
  public int sizeBytes() {
    return FRAMING_BYTES + key.length + (value == null ? 0 : value.length);
  }
}
