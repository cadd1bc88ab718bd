package io.milena.app.assembly;

import io.milena.api.FetchSessionSlots;
import io.milena.api.FetchSessions;
import io.milena.api.LogDirSpaces;
import io.milena.app.meters.BrokerMeters;
import io.milena.base.Clock;
import io.milena.base.ProcessEnd;
import io.milena.base.RandomSource;
import io.milena.bus.BusOptions;
import io.milena.bus.Codecs;
import io.milena.bus.OwningClusterManager;
import io.milena.cleaner.LogCleanerVerticle;
import io.milena.config.BrokerConfig;
import io.milena.config.Listener;
import io.milena.metadata.BrokerEndpoint;
import io.milena.metrics.CleanerMeters;
import io.milena.network.TcpServerClient;
import io.milena.network.TcpServices;
import io.milena.partition.PartitionClient;
import io.milena.partition.shard.PartitionVerticle;
import io.milena.storage.directory.LogDirectories;
import io.milena.web.WebServerVerticle;
import io.milena.zookeeper.Bootstrap;
import io.milena.zookeeper.client.ZkOptions;
import io.milena.zookeeper.client.ZkSession;
import io.milena.zookeeper.embedded.EmbeddedZooKeeper;
import io.milena.zookeeper.layout.BrokerZNode;
import io.milena.zookeeper.layout.Paths;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.common.Uuid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker put together: which parts there are, in which order they start, and the reverse order
 * in which they stop. Start and stop are called once each, by the main thread and the shutdown
 * hook, and wait with deadlines; what can run side by side does.
 */
public final class Assembly {
  private static final Logger LOG = LoggerFactory.getLogger(Assembly.class);
  private static final long STEP_MS = 30_000;
  private static final long STOP_MS = 20_000;
  private static final long TELL_MS = 10_000;
  private static final int INTERNAL_THREADS = 4;

  /** Exit code after a broken invariant. */
  static final int HALT_CODE = 70;

  /** Kafka's BrokerState. */
  private static final int STATE_STARTING = 1;

  private static final int STATE_RUNNING = 3;
  private static final int STATE_SHUTTING_DOWN = 7;

  private final BrokerConfig config;
  private final BrokerOptions options;
  private final Clock clock;
  private final BrokerMeters meters;

  private final AtomicBoolean open = new AtomicBoolean();
  private final AtomicBoolean stopping = new AtomicBoolean();

  private LogDirectories directories;
  private EmbeddedZooKeeper embedded;
  private Vertx vertx;
  private ZkSession zk;
  private TcpServerClient tcp;
  private WebServerVerticle web;
  private Cluster cluster;
  private Groups groups;
  private CpuPool cpu;
  private final List<String> shards = new ArrayList<>();
  private final List<String> cleaners = new ArrayList<>();

  /** Nothing is started yet. */
  public Assembly(BrokerConfig config, Clock clock) {
    this.config = config;
    this.options = new BrokerOptions(config);
    this.clock = clock;
    this.meters = new BrokerMeters(clock);
    meters.watchState(this::brokerState);
  }

  // ---- start --------------------------------------------------------------------------------

