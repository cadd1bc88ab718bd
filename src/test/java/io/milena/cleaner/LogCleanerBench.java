package io.milena.cleaner;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/**
 * What it costs to compact 500 MB of small records in segments of 100 MiB, with Kafka's defaults of
 * {@code log.cleaner.*}: as {@code __consumer_offsets} has them, one record of about 130 bytes per
 * batch, and in batches of 500 records. A plain program: run its main. CPU is that of the whole
 * process, the shard and the collector included.
 */
public final class LogCleanerBench {
  private static final long BYTES = 500_000_000;
  private static final int SEGMENT_BYTES = 100 << 20;
  private static final int APPEND_BYTES = 1 << 20;
  private static final int KEYS = 100_000;

  private LogCleanerBench() {}

  /** Prints a line per case and round. */
  public static void main(String[] arguments) throws Exception {
    for (int round = 0; round < 2; round++) {
      run("one record per batch", 1, KEYS);
      run("one record per batch, all different", 1, Integer.MAX_VALUE);
      run("500 records per batch", 500, KEYS);
    }
  }

  private static void run(String what, int recordsPerBatch, int keys) throws Exception {
    Path dir = Files.createTempDirectory("cleaner-bench");
    try (CleanerBed bed = new CleanerBed(dir)) {
      bed.options.set(LogCleanerOptions.defaults());
      bed.lead("t", CleanerBed.compacted(SEGMENT_BYTES), 0);
      long records = fill(bed, recordsPerBatch, keys);
      awaitTrue(() -> bed.files("t").stream().filter(f -> f.endsWith(".timeindex")).count() >= 4);
      OperatingSystemMXBean system =
          (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
      long before = bed.describe("t").sizeBytes();
      long cpuNs = system.getProcessCpuTime();
      long startNs = System.nanoTime();
      bed.clean(1);
      awaitTrue(() -> bed.meter("milena_log_cleanings") > 0);
      double seconds = (System.nanoTime() - startNs) / 1e9;
      double cpu = (system.getProcessCpuTime() - cpuNs) / 1e9;
      System.out.printf(
          Locale.ROOT,
          "%-36s %9d records, %4d MB become %4d MB: %.2f s, %.0f MB/s, %.2f CPU s%n",
          what,
          records,
          before / 1_000_000,
          bed.describe("t").sizeBytes() / 1_000_000,
          seconds,
          before / seconds / 1e6,
          cpu);
    } finally {
      deleteTree(dir);
    }
  }

  private static long fill(CleanerBed bed, int recordsPerBatch, int keys) {
    Random random = new Random(7);
    byte[] value = new byte[40];
    Arrays.fill(value, (byte) 'v');
    long records = 0;
    for (long bytes = 0; bytes < BYTES; ) {
      ByteBuffer appended = ByteBuffer.allocate(APPEND_BYTES + (128 << 10));
      long offset = 0;
      while (appended.position() < APPEND_BYTES) {
        SimpleRecord[] batch = new SimpleRecord[recordsPerBatch];
        for (int i = 0; i < recordsPerBatch; i++) {
          String key = "group-" + random.nextInt(keys) + "-topic";
          batch[i] = new SimpleRecord(1_700_000_000_000L, key.getBytes(), value);
        }
        appended.put(MemoryRecords.withRecords(offset, Compression.NONE, batch).buffer());
        records += recordsPerBatch;
        offset += recordsPerBatch;
      }
      appended.flip();
      bytes += appended.remaining();
      bed.append("t", MemoryRecords.readableRecords(appended));
    }
    return records;
  }

  private static void awaitTrue(java.util.function.BooleanSupplier condition) {
    org.awaitility.Awaitility.await()
        .pollInterval(5, TimeUnit.MILLISECONDS)
        .atMost(120, TimeUnit.SECONDS)
        .until(condition::getAsBoolean);
  }

  private static void deleteTree(Path dir) throws IOException {
    try (var files = Files.walk(dir)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
