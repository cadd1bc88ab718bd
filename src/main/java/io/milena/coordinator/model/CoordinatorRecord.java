package io.milena.coordinator.model;

import java.util.Objects;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * A record of an internal topic, by Kafka's generated classes. On disk key and value each start
 * with an int16: the key's is its record type ({@link ApiMessage#apiKey()} of the key class; for
 * the legacy offset key 0), the value's is {@code valueVersion}.
 *
 * @param key one of the generated key classes; its only version is written
 * @param value null for a tombstone
 * @param valueVersion version in which the value is written; without meaning for a tombstone
 */
public record CoordinatorRecord(ApiMessage key, ApiMessage value, short valueVersion) {
  public CoordinatorRecord {
    Objects.requireNonNull(key, "key");
  }

  /** Removes what the key names. */
  public static CoordinatorRecord tombstone(ApiMessage key) {
    return new CoordinatorRecord(key, null, (short) 0);
  }
}
