package io.milena.storage;

import io.milena.base.Clock;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.common.TopicPartition;

/**
 * The directories of {@code log.dirs}: locks, identity, clean-shutdown markers, checkpoint files,
 * which partition lives where, what failed.
 *
 * <p>Life: {@link #open} (blocking, on the main thread, before Vert.x) → {@link #identify}
 * (blocking, when the cluster id is known) → {@link #attach} → {@link LogStore}s → {@link #close}.
 * After {@code attach} its state belongs to one context of its own; methods that return a future
 * may be called from any context and complete on the caller's.
 */
public final class LogDirectories {
  private LogDirectories() {}

  /**
   * Creates missing directories, locks all, reads meta.properties, markers, checkpoints and lists
   * the partition folders.
   *
   * @throws StorageException in one sentence: not writable, locked by another process, KRaft or
   *     contradicting meta.properties. Nothing is changed then.
   */
  public static LogDirectories open(StorageOptions options, Clock clock) {
    throw new UnsupportedOperationException("to come");
  }

  /** Cluster id found in meta.properties, or null. */
  public String clusterId() {
    throw new UnsupportedOperationException("to come");
  }

  /** Broker id found in meta.properties, or -1. */
  public int brokerId() {
    throw new UnsupportedOperationException("to come");
  }

  /**
   * Compares with meta.properties and writes it where it is missing. Blocking.
   *
   * @throws StorageException when a directory belongs to another cluster or broker
   */
  public void identify(String clusterId, int brokerId) {
    throw new UnsupportedOperationException("to come");
  }

  /** Removes the clean-shutdown markers, starts the checkpoint timers and the disk watch. */
  public void attach(Vertx vertx) {
    throw new UnsupportedOperationException("to come");
  }

  /** True when every directory was closed cleanly by its last user. */
  public boolean cleanShutdown() {
    throw new UnsupportedOperationException("to come");
  }

  /** Partitions that have a folder, opened or not; blocking-free, known since {@link #open}. */
  public Future<List<TopicPartition>> partitionsOnDisk() {
    throw new UnsupportedOperationException("to come");
  }

  /** Puts the folder of a partition that nobody opened aside as {@code -stray}. */
  public Future<Void> markStray(TopicPartition topicPartition) {
    throw new UnsupportedOperationException("to come");
  }

  /** Sizes for DescribeLogDirs, one per entry of {@code log.dirs}. */
  public Future<List<Usage>> usage() {
    throw new UnsupportedOperationException("to come");
  }

  /** Called on the directories' own context each time a directory goes offline. */
  public void onFailure(Handler<Path> listener) {
    throw new UnsupportedOperationException("to come");
  }

  /**
   * Writes the checkpoints and, with {@code clean}, the clean-shutdown markers of the directories
   * that are online; then unlocks. Every store has been closed before.
   */
  public Future<Void> close(boolean clean) {
    throw new UnsupportedOperationException("to come");
  }

  /**
   * @param totalBytes size of the file system, -1 when offline
   * @param usableBytes what may still be written there, -1 when offline
   */
  public record Usage(Path path, boolean online, long totalBytes, long usableBytes) {}
}
