package io.milena.log.batch;

import io.milena.config.TopicConfig;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Batches as Kafka's own client builds them, and what tests do to them. */
public final class TestBatches {
  public static final long NOW_MS = 1_700_000_000_000L;
  public static final int CRC_AT = 17;
  public static final int ATTRIBUTES_AT = 21;

  private TestBatches() {}

  public static SimpleRecord record(int index, int valueBytes) {
    byte[] value = new byte[valueBytes];
    for (int i = 0; i < valueBytes; i++) {
      value[i] = (byte) ('a' + (i * 31 + index) % 26);
    }
    Header[] headers =
        index % 3 == 0
            ? new Header[0]
            : new Header[] {
              new RecordHeader("trace", bytes("t" + index)), new RecordHeader("none", null)
            };
    byte[] key = index % 4 == 1 ? null : bytes("key-" + index);
    return new SimpleRecord(NOW_MS + index, key, index % 5 == 4 ? null : value, headers);
  }

  public static SimpleRecord[] records(int count, int valueBytes) {
    SimpleRecord[] records = new SimpleRecord[count];
    for (int i = 0; i < count; i++) {
      records[i] = record(i, valueBytes);
    }
    return records;
  }

  public static ByteBuffer plain(int count, int valueBytes) {
    return of(CompressionType.NONE, records(count, valueBytes));
  }

  public static ByteBuffer of(CompressionType codec, SimpleRecord... records) {
    return direct(MemoryRecords.withRecords(Compression.of(codec).build(), records).buffer());
  }

  public static ByteBuffer idempotent(long producerId, int epoch, int sequence, int count) {
    return direct(
        MemoryRecords.withIdempotentRecords(
                Compression.NONE, producerId, (short) epoch, sequence, records(count, 10))
            .buffer());
  }

  public static ByteBuffer transactional(
      long baseOffset, long producerId, int epoch, int sequence) {
    return direct(
        MemoryRecords.withTransactionalRecords(
                baseOffset, Compression.NONE, producerId, (short) epoch, sequence, 0, record(0, 10))
            .buffer());
  }

  /** A batch of any magic; the records' offsets start at {@code baseOffset}. */
  public static ByteBuffer ofMagic(int magic, CompressionType codec, long baseOffset, int count) {
    MemoryRecordsBuilder builder =
        MemoryRecords.builder(
            ByteBuffer.allocate(1024),
            (byte) magic,
            Compression.of(codec).build(),
            magic == 0 ? TimestampType.NO_TIMESTAMP_TYPE : TimestampType.CREATE_TIME,
            baseOffset);
    for (int i = 0; i < count; i++) {
      builder.append(magic == 0 ? -1L : NOW_MS + i, bytes("key-" + i), bytes("value-" + i));
    }
    return direct(builder.build().buffer());
  }

  public static ByteBuffer direct(ByteBuffer bytes) {
    ByteBuffer copy = ByteBuffer.allocateDirect(bytes.remaining());
    return copy.put(bytes.duplicate()).flip();
  }

  public static ByteBuffer concat(ByteBuffer... parts) {
    int size = 0;
    for (ByteBuffer part : parts) {
      size += part.remaining();
    }
    ByteBuffer all = ByteBuffer.allocateDirect(size);
    for (ByteBuffer part : parts) {
      all.put(part.duplicate());
    }
    return all.flip();
  }

  /** Makes the CRC right again after a test changed what it covers. */
  public static ByteBuffer seal(ByteBuffer batch) {
    CRC32C crc = new CRC32C();
    crc.update(batch.slice(ATTRIBUTES_AT, batch.limit() - ATTRIBUTES_AT));
    return batch.putInt(CRC_AT, (int) crc.getValue());
  }

  public static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  public static byte[] content(ByteBuffer buffer) {
    byte[] content = new byte[buffer.remaining()];
    buffer.duplicate().get(content);
    return content;
  }

  /** Kafka's defaults with some values changed. */
  public static final class Topic {
    private int maxMessageBytes = TopicConfig.defaults().maxMessageBytes();
    private int segmentBytes = TopicConfig.defaults().segmentBytes();
    private long segmentMs = TopicConfig.defaults().segmentMs();
    private long jitterMs;
    private int indexBytes = TopicConfig.defaults().segmentIndexBytes();
    private int maxDecompressedBytes = TopicConfig.defaults().maxDecompressedMessageBytes();
    private boolean compact;
    private boolean delete = true;
    private long retentionBytes = -1;
    private long retentionMs = -1;
    private String compression = "producer";
    private TimestampType timestamps = TimestampType.CREATE_TIME;
    private long beforeMs = Long.MAX_VALUE;
    private long afterMs = Long.MAX_VALUE;
    private long minLagMs;
    private long maxLagMs = Long.MAX_VALUE;

    public Topic maxMessageBytes(int value) {
      maxMessageBytes = value;
      return this;
    }

    public Topic maxDecompressedBytes(int value) {
      maxDecompressedBytes = value;
      return this;
    }

    public Topic segmentBytes(int value) {
      segmentBytes = value;
      return this;
    }

    public Topic segmentMs(long value, long jitter) {
      segmentMs = value;
      jitterMs = jitter;
      return this;
    }

    public Topic indexBytes(int value) {
      indexBytes = value;
      return this;
    }

    public Topic compactOnly() {
      compact = true;
      delete = false;
      return this;
    }

    public Topic lag(long minMs, long maxMs) {
      minLagMs = minMs;
      maxLagMs = maxMs;
      return this;
    }

    public Topic retention(long bytes, long ms) {
      retentionBytes = bytes;
      retentionMs = ms;
      return this;
    }

    public Topic compression(String value) {
      compression = value;
      return this;
    }

    public Topic appendTime() {
      timestamps = TimestampType.LOG_APPEND_TIME;
      return this;
    }

    public Topic within(long before, long after) {
      beforeMs = before;
      afterMs = after;
      return this;
    }

    public TopicConfig build() {
      TopicConfig base = TopicConfig.defaults();
      return new TopicConfig(
          segmentBytes,
          segmentMs,
          jitterMs,
          indexBytes,
          base.indexIntervalBytes(),
          retentionBytes,
          retentionMs,
          base.fileDeleteDelayMs(),
          base.flushMessages(),
          base.flushMs(),
          maxMessageBytes,
          maxDecompressedBytes,
          base.minInsyncReplicas(),
          base.uncleanLeaderElection(),
          base.preallocate(),
          compact,
          delete,
          compression,
          base.compressionLevels(),
          timestamps,
          beforeMs,
          afterMs,
          base.deleteRetentionMs(),
          minLagMs,
          maxLagMs,
          base.minCleanableDirtyRatio());
    }
  }
}
