package io.milena.coordinator.model;

import java.nio.ByteBuffer;

/**
 * Bytes of an internal topic's records and what they say. Stateless, any thread: logs are decoded
 * off the event loop.
 */
public interface RecordCodec {
  /** The bytes of a record. */
  EncodedRecord encode(CoordinatorRecord record);

  /**
   * What a record of the log says.
   *
   * @param value null for a tombstone
   * @throws UnreadableRecordException for a type or version that this build does not know, and for
   *     bytes that are no such record
   */
  CoordinatorRecord decode(ByteBuffer key, ByteBuffer value);
}
