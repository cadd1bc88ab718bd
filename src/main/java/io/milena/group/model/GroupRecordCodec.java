package io.milena.group.model;

import io.milena.coordinator.model.CoordinatorRecord;
import io.milena.coordinator.model.EncodedRecord;
import io.milena.coordinator.model.RecordCodec;
import io.milena.coordinator.model.UnreadableRecordException;
import java.nio.ByteBuffer;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.coordinator.group.generated.CoordinatorRecordType;

/**
 * Records of {@code __consumer_offsets}, by Kafka's generated classes.
 *
 * <pre>
 * key:   type int16 | fields of the key class, at its lowest version
 * value: version int16 | fields of the value class, at that version        (null: tombstone)
 * </pre>
 *
 * Big endian; the types are those of kafka-compat.md §5, e.g. 0 and 1 a committed offset, 2 a
 * classic group, 3 to 8 and 16 a consumer group. Stateless.
 */
public final class GroupRecordCodec implements RecordCodec {
  @Override
  public EncodedRecord encode(CoordinatorRecord record) {
    byte[] value =
        record.value() == null
            ? null
            : MessageUtil.toVersionPrefixedBytes(record.valueVersion(), record.value());
    return new EncodedRecord(
        record, MessageUtil.toCoordinatorTypePrefixedBytes(record.key()), value);
  }

  @Override
  public CoordinatorRecord decode(ByteBuffer key, ByteBuffer value) {
    if (key.remaining() < Short.BYTES) {
      throw new UnreadableRecordException("a key without a type");
    }
    CoordinatorRecordType type = type(key.getShort());
    try {
      ApiMessage readKey = type.newRecordKey();
      readKey.read(new ByteBufferAccessor(key), readKey.lowestSupportedVersion());
      if (value == null) {
        return CoordinatorRecord.tombstone(readKey);
      }
      short version = value.getShort();
      if (version < type.lowestSupportedVersion() || version > type.highestSupportedVersion()) {
        throw new UnreadableRecordException("version " + version + " of " + type);
      }
      ApiMessage readValue = type.newRecordValue();
      readValue.read(new ByteBufferAccessor(value), version);
      return new CoordinatorRecord(readKey, readValue, version);
    } catch (UnreadableRecordException e) {
      throw e;
    } catch (RuntimeException e) {
      // The generated readers throw this and that when bytes are missing or lengths are wrong.
      throw new UnreadableRecordException("a broken " + type);
    }
  }

  private static CoordinatorRecordType type(short id) {
    try {
      return CoordinatorRecordType.fromId(id);
    } catch (UnsupportedVersionException e) {
      throw new UnreadableRecordException("key type " + id);
    }
  }
}
