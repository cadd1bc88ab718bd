package io.milena.log.batch;

import io.milena.config.TopicConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.utils.internals.BufferSupplier;

/**
 * Judges the records a client wants to append to one partition, as far as that needs no state of
 * the partition, and brings them into the form in which they are stored: timestamps and codec as
 * the topic wants them. Nothing of a refused batch may be appended.
 *
 * <p>Plain records are checked where they lie, without an object per record. Compressed ones stream
 * through one window and are never held whole, unless they are recompressed.
 *
 * <p>Not thread-safe: one per event loop, one per task elsewhere. Keeps its buffers.
 */
public final class BatchValidator {
  /**
   * What the verdict depends on besides the bytes.
   *
   * @param topic settings of the topic
   * @param produceVersion version of the Produce request
   * @param nowMs wall-clock time
   * @param fromClient false for the broker's own coordinators, which may write control batches
   * @param workLimitBytes when more bytes than this would have to be decompressed or compressed,
   *     the verdict is {@link TooCostly}; {@link Integer#MAX_VALUE} for no such limit
   */
  public record Request(
      TopicConfig topic,
      short produceVersion,
      long nowMs,
      boolean fromClient,
      int workLimitBytes) {}

  /** What becomes of the records. */
  public sealed interface Verdict permits Valid, Refused, TooCostly {}

  /**
   * Append them.
   *
   * @param records the buffer that was given, or a new heap buffer after recompression; its
   *     position is where the first batch starts
   * @param batches headers in that buffer; exactly one as of now
   */
  public record Valid(ByteBuffer records, List<BatchHeader> batches) implements Verdict {}

  /**
   * Refuse them.
   *
   * @param recordErrors the records that are to blame, empty when the batch as a whole is; at most
   *     {@link #MAX_RECORD_ERRORS}
   */
  public record Refused(Errors error, String message, List<RecordError> recordErrors)
      implements Verdict {}

  /** Undecided, nothing changed: ask again on a worker, without a work limit. */
  public record TooCostly() implements Verdict {
    static final TooCostly INSTANCE = new TooCostly();
  }

  /** A record that is refused; {@code index} counts from 0 within the batch. */
  public record RecordError(int index, String message) {}

  /** Record errors that are told to the client at most. */
  public static final int MAX_RECORD_ERRORS = 100;

  /** Work that an event loop may do for one batch (architecture §5). */
  public static final int LOOP_WORK_LIMIT_BYTES = 64 * 1024;

  private static final int CHEAP_COMPRESSED_BYTES = 16 * 1024;
  private static final int FIRST_VERSION_WITH_ZSTD = 7;
  private static final int KNOWN_ATTRIBUTES = 0x3f;
  private static final int MIB = 1 << 20;
  private static final int MAX_DECOMPRESSED_BYTES = 100 * MIB;
  private static final int MAX_RATIO = 1000;

  private static final int LENGTH_AT = 8;
  private static final int MAGIC_AT = 16;
  private static final int CRC_AT = 17;
  private static final int ATTRIBUTES_AT = 21;
  private static final int MAX_TIMESTAMP_AT = 35;
  private static final int LOG_APPEND_TIME = 0x08;
  private static final int CODEC = 0x07;

  private final CRC32C crc = new CRC32C();
  private final RecordCursor cursor = new RecordCursor();
  private final BufferSupplier buffers = BufferSupplier.create();

  /** Largest timestamp that the last walk found, -1 for none. */
  private long walkedMaxTimestampMs;

  /**
   * True when {@link #validate} is surely or very likely done within {@link
   * #LOOP_WORK_LIMIT_BYTES}: then an event loop asks with that limit, else it hands the records to
   * a worker at once.
   */
  public static boolean isCheap(ByteBuffer records, TopicConfig topic) {
    if (records == null || records.remaining() < BatchHeader.SIZE_BYTES) {
      return true;
    }
    int codec = records.getShort(records.position() + ATTRIBUTES_AT) & CODEC;
    if (codec == Codec.NONE) {
      return Codec.targetId(topic, codec) == codec || records.remaining() <= LOOP_WORK_LIMIT_BYTES;
    }
    return records.remaining() <= CHEAP_COMPRESSED_BYTES;
  }

