package io.milena.log.batch;

import io.milena.config.TopicConfig;
import java.nio.ByteBuffer;
import org.apache.kafka.common.record.internal.CompressionType;

/**
 * Speed of the validator on plain and compressed batches of about 64 KiB in direct memory, in GB
 * (10^9 bytes) of plain records per second of one core. Run its main; the first rounds warm up.
 */
public final class BatchValidatorBenchmark {
  private static final int ROUNDS = 4;
  private static final long ROUND_NS = 1_000_000_000L;

  private BatchValidatorBenchmark() {}

  /** Prints one line per case. */
  public static void main(String[] arguments) {
    for (CompressionType codec : CompressionType.values()) {
      run(codec, 1_000, 64);
      run(codec, 100, 640);
    }
    run(CompressionType.NONE, 200, 1);
  }

  private static void run(CompressionType codec, int valueBytes, int records) {
    ByteBuffer batch = TestBatches.of(codec, TestBatches.records(records, valueBytes));
    long plainBytes = TestBatches.plain(records, valueBytes).remaining();
    BatchValidator validator = new BatchValidator();
    BatchValidator.Request request =
        new BatchValidator.Request(
            TopicConfig.defaults(), (short) 13, TestBatches.NOW_MS, true, Integer.MAX_VALUE);
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      long count = 0;
      while (System.nanoTime() - start < ROUND_NS) {
        for (int i = 0; i < 16; i++) {
          if (!(validator.validate(batch, request) instanceof BatchValidator.Valid)) {
            throw new IllegalStateException("refused");
          }
        }
        count += 16;
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      best = Math.max(best, count * plainBytes / seconds / 1e9);
    }
    System.out.printf(
        "%-7s %5d x %4d B: %6.2f GB/s, %7.2f us per batch%n",
        codec.name, records, valueBytes, best, plainBytes / best / 1e3);
  }
}
