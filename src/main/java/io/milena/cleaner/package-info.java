/**
 * Log compaction: cleaners that read closed segments, keep the last record of each key, and have
 * the owner of the partition put the result in place.
 *
 * <p>Neighbours: {@code log} below decides what stays, {@code storage} reads and writes the files,
 * {@code partition} says what may be cleaned and does the swap. Rules: a cleaner touches only files
 * of closed segments and its own {@code .cleaned} ones; it works in steps of one buffer, and
 * between two of them asks the owner whether the work is still wanted, so that nothing has to be
 * shared with it; what it keeps in memory is bounded by {@code log.cleaner.dedupe.buffer.size} and
 * {@code log.cleaner.io.buffer.size}.
 */
package io.milena.cleaner;
