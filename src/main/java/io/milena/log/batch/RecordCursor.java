package io.milena.log.batch;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * Walks the records of one batch and checks their framing in place, without an object per record.
 * Plain records are read where they lie; those of a compressed batch stream through one window.
 *
 * <pre>
 * record: length varint | attributes 1 | timestampDelta varlong | offsetDelta varint |
 *         keyLength varint (-1 null) | key | valueLength varint (-1 null) | value |
 *         headerCount varint | headers
 * header: nameLength varint | name | valueLength varint (-1 null) | value
 * </pre>
 *
 * Varints are zigzag coded. Reused from batch to batch; not thread-safe.
 */
public final class RecordCursor {
  private static final int WINDOW_BYTES = 16 * 1024;

  /** Length, attributes, timestamp delta, offset delta and key length at most. */
  private static final int HEAD_BYTES = 5 + 1 + 10 + 5 + 5;

  private ByteBuffer buffer;
  private int at;
  private int limit;

  /** Where plain records come from once the window is used up; null when the buffer is all. */
  private InputStream source;

  private OutputStream copy;
  private byte[] window;

  /** Bytes of the stream that lie before the buffer's position 0. */
  private long windowStart;

  private long maxBytes;
  private int maxRecordBytes;
  private boolean tooLong;
  private String problem;

  private int recordAt;
  private int tailAt;
  private long timestampDelta;
  private int offsetDelta;
  private int keyAt;
  private int keyBytes;
  private int valueAt;
  private int valueBytes;

  /** Starts over records that lie in {@code buffer} from {@code from} to {@code to}. */
  void start(ByteBuffer records, int from, int to) {
    buffer = records;
    at = from;
    limit = to;
    source = null;
    copy = null;
    windowStart = 0;
    maxBytes = Long.MAX_VALUE;
    maxRecordBytes = Integer.MAX_VALUE;
    tooLong = false;
    problem = null;
  }

  /**
   * Starts over records that {@code plain} delivers.
   *
   * @param maxPlainBytes the walk ends, {@link #tooLong()}, when more come
   * @param maxPlainRecordBytes a larger record is refused
   * @param copyTo gets every byte that is read; null for none
   */
  void start(InputStream plain, long maxPlainBytes, int maxPlainRecordBytes, OutputStream copyTo) {
    if (window == null) {
      window = new byte[WINDOW_BYTES];
    }
    start(ByteBuffer.wrap(window), 0, 0);
    source = plain;
    copy = copyTo;
    maxBytes = maxPlainBytes;
    maxRecordBytes = maxPlainRecordBytes;
  }

  /** Moves to the next record; false when its framing is wrong, see {@link #problem()}. */
  boolean next() {
    ensure(HEAD_BYTES);
    recordAt = at;
    int bodyBytes = readVarint();
    if (bodyBytes > maxRecordBytes) {
      fail("record of " + bodyBytes + " bytes where " + maxRecordBytes + " are allowed");
      return false;
    }
    long end = windowStart + at + bodyBytes;
    if (at < limit) {
      at++;
    } else {
      fail("record without attributes");
    }
    timestampDelta = readVarlong();
    tailAt = at;
    offsetDelta = readVarint();
    keyBytes = readVarint();
    keyAt = at;
    skip(keyBytes);
    ensure(5);
    valueBytes = readVarint();
    valueAt = at;
    skip(valueBytes);
    skipHeaders();
    if (problem == null && windowStart + at != end) {
      fail("record length " + bodyBytes + " differs from its fields");
    }
    return problem == null;
  }

  private void skipHeaders() {
    ensure(5);
    int headers = readVarint();
    if (headers < 0) {
      fail(headers + " headers");
    }
    for (int i = 0; i < headers && problem == null; i++) {
      ensure(5);
      int nameBytes = readVarint();
      if (nameBytes < 0) {
        fail("header without a name");
        return;
      }
      skip(nameBytes);
      ensure(5);
      skip(readVarint());
    }
  }

  /** True when no byte is left behind the current record. */
  public boolean atEnd() {
    ensure(1);
    return problem == null && at == limit;
  }

  private int readVarint() {
    int value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      if (at >= limit) {
        fail("records end within a field");
        return 0;
      }
      byte next = buffer.get(at++);
      value |= (next & 0x7f) << shift;
      if (next >= 0) {
        return (value >>> 1) ^ -(value & 1);
      }
    }
    fail("varint of more than 5 bytes");
    return 0;
  }

  private long readVarlong() {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (at >= limit) {
        fail("records end within a field");
        return 0;
      }
      byte next = buffer.get(at++);
      value |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return (value >>> 1) ^ -(value & 1);
      }
    }
    fail("varlong of more than 10 bytes");
    return 0;
  }

  private void skip(int bytes) {
    if (bytes <= limit - at && bytes >= -1) {
      at += Math.max(0, bytes);
      return;
    }
    if (bytes < 0 || source == null) {
      fail("field of " + bytes + " bytes");
      return;
    }
    int left = bytes - (limit - at);
    at = limit;
    while (left > 0 && problem == null) {
      ensure(Math.min(left, WINDOW_BYTES));
      int step = Math.min(left, limit - at);
      if (step == 0) {
        fail("records end within a field");
      }
      at += step;
      left -= step;
    }
  }

  private void ensure(int bytes) {
    if (source != null && limit - at < bytes) {
      fill(bytes);
    }
  }

  private void fill(int bytes) {
    System.arraycopy(window, at, window, 0, limit - at);
    windowStart += at;
    limit -= at;
    at = 0;
    try {
      while (limit < bytes && problem == null) {
        int read = source.read(window, limit, WINDOW_BYTES - limit);
        if (read < 0) {
          return;
        }
        if (copy != null) {
          copy.write(window, limit, read);
        }
        limit += read;
        if (windowStart + limit > maxBytes) {
          tooLong = true;
          fail("more than " + maxBytes + " bytes when decompressed");
        }
      }
    } catch (IOException | RuntimeException undecodable) {
      fail("cannot be decompressed: " + undecodable);
    }
  }

  private void fail(String reason) {
    if (problem == null) {
      problem = reason;
    }
  }

  /** What is wrong, null when nothing is. */
  String problem() {
    return problem;
  }

  /** True when the stream delivered more than it may. */
  boolean tooLong() {
    return tooLong;
  }

  /** Position of the record's length; not for streams, as the next two. */
  public int recordAt() {
    return recordAt;
  }

  /** Position of the offset delta: from here on the record does not depend on its timestamp. */
  public int tailAt() {
    return tailAt;
  }

  /** Position behind the record. */
  public int recordEnd() {
    return at;
  }

  /** Of the record to the batch's base timestamp, in ms. */
  public long timestampDelta() {
    return timestampDelta;
  }

  /** Of the record to the batch's base offset. */
  public int offsetDelta() {
    return offsetDelta;
  }

  /** Position of the key in the buffer; not for streams. */
  public int keyAt() {
    return keyAt;
  }

  /** Length of the key, -1 for null. */
  public int keyBytes() {
    return keyBytes;
  }

  /** Position of the value in the buffer; not for streams. */
  int valueAt() {
    return valueAt;
  }

  /** Length of the value, -1 for null. */
  public int valueBytes() {
    return valueBytes;
  }
}
