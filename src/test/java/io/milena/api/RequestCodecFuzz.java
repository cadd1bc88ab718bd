package io.milena.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.sun.management.ThreadMXBean;
import io.milena.protocol.RequestBodies;
import io.milena.protocol.RequestHeader;
import io.milena.protocol.SupportedApi;
import io.milena.protocol.SupportedApis;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/**
 * Any bytes as a request of any API and version that we serve: refused with the protocol's own
 * exception, or read, and then what is read can be written and read again; what is allocated
 * depends on the bytes that are there, not on those that they promise.
 *
 * <p>An input is the row of the API in {@link SupportedApis#all} (1 byte, modulo), its version (1
 * byte, modulo those it has) and the body; the header is read from the same bytes.
 */
class RequestCodecFuzz {
  /** Replacement characters may triple a string; beyond this it could not be written again. */
  private static final int MAX_BODY_BYTES = 8_192;

  private static final long FIXED_BYTES = 256 << 10;
  private static final long PER_BYTE = 512;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @FuzzTest(maxDuration = "60s")
  void requestsAreRefusedOrReadAgainAsTheyWereWritten(byte[] input) {
    if (input.length < 2 || input.length > MAX_BODY_BYTES) {
      return;
    }
    SupportedApi api =
        SupportedApis.all().get(Byte.toUnsignedInt(input[0]) % SupportedApis.all().size());
    int versions = api.maxVersion() - api.minVersion() + 1;
    short version = (short) (api.minVersion() + Byte.toUnsignedInt(input[1]) % versions);
    ByteBuffer body = ByteBuffer.wrap(input, 2, input.length - 2).slice();

    headerIsReadOrRefused(body.duplicate());
    ApiMessage request = decode(api, body.duplicate(), version);
    ByteBuffer written = request == null ? null : encode(request, version);
    if (written != null) {
      assertThat(decode(api, written, version)).isEqualTo(request);
    }
    if (api.key() == SupportedApis.PRODUCE) {
      ownReaderAgrees((ProduceRequestData) request, body, version);
    }
    allocatesLittle(api, body, version);
  }

  private static void headerIsReadOrRefused(ByteBuffer frame) {
    try {
      RequestHeader header = RequestHeader.read(frame);
      assertThat(header.api() == null || header.api().key() == header.apiKey()).isTrue();
    } catch (InvalidRequestException refused) {
      assertThat(refused).hasMessageNotContaining("null");
    }
  }

  /** Null when refused. */
  private static ApiMessage decode(SupportedApi api, ByteBuffer body, short version) {
    ApiKeys key = ApiKeys.forId(api.key());
    try {
      return RequestBodies.read(
          (from, v) -> {
            ApiMessage message = key.messageType.newRequest();
            message.read(from, v);
            return message;
          },
          body,
          version);
    } catch (InvalidRequestException refused) {
      return null;
    }
  }

  /**
   * Null for a request with unknown tags that no client has (twice, beyond 2^31-2): the generated
   * classes read what they refuse to write, and nobody here writes what came from a client.
   */
  private static ByteBuffer encode(ApiMessage request, short version) {
    ObjectSerializationCache cache = new ObjectSerializationCache();
    ByteBuffer bytes;
    try {
      bytes = ByteBuffer.allocate(request.size(cache, version));
      request.write(new ByteBufferAccessor(bytes), cache, version);
    } catch (RuntimeException e) {
      assertThat(e).hasMessageContaining(" tag ");
      return null;
    }
    assertThat(bytes.hasRemaining()).isFalse();
    return bytes.flip();
  }

  /**
   * The reader of the hot path takes nothing that the generated class refuses, finds the same, and
   * takes all that a client can write. It is stricter with what none writes: a length below -1 is
   * no null.
   */
  private static void ownReaderAgrees(ProduceRequestData expected, ByteBuffer body, short version) {
    ProduceRequestReader.Request read = ownRead(body.duplicate(), version);
    if (read != null) {
      assertThat(expected).as("refused by the generated class").isNotNull();
      assertSame(read, expected);
    }
    ByteBuffer written = expected == null ? null : encode(expected, version);
    if (written != null) {
      read = ownRead(written, version);
      assertThat(read).as("refused by ours").isNotNull();
      assertSame(read, expected);
    }
  }

  /** Null when refused. */
  private static ProduceRequestReader.Request ownRead(ByteBuffer body, short version) {
    ByteBuf frame = Unpooled.wrappedBuffer(body);
    try {
      return ProduceRequestReader.read(frame, version);
    } catch (InvalidRequestException refused) {
      return null;
    } finally {
      frame.release();
    }
  }

  private static void assertSame(ProduceRequestReader.Request read, ProduceRequestData expected) {
    assertThat(read.acks()).isEqualTo(expected.acks());
    assertThat(read.timeoutMs()).isEqualTo(expected.timeoutMs());
    assertThat(read.transactionalId()).isEqualTo(expected.transactionalId());
  }

  /** Measured twice when much: the first time may have loaded classes. */
  private static void allocatesLittle(SupportedApi api, ByteBuffer body, short version) {
    long bound = FIXED_BYTES + PER_BYTE * body.remaining();
    if (allocated(api, body, version) > bound) {
      assertThat(allocated(api, body, version)).isLessThanOrEqualTo(bound);
    }
  }

  private static long allocated(SupportedApi api, ByteBuffer body, short version) {
    long thread = Thread.currentThread().getId();
    long before = THREADS.getThreadAllocatedBytes(thread);
    decode(api, body.duplicate(), version);
    return THREADS.getThreadAllocatedBytes(thread) - before;
  }
}
