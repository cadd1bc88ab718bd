package io.milena.log.batch;

import io.milena.config.TopicConfig;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;

/**
 * Builds a batch with another codec out of the plain bytes of its records, which are the same under
 * every codec. For one batch.
 */
public final class Recompressor {
  private static final int CHUNK_BYTES = 16 * 1024;
  private static final int LENGTH_AT = 8;
  private static final int ATTRIBUTES_AT = 21;
  private static final int CODEC = 0x07;

  private final int codec;
  private final ByteBufferOutputStream bytes;
  private final OutputStream sink;

  /**
   * @param codec id of the new codec
   * @param expectedBytes first guess of the new size
   */
  public Recompressor(int codec, TopicConfig topic, int expectedBytes) {
    this.codec = codec;
    this.bytes = new ByteBufferOutputStream(Math.max(1024, expectedBytes));
    bytes.position(BatchHeader.SIZE_BYTES);
    this.sink = Codec.compress(codec, topic, bytes);
  }

  /** Takes the plain bytes. */
  public OutputStream sink() {
    return sink;
  }

  /** Takes the plain bytes from a buffer. */
  void write(ByteBuffer plain, int from, int to) {
    byte[] chunk = new byte[Math.min(CHUNK_BYTES, to - from)];
    try {
      for (int at = from; at < to; at += chunk.length) {
        int length = Math.min(chunk.length, to - at);
        plain.get(at, chunk, 0, length);
        sink.write(chunk, 0, length);
      }
    } catch (IOException notInMemory) {
      throw new UncheckedIOException(notInMemory);
    }
  }

  /** The new batch from position 0 on, a heap buffer; its CRC is still to be set. */
  public ByteBuffer finish(ByteBuffer original, BatchHeader header) {
    try {
      sink.close();
    } catch (IOException notInMemory) {
      throw new UncheckedIOException(notInMemory);
    }
    ByteBuffer batch = bytes.buffer();
    batch.flip();
    batch.put(0, original, header.position(), BatchHeader.SIZE_BYTES);
    batch.putInt(LENGTH_AT, batch.limit() - BatchHeader.LOG_OVERHEAD_BYTES);
    batch.putShort(ATTRIBUTES_AT, (short) ((header.attributes() & ~CODEC) | codec));
    return batch;
  }
}
