package io.milena.coordinator;

import io.milena.coordinator.InternalLog.Chunk;
import io.milena.coordinator.model.CoordinatorRecord;
import io.milena.coordinator.model.LogEntry;
import io.milena.coordinator.model.RecordCodec;
import io.milena.coordinator.model.UnreadableRecordException;
import io.milena.storage.segment.FileSlice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;

/**
 * Reads a slice of an internal topic's log and decodes it; blocks, so it is run off the event loop.
 * What cannot be read is counted and passed over. Stateless, any thread.
 */
final class LogDecoder {
  private LogDecoder() {}

  /** Decodes whole batches; a batch that goes on behind the slice is left for the next read. */
  static Chunk decode(FileSlice slice, long fromOffset, RecordCodec codec) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(slice.sizeInBytes());
    while (bytes.hasRemaining()
        && slice.channel().read(bytes, slice.position() + bytes.position()) >= 0) {
      continue;
    }
    bytes.flip();
    return decode(bytes, fromOffset, codec);
  }

  static Chunk decode(ByteBuffer bytes, long fromOffset, RecordCodec codec) {
    List<LogEntry> entries = new ArrayList<>();
    Map<String, Integer> unreadable = new HashMap<>();
    long next = fromOffset;
    for (MutableRecordBatch batch : MemoryRecords.readableRecords(bytes).batches()) {
      batch.ensureValid();
      if (batch.lastOffset() >= fromOffset) {
        for (Record record : batch) {
          if (record.offset() >= fromOffset) {
            decode(batch, record, codec, entries, unreadable);
          }
        }
        next = batch.nextOffset();
      }
    }
    return new Chunk(Errors.NONE, entries, next, unreadable);
  }

  private static void decode(
      MutableRecordBatch batch,
      Record record,
      RecordCodec codec,
      List<LogEntry> entries,
      Map<String, Integer> unreadable) {
    try {
      if (batch.isControlBatch()) {
        ControlRecordType type = ControlRecordType.parse(record.key());
        if (type == ControlRecordType.COMMIT || type == ControlRecordType.ABORT) {
          entries.add(
              LogEntry.end(record.offset(), batch.producerId(), type == ControlRecordType.COMMIT));
        }
        return;
      }
      if (!record.hasKey()) {
        throw new UnreadableRecordException("a record without a key");
      }
      CoordinatorRecord decoded = codec.decode(record.key(), record.value());
      entries.add(
          batch.isTransactional()
              ? LogEntry.transactional(record.offset(), batch.producerId(), decoded)
              : LogEntry.plain(record.offset(), decoded));
    } catch (UnreadableRecordException e) {
      unreadable.merge(e.getMessage(), 1, Integer::sum);
    }
  }
}
