package io.milena.app.assembly;

import io.milena.bus.BusOptions;
import io.milena.cleaner.LogCleanerOptions;
import io.milena.config.BrokerConfig;
import io.milena.config.Listener;
import io.milena.group.GroupOptions;
import io.milena.group.model.GroupLimits;
import io.milena.group.model.GroupSettings;
import io.milena.network.TcpServerOptions;
import io.milena.partition.shard.PartitionVerticle;
import io.milena.storage.directory.StorageOptions;
import io.milena.zookeeper.client.ZkOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigException;

/** Turns the broker's settings into the small options of each component. Immutable. */
final class BrokerOptions {
  private static final int SHARDS_MAX = 8;
  private static final int FILE_THREADS_MAX = 4;
  private static final long INDEX_CACHE_BYTES = 32L << 20;
  private static final int OPEN_SEGMENTS_MAX = 1024;
  private static final int UNSENT_BYTES_MAX = 1 << 20;
  private static final long FRAME_STALL_MS = 30_000;
  private static final long DRAIN_MS = 5_000;
  private static final int QUEUED_SHARE = 4;
  private static final int MEMBERS_SHARE = 8;
  private static final String LOOPBACK = "127.0.0.1";
  private static final String SESSION_FILE = ".milena-zookeeper-session";
  private static final String BUS_SESSION_FILE = ".milena-bus-session";

  private final BrokerConfig config;
  private final int cores = Runtime.getRuntime().availableProcessors();

  BrokerOptions(BrokerConfig config) {
    this.config = config;
  }

  int cores() {
    return cores;
  }

  int fileThreads() {
    return config.optionalInt("num.io.threads").orElse(Math.min(FILE_THREADS_MAX, 2 * cores));
  }

  int shards() {
    return config.optionalInt("milena.partition.shards").orElse(Math.min(SHARDS_MAX, loops()));
  }

  int networkLoops() {
    return config.optionalInt("num.network.threads").orElse(loops());
  }

  /** Event loops of the process: shards and listeners share them. */
  int eventLoops() {
    return Math.max(networkLoops(), shards());
  }

  /**
   * Half of the cores: the file writes, the compiler and the collector of the JVM need the others,
   * and the fewer loops there are, the more often a connection and its partition share one, which
   * saves two wake-ups per request.
   */
  private int loops() {
    return Math.max(1, cores / 2);
  }

  List<Path> logDirs() {
    return config.logDirs().stream().map(dir -> Path.of(dir).toAbsolutePath().normalize()).toList();
  }

  /** Where the embedded ZooKeeper and the session files live. */
  Path home() {
    return logDirs().get(0);
  }

  StorageOptions storage() {
    return new StorageOptions(
        logDirs(),
        config.optionalLong("milena.disk.reserve.bytes").orElse(-1),
        shards(),
        INDEX_CACHE_BYTES,
        OPEN_SEGMENTS_MAX,
        config.longOf("replica.high.watermark.checkpoint.interval.ms"),
        config.longOf("log.flush.offset.checkpoint.interval.ms"),
        config.longOf("log.flush.start.offset.checkpoint.interval.ms"),
        config.intOf("producer.id.expiration.ms"));
  }

  PartitionVerticle.Options partitions() {
    return new PartitionVerticle.Options(
        storage(),
        config.longOf("milena.partition.staged.max.bytes"),
        config.longOf("log.retention.check.interval.ms"),
        config.longOf("producer.id.expiration.check.interval.ms"),
        config.longOf("log.flush.scheduler.interval.ms"));
  }

  /**
   * The cleaners' settings.
   *
   * @param dynamic broker settings of {@code /config/brokers}; they win
   */
  LogCleanerOptions cleaner(Map<String, String> dynamic) {
    return new LogCleanerOptions(
        config.intOf("log.cleaner.threads"),
        number("log.cleaner.dedupe.buffer.size", dynamic).longValue(),
        number("log.cleaner.io.buffer.size", dynamic).intValue(),
        number("log.cleaner.io.max.bytes.per.second", dynamic).doubleValue(),
        number("log.cleaner.io.buffer.load.factor", dynamic).doubleValue(),
        number("log.cleaner.backoff.ms", dynamic).longValue());
  }

  private Number number(String name, Map<String, String> dynamic) {
    String value = dynamic.get(name);
    return value == null ? config.number(name) : BrokerConfig.parseNumber(name, value);
  }

  /** Group verticles. */
  int groupVerticles() {
    return Math.max(1, Math.min(loops(), config.intOf("group.coordinator.threads")));
  }

  GroupOptions groups(int brokerId) {
    return new GroupOptions(
        brokerId,
        groupVerticles(),
        new GroupSettings(
            new GroupSettings.Classic(
                config.groupInitialRebalanceDelayMs(),
                config.intOf("group.min.session.timeout.ms"),
                config.intOf("group.max.session.timeout.ms"),
                config.intOf("group.max.size")),
            consumerProtocol(),
            new GroupSettings.Offsets(
                TimeUnit.MINUTES.toMillis(config.intOf("offsets.retention.minutes")),
                config.longOf("offsets.retention.check.interval.ms"),
                config.intOf("offset.metadata.max.bytes"))),
        new GroupLimits.Caps(
            config.intOf("milena.groups.max"),
            config.intOf("milena.groups.per.address.max"),
            config.intOf("milena.group.pending.members.max"),
            config.intOf("milena.group.pending.members.per.address.max"),
            config.optionalLong("milena.group.members.max.bytes").orElse(heap() / MEMBERS_SHARE)),
        config.intOf("offsets.commit.timeout.ms"),
        new GroupOptions.Topic(
            config.intOf("offsets.topic.num.partitions"),
            (int) config.longOf("offsets.topic.replication.factor"),
            config.intOf("offsets.topic.segment.bytes"),
            config.intOf("offsets.topic.compression.codec")));
  }

