/**
 * Compaction: what of a log is dirty and which segments become one ({@code CompactionPlan}), where
 * each key stands last ({@code CompactionMap}, filled by {@code KeyIndexer}), which transactions a
 * walk is inside of ({@code TxnCleaning}), and the batches as they are written anew ({@code
 * BatchCleaner}).
 *
 * <p>Neighbours: {@code batch} for records, {@code producer} for aborted transactions; the verticle
 * {@code cleaner} above reads and writes the files, {@code partition} says what may be cleaned.
 * Rule: it never sees how a batch is compressed; that is the work of {@code batch}.
 */
package io.milena.log.compaction;
