/**
 * Kafka's small text files beside the segments: {@code OffsetCheckpoint} (recovery point, high
 * watermark, log start, cleaner), {@code LeaderEpochs} ({@code leader-epoch-checkpoint}, and the
 * questions that are asked of it), {@code PartitionMetadataFile} ({@code partition.metadata}).
 *
 * <p>Neighbours: {@code storage} writes and reads the files, {@code partition} asks for the end of
 * an epoch. Rule: knows no other part of {@code log} but the parent's exception.
 */
package io.milena.log.checkpoint;
