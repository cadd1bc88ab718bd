/**
 * The door to the owners of partitions: {@link io.milena.partition.PartitionClient} with the
 * records of {@link io.milena.partition.PartitionMessages}, and the client that takes them over the
 * local event bus. The owners themselves, one verticle for each shard, are in {@code shard}, and so
 * is everything that knows a log.
 *
 * <p>Neighbours: {@code api}, {@code node}, {@code cleaner} and the coordinators ask; {@code app}
 * deploys the shards. Of the layers below, messages name types of {@code storage}, {@code log} and
 * {@code metadata} only. Rule: nobody asks a shard but through here, and the door does not know who
 * is behind it.
 */
package io.milena.partition;
