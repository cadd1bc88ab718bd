package io.milena.partition.shard;

import io.milena.base.Clock;
import io.milena.log.batch.BatchHeader;
import io.milena.partition.PartitionMessages.PartitionAppend;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Record batches as a producer sends them. */
final class Batches {
  private Batches() {}

  /** What all records but those of idempotent producers are stamped with. */
  static final long LONG_AGO_MS = 1_000;

  private static SimpleRecord[] records(long timestampMs, String... values) {
    return Arrays.stream(values)
        .map(v -> new SimpleRecord(timestampMs, null, v.getBytes(StandardCharsets.UTF_8)))
        .toArray(SimpleRecord[]::new);
  }

  static MemoryRecords plain(String... values) {
    return MemoryRecords.withRecords(Compression.NONE, records(LONG_AGO_MS, values));
  }

  static MemoryRecords at(long timestampMs, String value) {
    return MemoryRecords.withRecords(
        Compression.NONE,
        new SimpleRecord(timestampMs, null, value.getBytes(StandardCharsets.UTF_8)));
  }

  /** Stamped with the present: a producer of long ago would be forgotten at a restart. */
  static MemoryRecords idempotent(long producerId, int sequence, String... values) {
    return MemoryRecords.withIdempotentRecords(
        Compression.NONE,
        producerId,
        (short) 0,
        sequence,
        records(Clock.system().wallMs(), values));
  }

  static MemoryRecords transactional(long producerId, int sequence, String... values) {
    return MemoryRecords.withTransactionalRecords(
        Compression.NONE, producerId, (short) 0, sequence, records(LONG_AGO_MS, values));
  }

  /** One part of an append, the way the network hands it over: direct memory. */
  static PartitionAppend part(String topic, Uuid topicId, MemoryRecords records) {
    ByteBuffer bytes = records.buffer().duplicate();
    ByteBuf direct = Unpooled.directBuffer(bytes.remaining()).writeBytes(bytes);
    ByteBuffer view = direct.nioBuffer();
    List<BatchHeader> headers = new ArrayList<>();
    for (int at = 0; at < direct.readableBytes(); ) {
      BatchHeader header = BatchHeader.read(view, at);
      headers.add(header);
      at += header.sizeBytes();
    }
    return new PartitionAppend(topic, 0, topicId, direct, headers);
  }
}
