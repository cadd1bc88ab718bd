package io.milena.partition.shard;

import io.milena.storage.FakePartitionLog;
import io.milena.storage.OpenLog;
import io.milena.storage.OpenedLog;
import io.milena.storage.directory.LogDirectory;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** Logs whose disk the test moves by hand. */
class FakeShardLogs implements ShardLogs {
  final List<FakePartitionLog> opened = new ArrayList<>();
  Map<TopicPartition, Long> checkpoint = Map.of();
  private final Path dir;

  FakeShardLogs(Path dir) {
    this.dir = dir;
  }

  FakePartitionLog log() {
    return opened.get(opened.size() - 1);
  }

  @Override
  public Future<List<OpenedLog>> open(List<OpenLog> asks) {
    List<OpenedLog> answers = new ArrayList<>();
    for (OpenLog ask : asks) {
      FakePartitionLog log = new FakePartitionLog(ask, dir);
      opened.add(log);
      answers.add(new OpenedLog(log, null, 0, true, false, false));
    }
    return Future.succeededFuture(answers);
  }

  @Override
  public void checkpointHighWatermarks(Map<TopicPartition, Long> highWatermarks) {
    checkpoint = highWatermarks;
  }

  @Override
  public void onDirectoryFailure(Handler<LogDirectory> listener) {
    // Directories fail where a test says so.
  }

  @Override
  public Future<Void> close(boolean clean) {
    opened.forEach(FakePartitionLog::finishWrites);
    return Future.succeededFuture();
  }
}