  /** Starts everything; returns when clients are served. Throws {@link StartFailure}. */
  public synchronized void start() {
    directories = LogDirectories.open(options.storage());
    CompletableFuture<String> zooKeeper = Waiting.beside("zookeeper-start", this::zooKeeper);
    CompletableFuture<String> ownHost = Waiting.beside("own-host", this::ownHost);
    OwningClusterManager manager = new OwningClusterManager(busNodeId());
    vertx = vertx(manager, ownHost);
    Codecs.register(vertx, meters.metrics().bus());
    LateApis apis = new LateApis();
    Future<TcpServerClient> bound = TcpServerClient.bind(vertx, options.tcp(), services(apis));
    Future<Integer> webPort = startWeb();

    String connect = Waiting.on("ZooKeeper", zooKeeper, STEP_MS);
    ZkOptions zkOptions = options.zooKeeper(connect);
    long zkLimitMs = 2 * config.zookeeperConnectionTimeoutMs();
    zk = Waiting.on("ZooKeeper at " + connect, ZkSession.open(vertx, zkOptions), zkLimitMs);
    Future<Void> joined = manager.joinNow(options.busZooKeeper(connect));
    Cluster.Identity identity = identify();
    cluster = new Cluster(vertx, config, identity, clock, meters.metrics());
    StrayFolders strays = StrayFolders.look(identity.brokerId(), directories, zk);
    startShards();
    startGroups(identity.brokerId());
    tcp = Waiting.on("Listeners", bound, STEP_MS);
    int boundWeb = Waiting.on("HTTP listener", webPort, STEP_MS);
    String host = Waiting.on("Own host", ownHost, STEP_MS);
    joined.onFailure(e -> LOG.error("The event bus does not join the cluster", e));
    Future<Void> heard =
        cluster.start(
            zk,
            () -> registration(identity.brokerId(), boundWeb, host),
            new Cluster.Locals(partitions(), groups::follow),
            clock);
    apis.set(ApiList.dispatcher(ground(identity)));
    Waiting.on("Joining the cluster", heard, 2 * STEP_MS + cluster.registrationLimitMs());
    Waiting.patiently("opening and recovering the logs", cluster.whenReady(), TELL_MS);
    Waiting.on("Folders of no topic", strays.putAside(cluster.image().get()), STEP_MS);
    Waiting.on("Opening the listeners", tcp.open(), STEP_MS);
    startCleaners();
    open.set(true);
    watch(identity.brokerId());
  }

  /** After the start: what is measured must not slow it down. */
  private void watch(int brokerId) {
    meters.watch(brokerId, cluster.image(), cluster::topicConfig);
    meters.watch(zk, clock);
    meters.watch(partitions());
    meters.watch(vertx, clock);
    meters.metrics().add(groups.meters().all());
    groups.meters().start(vertx);
  }

  private int brokerState() {
    if (stopping.get()) {
      return STATE_SHUTTING_DOWN;
    }
    return ready() ? STATE_RUNNING : STATE_STARTING;
  }

  private String busNodeId() {
    return (config.brokerId().isPresent() ? config.brokerId().getAsInt() : "x")
        + "-"
        + Long.toHexString(RandomSource.system().nextLong());
  }

  private String zooKeeper() {
    if (config.zookeeperConnect().isPresent()) {
      return config.zookeeperConnect().get();
    }
    embedded = EmbeddedZooKeeper.start(EmbeddedZooKeeper.Options.in(options.home()));
    return embedded.connectString();
  }

  private String ownHost() {
    if (!options.needsOwnHost()) {
      return "localhost";
    }
    try {
      return InetAddress.getLocalHost().getCanonicalHostName();
    } catch (UnknownHostException e) {
      LOG.warn("This machine's own name cannot be resolved, registering as localhost", e);
      return "localhost";
    }
  }

  private Vertx vertx(OwningClusterManager manager, CompletableFuture<String> ownHost) {
    boolean needsName = config.zookeeperConnect().isPresent();
    BusOptions bus = options.bus(needsName ? Waiting.on("Own host", ownHost, STEP_MS) : "");
    VertxOptions vertxOptions =
        new VertxOptions()
            .setEventLoopPoolSize(options.eventLoops())
            .setWorkerPoolSize(options.fileThreads())
            .setInternalBlockingPoolSize(INTERNAL_THREADS)
            .setEventBusOptions(bus.eventBusOptions())
            .setFileSystemOptions(
                new FileSystemOptions()
                    .setFileCachingEnabled(false)
                    .setClassPathResolvingEnabled(false));
    return Waiting.on(
        "Vert.x",
        Vertx.builder().with(vertxOptions).withClusterManager(manager).buildClustered(),
        STEP_MS);
  }

  private TcpServices services(LateApis apis) {
    int perLoop =
        Math.max(1, config.intOf("max.incremental.fetch.session.cache.slots"))
            / options.networkLoops();
    return new TcpServices(
        apis.dispatcher(),
        loop -> {
          FetchSessionSlots slots = new FetchSessionSlots(perLoop);
          return () -> new FetchSessions(slots, RandomSource.system());
        },
        meters,
        clock);
  }