  private static long heap() {
    return Runtime.getRuntime().maxMemory();
  }

  private GroupSettings.Consumer consumerProtocol() {
    return new GroupSettings.Consumer(
        config.listOf("group.coordinator.rebalance.protocols").contains("consumer"),
        config.intOf("group.consumer.max.size"),
        config.listOf("group.consumer.assignors"),
        GroupSettings.Migration.valueOf(
            config.text("group.consumer.migration.policy").toUpperCase(Locale.ROOT)),
        config.intOf("group.consumer.regex.refresh.interval.ms"));
  }

  TcpServerOptions tcp() {
    long queued = config.longOf("queued.max.request.bytes");
    return new TcpServerOptions(
        config.kafkaListeners().stream()
            .map(l -> new TcpServerOptions.Listener(l.name(), l.host(), l.port()))
            .toList(),
        networkLoops(),
        config.intOf("socket.request.max.bytes"),
        queued < 0 ? heap() / QUEUED_SHARE : queued,
        config.intOf("milena.connection.inflight.max"),
        UNSENT_BYTES_MAX,
        config.intOf("max.connections"),
        config.intOf("max.connections.per.ip"),
        config.maxConnectionsPerIpOverrides(),
        config.longOf("connections.max.idle.ms"),
        FRAME_STALL_MS,
        DRAIN_MS,
        config.intOf("socket.send.buffer.bytes"),
        config.intOf("socket.receive.buffer.bytes"),
        config.intOf("socket.listen.backlog.size"));
  }

  /** ZooKeeper for the metadata session. */
  ZkOptions zooKeeper(String connect) {
    return zk(connect, SESSION_FILE);
  }

  /** ZooKeeper for the bus' own session. */
  ZkOptions busZooKeeper(String connect) {
    return zk(connect, BUS_SESSION_FILE);
  }

  private ZkOptions zk(String connect, String sessionFile) {
    return new ZkOptions(
        connect,
        config.intOf("zookeeper.session.timeout.ms"),
        (int) config.zookeeperConnectionTimeoutMs(),
        home().resolve(sessionFile));
  }

  /**
   * The bus. With an embedded ZooKeeper, which only this machine reaches, the bus stays on the
   * loopback address, too.
   *
   * @param ownHost a name of this machine that others can resolve
   */
  BusOptions bus(String ownHost) {
    String setting = config.text("milena.bus.listener");
    if (setting != null && !setting.isBlank()) {
      int colon = setting.lastIndexOf(':');
      try {
        String host = setting.substring(0, Math.max(0, colon)).replaceAll("[\\[\\]]", "");
        int port = Integer.parseInt(setting.substring(colon + 1).trim());
        return new BusOptions(host, port, host.isEmpty() ? ownHost : host);
      } catch (NumberFormatException e) {
        throw new ConfigException("milena.bus.listener is not host:port: " + setting);
      }
    }
    if (config.zookeeperConnect().isEmpty()) {
      return new BusOptions(LOOPBACK, 0, LOOPBACK);
    }
    Listener own = named(config.listeners(), config.interBrokerListener());
    String told = told(own, ownHost);
    return new BusOptions(own.wildcard() ? "" : own.host(), 0, told);
  }

  /** The host that others are told for a listener. */
  String told(Listener listener, String ownHost) {
    for (Listener advertised : config.advertisedListeners()) {
      if (advertised.name().equals(listener.name())) {
        return advertised.host();
      }
    }
    return listener.wildcard() ? ownHost : listener.host();
  }

  /** The port that others are told: the advertised one, else the bound one. */
  int toldPort(Listener listener, int boundPort) {
    for (Listener advertised : config.advertisedListeners()) {
      if (advertised.name().equals(listener.name()) && advertised.port() != 0) {
        return advertised.port();
      }
    }
    return boundPort;
  }

  /** True when some listener is registered under this machine's own name. */
  boolean needsOwnHost() {
    return config.listeners().stream()
        .anyMatch(
            l ->
                l.wildcard()
                    && config.advertisedListeners().stream()
                        .noneMatch(a -> a.name().equals(l.name())));
  }

  /** Listeners whose clients are told the local end of their own socket. */
  Set<String> toldBySocket() {
    if (!config.advertisedListeners().isEmpty()) {
      return Set.of();
    }
    return config.kafkaListeners().stream()
        .filter(Listener::wildcard)
        .map(Listener::name)
        .collect(Collectors.toUnmodifiableSet());
  }

  private static Listener named(List<Listener> listeners, String name) {
    return listeners.stream()
        .filter(l -> l.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no listener " + name));
  }
}
