package io.milena.storage.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.milena.storage.segment.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;

/**
 * Whatever became of a partition's files, recovery ends without an exception, keeps only batches
 * that are whole and in order, leaves files of exactly those, and finds nothing more to do when it
 * is asked again.
 */
class RecoveryFuzz {
  private static final List<Integer> SIZES = List.of(40, 3, 120, 77, 200, 15, 160, 90, 60, 199, 8);
  private static final int MAX_CHANGES = 6;
  private static final int MAX_TAIL_BYTES = 200;

  private enum Change {
    SET_BYTE,
    SET_INT,
    CUT,
    LENGTHEN,
    EMPTY,
    REMOVE,
    SWAP
  }

  @FuzzTest(maxDuration = "60s")
  void recoveryKeepsWholeBatchesOnlyAndIsDoneAtOnce(FuzzedDataProvider data) throws IOException {
    OriginalLog original = new OriginalLog(SIZES);
    try {
      original.recover(); // so that indexes, epochs and metadata are there to be damaged
      int changes = data.consumeInt(1, MAX_CHANGES);
      for (int i = 0; i < changes; i++) {
        change(original.folder, data);
      }

      LoadedLog first = original.recover();

      long end = assertSane(first);
      LoadedLog second = original.recover();
      assertThat(assertSane(second)).isEqualTo(end);
      assertThat(second.logStartOffset()).isEqualTo(first.logStartOffset());
    } finally {
      original.delete();
    }
  }

  private static void change(Path folder, FuzzedDataProvider data) throws IOException {
    List<Path> files = files(folder);
    if (files.isEmpty()) {
      return;
    }
    Path file = files.get(data.consumeInt(0, files.size() - 1));
    byte[] bytes = Files.readAllBytes(file);
    switch (Change.values()[data.consumeInt(0, Change.values().length - 1)]) {
      case SET_BYTE -> {
        if (bytes.length > 0) {
          bytes[data.consumeInt(0, bytes.length - 1)] = data.consumeByte();
          Files.write(file, bytes);
        }
      }
      case SET_INT -> {
        if (bytes.length >= Integer.BYTES) {
          int at = data.consumeInt(0, bytes.length - Integer.BYTES);
          ByteBuffer.wrap(bytes).putInt(at, data.consumeInt());
          Files.write(file, bytes);
        }
      }
      case CUT -> Files.write(file, Arrays.copyOf(bytes, data.consumeInt(0, bytes.length)));
      case LENGTHEN -> {
        byte[] tail = data.consumeBytes(MAX_TAIL_BYTES);
        byte[] longer = Arrays.copyOf(bytes, bytes.length + tail.length);
        System.arraycopy(tail, 0, longer, bytes.length, tail.length);
        Files.write(file, longer);
      }
      case EMPTY -> Files.write(file, new byte[0]);
      case REMOVE -> Files.delete(file);
      case SWAP -> Files.write(files.get(data.consumeInt(0, files.size() - 1)), bytes);
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> listed = Files.list(folder)) {
      return listed.filter(Files::isRegularFile).sorted().toList();
    }
  }

  /** The end of the log. */
  private static long assertSane(LoadedLog loaded) throws IOException {
    assertThat(loaded.segments()).isNotEmpty();
    List<Long> bases = new ArrayList<>();
    long next = 0;
    for (Segment segment : loaded.segments()) {
      bases.add(segment.baseOffset);
      assertThat(segment.baseOffset).isGreaterThanOrEqualTo(next);
      next = segment.baseOffset;
      byte[] bytes = Files.readAllBytes(segment.logFile());
      assertThat(bytes).hasSize(segment.sizeBytes);
      MemoryRecords records = MemoryRecords.readableRecords(ByteBuffer.wrap(bytes));
      assertThat(records.validBytes()).isEqualTo(bytes.length);
      for (MutableRecordBatch batch : records.batches()) {
        batch.ensureValid();
        assertThat(batch.baseOffset()).isGreaterThanOrEqualTo(next);
        next = batch.nextOffset();
      }
    }
    assertThat(bases).isSorted();
    assertThat(loaded.logEndOffset()).isEqualTo(next);
    assertThat(loaded.logStartOffset()).isBetween(0L, next);
    return next;
  }
}
