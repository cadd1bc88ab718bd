package io.milena.storage.directory;

import io.milena.log.CorruptFileException;
import io.milena.log.checkpoint.OffsetCheckpoint;
import io.milena.storage.file.StorageException;
import io.milena.storage.file.WholeFile;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * One log directory: its lock, its identity, what its checkpoint files say and which partitions it
 * holds. Filled by {@link #open} on the starting thread, owned by the context of {@link
 * LogDirectories} afterwards.
 *
 * <pre>
 * .lock                  locked while a broker runs (the same file as Kafka's)
 * .kafka_cleanshutdown   {"version":0,"brokerEpoch":-1}; present only between a clean stop and the
 *                        next start; its content is not read
 * </pre>
 */
final class DirectoryState {
  static final String LOCK_FILE = ".lock";
  static final String CLEAN_FILE = ".kafka_cleanshutdown";
  private static final String CLEAN_CONTENT = "{\"version\":0,\"brokerEpoch\":-1}";
  private static final Logger LOG = LoggerFactory.getLogger(DirectoryState.class);

  final int index;
  final Path path;
  final boolean clean;

  /** False when a log of which the checkpoints know records has no folder any more. */
  final boolean complete;

  final MetaProperties meta;
  final Set<TopicPartition> partitions = new HashSet<>();
  final List<Path> leftovers = new ArrayList<>();
  final Map<Checkpoint, TreeMap<TopicPartition, Long>> checkpoints =
      new EnumMap<>(Checkpoint.class);
  final Set<Checkpoint> unwritten = EnumSet.noneOf(Checkpoint.class);

  /** Writes under way. */
  final Map<Checkpoint, Future<Void>> writing = new EnumMap<>(Checkpoint.class);

  private final FileLock lock;

  /** Partitions that were not closed cleanly and were not recovered since. */
  final Set<TopicPartition> unrecovered = new HashSet<>();

  /** True when whole segments reached the disk that the written recovery points do not cover. */
  boolean recoveryPointsDue;

  boolean online = true;
  boolean spoiled;
  long usableBytes;
  long reserveBytes;

  private DirectoryState(int index, Path path, FileLock lock) throws IOException {
    this.index = index;
    this.path = path;
    this.lock = lock;
    this.meta = MetaProperties.read(path);
    this.clean = Files.exists(path.resolve(CLEAN_FILE));
    for (Checkpoint checkpoint : Checkpoint.values()) {
      checkpoints.put(checkpoint, readCheckpoint(checkpoint));
    }
    listFolders();
    this.complete = dropMissing();
    if (!clean) {
      unrecovered.addAll(partitions);
    }
  }

  /**
   * Locks and reads a directory, creating it when missing.
   *
   * @throws StorageException in one sentence
   */
  static DirectoryState open(int index, Path path) {
    FileLock lock = null;
    try {
      Files.createDirectories(path);
      lock = lock(path);
      return new DirectoryState(index, path, lock);
    } catch (IOException e) {
      release(lock);
      throw new StorageException("Log directory " + path + " cannot be used: " + e, e);
    } catch (StorageException e) {
      release(lock);
      throw e;
    }
  }

  private static FileLock lock(Path path) throws IOException {
    FileChannel channel =
        FileChannel.open(
            path.resolve(LOCK_FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      LOG.debug("{} is locked inside this process", path, e);
    } finally {
      if (lock == null) {
        channel.close();
      }
    }
    if (lock == null) {
      throw new StorageException(
          "Log directory " + path + " is locked: another broker is using it");
    }
    return lock;
  }

  private static void release(FileLock lock) {
    if (lock == null) {
      return;
    }
    try {
      lock.acquiredBy().close();
    } catch (IOException e) {
      LOG.warn("A log directory could not be unlocked", e);
    }
  }

  void unlock() {
    release(lock);
  }

  private TreeMap<TopicPartition, Long> readCheckpoint(Checkpoint checkpoint) throws IOException {
    TreeMap<TopicPartition, Long> entries = new TreeMap<>(DirectoryState::compare);
    Path file = path.resolve(checkpoint.fileName());
    if (Files.exists(file) && Files.size(file) > 0) { // Kafka makes them empty at its start
      try {
        entries.putAll(OffsetCheckpoint.decode(Files.readAllBytes(file)));
      } catch (CorruptFileException e) {
        // F8: a lost checkpoint costs a longer recovery or a refetch, never data.
        LOG.warn("{} is garbled and taken as missing: {}", file, e.getMessage());
      }
    }
    return entries;
  }

  /** What checkpoints say of logs that are gone holds for none that comes under that name. */
  private boolean dropMissing() {
    boolean complete = true;
    for (var entry : checkpoints.get(Checkpoint.RECOVERY_POINT).entrySet()) {
      if (entry.getValue() > 0 && !partitions.contains(entry.getKey())) {
        // after a crash it may be a topic that was just deleted
        LOG.atLevel(clean ? Level.WARN : Level.DEBUG)
            .log("{} had {} up to offset {}: gone", path, entry.getKey(), entry.getValue());
        complete = false;
      }
    }
    for (Checkpoint checkpoint : Checkpoint.values()) {
      if (checkpoints.get(checkpoint).keySet().retainAll(partitions)) {
        unwritten.add(checkpoint);
      }
    }
    return complete;
  }

  private static int compare(TopicPartition a, TopicPartition b) {
    int byTopic = a.topic().compareTo(b.topic());
    return byTopic != 0 ? byTopic : Integer.compare(a.partition(), b.partition());
  }

  private void listFolders() throws IOException {
    try (var entries = Files.newDirectoryStream(path, Files::isDirectory)) {
      for (Path folder : entries) {
        String name = folder.getFileName().toString();
        if (name.endsWith(PartitionFolder.DELETE_SUFFIX)) {
          leftovers.add(folder);
        } else if (PartitionFolder.isPutAside(name)) {
          LOG.warn("{} was put aside and is left alone", folder);
        } else {
          TopicPartition tp = PartitionFolder.parse(name);
          if (tp == null) {
            LOG.debug("{} is no partition and is left alone", folder);
          } else {
            partitions.add(tp);
          }
        }
      }
    }
  }

  /** Value of a checkpoint, or -1. */
  long checkpointed(Checkpoint checkpoint, TopicPartition tp) {
    return checkpoints.get(checkpoint).getOrDefault(tp, -1L);
  }

  /** Sets a value, removes it when -1; the file is written later. */
  void update(Checkpoint checkpoint, TopicPartition tp, long offset) {
    TreeMap<TopicPartition, Long> entries = checkpoints.get(checkpoint);
    Long before = offset < 0 ? entries.remove(tp) : entries.put(tp, offset);
    if (before == null ? offset >= 0 : before != offset) {
      unwritten.add(checkpoint);
    }
  }

  /** Forgets a partition whose folder is gone. */
  void forget(TopicPartition tp) {
    partitions.remove(tp);
    unrecovered.remove(tp);
    for (Checkpoint checkpoint : Checkpoint.values()) {
      update(checkpoint, tp, -1);
    }
  }

  /** What is to be written for a checkpoint as it is now. */
  byte[] content(Checkpoint checkpoint) {
    return OffsetCheckpoint.encode(checkpoints.get(checkpoint));
  }

  /** True when every log in it is whole on the disk once all stores have closed theirs. */
  boolean mayBeMarkedClean() {
    return online && !spoiled && unrecovered.isEmpty();
  }

  /** Blocking. */
  void removeCleanMarker() throws IOException {
    Files.deleteIfExists(path.resolve(CLEAN_FILE));
  }

  /** Blocking. */
  void writeCleanMarker() throws IOException {
    WholeFile.write(path.resolve(CLEAN_FILE), CLEAN_CONTENT);
    WholeFile.syncDirectory(path);
  }
}
