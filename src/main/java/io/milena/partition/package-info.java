/**
 * The owners of partitions: S verticles, each owning every partition that hashes to it, log and
 * replica state together, on one event loop.
 *
 * <p>Neighbours: {@code storage}, {@code replication}, {@code log} below; {@code api}, {@code node}
 * and the coordinators ask through {@link io.milena.partition.PartitionClient} with the records of
 * {@link io.milena.partition.PartitionMessages}. Rule: nobody else touches a log.
 */
package io.milena.partition;
