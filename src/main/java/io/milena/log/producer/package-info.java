/**
 * What a log knows of its producers: epochs, sequences and open transactions ({@code
 * ProducerStates}), their {@code .snapshot} file ({@code ProducerSnapshot}), and the transactions
 * that were aborted ({@code AbortedTxn}, {@code .txnindex} file {@code TxnIndex}).
 *
 * <p>Neighbours: {@code batch} for headers and markers; {@code compaction} and {@code storage} ask.
 * Rule: all of it can be found again in the log, so a damaged file is thrown away and rebuilt.
 */
package io.milena.log.producer;
