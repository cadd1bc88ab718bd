package io.milena.storage;

import io.milena.base.Clock;
import io.milena.base.RandomSource;
import io.milena.log.checkpoint.PartitionMetadataFile;
import io.milena.metrics.LogMeters;
import io.milena.storage.directory.Checkpoint;
import io.milena.storage.directory.LogDirectories;
import io.milena.storage.directory.LogDirectories.Placement;
import io.milena.storage.directory.LogDirectory;
import io.milena.storage.directory.PartitionFolder;
import io.milena.storage.directory.StorageOptions;
import io.milena.storage.file.LogFiles;
import io.milena.storage.file.StorageException;
import io.milena.storage.file.StorageWorkers;
import io.milena.storage.recovery.LoadRequest;
import io.milena.storage.recovery.LoadedLog;
import io.milena.storage.recovery.LogLoader;
import io.milena.storage.segment.SegmentCache;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The logs of one owner: one store per partition verticle, created on its context, used only there.
 * Holds what these logs share: the worker executor, the bounded caches of indexes and open
 * channels, the view of the disks' room.
 */
public final class LogStore {
  private static final Logger LOG = LoggerFactory.getLogger(LogStore.class);
  private static final long CHECKPOINT_MS = 1_000;
  private static final int LOADS_PER_TASK = 32;

  private final Vertx vertx;
  private final LogDirectories directories;
  private final StorageOptions options;
  private final Clock clock;
  private final RandomSource random;
  private final WorkerExecutor executor;
  private final List<LogDirectory> views = new ArrayList<>();
  private final Map<TopicPartition, OpenedLog> opened = new HashMap<>();
  private final List<Handler<LogDirectory>> failureListeners = new ArrayList<>();
  private final LogParts parts;
  private final long checkpointTimer;

  /** What a worker found. */
  private record Loaded(LoadedLog log, boolean created, StorageException error) {}

  private record Load(OpenLog ask, Placement placement) {}

  /** What tests replace; {@code meters} are those of all stores together. */
  record Means(Clock clock, RandomSource random, LogFiles files, LogMeters meters) {}

  /**
   * @param directories attached before
   * @param meters of all stores together
   */
  public LogStore(
      Vertx vertx,
      LogDirectories directories,
      StorageOptions options,
      Clock clock,
      LogMeters meters) {
    this(
        vertx,
        directories,
        options,
        new Means(clock, RandomSource.system(), LogFiles.of(vertx), meters));
  }

  LogStore(Vertx vertx, LogDirectories directories, StorageOptions options, Means means) {
    this.vertx = vertx;
    this.directories = directories;
    this.options = options;
    this.clock = means.clock();
    this.random = means.random();
    this.executor = StorageWorkers.executor(vertx);
    SegmentCache cache =
        new SegmentCache(
            options.openSegmentsMax() / options.shards(),
            options.indexCacheBytes() / options.shards(),
            this::closeChannel);
    parts =
        new LogParts(
            vertx,
            directories,
            executor,
            means.files(),
            cache,
            new StagingBuffers(),
            options,
            clock,
            random,
            means.meters());
    for (Path path : directories.paths()) {
      int index = views.size();
      views.add(new LogDirectory(index, path, () -> directories.askRoom(index)));
    }
    Context context = vertx.getOrCreateContext();
    directories.register(context, new Listener());
    checkpointTimer = vertx.setPeriodic(CHECKPOINT_MS, id -> handOverCheckpoints());
  }

  /** The log directories as this store sees them. */
  public List<LogDirectory> directories() {
    return List.copyOf(views);
  }

  /** May be called by whoever gives a channel's last count back, on any thread. */
  private void closeChannel(FileChannel channel) {
    StorageWorkers.run(executor, () -> closeNow(channel))
        .onFailure(
            e -> {
              LOG.debug("The storage workers are gone: a late channel is closed at once", e);
              closeNow(channel);
            });
  }

