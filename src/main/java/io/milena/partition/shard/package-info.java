/**
 * The owners of partitions: S verticles, each owning every partition that hashes to it, log and
 * replica state together, on one event loop.
 *
 * <p>{@code PartitionVerticle} hears the messages and hands each to the class that it concerns.
 * {@code Hosted} is the table of a shard's {@code Partition}s; {@code PartitionAppends} is the
 * write side of one ({@code AppendTask} of one request, within the {@code StagedBudget}), {@code
 * PartitionReads} the read side ({@code ReadTask} of one request); {@code GrowthWaits} are the long
 * polls; {@code Orders} come from the node; {@code OffsetAnswers} and {@code AdminAnswers} tell
 * where things lie; {@code Cleanings} lets the cleaners in; {@code Housekeeping} and {@code Alarms}
 * go by the clock. All of them work on the same partitions, which is why they stay together.
 *
 * <p>Neighbours: {@code storage}, {@code replication}, {@code log} below; the messages are the
 * parent's. Rules: nobody else touches a log; nobody but {@code app} knows this package, and of it
 * only the verticle.
 */
package io.milena.partition.shard;
