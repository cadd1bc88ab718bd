package io.milena.zookeeper.client;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ConnectStringParser;
import org.apache.zookeeper.client.StaticHostProvider;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes clients and does the few things that need a short-lived one. Blocking: workers only. */
final class ZkClients {
  private static final Logger LOG = LoggerFactory.getLogger(ZkClients.class);

  private ZkClients() {}

  static ZooKeeper open(ZkOptions options, Watcher watcher) throws IOException {
    return new ZooKeeper(
        options.connectString(),
        options.sessionTimeoutMs(),
        watcher,
        false,
        new LeanClientConfig());
  }

  /**
   * Attaches to a session of an earlier process and closes it, so that its ephemerals go at once
   * (R6). A session that is already over is no error.
   */
  static void closeSession(ZkOptions options, SessionFile.Session session)
      throws IOException, InterruptedException {
    CountDownLatch known = new CountDownLatch(1);
    Watcher watcher =
        event -> {
          if (event.getState() == KeeperState.SyncConnected
              || event.getState() == KeeperState.Expired) {
            known.countDown();
          }
        };
    ZooKeeper client =
        new ZooKeeper(
            options.hosts(),
            options.sessionTimeoutMs(),
            watcher,
            session.id(),
            session.password(),
            false,
            new StaticHostProvider(new ConnectStringParser(options.hosts()).getServerAddresses()),
            new LeanClientConfig());
    boolean answered = known.await(options.connectionTimeoutMs(), TimeUnit.MILLISECONDS);
    boolean alive = client.getState().isConnected();
    client.close();
    if (!answered) {
      LOG.warn("The session of the last run could not be closed, its ephemerals will expire");
    } else if (alive) {
      LOG.info("Closed ZooKeeper session 0x{} of the last run", Long.toHexString(session.id()));
    }
  }

  /** Creates every level of the chroot, persistent, by a client that has none. */
  static void createChroot(ZkOptions options)
      throws IOException, InterruptedException, KeeperException {
    CountDownLatch connected = new CountDownLatch(1);
    ZooKeeper client =
        new ZooKeeper(
            options.hosts(),
            options.sessionTimeoutMs(),
            event -> {
              if (event.getState() == KeeperState.SyncConnected) {
                connected.countDown();
              }
            },
            false,
            new LeanClientConfig());
    try {
      if (!connected.await(options.connectionTimeoutMs(), TimeUnit.MILLISECONDS)) {
        throw new ZkException.ConnectionLost(options.chroot(), false);
      }
      StringBuilder path = new StringBuilder();
      for (String level : options.chroot().substring(1).split("/")) {
        path.append('/').append(level);
        try {
          client.create(path.toString(), null, ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
          LOG.info("Created ZooKeeper chroot {}", path);
        } catch (KeeperException.NodeExistsException e) {
          LOG.debug("{} exists", path);
        }
      }
    } finally {
      client.close();
    }
  }
}