  /**
   * Judges {@code records}, from position to limit. Where the topic wants the log append time, or
   * the header's largest timestamp is wrong, header and CRC are corrected in place.
   *
   * @param records writable; null counts as empty
   */
  public Verdict validate(ByteBuffer records, Request request) {
    Refused refused = checkShape(records, request);
    if (refused != null) {
      return refused;
    }
    BatchHeader header = BatchHeader.read(records, records.position());
    refused = checkHeader(records, header, request);
    if (refused != null) {
      return refused;
    }
    int target =
        header.isControl() ? header.codecId() : Codec.targetId(request.topic(), header.codecId());
    boolean recompress = target != header.codecId();
    if (recompress && header.sizeBytes() > request.workLimitBytes()) {
      return TooCostly.INSTANCE;
    }
    Recompressor recompressor =
        recompress ? new Recompressor(target, request.topic(), header.sizeBytes()) : null;
    Verdict failed =
        header.codecId() == Codec.NONE
            ? walkPlain(records, header, request, recompressor)
            : walkCompressed(records, header, request, recompressor);
    if (failed != null) {
      return failed;
    }
    ByteBuffer stored = recompress ? recompressor.finish(records, header) : records;
    return finish(stored, request, recompress);
  }

  private static Refused checkShape(ByteBuffer records, Request request) {
    if (records == null || records.remaining() < BatchHeader.LOG_OVERHEAD_BYTES + 5) {
      return refuse(Errors.INVALID_RECORD, "no record batch");
    }
    int at = records.position();
    byte magic = records.get(at + MAGIC_AT);
    if (magic != 2) {
      return magic < 0 || magic > 2
          ? refuse(Errors.CORRUPT_MESSAGE, "record batch of magic " + magic)
          : refuse(
              Errors.INVALID_RECORD,
              "Produce requests of version "
                  + request.produceVersion()
                  + " may only contain record batches of magic 2, not "
                  + magic);
    }
    long size = (long) records.getInt(at + LENGTH_AT) + BatchHeader.LOG_OVERHEAD_BYTES;
    if (size < BatchHeader.SIZE_BYTES) {
      return refuse(Errors.CORRUPT_MESSAGE, "record batch of " + size + " bytes");
    }
    if (size > records.remaining()) {
      return refuse(Errors.INVALID_RECORD, "record batch is cut off");
    }
    if (size < records.remaining()) {
      return refuse(
          Errors.INVALID_RECORD,
          "Produce requests of version "
              + request.produceVersion()
              + " may only contain exactly one record batch per partition");
    }
    return checkSize((int) size, request.topic());
  }

  private static Refused checkSize(int sizeBytes, TopicConfig topic) {
    if (sizeBytes > topic.maxMessageBytes()) {
      return refuse(
          Errors.MESSAGE_TOO_LARGE,
          "record batch of "
              + sizeBytes
              + " bytes where max.message.bytes is "
              + topic.maxMessageBytes());
    }
    return sizeBytes > topic.segmentBytes()
        ? refuse(
            Errors.RECORD_LIST_TOO_LARGE,
            "record batch of "
                + sizeBytes
                + " bytes where segment.bytes is "
                + topic.segmentBytes())
        : null;
  }

  private Refused checkHeader(ByteBuffer records, BatchHeader header, Request request) {
    int stored = records.getInt(header.position() + CRC_AT);
    int actual = crcOf(records);
    if (stored != actual) {
      return refuse(
          Errors.CORRUPT_MESSAGE,
          "CRC is " + Integer.toHexString(actual) + ", not " + Integer.toHexString(stored));
    }
    if (!Codec.isKnown(header.codecId())) {
      return refuse(Errors.UNSUPPORTED_COMPRESSION_TYPE, "compression codec " + header.codecId());
    }
    if (header.codecId() == Codec.ZSTD && request.produceVersion() < FIRST_VERSION_WITH_ZSTD) {
      return refuse(
          Errors.UNSUPPORTED_COMPRESSION_TYPE,
          "zstd needs Produce version 7, not " + request.produceVersion());
    }
    if (header.isLogAppendTime()) {
      return refuse(Errors.INVALID_TIMESTAMP, "a producer may not set the log append time");
    }
    String problem = headerProblem(header, request.fromClient());
    return problem == null ? null : refuse(Errors.INVALID_RECORD, problem);
  }

