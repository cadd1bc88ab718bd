/**
 * What a broker does in ZooKeeper: {@link io.milena.zookeeper.Bootstrap} its first steps and its
 * registration, {@link io.milena.zookeeper.EpochCheckedWrites} elections and the only way a
 * controller writes (R1, R2).
 *
 * <p>The parts below: {@code client} is the session and knows no path; {@code layout} is paths and
 * contents of Kafka 3.9, pure; {@code embedded} is the server of a node without {@code
 * zookeeper.connect}. Neighbours: {@code metadata}, {@code base} below; {@code controller}, {@code
 * node}, {@code bus} and {@code app} above, which also use the parts. Rules: ZooKeeper's classes
 * stay in here and in {@code bus}; of the parts only {@code layout} knows another one, the
 * exception of {@code client}; none knows this package; every call is asynchronous and its future
 * completes on the caller's context.
 */
package io.milena.zookeeper;
