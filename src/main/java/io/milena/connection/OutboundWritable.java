package io.milena.connection;

import io.milena.storage.segment.FileSlice;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import org.apache.kafka.common.protocol.Writable;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * Lets kafka-clients' generated messages write themselves into an {@link Outbound}: plain fields
 * into its buffer, records as file ranges or shared bytes, never copied.
 */
final class OutboundWritable implements Writable {
  private final ByteBuf buffer;
  private final Outbound out;

  OutboundWritable(ByteBuf buffer, Outbound out) {
    this.buffer = buffer;
    this.out = out;
  }

  @Override
  public void writeByte(byte value) {
    buffer.writeByte(value);
  }

  @Override
  public void writeShort(short value) {
    buffer.writeShort(value);
  }

  @Override
  public void writeInt(int value) {
    buffer.writeInt(value);
  }

  @Override
  public void writeLong(long value) {
    buffer.writeLong(value);
  }

  @Override
  public void writeDouble(double value) {
    buffer.writeDouble(value);
  }

  @Override
  public void writeByteArray(byte[] bytes) {
    buffer.writeBytes(bytes);
  }

  @Override
  public void writeUnsignedVarint(int value) {
    int rest = value;
    while ((rest & ~0x7f) != 0) {
      buffer.writeByte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    buffer.writeByte(rest);
  }

  @Override
  public void writeByteBuffer(ByteBuffer bytes) {
    buffer.writeBytes(bytes.duplicate());
  }

  @Override
  public void writeVarint(int value) {
    writeUnsignedVarint((value << 1) ^ (value >> 31));
  }

  @Override
  public void writeVarlong(long value) {
    long rest = (value << 1) ^ (value >> 63);
    while ((rest & ~0x7fL) != 0) {
      buffer.writeByte((int) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    buffer.writeByte((int) rest);
  }

  @Override
  public void writeRecords(BaseRecords records) {
    if (records.sizeInBytes() == 0) {
      return;
    }
    if (records instanceof FileSlice slice) {
      out.slice(slice);
    } else if (records instanceof MemoryRecords memory) {
      out.bytes(memory.buffer());
    } else {
      throw new UnsupportedOperationException("Records of " + records.getClass());
    }
  }
}
