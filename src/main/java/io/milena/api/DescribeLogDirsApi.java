package io.milena.api;

import io.milena.partition.PartitionClient;
import io.milena.partition.PartitionMessages.DescribeLogs;
import io.milena.partition.PartitionMessages.LogDescription;
import io.milena.partition.PartitionMessages.PartitionName;
import io.milena.protocol.KafkaErrors;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.message.DescribeLogDirsRequestData;
import org.apache.kafka.common.message.DescribeLogDirsRequestData.DescribableLogDirTopic;
import org.apache.kafka.common.message.DescribeLogDirsResponseData;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsPartition;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsResult;
import org.apache.kafka.common.message.DescribeLogDirsResponseData.DescribeLogDirsTopic;
import org.apache.kafka.common.protocol.Errors;

/**
 * DescribeLogDirs 1-5: directories, the room in them and the logs (KIP-113, KIP-827). Version 5
 * tells cordoned directories; there are none here. Stateless, shared.
 */
public final class DescribeLogDirsApi implements ApiHandler {
  private final PartitionClient partitions;
  private final LogDirSpaces spaces;

  public DescribeLogDirsApi(PartitionClient partitions, LogDirSpaces spaces) {
    this.partitions = partitions;
    this.spaces = spaces;
  }

  @Override
  public short apiKey() {
    return SupportedApis.DESCRIBE_LOG_DIRS;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    DescribeLogDirsRequestData data = request.decode(DescribeLogDirsRequestData::new);
    Future<List<LogDescription>> logs = logs(data);
    return spaces
        .spaces()
        .compose(all -> logs.map(found -> response(all, found)))
        .otherwise(
            failure ->
                new DescribeLogDirsResponseData().setErrorCode(KafkaErrors.of(failure).code()))
        .map(ApiResponse::of);
  }

  /** A request without a list of topics asks for all logs, an empty list for none. */
  private Future<List<LogDescription>> logs(DescribeLogDirsRequestData data) {
    List<Future<List<LogDescription>>> asked = new ArrayList<>();
    if (data.topics() == null) {
      for (int shard = 0; shard < partitions.shards(); shard++) {
        asked.add(describe(shard, List.of()));
      }
    } else {
      List<PartitionName> names = new ArrayList<>();
      for (DescribableLogDirTopic topic : data.topics()) {
        for (int partition : topic.partitions()) {
          names.add(new PartitionName(topic.topic(), partition));
        }
      }
      ByShard.split(names, partitions.shards(), n -> partitions.shardOf(n.topic(), n.partition()))
          .forEach(group -> asked.add(describe(group.shard(), group.parts())));
    }
    return Future.all(asked)
        .map(
            all -> {
              List<LogDescription> found = new ArrayList<>();
              asked.forEach(one -> found.addAll(one.result()));
              return found;
            });
  }

  private Future<List<LogDescription>> describe(int shard, List<PartitionName> parts) {
    return partitions.describeLogs(shard, new DescribeLogs(parts)).map(reply -> reply.logs());
  }

  private static DescribeLogDirsResponseData response(
      List<LogDirSpaces.Space> spaces, List<LogDescription> logs) {
    DescribeLogDirsResponseData response = new DescribeLogDirsResponseData();
    for (LogDirSpaces.Space space : spaces) {
      DescribeLogDirsResult result = new DescribeLogDirsResult().setLogDir(space.path());
      response.results().add(result);
      if (!space.online()) {
        result.setErrorCode(Errors.KAFKA_STORAGE_ERROR.code());
        continue;
      }
      result.setTotalBytes(space.totalBytes()).setUsableBytes(space.usableBytes());
      result.setTopics(topics(space.path(), logs));
    }
    return response;
  }

  private static List<DescribeLogDirsTopic> topics(String path, List<LogDescription> logs) {
    Map<String, DescribeLogDirsTopic> byName = new HashMap<>();
    for (LogDescription log : logs) {
      if (log.logDir().equals(path)) {
        byName
            .computeIfAbsent(log.topic(), name -> new DescribeLogDirsTopic().setName(name))
            .partitions()
            .add(
                new DescribeLogDirsPartition()
                    .setPartitionIndex(log.partition())
                    .setPartitionSize(log.sizeBytes())
                    .setOffsetLag(Math.max(log.highWatermark() - log.logEndOffset(), 0)));
      }
    }
    return new ArrayList<>(byName.values());
  }
}
