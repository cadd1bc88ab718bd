package io.milena.storage;

import io.milena.base.Clock;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * The logs of one owner: one store per partition verticle, created on its context, used only there.
 * Holds what these logs share: the worker executor, the bounded caches of indexes and open
 * channels, the view of the disks' room.
 */
public final class LogStore {

  /**
   * @param directories attached before
   */
  public LogStore(Vertx vertx, LogDirectories directories, StorageOptions options, Clock clock) {}

  /**
   * Opens, recovers or creates logs, in parallel on the storage workers. Answers are in the order
   * of the asks; a log that is open already is answered as it is.
   */
  public Future<List<OpenedLog>> open(List<OpenLog> asks) {
    throw new UnsupportedOperationException("to come");
  }

  /**
   * Hands over high watermarks for the next write of replication-offset-checkpoint; the owner calls
   * it each {@code replica.high.watermark.checkpoint.interval.ms} and before {@link #close}.
   */
  public void checkpointHighWatermarks(Map<TopicPartition, Long> highWatermarks) {
    throw new UnsupportedOperationException("to come");
  }

  /** Called on this store's context when a directory went offline; its logs refuse appends. */
  public void onDirectoryFailure(Handler<LogDirectory> listener) {
    throw new UnsupportedOperationException("to come");
  }

  /** Closes all logs; with {@code clean} everything is on the disk afterwards. */
  public Future<Void> close(boolean clean) {
    throw new UnsupportedOperationException("to come");
  }
}
