package io.milena.api;

import io.milena.config.TopicConfig;
import io.milena.log.batch.BatchHeader;
import io.milena.storage.segment.FileSlice;
import io.milena.work.CpuWork;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * Keeps zstd from clients that cannot read it (KIP-110): Fetch below version 10. A topic whose
 * {@code compression.type} is zstd is refused at once, as Kafka does; in other topics the heads of
 * the batches found are looked at, on the executor {@code cpu}, since they are read from the file.
 * Such clients are older than 2018, so this costs nobody else anything.
 */
final class OldClientZstd {
  private static final short FIRST_WITH_ZSTD = 10;
  private static final int ZSTD = 4;
  private static final String ZSTD_NAME = "zstd";

  /** Bytes from the start of a batch to its attributes, with them. */
  private static final int HEAD_BYTES = 23;

  private static final int MAGIC_AT = 16;
  private static final int ATTRIBUTES_AT = 21;

  private OldClientZstd() {}

  static boolean refuses(short version, TopicConfig config) {
    return version < FIRST_WITH_ZSTD && ZSTD_NAME.equals(config.compressionType());
  }

  /**
   * Turns the answers with zstd batches into errors; completes at once for newer clients and empty
   * answers.
   */
  static Future<?> check(short version, List<PartitionData> answers, CpuWork cpu) {
    boolean somethingFound = false;
    if (version < FIRST_WITH_ZSTD) {
      for (PartitionData answer : answers) {
        somethingFound |= answer.records() instanceof FileSlice;
      }
    }
    if (!somethingFound) {
      return Future.succeededFuture();
    }
    return cpu.run(
        () -> {
          for (PartitionData answer : answers) {
            if (answer.records() instanceof FileSlice slice && containsZstd(slice)) {
              answer
                  .setErrorCode(Errors.UNSUPPORTED_COMPRESSION_TYPE.code())
                  .setHighWatermark(-1)
                  .setLastStableOffset(-1)
                  .setLogStartOffset(-1)
                  .setRecords(MemoryRecords.EMPTY);
            }
          }
          return null;
        });
  }

  private static boolean containsZstd(FileSlice slice) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(HEAD_BYTES);
    long position = slice.position();
    long end = position + slice.sizeInBytes();
    while (position + HEAD_BYTES <= end) {
      head.clear();
      while (head.hasRemaining() && slice.channel().read(head, position + head.position()) >= 0) {
        continue;
      }
      if (head.hasRemaining()) {
        return false;
      }
      if (head.get(MAGIC_AT) >= 2 && (head.getShort(ATTRIBUTES_AT) & 7) == ZSTD) {
        return true;
      }
      int sizeBytes = head.getInt(8);
      if (sizeBytes <= 0) {
        return false;
      }
      position += sizeBytes + BatchHeader.LOG_OVERHEAD_BYTES;
    }
    return false;
  }
}
