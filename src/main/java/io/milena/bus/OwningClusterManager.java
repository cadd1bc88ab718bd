package io.milena.bus;

import io.milena.zookeeper.client.ZkOptions;
import io.vertx.core.Completable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.shareddata.AsyncMap;
import io.vertx.core.shareddata.Counter;
import io.vertx.core.shareddata.Lock;
import io.vertx.core.spi.cluster.ClusterManager;
import io.vertx.core.spi.cluster.NodeInfo;
import io.vertx.core.spi.cluster.NodeListener;
import io.vertx.core.spi.cluster.RegistrationInfo;
import io.vertx.core.spi.cluster.RegistrationListener;
import io.vertx.core.spi.cluster.RegistrationUpdateEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The cluster manager of the bus: Vert.x's own for ZooKeeper, with two differences.
 *
 * <p>It joins late. Vert.x gets its cluster at once, before ZooKeeper is reachable, and inside the
 * process the bus works from then on; {@link #joinNow} does the real join, and the futures of
 * registrations made meanwhile complete after it.
 *
 * <p>It owns its znodes. After a lost session the stock manager never returns to the cluster
 * (spikes.md §6); {@link JoinedManager} makes them anew under the current session, and the last
 * known members stay while ZooKeeper is away. Membership is a matter of reaching each other, never
 * of authority (R55). Locks, counters and maps of Vert.x are not for use here.
 *
 * <p>Threads: called by Vert.x from any; all state is guarded by this object's lock.
 */
public final class OwningClusterManager implements ClusterManager {
  private final String nodeId;
  private final Map<String, Set<RegistrationInfo>> own = new LinkedHashMap<>();
  private final List<Promise<Void>> waiting = new ArrayList<>();
  private VertxInternal vertx;
  private RegistrationListener registrationListener;
  private NodeListener nodeListener;
  private NodeInfo nodeInfo;
  private JoinedManager joined;
  private boolean active;

  /**
   * @param nodeId unique among all processes that ever lived: {@code <broker id or
   *     random>-<random>}
   */
  public OwningClusterManager(String nodeId) {
    this.nodeId = nodeId;
  }

  /**
   * Joins the cluster whose root is the chroot of {@code options} ({@code …/milena/bus}), created
   * if it is missing. The session of the last run, kept in the session file, is closed first, so
   * that a killed process leaves no ghost (R6). Completes when members and registrations are known
   * and our own are written. Call once, after Vert.x is there.
   */
  public Future<Void> joinNow(ZkOptions options) {
    JoinedManager manager = new JoinedManager(options, nodeId);
    manager.init(vertx);
    manager.registrationListener(merging());
    if (nodeListener != null) {
      manager.nodeListener(nodeListener);
    }
    return manager.start().compose(started -> takeOver(manager));
  }

  private Future<Void> takeOver(JoinedManager manager) {
    List<Future<Void>> steps = new ArrayList<>();
    List<Promise<Void>> held;
    synchronized (this) {
      if (!active) {
        return future(manager::leave);
      }
      joined = manager;
      if (nodeInfo != null) {
        steps.add(future(done -> manager.setNodeInfo(nodeInfo, done)));
      }
      own.forEach(
          (address, infos) ->
              infos.forEach(
                  info -> steps.add(future(done -> manager.addRegistration(address, info, done)))));
      held = new ArrayList<>(waiting);
      waiting.clear();
    }
    return Future.all(steps)
        .<Void>mapEmpty()
        .onComplete(done -> held.forEach(promise -> promise.complete(done.result(), done.cause())));
  }

  private static Future<Void> future(java.util.function.Consumer<Completable<Void>> step) {
    Promise<Void> promise = Promise.promise();
    step.accept(promise);
    return promise.future();
  }

  @Override
  public void init(Vertx vertx) {
    this.vertx = (VertxInternal) vertx;
  }

  @Override
  public void registrationListener(RegistrationListener listener) {
    this.registrationListener = listener;
  }

  @Override
  public void nodeListener(NodeListener listener) {
    this.nodeListener = listener;
  }

  @Override
  public void join(Completable<Void> done) {
    synchronized (this) {
      active = true;
    }
    done.succeed();
  }

  @Override
  public void leave(Completable<Void> done) {
    JoinedManager manager;
    synchronized (this) {
      active = false;
      manager = joined;
    }
    if (manager == null) {
      done.succeed();
    } else {
      manager.leave(done);
    }
  }

  @Override
  public synchronized boolean isActive() {
    return active;
  }

  @Override
  public String getNodeId() {
    return nodeId;
  }

  @Override
  public List<String> getNodes() {
    JoinedManager manager = joined();
    return manager == null ? List.of(nodeId) : manager.getNodes();
  }

  @Override
  public void setNodeInfo(NodeInfo info, Completable<Void> done) {
    JoinedManager manager;
    synchronized (this) {
      nodeInfo = info;
      manager = joined;
    }
    if (manager == null) {
      done.succeed();
    } else {
      manager.setNodeInfo(info, done);
    }
  }

  @Override
  public synchronized NodeInfo getNodeInfo() {
    return nodeInfo;
  }

  @Override
  public void getNodeInfo(String id, Completable<NodeInfo> answer) {
    JoinedManager manager = joined();
    if (id.equals(nodeId)) {
      answer.succeed(getNodeInfo());
    } else if (manager == null) {
      answer.fail(new VertxException("not yet a member of the cluster", true));
    } else {
      manager.getNodeInfo(id, answer);
    }
  }

  @Override
  public void addRegistration(String address, RegistrationInfo info, Completable<Void> done) {
    JoinedManager manager;
    synchronized (this) {
      own.computeIfAbsent(address, a -> new LinkedHashSet<>()).add(info);
      manager = joined;
      if (manager == null && !info.localOnly()) {
        Promise<Void> promise = Promise.promise();
        promise.future().onComplete(done);
        waiting.add(promise);
      }
    }
    if (manager != null) {
      manager.addRegistration(address, info, done);
      return;
    }
    tellOwn(address);
    if (info.localOnly()) {
      done.succeed();
    }
  }

  @Override
  public void removeRegistration(String address, RegistrationInfo info, Completable<Void> done) {
    JoinedManager manager;
    synchronized (this) {
      Set<RegistrationInfo> infos = own.get(address);
      if (infos != null && infos.remove(info) && infos.isEmpty()) {
        own.remove(address);
      }
      manager = joined;
    }
    if (manager != null) {
      manager.removeRegistration(address, info, done);
      return;
    }
    tellOwn(address);
    done.succeed();
  }

  @Override
  public void getRegistrations(String address, Completable<List<RegistrationInfo>> answer) {
    JoinedManager manager = joined();
    if (manager == null) {
      answer.succeed(withOwn(address, List.of()));
      return;
    }
    manager.getRegistrations(
        address,
        (known, failure) -> {
          if (failure != null) {
            answer.fail(failure);
          } else {
            answer.succeed(withOwn(address, known));
          }
        });
  }

  private synchronized JoinedManager joined() {
    return joined;
  }

  private void tellOwn(String address) {
    RegistrationListener listener = registrationListener;
    if (listener != null) {
      listener.registrationsUpdated(
          new RegistrationUpdateEvent(address, withOwn(address, List.of())));
    }
  }

  /** Our own registrations hold whatever ZooKeeper's mirror says at the moment. */
  private synchronized List<RegistrationInfo> withOwn(
      String address, List<RegistrationInfo> known) {
    Set<RegistrationInfo> infos = own.get(address);
    List<RegistrationInfo> all = new ArrayList<>(known.size() + 1);
    for (RegistrationInfo info : known) {
      boolean ours = info.nodeId().equals(nodeId);
      if (!ours) {
        all.add(info);
      }
    }
    if (infos != null) {
      all.addAll(infos);
    }
    return all;
  }

  private RegistrationListener merging() {
    RegistrationListener target = registrationListener;
    return new RegistrationListener() {
      @Override
      public void registrationsUpdated(RegistrationUpdateEvent event) {
        target.registrationsUpdated(
            new RegistrationUpdateEvent(
                event.address(), withOwn(event.address(), event.registrations())));
      }

      @Override
      public void registrationsLost() {
        target.registrationsLost();
      }

      @Override
      public boolean wantsUpdatesFor(String address) {
        return target.wantsUpdatesFor(address);
      }
    };
  }

  // Distributed data is not for use: it does not survive what this broker must survive.

  @Override
  public <K, V> void getAsyncMap(String name, Completable<AsyncMap<K, V>> answer) {
    answer.fail(new UnsupportedOperationException("cluster-wide maps are not used"));
  }

  @Override
  public <K, V> Map<K, V> getSyncMap(String name) {
    throw new UnsupportedOperationException("cluster-wide maps are not used");
  }

  @Override
  public void getLockWithTimeout(String name, long timeoutMs, Completable<Lock> answer) {
    answer.fail(new UnsupportedOperationException("cluster-wide locks are not used"));
  }

  @Override
  public void getCounter(String name, Completable<Counter> answer) {
    answer.fail(new UnsupportedOperationException("cluster-wide counters are not used"));
  }
}
