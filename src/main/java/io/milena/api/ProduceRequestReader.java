package io.milena.api;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidRequestException;

/**
 * Reads a Produce request (3-13) out of its frame. Where kafka-clients' generated class gives the
 * records as NIO buffers, this one gives their place in the frame, so that a slice of the frame
 * itself goes to the log: no copy, no lookup of addresses, and few objects on the hottest path
 * there is. Every length is checked against what is left before anything is allocated.
 *
 * <pre>
 * transactional id, nullable string | acks 2 | timeout ms 4 | topics*
 * topic:      name string (from 13: topic id 16) | partitions*
 * partition:  index 4 | records, nullable bytes
 * to 8:       string = length 2, bytes; array = count 4; bytes = length 4
 * from 9:     lengths and counts are unsigned varints, plus one, 0 for null; tagged fields end each
 * </pre>
 */
final class ProduceRequestReader {
  private static final short FIRST_FLEXIBLE = 9;
  private static final short FIRST_WITH_TOPIC_IDS = 13;
  private static final int MAX_ELEMENTS = 1_000_000;
  private static final int MAX_TAGGED_FIELDS = 10_000;
  private static final int NULL = -1;

  /**
   * @param transactionalId or null
   */
  record Request(String transactionalId, short acks, int timeoutMs, List<Topic> topics) {}

  /**
   * @param name null from version 13 on
   * @param id zero before version 13
   */
  record Topic(String name, Uuid id, List<Partition> partitions) {}

  /**
   * @param offset of the records in the frame, absolute
   * @param length of the records in bytes, -1 for null
   */
  record Partition(int index, int offset, int length) {}

  private final ByteBuf frame;
  private final boolean flexible;
  private final boolean byTopicId;
  private final int end;
  private int at;

  private ProduceRequestReader(ByteBuf frame, short version) {
    this.frame = frame;
    this.flexible = version >= FIRST_FLEXIBLE;
    this.byTopicId = version >= FIRST_WITH_TOPIC_IDS;
    this.at = frame.readerIndex();
    this.end = frame.writerIndex();
  }

  /**
   * Reads the request between reader and writer index; moves neither.
   *
   * @throws InvalidRequestException when the bytes are no such request
   */
  static Request read(ByteBuf frame, short version) {
    return new ProduceRequestReader(frame, version).request();
  }

  private Request request() {
    String transactionalId = string(true);
    short acks = frame.getShort(skip(2));
    int timeoutMs = frame.getInt(skip(4));
    int count = count(flexible ? 3 : 6);
    List<Topic> topics = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      topics.add(topic());
    }
    tags();
    return new Request(transactionalId, acks, timeoutMs, topics);
  }

  private Topic topic() {
    String name = null;
    Uuid id = Uuid.ZERO_UUID;
    if (byTopicId) {
      int from = skip(16);
      id = new Uuid(frame.getLong(from), frame.getLong(from + 8));
    } else {
      name = string(false);
    }
    int count = count(flexible ? 6 : 8);
    List<Partition> partitions = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      partitions.add(partition());
    }
    tags();
    return new Topic(name, id, partitions);
  }

  private Partition partition() {
    int index = frame.getInt(skip(4));
    int length = flexible ? varint() - 1 : frame.getInt(skip(4));
    int offset = length < 0 ? at : skip(length);
    if (length < NULL) {
      throw invalid("records of " + length + " bytes");
    }
    tags();
    return new Partition(index, offset, length);
  }

  private String string(boolean nullable) {
    int length = flexible ? varint() - 1 : frame.getShort(skip(2));
    if (length < 0) {
      if (nullable && length == NULL) {
        return null;
      }
      throw invalid("string of " + length + " bytes");
    }
    if (length > Short.MAX_VALUE) {
      throw invalid("string of " + length + " bytes");
    }
    byte[] bytes = new byte[length > end - at ? 0 : length];
    frame.getBytes(skip(length), bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private int count(int minElementBytes) {
    int count = flexible ? varint() - 1 : frame.getInt(skip(4));
    if (count < 0 || count > MAX_ELEMENTS || (long) count * minElementBytes > end - at) {
      throw invalid("array of " + count + " elements in " + (end - at) + " bytes");
    }
    return count;
  }

  private void tags() {
    if (!flexible) {
      return;
    }
    int count = varint();
    if (count < 0 || count > MAX_TAGGED_FIELDS) {
      throw invalid(count + " tagged fields");
    }
    for (int i = 0; i < count; i++) {
      varint();
      skip(varint());
    }
  }

  private int varint() {
    int value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      byte next = frame.getByte(skip(1));
      value |= (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw invalid("a varint of more than five bytes");
  }

  /** Moves on and gives the place before. */
  private int skip(int bytes) {
    if (bytes < 0 || bytes > end - at) {
      throw invalid(bytes + " bytes wanted, " + (end - at) + " left");
    }
    int before = at;
    at += bytes;
    return before;
  }

  private static InvalidRequestException invalid(String what) {
    return new InvalidRequestException("The Produce request cannot be decoded: " + what);
  }
}
