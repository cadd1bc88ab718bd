package io.milena.zookeeper.client;

/**
 * What became of one operation of a successful multi.
 *
 * @param path of the znode, with its sequence number when it has one
 * @param stat after a SetData, else null (ZooKeeper does not tell)
 */
public record ZkOpResult(String path, ZStat stat) {}
