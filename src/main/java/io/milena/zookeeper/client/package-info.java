/**
 * A ZooKeeper session and its words, whatever is kept there.
 *
 * <p>{@link io.milena.zookeeper.client.ZkSession} is the session: asynchronous reads, writes,
 * multis ({@link io.milena.zookeeper.client.ZkOp}) and standing watches, replaced by a new one when
 * it expires; {@link io.milena.zookeeper.client.ZkException} is why an operation failed; {@link
 * io.milena.zookeeper.client.SessionFile} lets the next start end the session of a killed process.
 * The bus, whose client is Curator's, takes from here what both clients share: {@link
 * io.milena.zookeeper.client.ZkOptions}, {@link io.milena.zookeeper.client.LeanClientConfig},
 * {@link io.milena.zookeeper.client.ChrootMaker}. Neighbours: {@code base} below; {@code
 * zookeeper.layout}, {@code zookeeper} and everybody who reads or writes metadata above. Rules:
 * knows no path and no content of a znode; every call is asynchronous and its future completes on
 * the caller's context; blocking work (connecting, closing, files) runs on named workers.
 */
package io.milena.zookeeper.client;