  /** The bound HTTP port, or -1 when there is no such listener. */
  private Future<Integer> startWeb() {
    for (Listener listener : config.listeners()) {
      if (listener.http()) {
        web =
            new WebServerVerticle(
                new WebServerVerticle.Options(listener.host(), listener.port()),
                new WebServerVerticle.Sources(this::ready, () -> meters.metrics().scrape()));
        return vertx.deployVerticle(web).map(id -> web.port());
      }
    }
    return Future.succeededFuture(-1);
  }

  private boolean ready() {
    return open.get() && cluster != null && cluster.ready();
  }

  private Cluster.Identity identify() {
    refuseForeignZooKeeper();
    Waiting.on("ZooKeeper paths", Bootstrap.createPersistentPaths(zk), STEP_MS);
    String clusterId =
        Waiting.on(
            "Cluster id", Bootstrap.clusterId(zk, () -> Uuid.randomUuid().toString()), STEP_MS);
    int brokerId = config.brokerId().orElse(directories.brokerId());
    if (brokerId < 0) {
      brokerId =
          Waiting.on(
              "Broker id",
              Bootstrap.nextBrokerId(zk, config.intOf("reserved.broker.max.id")),
              STEP_MS);
    }
    directories.identify(clusterId, brokerId);
    directories.attach(vertx);
    return new Cluster.Identity(clusterId, brokerId);
  }

  /**
   * Directories of a cluster never give their data to a ZooKeeper that knows no cluster: most
   * likely the address or the chroot is wrong, and every partition would count as stray.
   */
  private void refuseForeignZooKeeper() {
    String known = directories.clusterId();
    if (known == null) {
      return;
    }
    boolean empty = Waiting.on("Cluster id", zk.find(Paths.CLUSTER_ID), STEP_MS).isEmpty();
    if (empty) {
      throw new StartFailure(
          ("log.dirs belong to cluster %s, but ZooKeeper at %s knows no cluster: zookeeper.connect or"
                  + " log.dirs is wrong.")
              .formatted(
                  known, config.zookeeperConnect().orElseGet(() -> embedded.connectString())));
    }
  }

  private void startShards() {
    List<Future<String>> deployed =
        IntStream.range(0, options.shards())
            .mapToObj(
                shard ->
                    vertx.deployVerticle(
                        new PartitionVerticle(
                            shard, options.partitions(), directories, surroundings(shard))))
            .toList();
    shards.addAll(
        Waiting.on("Partition shards", Future.all(deployed).map(all -> all.list()), STEP_MS));
  }

  private PartitionVerticle.Surroundings surroundings(int shard) {
    return new PartitionVerticle.Surroundings(
        clock,
        cluster.image(),
        () -> ProcessEnd.halt(HALT_CODE),
        meters.metrics().verticle("partition-" + shard),
        meters.metrics().logs());
  }