  private static Void closeNow(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.warn("A segment's channel could not be closed", e);
    }
    return null;
  }

  /**
   * Opens, recovers or creates logs, in parallel on the storage workers. Answers are in the order
   * of the asks; a log that is open already is answered as it is.
   */
  public Future<List<OpenedLog>> open(List<OpenLog> asks) {
    List<TopicPartition> partitions = asks.stream().map(OpenLog::topicPartition).toList();
    OpenedLog[] answers = new OpenedLog[asks.size()];
    return directories
        .place(partitions)
        .compose(
            placements -> {
              List<Future<Void>> tasks = new ArrayList<>();
              for (int from = 0; from < asks.size(); from += LOADS_PER_TASK) {
                int to = Math.min(asks.size(), from + LOADS_PER_TASK);
                tasks.add(openSome(asks, placements, answers, from, to));
              }
              return Future.all(tasks);
            })
        .map(done -> Arrays.asList(answers));
  }

  private Future<Void> openSome(
      List<OpenLog> asks, List<Placement> placements, OpenedLog[] answers, int from, int to) {
    List<Integer> slots = new ArrayList<>(to - from);
    List<Load> loads = new ArrayList<>(to - from);
    for (int i = from; i < to; i++) {
      OpenedLog known = opened.get(asks.get(i).topicPartition());
      if (known != null) {
        answers[i] = known;
      } else if (placements.get(i).directory() < 0) {
        answers[i] = OpenedLog.failed(new StorageException("No log directory is online"));
      } else {
        slots.add(i);
        loads.add(new Load(asks.get(i), placements.get(i)));
      }
    }
    List<Path> paths = views.stream().map(LogDirectory::path).toList();
    return StorageWorkers.run(
            executor,
            () -> {
              Map<String, Path> created = new HashMap<>();
              return loads.stream().map(load -> load(load, paths, created)).toList();
            })
        .map(
            results -> {
              for (int i = 0; i < results.size(); i++) {
                answers[slots.get(i)] = take(loads.get(i), results.get(i));
              }
              return null;
            });
  }

  /**
   * In a worker.
   *
   * @param created partition.metadata files made by this task, by topic id and directory
   */
  private Loaded load(Load load, List<Path> paths, Map<String, Path> created) {
    OpenLog ask = load.ask();
    Placement placement = load.placement();
    Path folder =
        paths.get(placement.directory()).resolve(PartitionFolder.nameOf(ask.topicPartition()));
    LoadRequest request =
        new LoadRequest(
            folder,
            ask.topicId(),
            ask.config(),
            placement.clean(),
            false,
            placement.recoveryPoint(),
            placement.logStartOffset(),
            placement.highWatermark(),
            options.producerIdExpirationMs(),
            random,
            clock.wallMs());
    try {
      boolean exists = placement.existed() && Files.isDirectory(folder);
      boolean lost = placement.existed() && !exists;
      Uuid stored = exists ? LogLoader.topicIdOf(folder) : Uuid.ZERO_UUID;
      if (exists && isOfAnotherTopic(stored, ask.topicId())) {
        putAside(folder, ask.topicPartition());
        exists = false;
      }
      return exists
          ? new Loaded(new LogLoader(request).load(stored), false, null)
          : new Loaded(create(request, placement.directory(), created, lost), true, null);
    } catch (StorageException e) {
      return new Loaded(null, false, e);
    } catch (IOException | RuntimeException e) {
      return new Loaded(
          null, false, new StorageException("The log " + folder + " cannot be opened: " + e, e));
    }
  }

  private static LoadedLog create(
      LoadRequest request, int directory, Map<String, Path> created, boolean lost)
      throws IOException {
    String key = directory + " " + request.topicId();
    LoadedLog log = LogLoader.create(request, created.get(key), lost);
    created.putIfAbsent(key, request.folder().resolve(PartitionMetadataFile.NAME));
    return log;
  }

  private static boolean isOfAnotherTopic(Uuid stored, Uuid topicId) {
    return !topicId.equals(Uuid.ZERO_UUID)
        && !stored.equals(Uuid.ZERO_UUID)
        && !stored.equals(topicId);
  }

  private static void putAside(Path folder, TopicPartition tp) throws IOException {
    Path stray = folder.resolveSibling(PartitionFolder.putAside(tp, PartitionFolder.STRAY_SUFFIX));
    LOG.warn("{} is of an older topic of that name, now {}", folder, stray);
    Files.move(folder, stray, StandardCopyOption.ATOMIC_MOVE);
  }

  private OpenedLog take(Load load, Loaded loaded) {
    TopicPartition tp = load.ask().topicPartition();
    OpenedLog known = opened.get(tp);
    if (known != null) {
      return known;
    }
    LogDirectory directory = views.get(load.placement().directory());
    if (loaded.error() != null) {
      LOG.error("{} is offline: {}", tp, loaded.error().getMessage(), loaded.error());
      if (!load.placement().existed()) {
        directories.forget(directory.index(), tp);
      }
      return OpenedLog.failed(loaded.error());
    }
    SegmentedLog log =
        new SegmentedLog(
            parts,
            tp,
            directory,
            directory.path().resolve(PartitionFolder.nameOf(tp)),
            load.ask().config(),
            loaded.log(),
            () -> opened.remove(tp));
    if (!directory.online()) {
      log.directoryFailed();
    }
    log.compaction().restore(loaded.created() ? -1 : load.placement().cleanedTo());
    long highWatermark =
        loaded.created()
            ? 0
            : Math.max(
                log.logStartOffset(),
                Math.min(load.placement().highWatermark(), log.logEndOffset()));
    OpenedLog answer =
        new OpenedLog(
            log,
            null,
            highWatermark,
            loaded.created(),
            loaded.log().cutBelowHighWatermark(),
            directories.cleanShutdown() && !loaded.log().asItWasLeft());
    opened.put(tp, answer);
    directories.loaded(directory.index(), tp);
    return answer;
  }

  /**
   * Hands over high watermarks for the next write of replication-offset-checkpoint; the owner calls
   * it each {@code replica.high.watermark.checkpoint.interval.ms} and before {@link #close}.
   */
  public void checkpointHighWatermarks(Map<TopicPartition, Long> highWatermarks) {
    List<Map<TopicPartition, Long>> byDirectory = perDirectory();
    highWatermarks.forEach(
        (tp, offset) -> {
          OpenedLog log = opened.get(tp);
          if (log != null) {
            byDirectory.get(log.log().directory().index()).put(tp, offset);
          }
        });
    handOver(Checkpoint.HIGH_WATERMARK, byDirectory);
  }

  private void handOverCheckpoints() {
    List<Map<TopicPartition, Long>> recoveryPoints = perDirectory();
    List<Map<TopicPartition, Long>> logStarts = perDirectory();
    Set<Integer> soon = new HashSet<>();
    for (OpenedLog log : opened.values()) {
      int directory = log.log().directory().index();
      boolean segmentClosed =
          ((SegmentedLog) log.log())
              .checkpoint(recoveryPoints.get(directory), logStarts.get(directory));
      if (segmentClosed) {
        soon.add(directory);
      }
    }
    handOver(Checkpoint.RECOVERY_POINT, recoveryPoints);
    handOver(Checkpoint.LOG_START, logStarts);
    soon.forEach(directories::writeRecoveryPointsSoon);
  }

  private List<Map<TopicPartition, Long>> perDirectory() {
    List<Map<TopicPartition, Long>> maps = new ArrayList<>(views.size());
    views.forEach(view -> maps.add(new HashMap<>()));
    return maps;
  }

  private void handOver(Checkpoint checkpoint, List<Map<TopicPartition, Long>> byDirectory) {
    for (int i = 0; i < byDirectory.size(); i++) {
      if (!byDirectory.get(i).isEmpty()) {
        directories.update(i, checkpoint, byDirectory.get(i));
      }
    }
  }

  /** Called on this store's context when a directory went offline; its logs refuse appends. */
  public void onDirectoryFailure(Handler<LogDirectory> listener) {
    failureListeners.add(listener);
  }

  /** Closes all logs; with {@code clean} everything is on the disk afterwards. */
  public Future<Void> close(boolean clean) {
    vertx.cancelTimer(checkpointTimer);
    List<OpenedLog> logs = List.copyOf(opened.values());
    List<Future<Void>> closing = new ArrayList<>(logs.size());
    for (OpenedLog log : logs) {
      closing.add(log.log().close(clean));
    }
    return Future.join(closing)
        .<Void>mapEmpty()
        .eventually(
            () -> {
              logs.forEach(log -> opened.putIfAbsent(log.log().topicPartition(), log));
              handOverCheckpoints();
              opened.clear();
              parts.staging().close();
              return executor.close();
            });
  }

  private final class Listener implements LogDirectories.StoreListener {
    @Override
    public void directoryFailed(int directory) {
      LogDirectory view = views.get(directory);
      view.setOffline();
      for (OpenedLog log : opened.values()) {
        if (log.log().directory() == view) {
          ((SegmentedLog) log.log()).directoryFailed();
        }
      }
      failureListeners.forEach(listener -> listener.handle(view));
    }

    @Override
    public void roomLeft(int directory, long bytes) {
      views.get(directory).grantRoom(bytes);
    }
  }
}
