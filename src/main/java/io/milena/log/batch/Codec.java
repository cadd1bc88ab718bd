package io.milena.log.batch;

import io.milena.config.TopicConfig;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;

/**
 * The compression codecs of batches: Kafka's own streams behind one door (the classes are internal
 * to kafka-clients and move between releases).
 */
final class Codec {
  static final int NONE = 0;
  static final int ZSTD = 4;
  private static final int SNAPPY = 2;
  private static final byte MAGIC = 2;

  private Codec() {}

  static boolean isKnown(int id) {
    return id >= NONE && id <= ZSTD;
  }

  /** The codec a batch is stored with when it came with {@code sourceId}. */
  static int targetId(TopicConfig topic, int sourceId) {
    return switch (topic.compressionType()) {
      case "producer" -> sourceId;
      case "uncompressed" -> NONE;
      case "gzip" -> 1;
      case "snappy" -> SNAPPY;
      case "lz4" -> 3;
      case "zstd" -> ZSTD;
      default -> throw new IllegalArgumentException("codec " + topic.compressionType());
    };
  }

  /** Decompresses {@code payload}; memory it takes is bounded by the codec's block size. */
  static InputStream decompress(int id, ByteBuffer payload, BufferSupplier buffers) {
    return Compression.of(CompressionType.forId(id)).build().wrapForInput(payload, MAGIC, buffers);
  }

  /** Compresses into {@code sink} at the topic's level. */
  static OutputStream compress(int id, TopicConfig topic, ByteBufferOutputStream sink) {
    TopicConfig.CompressionLevels levels = topic.compressionLevels();
    Compression compression =
        switch (id) {
          case NONE -> Compression.NONE;
          case 1 -> Compression.gzip().level(levels.gzip()).build();
          case SNAPPY -> Compression.snappy().build();
          case 3 -> Compression.lz4().level(levels.lz4()).build();
          case ZSTD -> Compression.zstd().level(levels.zstd()).build();
          default -> throw new IllegalArgumentException("codec " + id);
        };
    return compression.wrapForOutput(sink, MAGIC);
  }

  /**
   * What a payload claims to become, where its codec allocates by that claim before it looks at the
   * data: only snappy does. -1 when the claim is a lie or the framing is broken; 0 for the others.
   *
   * <pre>
   * either raw:   length varint | data
   * or framed:    0x82 'SNAPPY' 0 8 | version 4 | compatible 4 | (chunk length 4 | raw chunk)*
   * </pre>
   */
  static long claimedBytes(int id, ByteBuffer payload) {
    if (id != SNAPPY) {
      return 0;
    }
    int at = payload.position();
    int limit = payload.limit();
    if (limit - at < 16 || payload.getLong(at) != 0x82534e4150505900L) {
      return claimOfChunk(payload, at, limit);
    }
    long claimed = 0;
    at += 16;
    while (at < limit) {
      int length = limit - at < 4 ? -1 : payload.getInt(at);
      at += 4;
      if (length < 0 || length > limit - at) {
        return -1;
      }
      long chunk = claimOfChunk(payload, at, at + length);
      if (chunk < 0) {
        return -1;
      }
      claimed += chunk;
      at += length;
    }
    return claimed;
  }

  /** Three bytes of snappy become 64 at most, so that a larger claim cannot be true. */
  private static long claimOfChunk(ByteBuffer payload, int from, int to) {
    long claimed = 0;
    int at = from;
    for (int shift = 0; shift < 35; shift += 7) {
      if (at >= to) {
        return -1;
      }
      byte next = payload.get(at++);
      claimed |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return claimed <= 22L * (to - from) + 64 ? claimed : -1;
      }
    }
    return -1;
  }
}
