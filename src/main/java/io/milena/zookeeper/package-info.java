/**
 * The broker's door to ZooKeeper, and ZooKeeper itself where none is configured.
 *
 * <p>{@link io.milena.zookeeper.ZkSession} is the one session for metadata and broker registration,
 * {@link io.milena.zookeeper.Paths} and the {@code …ZNode} records are the layout of Kafka 3.9,
 * {@link io.milena.zookeeper.EpochCheckedWrites} is the only way a controller writes (R1, R2),
 * {@link io.milena.zookeeper.EmbeddedZooKeeper} is the server of a node without {@code
 * zookeeper.connect}. Neighbours: {@code metadata}, {@code base} below; {@code controller}, {@code
 * node}, {@code api}, {@code bus} and {@code app} above. Rules: ZooKeeper's classes stay in here
 * and in {@code bus}; every call is asynchronous and its future completes on the caller's context;
 * blocking work (connecting, closing, files) runs on named workers.
 */
package io.milena.zookeeper;