  /** Compaction; not before the first clients may come, for it takes from what they need. */
  private void startCleaners() {
    if (!config.flag("log.cleaner.enable")) {
      LOG.warn("log.cleaner.enable is false: compacted topics grow without bound");
      return;
    }
    CleanerMeters cleanerMeters =
        new CleanerMeters(options.logDirs().stream().map(Object::toString).toList());
    meters.metrics().add(cleanerMeters.meters(clock::monotonicNs));
    int threads = config.intOf("log.cleaner.threads");
    List<Future<String>> deployed = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      deployed.add(
          vertx.deployVerticle(
              new LogCleanerVerticle(
                  partitions(),
                  () -> options.cleaner(cluster.dynamicConfigs()),
                  clock,
                  cleanerMeters),
              LogCleanerVerticle.deployment(threads)));
    }
    cleaners.addAll(
        Waiting.on("Log cleaners", Future.all(deployed).map(all -> all.list()), STEP_MS));
  }

  private void startGroups(int brokerId) {
    cpu = new CpuPool(vertx.createSharedWorkerExecutor("cpu", options.cores()));
    groups = new Groups(vertx, options.groups(brokerId), cluster, meters.metrics(), clock);
    Waiting.on("Group coordinators", groups.start(cluster, partitions(), cpu), STEP_MS);
  }

  private BrokerZNode registration(int brokerId, int boundWeb, String ownHost) {
    List<BrokerEndpoint> endpoints = new ArrayList<>();
    for (Listener listener : config.listeners()) {
      int bound = listener.http() ? boundWeb : tcp.ports().get(listener.name());
      endpoints.add(
          new BrokerEndpoint(
              listener.name(),
              options.told(listener, ownHost),
              options.toldPort(listener, bound),
              listener.securityProtocol()));
    }
    return new BrokerZNode(
        brokerId,
        endpoints,
        config.text("broker.rack"),
        -1,
        clock.wallMs(),
        Map.of(),
        directories.cleanShutdown());
  }

  private PartitionClient partitions() {
    return PartitionClient.create(vertx, options.shards(), clock);
  }

  private ApiList.Ground ground(Cluster.Identity identity) {
    LogDirSpaces spaces =
        () ->
            directories
                .usage()
                .map(
                    all ->
                        all.stream()
                            .map(
                                u ->
                                    new LogDirSpaces.Space(
                                        u.path().toString(),
                                        u.online(),
                                        u.totalBytes(),
                                        u.usableBytes()))
                            .toList());
    return new ApiList.Ground(
        config,
        identity.brokerId(),
        cluster.image(),
        partitions(),
        cluster.controller(),
        groups.client(),
        cluster.producerIds(),
        cluster.rules(),
        cpu,
        spaces,
        meters.metrics().topics(),
        options.toldBySocket(),
        clock);
  }

  // ---- what is told -------------------------------------------------------------------------

  /** The bound port of a Kafka listener. */
  public int port(String listener) {
    return tcp.ports().get(listener);
  }

  /** What listens where, in one line. */
  public String summary() {
    Map<String, Integer> ports = new HashMap<>(tcp.ports());
    if (web != null) {
      ports.put("HTTP", web.port());
    }
    String listeners =
        config.listeners().stream()
            .map(
                l ->
                    new Listener(l.name(), l.host(), ports.get(l.name()), l.securityProtocol())
                        .toString())
            .collect(Collectors.joining(", "));
    String zooKeeper =
        embedded == null
            ? "ZooKeeper " + config.zookeeperConnect().orElse("")
            : "embedded ZooKeeper " + embedded.connectString();
    return "broker %d of cluster %s listens on %s, %s, data in %s"
        .formatted(
            cluster.identity().brokerId(),
            cluster.identity().clusterId(),
            listeners,
            zooKeeper,
            options.logDirs().stream().map(Object::toString).collect(Collectors.joining(",")));
  }

  // ---- stop ---------------------------------------------------------------------------------

  /**
   * Stops in reverse order: no more requests, leave the cluster, close the logs with everything on
   * disk, mark the directories clean, then ZooKeeper. A step that fails is logged and the next one
   * is done. Works on what was started so far.
   */
  public void stop() {
    stopping.set(true);
    open.set(false);
    step("group coordinators", () -> groups == null ? null : groups.stop());
    step("listeners", () -> tcp == null ? null : tcp.close());
    step("controller and node", () -> cluster == null ? null : cluster.stop());
    for (String cleaner : cleaners) {
      step("log cleaners", () -> vertx.undeploy(cleaner));
    }
    boolean[] clean = {true};
    for (String shard : shards) {
      clean[0] &= step("partitions", () -> vertx.undeploy(shard));
    }
    step("data directories", () -> directories == null ? null : directories.close(clean[0]));
    step("ZooKeeper session", () -> zk == null ? null : zk.close());
    step("Vert.x", () -> vertx == null ? null : vertx.close());
    if (embedded != null) {
      embedded.close();
    }
    LOG.info("Stopped");
  }

  private static boolean step(String what, Supplier<Future<Void>> stop) {
    try {
      Future<Void> stopped = stop.get();
      if (stopped != null) {
        Waiting.on("Stopping " + what, stopped, STOP_MS);
      }
      return true;
    } catch (RuntimeException e) {
      LOG.error("While stopping: {}", e.getMessage());
      return false;
    }
  }
}
