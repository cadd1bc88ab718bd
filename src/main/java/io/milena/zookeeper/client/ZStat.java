package io.milena.zookeeper.client;

import org.apache.zookeeper.data.Stat;

/**
 * What ZooKeeper knows about a znode besides its data.
 *
 * @param czxid transaction that created it; of a broker's znode the broker epoch
 * @param mzxid transaction that wrote its data last
 * @param ctimeMs creation, server's wall clock
 * @param mtimeMs last write, server's wall clock
 * @param version number of writes since creation; of a partition state the partition epoch
 * @param childrenVersion number of changes of its children
 * @param ephemeralOwner session that owns it, 0 when persistent
 * @param children number of children
 */
public record ZStat(
    long czxid,
    long mzxid,
    long ctimeMs,
    long mtimeMs,
    int version,
    int childrenVersion,
    long ephemeralOwner,
    int children) {
  static ZStat of(Stat stat) {
    return new ZStat(
        stat.getCzxid(),
        stat.getMzxid(),
        stat.getCtime(),
        stat.getMtime(),
        stat.getVersion(),
        stat.getCversion(),
        stat.getEphemeralOwner(),
        stat.getNumChildren());
  }
}
