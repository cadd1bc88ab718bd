package io.milena.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.protocol.FrameLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** The frames are those that were sent, however the network cut their bytes. */
class FrameReaderProperties {
  private static final int LIMIT = 5 << 20;
  private static final long BUDGET = 1 << 20;

  /** Takes at most so many frames until it is made ready again. */
  private static class Frames implements FrameReader.Sink {
    final List<byte[]> got = new ArrayList<>();
    final List<Integer> bytes = new ArrayList<>();
    int credit;

    @Override
    public boolean ready() {
      return credit > 0;
    }

    @Override
    public void frame(ByteBuf frame) {
      credit--;
      byte[] copy = new byte[frame.readableBytes()];
      frame.readBytes(copy);
      frame.release();
      got.add(copy);
      bytes.add(copy.length);
    }

    @Override
    public void memoryFree() {
      // the property asks again anyway
    }
  }

  @Property(tries = 200)
  void shouldGiveTheSameFramesForAnyCutting(
      @ForAll @Size(min = 1, max = 12) List<@IntRange(min = 8, max = 3000) Integer> lengths,
      @ForAll @IntRange(min = 1, max = 5000) int mostBytesPerRead,
      @ForAll @IntRange(min = 1, max = 4) int credit,
      @ForAll long seed) {
    check(lengths, mostBytesPerRead, credit, seed);
  }

  @Property(tries = 20)
  void shouldGiveTheSameFramesWhenTheyAreLarge(
      @ForAll @Size(min = 1, max = 3)
          List<@IntRange(min = 30_000, max = 4_000_000) Integer> lengths,
      @ForAll @IntRange(min = 20_000, max = 70_000) int mostBytesPerRead,
      @ForAll long seed) {
    check(lengths, mostBytesPerRead, 1, seed);
  }

  private static void check(List<Integer> lengths, int mostBytesPerRead, int credit, long seed) {
    Random random = new Random(seed);
    List<byte[]> sent = new ArrayList<>();
    ByteArrayOutputStream wire = new ByteArrayOutputStream();
    for (int length : lengths) {
      byte[] frame = new byte[length];
      random.nextBytes(frame);
      sent.add(frame);
      wire.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(length).array());
      wire.writeBytes(frame);
    }
    Frames frames = new Frames();
    MemoryBudget budget = new MemoryBudget(BUDGET, Runnable::run);
    FrameReader reader =
        new FrameReader(new FrameLimits(LIMIT), budget, ByteBufAllocator.DEFAULT, frames);
    ByteBuf rest = Unpooled.wrappedBuffer(wire.toByteArray());
    while (rest.isReadable()) {
      ByteBuf read =
          rest.readSlice(Math.min(rest.readableBytes(), 1 + random.nextInt(mostBytesPerRead)));
      readAll(reader, read, frames, budget, credit);
    }
    assertThat(frames.got).hasSameSizeAs(sent);
    for (int i = 0; i < sent.size(); i++) {
      assertThat(frames.got.get(i)).isEqualTo(sent.get(i));
    }
    assertThat(reader.insideFrame()).isFalse();
    assertThat(budget.heldBytes()).isZero();
  }

  private static void readAll(
      FrameReader reader, ByteBuf read, Frames frames, MemoryBudget budget, int credit) {
    do {
      frames.credit = credit;
      reader.read(read);
      frames.bytes.forEach(budget::requestDone);
      frames.bytes.clear();
    } while (read.isReadable());
  }

  /** Shards stamp offsets into the frame's memory: it must be one piece however it was read. */
  @Example
  void shouldGiveFramesInOnePieceWhenTheReadIsInSeveral() {
    ByteBuf length = Unpooled.directBuffer().writeInt(2000).writeZero(700);
    ByteBuf read = Unpooled.wrappedBuffer(length, Unpooled.directBuffer().writeZero(1300));
    List<Integer> pieces = new ArrayList<>();
    Frames frames =
        new Frames() {
          @Override
          public void frame(ByteBuf frame) {
            pieces.add(frame.nioBufferCount());
            super.frame(frame);
          }
        };

    MemoryBudget budget = new MemoryBudget(BUDGET, Runnable::run);
    readAll(
        new FrameReader(new FrameLimits(LIMIT), budget, ByteBufAllocator.DEFAULT, frames),
        read,
        frames,
        budget,
        1);

    assertThat(pieces).containsExactly(1);
    read.release();
  }
}
