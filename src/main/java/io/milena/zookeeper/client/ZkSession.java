package io.milena.zookeeper.client;

import io.milena.base.Clock;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.apache.zookeeper.AsyncCallback;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker's ZooKeeper session: for metadata, registration and election.
 *
 * <p>Usable from any thread; every future completes, and every handler runs, on the Vert.x context
 * of the caller. Operations are pipelined in the order of the calls. None is retried here: without
 * a connection they fail at once with {@link ZkException.ConnectionLost}, and one that was under
 * way when the connection broke fails with an unknown outcome (R3). The caller knows what to
 * re-read and when to try again.
 *
 * <p>A lost session is replaced by a new one, but only after every handler of {@link
 * #onSessionEvent} has returned from {@link SessionEvent.Kind#EXPIRED} (R6). This order is why
 * ZooKeeper's own client is used and not Curator, which opens the new session first and also
 * declares sessions expired by its own clock while the whole ensemble is away (architecture.md §7).
 */
public final class ZkSession {
  private static final Logger LOG = LoggerFactory.getLogger(ZkSession.class);
  private static final Logger STATE = LoggerFactory.getLogger("state-change");

  /** Largest number of operations waiting for ZooKeeper; more are refused. */
  static final int MAX_IN_FLIGHT = 20_000;

  private static final int READ_WINDOW = 1_000;
  private static final long REOPEN_PAUSE_MS = 1_000;

  private record Latency(Clock clock, LongConsumer takenNs) {}

  private final VertxInternal vertx;
  private final ZkOptions options;
  private final SessionFile sessionFile;
  private final WorkerExecutor workers;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final SessionListeners listeners;
  private final List<StandingWatch<?>> watches = new CopyOnWriteArrayList<>();
  private final List<Long> ownSessions = new CopyOnWriteArrayList<>();
  private final Promise<Void> firstConnection = Promise.promise();

  private volatile ZooKeeper handle;
  private volatile boolean connected;
  private volatile boolean closed;
  private volatile long sessionId;
  private volatile Latency latency;

  private ZkSession(Vertx vertx, ZkOptions options) {
    this.vertx = (VertxInternal) vertx;
    this.listeners = new SessionListeners(vertx);
    this.options = options;
    this.sessionFile =
        options.sessionFile() == null ? null : new SessionFile(options.sessionFile());
    this.workers = vertx.createSharedWorkerExecutor("milena-zookeeper", 2, 1, TimeUnit.MINUTES);
  }

  /**
   * Connects, closes the session of the last run if its file is there (R6), creates the chroot if
   * it is missing and keeps the new session in the file. Fails with {@link
   * ZkException.ConnectionLost} after the connection timeout.
   */
  public static Future<ZkSession> open(Vertx vertx, ZkOptions options) {
    ZkSession session = new ZkSession(vertx, options);
    return session
        .start()
        .recover(e -> session.close().transform(done -> Future.failedFuture(e)))
        .map(session);
  }

  private Future<Void> start() {
    Promise<Void> opened = promise();
    long deadline =
        vertx.setTimer(
            options.connectionTimeoutMs(),
            t -> firstConnection.tryFail(new ZkException.ConnectionLost(options.connect(), false)));
    Future<Void> connectedOnce =
        firstConnection.future().onComplete(done -> vertx.cancelTimer(deadline));
    workers
        .executeBlocking(this::readFileAndConnect, false)
        .compose(
            last ->
                Future.all(
                    connectedOnce,
                    last == null
                        ? Future.succeededFuture()
                        : workers.executeBlocking(
                            () -> {
                              ZkClients.closeSession(options, last);
                              return null;
                            },
                            false)))
        .compose(both -> ensureChroot())
        .compose(made -> saveSession())
        .onComplete(opened);
    return opened.future();
  }

  private SessionFile.Session readFileAndConnect() throws Exception {
    SessionFile.Session last = sessionFile == null ? null : sessionFile.read().orElse(null);
    openHandle();
    return last;
  }

  private void openHandle() throws Exception {
    HandleWatcher watcher = new HandleWatcher();
    ZooKeeper opened = ZkClients.open(options, watcher);
    handle = opened;
    watcher.own(opened);
  }

  private Future<Void> ensureChroot() {
    if (options.chroot().isEmpty()) {
      return Future.succeededFuture();
    }
    return exists("/")
        .compose(
            stat ->
                stat.isPresent()
                    ? Future.succeededFuture()
                    : workers.executeBlocking(
                        () -> {
                          ZkClients.createChroot(options);
                          return null;
                        },
                        false));
  }

  private Future<Void> saveSession() {
    ZooKeeper current = handle;
    if (sessionFile == null || current == null) {
      return Future.succeededFuture();
    }
    SessionFile.Session session =
        new SessionFile.Session(current.getSessionId(), current.getSessionPasswd());
    return workers.executeBlocking(
        () -> {
          sessionFile.write(session);
          return null;
        },
        false);
  }

  // ---- state ---------------------------------------------------------------------------------

  /** The current session's id; of the last one while there is none. */
  public long sessionId() {
    return sessionId;
  }

  /** True when requests can be sent. */
  public boolean connected() {
    return connected;
  }

  /** True when that session is or was one of this process: its ephemerals are ours to replace. */
  public boolean isOwnSession(long id) {
    return ownSessions.contains(id);
  }

  /** Operations waiting for an answer. */
  public int inFlight() {
    return inFlight.get();
  }

  /**
   * Tells {@code handler}, on the caller's context, whatever happens to the session from now on.
   */
  public void onSessionEvent(Handler<SessionEvent> handler) {
    listeners.add(handler);
  }

  /**
   * Tells how long each operation took from now on, failed ones included.
   *
   * @param takenNs called with nanoseconds on any thread
   */
  public void onLatency(Clock clock, LongConsumer takenNs) {
    latency = new Latency(clock, takenNs);
  }

  /** Closes the session: its ephemerals go at once. Repeatable. */
  public Future<Void> close() {
    Promise<Void> done = promise();
    if (closed) {
      return Future.succeededFuture();
    }
    closed = true;
    connected = false;
    ZooKeeper last = handle;
    handle = null;
    workers
        .executeBlocking(
            () -> {
              boolean wasAlive = last != null && last.getState().isConnected();
              if (last != null) {
                last.close();
              }
              if (wasAlive && sessionFile != null) {
                sessionFile.delete();
              }
              return null;
            },
            false)
        .onComplete(
            result -> {
              workers.close();
              done.tryComplete();
            });
    return done.future();
  }

  // ---- reading -------------------------------------------------------------------------------

  /** Data and stat; fails with {@link ZkException.NoNode}. */
  public Future<ZNode> get(String path) {
    return call(
        path,
        (zk, answer) ->
            zk.getData(
                path,
                false,
                (code, p, c, data, stat) ->
                    settle(answer, code, path, () -> new ZNode(path, data, ZStat.of(stat))),
                null));
  }

  /** As {@link #get}, but a missing znode is no error. */
  public Future<Optional<ZNode>> find(String path) {
    return get(path)
        .map(Optional::of)
        .recover(
            e ->
                e instanceof ZkException.NoNode
                    ? Future.succeededFuture(Optional.empty())
                    : Future.failedFuture(e));
  }

  /** {@link #find} of many, results in order, at most 1,000 on the way at once. */
  public Future<List<Optional<ZNode>>> findAll(List<String> paths) {
    return Windowed.run(paths, READ_WINDOW, this::find);
  }

  /** Names of the children, unordered; fails with {@link ZkException.NoNode}. */
  public Future<List<String>> children(String path) {
    return call(
        path,
        (zk, answer) ->
            zk.getChildren(
                path,
                false,
                (AsyncCallback.ChildrenCallback)
                    (code, p, c, names) -> settle(answer, code, path, () -> names),
                null));
  }

  /** The stat, or empty when there is no such znode. */
  public Future<Optional<ZStat>> exists(String path) {
    return call(
        path,
        (zk, answer) ->
            zk.exists(
                path,
                false,
                (code, p, c, stat) -> {
                  if (code == Code.OK.intValue()) {
                    answer.complete(Optional.of(ZStat.of(stat)));
                  } else if (code == Code.NONODE.intValue()) {
                    answer.complete(Optional.empty());
                  } else {
                    answer.fail(ZkErrors.of(code, path));
                  }
                },
                null));
  }

  /**
   * Tells the names of the children now and after each change, on the caller's context; an empty
   * list when the znode does not exist. A lost connection delays the telling, it does not end it.
   */
  public ZkWatch watchChildren(String path, Handler<List<String>> handler) {
    return watch(
        StandingWatch.children(path, this::usableHandle, handler, vertx.getOrCreateContext()));
  }

  /** Tells data and stat now and after each change, on the caller's context; empty when missing. */
  public ZkWatch watchData(String path, Handler<Optional<ZNode>> handler) {
    return watch(StandingWatch.data(path, this::usableHandle, handler, vertx.getOrCreateContext()));
  }

  private ZkWatch watch(StandingWatch<?> watch) {
    watches.removeIf(StandingWatch::closed);
    watches.add(watch);
    watch.arm();
    return watch;
  }

  // ---- writing -------------------------------------------------------------------------------

  /**
   * Creates a znode and answers its path (with the sequence number if it has one). Fails with
   * {@link ZkException.NodeExists}, {@link ZkException.NoNode} (parent missing).
   */
  public Future<String> create(String path, byte[] data, ZkOp.Mode mode) {
    return call(
        path,
        (zk, answer) ->
            zk.create(
                path,
                data,
                ZooDefs.Ids.OPEN_ACL_UNSAFE,
                ZkMulti.mode(mode),
                (code, p, c, name) -> settle(answer, code, path, () -> name),
                null));
  }

  /**
   * Creates a persistent znode, without data, and its missing parents; existing ones are left as
   * they are.
   */
  public Future<Void> createPath(String path) {
    return create(path, null, ZkOp.Mode.PERSISTENT)
        .<Void>mapEmpty()
        .recover(
            e -> {
              if (e instanceof ZkException.NodeExists) {
                return Future.succeededFuture();
              }
              if (e instanceof ZkException.NoNode && !ZNode.parentOf(path).equals("/")) {
                return createPath(ZNode.parentOf(path)).compose(made -> createPath(path));
              }
              return Future.failedFuture(e);
            });
  }

  /** Fails with {@link ZkException.BadVersion}, {@link ZkException.NoNode}. */
  public Future<ZStat> setData(String path, byte[] data, int expectedVersion) {
    return call(
        path,
        (zk, answer) ->
            zk.setData(
                path,
                data,
                expectedVersion,
                (code, p, c, stat) -> settle(answer, code, path, () -> ZStat.of(stat)),
                null));
  }

  /** Fails with {@link ZkException.BadVersion}, NoNode, {@link ZkException.NotEmpty}. */
  public Future<Void> delete(String path, int expectedVersion) {
    return call(
        path,
        (zk, answer) ->
            zk.delete(
                path,
                expectedVersion,
                (code, p, c) -> settle(answer, code, path, () -> null),
                null));
  }

  /**
   * All operations or none, in order. Fails with the error of the first one that could not be done
   * ({@link ZkException#opIndex()}). Keep a multi below 512 KiB: servers refuse above 1 MiB.
   */
  public Future<List<ZkOpResult>> multi(List<ZkOp> ops) {
    if (ops.isEmpty()) {
      return Future.succeededFuture(List.of());
    }
    List<Op> requests = new ArrayList<>(ops.size());
    ops.forEach(op -> requests.add(ZkMulti.request(op)));
    return call(
        ops.get(0).path(),
        (zk, answer) ->
            zk.multi(
                requests,
                (code, p, c, results) -> {
                  if (code == Code.OK.intValue()) {
                    answer.complete(ZkMulti.results(ops, results));
                  } else {
                    answer.fail(ZkErrors.ofMulti(code, results, ops));
                  }
                },
                null));
  }

  // ---- machinery -----------------------------------------------------------------------------

  private <T> Promise<T> promise() {
    ContextInternal context = vertx.getOrCreateContext();
    return context.promise();
  }

  private ZooKeeper usableHandle() {
    return connected ? handle : null;
  }

  /** What ZooKeeper said; {@code value} is asked only when that is OK. */
  private static <T> void settle(Promise<T> answer, int code, String path, Supplier<T> value) {
    if (code == Code.OK.intValue()) {
      answer.complete(value.get());
    } else {
      answer.fail(ZkErrors.of(code, path));
    }
  }

  private <T> Future<T> call(String path, BiConsumer<ZooKeeper, Promise<T>> operation) {
    Promise<T> answer = promise();
    ZooKeeper zk = usableHandle();
    if (zk == null) {
      answer.fail(new ZkException.ConnectionLost(path, false));
      return answer.future();
    }
    if (inFlight.incrementAndGet() > MAX_IN_FLIGHT) {
      inFlight.decrementAndGet();
      answer.fail(
          new ZkException.Other("nothing: " + MAX_IN_FLIGHT + " requests are waiting", path, -1));
      return answer.future();
    }
    answer.future().onComplete(done -> inFlight.decrementAndGet());
    Latency meter = latency;
    if (meter != null) {
      long startNs = meter.clock().monotonicNs();
      answer
          .future()
          .onComplete(done -> meter.takenNs().accept(meter.clock().monotonicNs() - startNs));
    }
    try {
      operation.accept(zk, answer);
    } catch (IllegalArgumentException e) {
      answer.tryFail(new ZkException.Other(e.getMessage(), path, -1));
    }
    return answer.future();
  }

  /** Session events of one handle; those of a replaced handle count for nothing. */
  private final class HandleWatcher implements Watcher {
    private final Promise<ZooKeeper> owner = Promise.promise();

    void own(ZooKeeper zooKeeper) {
      owner.complete(zooKeeper);
    }

    @Override
    public void process(WatchedEvent event) {
      if (event.getType() == EventType.None) {
        // The first event may come before the constructor has returned its handle.
        owner.future().onSuccess(zk -> stateChanged(zk, event.getState()));
      }
    }
  }

  private void stateChanged(ZooKeeper zk, Watcher.Event.KeeperState state) {
    if (closed || zk != handle) {
      return;
    }
    switch (state) {
      case SyncConnected -> connectedTo(zk);
      case Disconnected -> {
        connected = false;
        STATE.info("ZooKeeper connection lost, session 0x{}", Long.toHexString(sessionId));
        tell(SessionEvent.Kind.SUSPENDED);
      }
      case Expired -> expired();
      default -> LOG.warn("ZooKeeper client is in state {}", state);
    }
  }

  private void connectedTo(ZooKeeper zk) {
    long id = zk.getSessionId();
    boolean first = sessionId == 0;
    boolean same = sessionId == id;
    sessionId = id;
    if (!same) {
      ownSessions.add(id);
    }
    connected = true;
    STATE.info(
        "ZooKeeper {}, session 0x{}, timeout {} ms",
        first ? "connected" : same ? "connected again" : "connected with a new session",
        Long.toHexString(id),
        zk.getSessionTimeout());
    if (first) {
      firstConnection.tryComplete();
    } else if (same) {
      tell(SessionEvent.Kind.RECONNECTED);
      watches.forEach(StandingWatch::armIfLost);
    } else {
      saveSession()
          .onComplete(
              saved -> {
                tell(SessionEvent.Kind.NEW_SESSION);
                watches.forEach(StandingWatch::arm);
              });
    }
  }

  private void expired() {
    STATE.warn("ZooKeeper session 0x{} expired", Long.toHexString(sessionId));
    ZooKeeper old = handle;
    connected = false;
    handle = null;
    Future<Void> told = tell(SessionEvent.Kind.EXPIRED);
    told.onComplete(
        all ->
            workers.executeBlocking(
                () -> {
                  if (old != null) {
                    old.close();
                  }
                  return null;
                },
                false));
    told.onComplete(all -> reopen());
  }

  private void reopen() {
    if (closed) {
      return;
    }
    workers
        .executeBlocking(
            () -> {
              openHandle();
              return null;
            },
            false)
        .onFailure(
            e -> {
              LOG.warn("Cannot open a new ZooKeeper session, trying again: {}", e.toString());
              vertx.setTimer(REOPEN_PAUSE_MS, t -> reopen());
            });
  }

  private Future<Void> tell(SessionEvent.Kind kind) {
    return listeners.tell(new SessionEvent(kind, sessionId));
  }
}
