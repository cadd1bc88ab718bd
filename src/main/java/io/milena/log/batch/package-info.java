/**
 * Record batches: the header, the search for whole batches in bytes of unknown worth, the check of
 * what a producer sends and its recompression, transaction markers. Batches are read in place, in
 * the buffer that goes to the file.
 *
 * <p>{@code BatchValidator} is the door for new batches, {@code BatchScanner} for stored ones;
 * {@code RecordCursor} walks the records of one, {@code PlainRecords} lets it walk them twice.
 * {@code Codec} is the only class here, or anywhere in {@code log}, that knows the compression
 * codecs.
 *
 * <p>Neighbours: knows no other part of {@code log} but the parent's exception; {@code producer},
 * {@code compaction}, {@code storage} and {@code api} read batches through it.
 */
package io.milena.log.batch;
