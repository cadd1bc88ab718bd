package io.milena.zookeeper.embedded;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.server.ContainerManager;
import org.apache.zookeeper.server.NIOServerCnxnFactory;
import org.apache.zookeeper.server.PurgeTxnLog;
import org.apache.zookeeper.server.ServerCnxn;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.apache.zookeeper.server.persistence.FileTxnSnapLog;
import org.apache.zookeeper.util.ServiceUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A ZooKeeper server of one inside the broker, for a node without {@code zookeeper.connect}.
 *
 * <p>Listens on 127.0.0.1 only. Data below {@code <dataDir>/zookeeper}, in ZooKeeper's own format:
 * {@code version-2/log.*} and {@code snapshot.*}; the port, once found, stays in {@code
 * <dataDir>/zookeeper/port}. Every transaction is synced to disk before it is answered. No admin
 * server, no four-letter words, no JMX. Blocking: start and stop on a worker or the main thread.
 *
 * <p>ZooKeeper ends itself, and by default the whole process, when it cannot write its log. Here it
 * is the broker that lives on: a server that gave up, on a full disk most likely, is started again
 * as soon as there is room, on the same port, with the sessions it had.
 */
public final class EmbeddedZooKeeper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedZooKeeper.class);

  /** Port that is tried first in a new data directory. */
  public static final int WANTED_PORT = 2181;

  private static final int SNAPSHOTS_KEPT = 3;
  private static final long FIRST_PURGE_MINUTES = 5;
  private static final long PURGE_INTERVAL_MINUTES = 60;
  private static final int CONTAINER_CHECK_MS = 60_000;
  private static final int CONTAINERS_PER_MINUTE = 10_000;
  private static final int MAX_CONNECTIONS_PER_CLIENT = 0; // all are local
  private static final int BACKLOG = 100;
  private static final long WATCH_MS = 1_000;

  /** A start writes a snapshot; with less room than this it would only fail again. */
  private static final long ROOM_TO_START_BYTES = 4L << 20;

  private final File directory;
  private final int tickMs;
  private final QuietFactory factory;
  private final ScheduledExecutorService housekeeping;
  private Server server;
  private boolean gaveUp;
  private boolean closed;

  /**
   * How to run it.
   *
   * @param dataDir the broker's data directory
   * @param wantedPort tried first when no port is remembered; 0 takes any
   * @param tickMs ZooKeeper's tick; sessions last between 2 and 20 ticks
   */
  public record Options(Path dataDir, int wantedPort, int tickMs) {
    /** Port 2181 or a free one, ticks of 2 s. */
    public static Options in(Path dataDir) {
      return new Options(dataDir, WANTED_PORT, 2_000);
    }
  }

  private EmbeddedZooKeeper(File directory, int tickMs, QuietFactory factory) {
    this.directory = directory;
    this.tickMs = tickMs;
    this.factory = factory;
    this.housekeeping =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "embedded-zookeeper-purge");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Starts and returns when connections are served. Throws {@link UncheckedIOException} when the
   * directory cannot be used or the remembered port is taken.
   */
  public static EmbeddedZooKeeper start(Options options) {
    settle();
    Path home = options.dataDir().resolve("zookeeper");
    try {
      Files.createDirectories(home);
      File directory = home.toFile();
      QuietFactory factory = bind(home.resolve("port"), options.wantedPort());
      EmbeddedZooKeeper embedded = new EmbeddedZooKeeper(directory, options.tickMs(), factory);
      embedded.serve();
      embedded.housekeeping.scheduleWithFixedDelay(
          () -> purge(directory), FIRST_PURGE_MINUTES, PURGE_INTERVAL_MINUTES, TimeUnit.MINUTES);
      embedded.housekeeping.scheduleWithFixedDelay(
          embedded::keepWatch, WATCH_MS, WATCH_MS, TimeUnit.MILLISECONDS);
      return embedded;
    } catch (IOException e) {
      throw new UncheckedIOException("embedded ZooKeeper in " + home + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while starting the embedded ZooKeeper", e);
    }
  }

  private synchronized void serve() throws IOException, InterruptedException {
    server = new Server(new FileTxnSnapLog(directory, directory), tickMs);
    factory.startup(server);
  }

  /** An exception would end the watch for good, unseen: the next round goes on instead. */
  private void keepWatch() {
    try {
      watch();
    } catch (RuntimeException e) {
      LOG.warn("Watching the embedded ZooKeeper in {} failed, trying again", directory, e);
    }
  }

  /** Starts the server again when it gave up and there is room; tells each change once. */
  private synchronized void watch() {
    if (closed || server.isRunning()) {
      return;
    }
    if (!gaveUp) {
      gaveUp = true;
      LOG.error(
          "The embedded ZooKeeper in {} gave up, {} MiB are free there; it starts again when it can."
              + " Until then topics and settings stay as they are",
          directory,
          directory.getUsableSpace() >> 20);
      server.shutdown();
      factory.closeAll(ServerCnxn.DisconnectReason.SERVER_SHUTDOWN);
      server.closeFiles();
    }
    if (directory.getUsableSpace() < ROOM_TO_START_BYTES) {
      return;
    }
    try {
      serve();
      gaveUp = false;
      LOG.info("The embedded ZooKeeper in {} is back", directory);
    } catch (IOException | RuntimeException e) {
      LOG.warn("The embedded ZooKeeper cannot start yet: {}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** {@code 127.0.0.1:port}. */
  public String connectString() {
    return "127.0.0.1:" + port();
  }

  public int port() {
    return factory.getLocalPort();
  }

  /** Stops serving and closes the files. Sessions stay valid for the next start. */
  @Override
  public synchronized void close() {
    closed = true;
    housekeeping.shutdownNow();
    factory.shutdown(); // stops the server behind it, too
    server.closeFiles();
  }

  /** ZooKeeper reads these once per process; values given by the user win. */
  private static void settle() {
    setIfAbsent("zookeeper.admin.enableServer", "false");
    setIfAbsent("zookeeper.4lw.commands.whitelist", "");
    setIfAbsent("zookeeper.nio.numSelectorThreads", "1");
    setIfAbsent("zookeeper.nio.numWorkerThreads", "0"); // the selector thread does the work
    setIfAbsent("zookeeper.preAllocSize", "1024"); // KiB; grows by this much at a time
    setIfAbsent("zookeeper.maxCnxns", "1000");
    setIfAbsent("zookeeper.jmx.log4j.disable", "true");
    ServiceUtils.setSystemExitProcedure(
        code -> LOG.error("The embedded ZooKeeper wants to end the process with code {}", code));
  }

  private static void setIfAbsent(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  private static QuietFactory bind(Path portFile, int wantedPort) throws IOException {
    if (Files.exists(portFile)) {
      int port = rememberedPort(portFile);
      try {
        return bound(port);
      } catch (BindException e) {
        throw new IOException(
            "port " + port + ", kept in " + portFile + ", is in use: " + e.getMessage(), e);
      }
    }
    QuietFactory factory;
    try {
      factory = bound(wantedPort);
    } catch (BindException e) {
      LOG.info("Port {} is in use, the embedded ZooKeeper takes a free one", wantedPort);
      factory = bound(0);
    }
    Files.writeString(portFile, factory.getLocalPort() + "\n");
    return factory;
  }

  private static int rememberedPort(Path portFile) throws IOException {
    String text = Files.readString(portFile).trim();
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IOException(portFile + " holds '" + text + "' instead of a port", e);
    }
  }

  private static QuietFactory bound(int port) throws IOException {
    QuietFactory factory = new QuietFactory();
    byte[] loopback = {127, 0, 0, 1};
    factory.configure(
        new InetSocketAddress(InetAddress.getByAddress(loopback), port),
        MAX_CONNECTIONS_PER_CLIENT,
        BACKLOG,
        false);
    return factory;
  }

  private static void purge(File directory) {
    try {
      PurgeTxnLog.purge(directory, directory, SNAPSHOTS_KEPT);
    } catch (IOException e) {
      LOG.warn("Could not purge old ZooKeeper snapshots in {}: {}", directory, e.toString());
    }
  }

  /**
   * The server without JMX beans (whose classes cost start-up time), but with the sweeper of empty
   * containers that ZooKeeper's own main class would run: the Vert.x cluster leaves containers.
   */
  private static final class Server extends ZooKeeperServer {
    private final FileTxnSnapLog files;
    private ContainerManager containers;

    Server(FileTxnSnapLog files, int tickMs) {
      super(files, tickMs, "");
      this.files = files;
    }

    @Override
    public synchronized void startup() {
      super.startup();
      containers =
          new ContainerManager(
              getZKDatabase(), firstProcessor, CONTAINER_CHECK_MS, CONTAINERS_PER_MINUTE);
      containers.start();
    }

    @Override
    protected void registerJMX() {
      // none
    }

    @Override
    protected void unregisterJMX() {
      // none
    }

    @Override
    protected void shutdownComponents() {
      if (containers != null) {
        containers.stop();
      }
      super.shutdownComponents();
    }

    void closeFiles() {
      try {
        files.close();
      } catch (IOException e) {
        LOG.warn("Closing the files of the embedded ZooKeeper: {}", e.toString());
      }
    }
  }

  /** The acceptor without a JMX bean per connection. */
  private static final class QuietFactory extends NIOServerCnxnFactory {
    @Override
    public void registerConnection(ServerCnxn connection) {
      // none
    }

    @Override
    public void unregisterConnection(ServerCnxn connection) {
      // none
    }
  }
}
