/**
 * What Kafka 3.9 keeps in ZooKeeper and where, with Milena's few additions.
 *
 * <p>{@link io.milena.zookeeper.layout.Paths} are the names, a {@code …ZNode} is the content of one
 * kind of znode, to bytes and back; each says which versions it writes and reads. Bytes that are
 * not what the layout says end in {@code ZkException.Malformed}. Neighbours: {@code metadata}
 * below, and that exception of {@code zookeeper.client}; {@code zookeeper}, {@code controller} and
 * {@code node} above. Rules: pure, no session and no I/O; compatible with Kafka byte for byte, key
 * order aside.
 */
package io.milena.zookeeper.layout;
