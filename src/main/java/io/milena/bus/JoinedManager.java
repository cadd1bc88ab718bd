package io.milena.bus;

import io.milena.zookeeper.client.ChrootMaker;
import io.milena.zookeeper.client.LeanClientConfig;
import io.milena.zookeeper.client.SessionFile;
import io.milena.zookeeper.client.ZkOptions;
import io.vertx.core.Completable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.spi.cluster.NodeInfo;
import io.vertx.core.spi.cluster.RegistrationInfo;
import io.vertx.spi.cluster.zookeeper.ZookeeperClusterManager;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.cache.PathChildrenCacheEvent;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.retry.RetryForever;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Vert.x's ZooKeeper cluster manager that owns its znodes: the member entry {@code
 * /cluster/nodes/<node>} and one entry {@code /__vertx.subs/<address>/<node>-<seq>} per
 * registration always belong to the current session. Made anew after each reconnection and looked
 * at every two seconds until a whole pass found them right, then every thirty.
 *
 * <p>Has its own Curator client, which it closes when it leaves. Threads: Curator's, Vert.x's and
 * its own {@code bus-owner}; blocking work is done on the last one only.
 */
final class JoinedManager extends ZookeeperClusterManager {
  private static final Logger LOG = LoggerFactory.getLogger(JoinedManager.class);
  private static final Logger STATE = LoggerFactory.getLogger("state-change");
  private static final int RETRY_PAUSE_MS = 500;
  private static final long PASS_INTERVAL_MS = 2_000;
  private static final int QUIET_PASSES = 15;

  private final CuratorFramework curator;
  private final ZkOptions options;
  private final String nodeId;
  private final SessionFile sessionFile;
  private final ScheduledExecutorService owner;
  private final Map<String, byte[]> entries = new ConcurrentHashMap<>();
  private volatile boolean dirty = true;
  private volatile boolean leaving;
  private long rightSession; // owner thread only
  private int quietPasses; // owner thread only

  JoinedManager(ZkOptions options, String nodeId) {
    this(
        CuratorFrameworkFactory.builder()
            .connectString(options.connectString())
            .sessionTimeoutMs(options.sessionTimeoutMs())
            .connectionTimeoutMs(options.connectionTimeoutMs())
            .retryPolicy(new RetryForever(RETRY_PAUSE_MS))
            .zkClientConfig(new LeanClientConfig())
            .build(),
        options,
        nodeId);
  }

  private JoinedManager(CuratorFramework curator, ZkOptions options, String nodeId) {
    super(curator, nodeId);
    this.curator = curator;
    this.options = options;
    this.nodeId = nodeId;
    this.sessionFile =
        options.sessionFile() == null ? null : new SessionFile(options.sessionFile());
    this.owner =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "bus-owner");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Connects and joins. Fails when ZooKeeper cannot be reached within the connection timeout. */
  Future<Void> start() {
    Promise<Void> done = Promise.promise();
    owner.execute(
        () -> {
          try {
            connect();
            join(done);
          } catch (Exception e) {
            curator.close();
            owner.shutdown();
            done.fail(e);
          }
        });
    return done.future()
        .onSuccess(
            joined ->
                owner.scheduleWithFixedDelay(
                    this::pass, PASS_INTERVAL_MS, PASS_INTERVAL_MS, TimeUnit.MILLISECONDS));
  }

  private void connect() throws Exception {
    if (sessionFile != null) {
      sessionFile.closeLast(options);
    }
    curator.getConnectionStateListenable().addListener((client, state) -> stateChanged(state));
    curator.start();
    if (!curator.blockUntilConnected(options.connectionTimeoutMs(), TimeUnit.MILLISECONDS)) {
      throw new IllegalStateException("the bus cannot reach ZooKeeper at " + options.connect());
    }
    keepSession();
    if (!options.chroot().isEmpty() && curator.checkExists().forPath("/") == null) {
      ChrootMaker.create(options);
    }
  }

