package io.milena.cleaner;

/**
 * What a cleaner is told; read anew for each cleaning.
 *
 * @param threads {@code log.cleaner.threads}: all cleaners share the next three
 * @param dedupeBytes {@code log.cleaner.dedupe.buffer.size}
 * @param ioBufferBytes {@code log.cleaner.io.buffer.size}: half for reading, half for writing
 * @param maxBytesPerSecond {@code log.cleaner.io.max.bytes.per.second}, read and written together
 * @param loadFactor {@code log.cleaner.io.buffer.load.factor}
 * @param backoffMs {@code log.cleaner.backoff.ms}: pause when nothing is to be cleaned
 */
public record LogCleanerOptions(
    int threads,
    long dedupeBytes,
    int ioBufferBytes,
    double maxBytesPerSecond,
    double loadFactor,
    long backoffMs) {
  /** Kafka's defaults. */
  public static LogCleanerOptions defaults() {
    return new LogCleanerOptions(1, 128L << 20, 512 << 10, Double.MAX_VALUE, 0.9, 15_000);
  }
}
