package io.milena.zookeeper;

import io.milena.zookeeper.client.Windowed;
import io.milena.zookeeper.client.ZNode;
import io.milena.zookeeper.client.ZStat;
import io.milena.zookeeper.client.ZkException;
import io.milena.zookeeper.client.ZkOp;
import io.milena.zookeeper.client.ZkSession;
import io.milena.zookeeper.layout.BrokerZNode;
import io.milena.zookeeper.layout.ClusterIdZNode;
import io.milena.zookeeper.layout.Paths;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The first steps of a broker in ZooKeeper, in this order: {@link #createPersistentPaths}, {@link
 * #clusterId}, {@link #nextBrokerId} if it has none, {@link #register}.
 */
public final class Bootstrap {
  private Bootstrap() {}

  /**
   * Creates what Kafka creates at start ({@link Paths#PERSISTENT}); writes only what is missing.
   */
  public static Future<Void> createPersistentPaths(ZkSession session) {
    Set<String> paths = new LinkedHashSet<>();
    for (String path : Paths.PERSISTENT) {
      addWithParents(paths, path);
    }
    List<String> all = new ArrayList<>(paths);
    return Windowed.run(all, all.size(), session::exists)
        .compose(
            stats -> {
              List<ZkOp> missing = new ArrayList<>();
              for (int i = 0; i < all.size(); i++) {
                if (stats.get(i).isEmpty()) {
                  missing.add(ZkOp.create(all.get(i), null));
                }
              }
              return session.multi(missing);
            })
        .<Void>mapEmpty()
        .recover(
            e ->
                // Another broker of a new cluster does the same right now: one by one then.
                e instanceof ZkException.NodeExists
                    ? Windowed.run(all, 1, session::createPath).mapEmpty()
                    : Future.failedFuture(e));
  }

  private static void addWithParents(Set<String> paths, String path) {
    String parent = ZNode.parentOf(path);
    if (!parent.equals("/")) {
      addWithParents(paths, parent);
    }
    paths.add(path);
  }

  /** The cluster's id, created from {@code newId} (22 characters of base64) when it has none. */
  public static Future<String> clusterId(ZkSession session, Supplier<String> newId) {
    return session
        .find(Paths.CLUSTER_ID)
        .compose(
            found -> {
              if (found.isPresent()) {
                return Future.succeededFuture(ClusterIdZNode.decode(found.get().data()));
              }
              byte[] data = ClusterIdZNode.encode(newId.get());
              return session
                  .createPath(ZNode.parentOf(Paths.CLUSTER_ID))
                  .compose(made -> session.create(Paths.CLUSTER_ID, data, ZkOp.Mode.PERSISTENT))
                  .transform(
                      created ->
                          created.failed() && !(created.cause() instanceof ZkException.NodeExists)
                              ? Future.failedFuture(created.cause())
                              : session.get(Paths.CLUSTER_ID))
                  .map(node -> ClusterIdZNode.decode(node.data()));
            });
  }

  /**
   * A broker id never given before: {@code reservedMax} plus the new version of {@code
   * /brokers/seqid}, as Kafka does it.
   *
   * @param reservedMax {@code reserved.broker.max.id}
   */
  public static Future<Integer> nextBrokerId(ZkSession session, int reservedMax) {
    return session
        .setData(Paths.BROKER_SEQUENCE_ID, new byte[0], ZkOp.ANY_VERSION)
        .map(stat -> reservedMax + stat.version());
  }

  /**
   * Registers the broker and answers its broker epoch, the creation zxid of its znode. A znode of
   * an earlier session of this process is replaced; one of a stranger fails with {@link
   * ZkException.NodeExists} (R6). Created and then set once, as Kafka does it, so that its version
   * is 1. After a lost connection calling again is safe.
   */
  public static Future<Long> register(ZkSession session, BrokerZNode broker) {
    String path = Paths.broker(broker.id());
    return session
        .exists(path)
        .compose(old -> register(session, path, broker.encode(), old, false));
  }

  /**
   * As {@link #register}, and the broker epoch is always a new one: a znode of this very session is
   * replaced, too.
   */
  public static Future<Long> registerAnew(ZkSession session, BrokerZNode broker) {
    String path = Paths.broker(broker.id());
    return session.exists(path).compose(old -> register(session, path, broker.encode(), old, true));
  }

  private static Future<Long> register(
      ZkSession session, String path, byte[] data, Optional<ZStat> old, boolean anew) {
    List<ZkOp> ops = new ArrayList<>();
    if (old.isPresent()) {
      long owner = old.get().ephemeralOwner();
      if (!session.isOwnSession(owner)) {
        return Future.failedFuture(new ZkException.NodeExists(path, -1));
      }
      if (owner == session.sessionId() && !anew) {
        // A registration whose answer was lost: it counts, with the data we want.
        return session.setData(path, data, ZkOp.ANY_VERSION).map(ZStat::czxid);
      }
      ops.add(ZkOp.delete(path, old.get().version()));
    }
    ops.add(ZkOp.createEphemeral(path, null));
    ops.add(ZkOp.setData(path, data, 0));
    return session.multi(ops).map(results -> results.get(results.size() - 1).stat().czxid());
  }
}