  @Override
  public void leave(Completable<Void> done) {
    leaving = true;
    owner.shutdown();
    Promise<Void> left = Promise.promise();
    super.leave(left);
    left.future()
        .onComplete(
            result -> {
              if (sessionFile != null) {
                sessionFile.forget();
              }
              done.complete(result.result(), result.cause());
            });
  }

  @Override
  public void setNodeInfo(NodeInfo info, Completable<Void> done) {
    Buffer data = Buffer.buffer();
    info.writeToBuffer(data);
    remember("/cluster/nodes/" + nodeId, data);
    super.setNodeInfo(info, done);
  }

  @Override
  public void addRegistration(String address, RegistrationInfo info, Completable<Void> done) {
    if (!info.localOnly()) {
      Buffer data = Buffer.buffer();
      info.writeToBuffer(data);
      remember(registration(address, info), data);
    }
    super.addRegistration(address, info, done);
  }

  @Override
  public void removeRegistration(String address, RegistrationInfo info, Completable<Void> done) {
    entries.remove(registration(address, info));
    super.removeRegistration(address, info, done);
  }

  private static String registration(String address, RegistrationInfo info) {
    return "/__vertx.subs/" + address + '/' + info.nodeId() + '-' + info.seq();
  }

  private void remember(String path, Buffer data) {
    entries.put(path, data.getBytes());
    dirty = true;
  }

  /** The stock code would forget that it joined, and would re-use znodes of the old session. */
  @Override
  public void childEvent(CuratorFramework client, PathChildrenCacheEvent event) throws Exception {
    switch (event.getType()) {
      case CONNECTION_LOST, CONNECTION_SUSPENDED -> {} // the last known members stay
      case CONNECTION_RECONNECTED -> passSoon();
      default -> super.childEvent(client, event);
    }
  }

  private void stateChanged(ConnectionState state) {
    STATE.info("ZooKeeper connection of the bus: {}", state);
    if (state == ConnectionState.RECONNECTED) {
      passSoon();
    }
  }

  private void passSoon() {
    if (leaving) {
      return;
    }
    dirty = true;
    try {
      owner.execute(this::pass);
    } catch (RejectedExecutionException e) {
      LOG.debug("leaving, nothing to own any more", e);
    }
  }

  /** One look at all own entries; runs on the owner thread. */
  private void pass() {
    try {
      if (leaving || !curator.getZookeeperClient().isConnected()) {
        return;
      }
      long session = curator.getZookeeperClient().getZooKeeper().getSessionId();
      if (session == 0 || (session == rightSession && !dirty && ++quietPasses < QUIET_PASSES)) {
        return;
      }
      if (session != rightSession) {
        keepSession();
      }
      quietPasses = 0;
      dirty = false;
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        own(entry.getKey(), entry.getValue(), session);
      }
      rightSession = session;
    } catch (Exception e) {
      dirty = true;
      LOG.debug("A pass over the bus entries failed, the next one repeats it", e);
    }
  }

  private void own(String path, byte[] data, long session) throws Exception {
    Stat stat = curator.checkExists().forPath(path);
    if (stat != null && stat.getEphemeralOwner() == session) {
      return;
    }
    try {
      if (stat != null) {
        curator.delete().forPath(path);
      }
      curator
          .create()
          .creatingParentContainersIfNeeded()
          .withMode(CreateMode.EPHEMERAL)
          .forPath(path, data);
      STATE.info("Bus entry {} made anew under session 0x{}", path, Long.toHexString(session));
    } catch (KeeperException.NoNodeException | KeeperException.NodeExistsException e) {
      dirty = true; // a race with the stock code's own repair
    }
    if (!entries.containsKey(path)) {
      curator.delete().quietly().forPath(path); // unregistered meanwhile
    }
  }

  private void keepSession() throws Exception {
    if (sessionFile != null) {
      ZooKeeper client = curator.getZookeeperClient().getZooKeeper();
      sessionFile.keep(client.getSessionId(), client.getSessionPasswd());
    }
  }
}