  private static String headerProblem(BatchHeader header, boolean fromClient) {
    if ((header.attributes() & ~KNOWN_ATTRIBUTES) != 0) {
      return "unknown attributes " + Integer.toHexString(header.attributes() & 0xffff);
    }
    if (fromClient && header.isControl()) {
      return "clients may not write control batches";
    }
    if (fromClient && header.baseOffset() != 0) {
      return "base offset " + header.baseOffset() + " where 0 is due";
    }
    if (header.recordCount() <= 0 || header.lastOffsetDelta() != header.recordCount() - 1) {
      return header.recordCount() + " records with last offset delta " + header.lastOffsetDelta();
    }
    if (header.producerId() < -1) {
      return "producer id " + header.producerId();
    }
    if (header.hasProducerId() && header.producerEpoch() < 0) {
      return "producer epoch " + header.producerEpoch() + " of producer " + header.producerId();
    }
    if (fromClient && header.hasProducerId() && header.baseSequence() < 0) {
      return "sequence " + header.baseSequence() + " of producer " + header.producerId();
    }
    return header.isTransactional() && !header.hasProducerId()
        ? "transactional batch without a producer id"
        : null;
  }

  private int crcOf(ByteBuffer records) {
    int position = records.position();
    crc.reset();
    crc.update(records.position(position + ATTRIBUTES_AT));
    records.position(position);
    return (int) crc.getValue();
  }

  private Verdict walkPlain(
      ByteBuffer records, BatchHeader header, Request request, Recompressor recompressor) {
    int from = header.position() + BatchHeader.SIZE_BYTES;
    int to = header.position() + header.sizeBytes();
    cursor.start(records, from, to);
    Verdict failed = walk(header, request);
    if (failed == null && recompressor != null) {
      recompressor.write(records, from, to);
    }
    return failed;
  }

  private Verdict walkCompressed(
      ByteBuffer records, BatchHeader header, Request request, Recompressor recompressor) {
    ByteBuffer payload =
        records.slice(
            header.position() + BatchHeader.SIZE_BYTES,
            header.sizeBytes() - BatchHeader.SIZE_BYTES);
    long bound = decompressedBound(request.topic(), payload.remaining());
    long claimed = Codec.claimedBytes(header.codecId(), payload);
    if (claimed < 0) {
      return refuse(Errors.INVALID_RECORD, "compressed records are garbled");
    }
    if (claimed > bound) {
      return tooLong(bound);
    }
    if (claimed > request.workLimitBytes()) {
      return TooCostly.INSTANCE;
    }
    try (InputStream plain = Codec.decompress(header.codecId(), payload, buffers)) {
      cursor.start(
          plain,
          Math.min(bound, request.workLimitBytes()),
          request.topic().maxDecompressedMessageBytes(),
          recompressor == null ? null : recompressor.sink());
      Verdict failed = walk(header, request);
      if (cursor.tooLong()) {
        return request.workLimitBytes() < bound ? TooCostly.INSTANCE : tooLong(bound);
      }
      return failed;
    } catch (IOException | RuntimeException undecodable) {
      return refuse(Errors.INVALID_RECORD, "records cannot be decompressed: " + undecodable);
    }
  }

  /** security.md §1: ten batches' worth, 100 MB, a ratio of 1,000; small ones may have 1 MiB. */
  private static long decompressedBound(TopicConfig topic, int compressedBytes) {
    long byBatch = Math.max(MIB, 10L * topic.maxMessageBytes());
    long bound = Math.min(byBatch, Math.max(MAX_DECOMPRESSED_BYTES, topic.maxMessageBytes()));
    return Math.min(bound, Math.max(MIB, (long) MAX_RATIO * compressedBytes));
  }

  private static Refused tooLong(long bound) {
    return refuse(
        Errors.MESSAGE_TOO_LARGE, "records are more than " + bound + " bytes when decompressed");
  }

