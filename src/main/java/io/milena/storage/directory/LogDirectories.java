package io.milena.storage.directory;

import io.milena.storage.file.StorageException;
import io.milena.storage.file.StorageWorkers;
import io.milena.storage.file.WholeFile;
import io.milena.work.Attempt;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.internal.ContextInternal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directories of {@code log.dirs}: locks, identity, clean-shutdown markers, checkpoint files,
 * which partition lives where, what failed, how much room is left.
 *
 * <p>Life: {@link #open} (blocking, on the main thread, before Vert.x) → {@link #identify}
 * (blocking, when the cluster id is known) → {@link #attach} → {@code LogStore}s → {@link #close}.
 * After {@code attach} its state belongs to one context of its own; methods that return a future
 * may be called from any context and complete on the caller's.
 */
public final class LogDirectories {
  private static final Logger LOG = LoggerFactory.getLogger(LogDirectories.class);
  private static final long WATCH_MS = 1_000;
  private static final long DEFAULT_RESERVE_MAX_BYTES = 1L << 30;

  private final StorageOptions options;
  private final List<DirectoryState> directories;
  private final List<StoreHandle> stores = new ArrayList<>();
  private final List<Handler<Path>> failureListeners = new ArrayList<>();
  private final RoomProbe roomProbe;
  private final List<Long> timers = new ArrayList<>();
  private boolean closing;
  private Vertx vertx;
  private ContextInternal context;
  private WorkerExecutor executor;

  /** Asks a file system how much a directory may still hold; replaced in tests. */
  public interface RoomProbe {
    long usableBytes(Path directory) throws IOException;
  }

  /** What a store is told; called on the store's context. */
  public interface StoreListener {
    void directoryFailed(int directory);

    /** Bytes the store may write to the directory until the next such call. */
    void roomLeft(int directory, long bytes);
  }

  private record StoreHandle(Context context, StoreListener listener) {}

  /**
   * Where a partition lives.
   *
   * @param existed false when the folder has to be made
   * @param clean true when the directory was closed cleanly: the log is as its files say
   * @param recoveryPoint -1 when not known, as the next three
   */
  public record Placement(
      int directory,
      boolean existed,
      boolean clean,
      long recoveryPoint,
      long logStartOffset,
      long highWatermark,
      long cleanedTo) {}

  private LogDirectories(
      StorageOptions options, List<DirectoryState> directories, RoomProbe roomProbe) {
    this.options = options;
    this.directories = directories;
    this.roomProbe = roomProbe;
  }

  /**
   * Creates missing directories, locks all, reads meta.properties, markers, checkpoints and lists
   * the partition folders.
   *
   * @throws StorageException in one sentence: not writable, locked by another process, KRaft or
   *     contradicting meta.properties. Nothing is changed then.
   */
  public static LogDirectories open(StorageOptions options) {
    return open(options, directory -> Files.getFileStore(directory).getUsableSpace());
  }

  /** As {@link #open(StorageOptions)}, for a test that says how much room there is. */
  public static LogDirectories open(StorageOptions options, RoomProbe roomProbe) {
    List<DirectoryState> opened = new ArrayList<>();
    try {
      for (Path path : options.logDirs()) {
        DirectoryState directory = DirectoryState.open(opened.size(), path.toAbsolutePath());
        opened.add(directory);
        setReserve(directory, options.diskReserveBytes(), roomProbe);
      }
      DirectoryIdentity.checkAgreement(opened);
      return new LogDirectories(options, opened, roomProbe);
    } catch (IOException e) {
      opened.forEach(DirectoryState::unlock);
      throw new StorageException("The room in a log directory cannot be asked: " + e, e);
    } catch (StorageException e) {
      opened.forEach(DirectoryState::unlock);
      throw e;
    }
  }

  private static void setReserve(DirectoryState directory, long reserveBytes, RoomProbe probe)
      throws IOException {
    FileStore fileStore = Files.getFileStore(directory.path);
    directory.reserveBytes =
        reserveBytes >= 0
            ? reserveBytes
            : Math.min(DEFAULT_RESERVE_MAX_BYTES, fileStore.getTotalSpace() / 50);
    directory.usableBytes = probe.usableBytes(directory.path);
  }

  /** Cluster id found in meta.properties, or null. */
  public String clusterId() {
    return directories.stream()
        .map(directory -> directory.meta.clusterId())
        .filter(id -> id != null)
        .findFirst()
        .orElse(null);
  }

  /** Broker id found in meta.properties, or -1. */
  public int brokerId() {
    return directories.stream().mapToInt(directory -> directory.meta.brokerId()).max().orElse(-1);
  }

  /**
   * Compares with meta.properties and writes it where it is missing. Blocking.
   *
   * @throws StorageException when a directory belongs to another cluster or broker
   */
  public void identify(String clusterId, int brokerId) {
    directories.forEach(directory -> DirectoryIdentity.check(directory, clusterId, brokerId));
    for (DirectoryState directory : directories) {
      try {
        directory.meta.write(directory.path, clusterId, brokerId);
      } catch (IOException e) {
        throw new StorageException(
            "meta.properties cannot be written in " + directory.path + ": " + e, e);
      }
    }
  }

  /**
   * Removes the clean-shutdown markers, starts the checkpoint timers and the disk watch. Blocking,
   * once.
   */
  public void attach(Vertx vertx) {
    this.vertx = vertx;
    this.context = (ContextInternal) vertx.getOrCreateContext();
    this.executor = StorageWorkers.executor(vertx);
    for (DirectoryState directory : directories) {
      try {
        directory.removeCleanMarker();
      } catch (IOException e) {
        throw new StorageException(
            "The clean-shutdown marker cannot be removed from " + directory.path + ": " + e, e);
      }
      for (Path leftover : directory.leftovers) {
        LOG.info("Removing {}, left over by a deletion", leftover);
        removeTree(leftover);
      }
    }
    context.runOnContext(nothing -> startTimers());
  }

  private void startTimers() {
    every(options.highWatermarkCheckpointMs(), Checkpoint.HIGH_WATERMARK);
    every(options.recoveryPointCheckpointMs(), Checkpoint.RECOVERY_POINT);
    every(options.recoveryPointCheckpointMs(), Checkpoint.CLEANER); // what failed when it was due
    every(options.logStartCheckpointMs(), Checkpoint.LOG_START);
    timers.add(vertx.setPeriodic(WATCH_MS, id -> directories.forEach(this::watch)));
  }

  /** An interval of 0 or less writes the checkpoint at the stop only. */
  private void every(long intervalMs, Checkpoint checkpoint) {
    if (intervalMs < 1) {
      return;
    }
    timers.add(
        vertx.setPeriodic(
            intervalMs, id -> directories.forEach(d -> writeCheckpoint(d, checkpoint))));
  }

  /**
   * True when every directory was closed cleanly by its last user and still has all its logs; fixed
   * since {@link #open}. Whether these are as they were left shows when they are opened ({@code
   * OpenedLog.damaged}).
   */
  public boolean cleanShutdown() {
    return directories.stream().allMatch(directory -> directory.clean && directory.complete);
  }

  /** Partitions that have a folder, opened or not. */
  public Future<List<TopicPartition>> partitionsOnDisk() {
    return ask(
        () -> {
          List<TopicPartition> all = new ArrayList<>();
          directories.forEach(directory -> all.addAll(directory.partitions));
          return all;
        });
  }

  /** Puts the folder of a partition that nobody opened aside as {@code -stray}. */
  public Future<Void> markStray(TopicPartition topicPartition) {
    return putAside(topicPartition, PartitionFolder.STRAY_SUFFIX)
        .onSuccess(
            to -> {
              if (to != null) {
                LOG.warn("A folder that no topic of this cluster claims is {} now", to);
              }
            })
        .mapEmpty();
  }

  /** Deletes the folder of a partition that nobody opened and whose topic is being deleted. */
  public Future<Void> deleteUnopened(TopicPartition topicPartition) {
    return putAside(topicPartition, PartitionFolder.DELETE_SUFFIX)
        .onSuccess(
            to -> {
              if (to != null) {
                LOG.info("Removing {}, whose topic was deleted", to);
                removeTree(to);
              }
            })
        .mapEmpty();
  }

  /** The new path of the folder; null when there is none. */
  private Future<Path> putAside(TopicPartition topicPartition, String suffix) {
    return onOwner(
        () -> {
          DirectoryState directory = holderOf(topicPartition);
          if (directory == null || !directory.online) {
            return Future.succeededFuture();
          }
          Path folder = directory.path.resolve(PartitionFolder.nameOf(topicPartition));
          Path to = folder.resolveSibling(PartitionFolder.putAside(topicPartition, suffix));
          return work(() -> Files.move(folder, to, StandardCopyOption.ATOMIC_MOVE))
              .onSuccess(done -> directory.forget(topicPartition));
        });
  }

  /** Sizes for DescribeLogDirs, one per entry of {@code log.dirs}. */
  public Future<List<Usage>> usage() {
    return ask(() -> directories.stream().map(d -> new Usage(d.path, d.online, -1, -1)).toList())
        .compose(
            all ->
                StorageWorkers.run(
                    executor, () -> all.stream().map(LogDirectories::measured).toList()));
  }

  private static Usage measured(Usage usage) {
    if (!usage.online()) {
      return usage;
    }
    try {
      FileStore store = Files.getFileStore(usage.path());
      return new Usage(usage.path(), true, store.getTotalSpace(), store.getUsableSpace());
    } catch (IOException e) {
      LOG.warn("The room in {} cannot be asked", usage.path(), e);
      return new Usage(usage.path(), false, -1, -1);
    }
  }

  /** Called on the directories' own context each time a directory goes offline. */
  public void onFailure(Handler<Path> listener) {
    context.runOnContext(nothing -> failureListeners.add(listener));
  }

  /**
   * Writes the checkpoints and, with {@code clean}, the clean-shutdown markers of the directories
   * that are online; then unlocks. Every store has been closed before.
   */
  public Future<Void> close(boolean clean) {
    if (vertx == null) {
      directories.forEach(DirectoryState::unlock);
      return Future.succeededFuture();
    }
    return onOwner(
        () -> {
          timers.forEach(vertx::cancelTimer);
          closing = true;
          List<Future<Void>> writing =
              directories.stream().flatMap(d -> d.writing.values().stream()).toList();
          // Two writers of one file would meet in its .tmp.
          return Future.join(writing)
              .transform(over -> work(() -> closeBlocking(clean)))
              .eventually(executor::close);
        });
  }

  private Void closeBlocking(boolean clean) throws IOException {
    IOException failed = null;
    for (DirectoryState directory : directories) {
      try {
        if (directory.online) {
          writeLast(directory, clean);
        }
      } catch (IOException e) {
        // A full or broken directory must not cost the others a recovery.
        LOG.error("{} could not be closed: it will be recovered", directory.path, e);
        failed = e;
      } finally {
        directory.unlock();
      }
    }
    if (failed != null) {
      throw failed;
    }
    return null;
  }

  private static void writeLast(DirectoryState directory, boolean clean) throws IOException {
    for (Checkpoint checkpoint : Checkpoint.values()) {
      WholeFile.write(
          directory.path.resolve(checkpoint.fileName()),
          ByteBuffer.wrap(directory.content(checkpoint)));
    }
    if (clean && directory.mayBeMarkedClean()) {
      directory.writeCleanMarker();
    }
  }

  // ---- for the stores -----------------------------------------------------------------------

  public List<Path> paths() {
    return directories.stream().map(directory -> directory.path).toList();
  }

  /** Registers a store and tells it the room that is left and what failed already. */
  public void register(Context storeContext, StoreListener listener) {
    StoreHandle store = new StoreHandle(storeContext, listener);
    context.runOnContext(
        nothing -> {
          stores.add(store);
          for (DirectoryState directory : directories) {
            tellRoom(store, directory);
            if (!directory.online) {
              int failed = directory.index;
              storeContext.runOnContext(now -> listener.directoryFailed(failed));
            }
          }
        });
  }

  /**
   * Where the partitions live; new ones go to the online directory with the fewest partitions. The
   * result has an entry per ask, null when no directory is online.
   */
  public Future<List<Placement>> place(List<TopicPartition> asked) {
    return ask(() -> asked.stream().map(this::placeOne).toList());
  }

  private Placement placeOne(TopicPartition tp) {
    DirectoryState holder = holderOf(tp);
    boolean existed = holder != null;
    if (!existed) {
      for (DirectoryState candidate : directories) {
        boolean fewer = holder == null || candidate.partitions.size() < holder.partitions.size();
        if (candidate.online && fewer) {
          holder = candidate;
        }
      }
      if (holder == null) {
        return new Placement(-1, false, false, -1, -1, -1, -1);
      }
      holder.partitions.add(tp);
    }
    return new Placement(
        holder.index,
        existed,
        holder.clean,
        holder.checkpointed(Checkpoint.RECOVERY_POINT, tp),
        holder.checkpointed(Checkpoint.LOG_START, tp),
        holder.checkpointed(Checkpoint.HIGH_WATERMARK, tp),
        holder.checkpointed(Checkpoint.CLEANER, tp));
  }

  private DirectoryState holderOf(TopicPartition tp) {
    for (DirectoryState directory : directories) {
      if (directory.partitions.contains(tp)) {
        return directory;
      }
    }
    return null;
  }

  /** Takes over values of a checkpoint, -1 removes; written at the next interval. */
  public void update(int directory, Checkpoint checkpoint, Map<TopicPartition, Long> offsets) {
    context.runOnContext(
        nothing ->
            offsets.forEach(
                (tp, offset) -> directories.get(directory).update(checkpoint, tp, offset)));
  }

  /**
   * A segment reached the disk: its recovery point is written within a second, so that a start
   * after a crash reads what may be torn and not all segments of the last checkpoint interval.
   */
  public void writeRecoveryPointsSoon(int directory) {
    context.runOnContext(nothing -> directories.get(directory).recoveryPointsDue = true);
  }

  /** As {@link #update}, and writes at once; completes when it is on the disk. */
  public Future<Void> updateNow(
      int directory, Checkpoint checkpoint, TopicPartition tp, long offset) {
    return onOwner(
        () -> {
          directories.get(directory).update(checkpoint, tp, offset);
          return writeCheckpoint(directories.get(directory), checkpoint);
        });
  }

  /** The folder of a partition is gone. */
  public Future<Void> forget(int directory, TopicPartition tp) {
    return onOwner(
        () -> {
          directories.get(directory).forget(tp);
          return Future.succeededFuture();
        });
  }

  /** A partition's log is open, so it is recovered. */
  public void loaded(int directory, TopicPartition tp) {
    context.runOnContext(nothing -> directories.get(directory).unrecovered.remove(tp));
  }

  /** A log of the directory could not be saved: no clean-shutdown marker at the end. */
  public void spoilClean(int directory) {
    context.runOnContext(nothing -> directories.get(directory).spoiled = true);
  }

  /** Takes a directory out of service for good. */
  public void fail(int directory, Throwable cause) {
    context.runOnContext(
        nothing -> {
          DirectoryState failed = directories.get(directory);
          if (!failed.online) {
            return;
          }
          failed.online = false;
          LOG.error("Log directory {} is offline until the next start", failed.path, cause);
          stores.forEach(
              store ->
                  store.context().runOnContext(now -> store.listener().directoryFailed(directory)));
          failureListeners.forEach(listener -> listener.handle(failed.path));
        });
  }

  /** Asks the file system now instead of at the next interval. */
  public void askRoom(int directory) {
    context.runOnContext(nothing -> watchRoom(directories.get(directory)));
  }

  /** Removes a tree on a storage worker; a failure is logged, the next start tries again. */
  public void removeTree(Path folder) {
    StorageWorkers.run(
            executor,
            () -> {
              WholeFile.deleteTree(folder);
              return null;
            })
        .onFailure(e -> LOG.warn("{} could not be removed", folder, e));
  }

  WorkerExecutor executor() {
    return executor;
  }

  private void watch(DirectoryState directory) {
    watchRoom(directory);
    if (directory.recoveryPointsDue && options.recoveryPointCheckpointMs() >= 1) {
      directory.recoveryPointsDue = false;
      writeCheckpoint(directory, Checkpoint.RECOVERY_POINT);
    }
  }

  private void watchRoom(DirectoryState directory) {
    if (!directory.online || closing) {
      return;
    }
    work(() -> roomProbe.usableBytes(directory.path))
        .onSuccess(
            usable -> {
              directory.usableBytes = usable;
              stores.forEach(store -> tellRoom(store, directory));
            })
        .onFailure(e -> LOG.warn("The room in {} cannot be asked", directory.path, e));
  }

  private void tellRoom(StoreHandle store, DirectoryState directory) {
    long room = Math.max(0, directory.usableBytes - directory.reserveBytes) / options.shards();
    int index = directory.index;
    LongConsumer tell = bytes -> store.listener().roomLeft(index, bytes);
    store.context().runOnContext(nothing -> tell.accept(room));
  }

  /** At most one write per file; what changes meanwhile is written by the next. */
  private Future<Void> writeCheckpoint(DirectoryState directory, Checkpoint checkpoint) {
    Future<Void> underWay = directory.writing.get(checkpoint);
    boolean due = directory.online && !closing && directory.unwritten.contains(checkpoint);
    if (!due) {
      return underWay == null ? Future.succeededFuture() : underWay;
    }
    if (underWay != null) {
      return underWay.transform(over -> writeCheckpoint(directory, checkpoint));
    }
    directory.unwritten.remove(checkpoint);
    byte[] content = directory.content(checkpoint);
    Path file = directory.path.resolve(checkpoint.fileName());
    // Completed here and nowhere else: whoever waits for it finds that no write is under way.
    Promise<Void> written = Promise.promise();
    directory.writing.put(checkpoint, written.future());
    Attempt.of(() -> writeFile(file, content))
        .onComplete(
            result -> {
              directory.writing.remove(checkpoint);
              if (result.failed()) {
                directory.unwritten.add(checkpoint);
                LOG.warn("{} could not be written, will be tried again", file, result.cause());
              }
              written.handle(result);
            });
    return written.future();
  }

  private Future<Void> writeFile(Path file, byte[] content) {
    return work(
        () -> {
          WholeFile.write(file, ByteBuffer.wrap(content));
          return null;
        });
  }

  private <T> Future<T> ask(Supplier<T> question) {
    return onOwner(() -> Future.succeededFuture(question.get()));
  }

  /** Runs on the owning context; the result completes on the caller's. */
  private <T> Future<T> onOwner(Supplier<Future<T>> step) {
    Promise<T> promise = ((ContextInternal) vertx.getOrCreateContext()).promise();
    context.runOnContext(nothing -> Attempt.of(step).onComplete(promise));
    return promise.future();
  }

  private <T> Future<T> work(Callable<T> blocking) {
    return StorageWorkers.run(executor, blocking);
  }

  /**
   * @param totalBytes size of the file system, -1 when offline
   * @param usableBytes what may still be written there, -1 when offline
   */
  public record Usage(Path path, boolean online, long totalBytes, long usableBytes) {}
}
