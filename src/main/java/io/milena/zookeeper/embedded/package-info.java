/**
 * ZooKeeper itself: the server of one inside a broker that has no {@code zookeeper.connect}.
 *
 * <p>Neighbours: none below; {@code app} starts and stops it. Rule: ZooKeeper's server classes stay
 * in here; sessions with it are made as with any other, by {@code zookeeper.client}.
 */
package io.milena.zookeeper.embedded;
