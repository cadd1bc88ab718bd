package io.milena.zookeeper.client;

import java.io.IOException;
import org.apache.zookeeper.KeeperException;

/** Creates the chroot of a connect string. Blocking: workers only. */
public final class ChrootMaker {
  private ChrootMaker() {}

  /**
   * Creates every missing level, persistent, by a plain client (a Curator namespace would make
   * containers, which ZooKeeper deletes when they are empty).
   */
  public static void create(ZkOptions options) throws IOException, InterruptedException {
    try {
      ZkClients.createChroot(options);
    } catch (KeeperException e) {
      throw ZkErrors.of(e.code().intValue(), options.chroot());
    }
  }
}
