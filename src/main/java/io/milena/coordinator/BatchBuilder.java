package io.milena.coordinator;

import io.milena.coordinator.model.EncodedRecord;
import io.milena.log.batch.BatchHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.RecordBatch;

/** Makes one record batch of records that are appended together. Stateless. */
final class BatchBuilder {
  private BatchBuilder() {}

  /**
   * @param codecId {@code offsets.topic.compression.codec} and the like: 0 none to 4 zstd
   * @param timestampMs wall-clock time, of every record
   * @return one batch in a direct buffer that belongs to the caller
   */
  static ByteBuf build(List<EncodedRecord> records, int codecId, long timestampMs) {
    int bytes = BatchHeader.SIZE_BYTES;
    for (EncodedRecord record : records) {
      bytes += record.sizeBytes();
    }
    MemoryRecordsBuilder builder =
        MemoryRecords.builder(
            ByteBuffer.allocate(bytes),
            RecordBatch.CURRENT_MAGIC_VALUE,
            Compression.of(CompressionType.forId(codecId)).build(),
            TimestampType.CREATE_TIME,
            0L);
    for (EncodedRecord record : records) {
      builder.append(timestampMs, record.key(), record.value());
    }
    ByteBuffer built = builder.build().buffer();
    ByteBuf batch = PooledByteBufAllocator.DEFAULT.directBuffer(built.remaining());
    return batch.writeBytes(built);
  }
}