  private Refused walk(BatchHeader header, Request request) {
    boolean createTime = request.topic().timestampType() == TimestampType.CREATE_TIME;
    boolean keyed = request.topic().compact() && !header.isControl();
    long oldestMs = createTime ? oldestMs(request) : Long.MIN_VALUE;
    long newestMs = createTime ? newestMs(request) : Long.MAX_VALUE;
    long maxTimestampMs = -1;
    BadRecords bad = null;
    for (int i = 0; i < header.recordCount(); i++) {
      if (!cursor.next()) {
        return refuse(Errors.INVALID_RECORD, "record " + i + ": " + cursor.problem());
      }
      if (cursor.offsetDelta() != i) {
        return refuse(
            Errors.INVALID_RECORD, "record " + i + " has offset delta " + cursor.offsetDelta());
      }
      long timestampMs = header.baseTimestampMs() + cursor.timestampDelta();
      maxTimestampMs = Math.max(maxTimestampMs, timestampMs);
      boolean inTime = timestampMs == -1 || (timestampMs >= oldestMs && timestampMs <= newestMs);
      if (!inTime || (keyed && cursor.keyBytes() < 0)) {
        bad = bad == null ? new BadRecords() : bad;
        bad.add(i, inTime, timestampMs);
      }
    }
    if (bad != null) {
      return bad.refused(oldestMs, newestMs);
    }
    if (!cursor.atEnd()) {
      return refuse(Errors.INVALID_RECORD, "bytes left behind the last record");
    }
    walkedMaxTimestampMs = maxTimestampMs;
    return null;
  }

  /** {@code message.timestamp.before.max.ms}; no negative time but -1 is one. */
  private static long oldestMs(Request request) {
    return Math.max(0, request.nowMs() - Math.max(0, request.topic().timestampBeforeMaxMs()));
  }

  /** {@code message.timestamp.after.max.ms}. */
  private static long newestMs(Request request) {
    long newestMs = request.nowMs() + request.topic().timestampAfterMaxMs();
    return newestMs < 0 ? Long.MAX_VALUE : newestMs;
  }

  /** What is wrong with single records of a batch. */
  private static final class BadRecords {
    private final List<RecordError> errors = new ArrayList<>();
    private boolean timestamps;

    void add(int index, boolean inTime, long timestampMs) {
      timestamps |= !inTime;
      if (errors.size() < MAX_RECORD_ERRORS) {
        errors.add(
            new RecordError(
                index,
                inTime
                    ? "a compacted topic takes no record without a key"
                    : "timestamp " + timestampMs + " is out of range"));
      }
    }

    Refused refused(long oldestMs, long newestMs) {
      return timestamps
          ? new Refused(
              Errors.INVALID_TIMESTAMP,
              "timestamps have to be within [" + oldestMs + ", " + newestMs + "]",
              errors)
          : new Refused(
              Errors.INVALID_RECORD, "a compacted topic takes no record without a key", errors);
    }
  }

  /** Sets type and largest timestamp as the topic wants them and seals the batch again. */
  private Verdict finish(ByteBuffer stored, Request request, boolean unsealed) {
    int at = stored.position();
    boolean appendTime = request.topic().timestampType() == TimestampType.LOG_APPEND_TIME;
    long maxTimestampMs = appendTime ? request.nowMs() : walkedMaxTimestampMs;
    boolean rewrite = appendTime || stored.getLong(at + MAX_TIMESTAMP_AT) != maxTimestampMs;
    if (rewrite) {
      short attributes = stored.getShort(at + ATTRIBUTES_AT);
      stored.putShort(
          at + ATTRIBUTES_AT, (short) (appendTime ? attributes | LOG_APPEND_TIME : attributes));
      stored.putLong(at + MAX_TIMESTAMP_AT, maxTimestampMs);
    }
    BatchHeader header = BatchHeader.read(stored, at);
    Refused tooLarge = checkSize(header.sizeBytes(), request.topic());
    if (tooLarge != null) {
      return tooLarge;
    }
    if (rewrite || unsealed) {
      stored.putInt(at + CRC_AT, crcOf(stored));
    }
    return new Valid(stored, List.of(header));
  }

  private static Refused refuse(Errors error, String message) {
    return new Refused(error, message, List.of());
  }
}
