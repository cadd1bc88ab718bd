package io.milena.partition.shard;

import io.milena.storage.LogStore;
import io.milena.storage.OpenLog;
import io.milena.storage.OpenedLog;
import io.milena.storage.directory.LogDirectory;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** What a shard asks of its {@link LogStore}; a seam, so that tests can make a disk fail. */
interface ShardLogs {
  Future<List<OpenedLog>> open(List<OpenLog> asks);

  void checkpointHighWatermarks(Map<TopicPartition, Long> highWatermarks);

  void onDirectoryFailure(Handler<LogDirectory> listener);

  Future<Void> close(boolean clean);

  /** The store itself. */
  static ShardLogs of(LogStore store) {
    return new ShardLogs() {
      @Override
      public Future<List<OpenedLog>> open(List<OpenLog> asks) {
        return store.open(asks);
      }

      @Override
      public void checkpointHighWatermarks(Map<TopicPartition, Long> highWatermarks) {
        store.checkpointHighWatermarks(highWatermarks);
      }

      @Override
      public void onDirectoryFailure(Handler<LogDirectory> listener) {
        store.onDirectoryFailure(listener);
      }

      @Override
      public Future<Void> close(boolean clean) {
        return store.close(clean);
      }
    };
  }
}
