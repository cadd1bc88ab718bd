package io.milena.network;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.milena.protocol.FrameLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Any bytes, cut anywhere: the frames are those that a reader of the whole stream would find, and
 * memory grows with the bytes that arrived.
 *
 * <p>An input is the size of the pieces (1 byte, plus one) and the stream.
 */
class FrameReaderFuzz {
  private static final int LIMIT_BYTES = 48 << 20;
  private static final long BUDGET_BYTES = 64 << 20;

  @FuzzTest(maxDuration = "60s")
  void framesAreThoseOfTheWholeStream(byte[] input) {
    if (input.length == 0) {
      return;
    }
    byte[] stream = new byte[input.length - 1];
    System.arraycopy(input, 1, stream, 0, stream.length);
    Whole expected = Whole.of(stream);
    UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    MemoryBudget budget = new MemoryBudget(BUDGET_BYTES, Runnable::run);
    Got got = new Got(budget);
    FrameReader reader = new FrameReader(new FrameLimits(LIMIT_BYTES), budget, allocator, got);

    boolean bad = false;
    int pieceBytes = 1 + Byte.toUnsignedInt(input[0]);
    for (int at = 0; at < stream.length && !bad; at += pieceBytes) {
      int end = Math.min(stream.length, at + pieceBytes);
      ByteBuf piece = Unpooled.wrappedBuffer(stream, at, end - at);
      bad = reader.read(piece) == FrameReader.Verdict.BAD_LENGTH;
      piece.release();
      assertThat(allocator.metric().usedDirectMemory())
          .isLessThanOrEqualTo(FrameReader.EXACT_BYTES + 2L * end);
    }

    assertThat(bad).isEqualTo(expected.bad);
    assertThat(got.frames).isEqualTo(expected.frames);
    assertThat(!bad && reader.insideFrame()).isEqualTo(expected.unfinished);
    reader.close();
    assertThat(budget.heldBytes()).isZero();
    assertThat(allocator.metric().usedDirectMemory()).isZero();
  }

  /** What is in a stream, read at leisure. */
  private static final class Whole {
    final List<ByteBuffer> frames = new ArrayList<>();
    boolean bad;
    boolean unfinished;

    static Whole of(byte[] stream) {
      Whole whole = new Whole();
      ByteBuffer rest = ByteBuffer.wrap(stream);
      while (rest.remaining() >= Integer.BYTES && !whole.unfinished) {
        int length = rest.getInt();
        if (length < FrameLimits.MIN_BYTES || length > LIMIT_BYTES) {
          whole.bad = true;
          return whole;
        }
        if (length > rest.remaining()) {
          whole.unfinished = true;
          return whole;
        }
        whole.frames.add(rest.slice(rest.position(), length));
        rest.position(rest.position() + length);
      }
      whole.unfinished = rest.hasRemaining();
      return whole;
    }
  }

  /** Takes every frame and is done with it at once. */
  private static final class Got implements FrameReader.Sink {
    final List<ByteBuffer> frames = new ArrayList<>();
    private final MemoryBudget budget;

    Got(MemoryBudget budget) {
      this.budget = budget;
    }

    @Override
    public boolean ready() {
      return true;
    }

    @Override
    public void frame(ByteBuf frame) {
      byte[] copy = new byte[frame.readableBytes()];
      frame.readBytes(copy);
      frame.release();
      frames.add(ByteBuffer.wrap(copy));
      budget.requestDone(copy.length);
    }

    @Override
    public void memoryFree() {
      throw new AssertionError("nobody waits for memory here");
    }
  }
}
