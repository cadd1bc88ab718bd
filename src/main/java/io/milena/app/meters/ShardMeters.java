package io.milena.app.meters;

import io.milena.metrics.Meter;
import io.milena.partition.PartitionClient;
import io.milena.partition.PartitionMessages.LogMeasures;
import io.milena.partition.PartitionMessages.MeasureReply;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToDoubleFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The series that only the shards know: sizes and ends of the logs, staged bytes. They are asked at
 * each scrape, so nothing is counted for them while requests are served and the series of a
 * partition go with it. Called by the thread that scrapes, one at a time, never an event loop.
 */
final class ShardMeters {
  private static final Logger LOG = LoggerFactory.getLogger(ShardMeters.class);
  private static final long LIMIT_MS = 2_000;
  private static final String LOG_NAME = "kafka_log_log_";

  private final PartitionClient partitions;
  private final LongAdder silent = new LongAdder();

  ShardMeters(PartitionClient partitions) {
    this.partitions = partitions;
  }

  /** All series as of now; those of a shard that does not answer in time are missing. */
  List<Meter> series() {
    List<Future<MeasureReply>> asked = new ArrayList<>();
    for (int shard = 0; shard < partitions.shards(); shard++) {
      asked.add(partitions.measure(shard));
    }
    awaitAll(asked);
    List<Meter> meters = new ArrayList<>();
    int offline = 0;
    for (int shard = 0; shard < asked.size(); shard++) {
      MeasureReply reply = asked.get(shard).succeeded() ? asked.get(shard).result() : null;
      if (reply == null) {
        silent.increment();
      } else {
        offline += reply.offlinePartitions();
        addShard(meters, shard, reply);
      }
    }
    double offlineReplicas = offline;
    meters.add(
        Meter.gauge(
            "kafka_server_replicamanager_offlinereplicacount",
            "Replicas on this broker whose log directory failed",
            () -> offlineReplicas));
    meters.add(
        Meter.counter(
            "milena_scrape_silent_shards",
            "Shards that did not answer a scrape in time",
            silent::sum));
    return meters;
  }

  private static void awaitAll(List<Future<MeasureReply>> asked) {
    try {
      Future.join(asked)
          .toCompletionStage()
          .toCompletableFuture()
          .get(LIMIT_MS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.debug("Not every shard answers the scrape", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void addShard(List<Meter> meters, int shard, MeasureReply reply) {
    Map<String, String> labels = Map.of("shard", Integer.toString(shard));
    meters.add(
        Meter.gauge(
                "milena_partition_staged_bytes",
                "Bytes of appends that are taken and not written",
                reply::stagedBytes)
            .with(labels));
    meters.add(
        Meter.gauge(
                "milena_partition_waiting_appends",
                "Requests that wait until staged bytes are written",
                reply::waitingAppends)
            .with(labels));
    for (LogMeasures log : reply.logs()) {
      addLog(meters, log);
    }
  }

  private static void addLog(List<Meter> to, LogMeasures log) {
    add(to, LOG_NAME + "size", "Bytes of the log", log, LogMeasures::sizeBytes);
    add(
        to,
        LOG_NAME + "logstartoffset",
        "First offset of the log",
        log,
        LogMeasures::logStartOffset);
    add(to, LOG_NAME + "logendoffset", "Offset after the last", log, LogMeasures::logEndOffset);
    add(to, LOG_NAME + "numlogsegments", "Segments of the log", log, LogMeasures::segments);
    add(
        to,
        "kafka_cluster_partition_laststableoffsetlag",
        "Offsets between the last stable offset and the high watermark",
        log,
        LogMeasures::lastStableOffsetLag);
  }

  private static void add(
      List<Meter> to,
      String name,
      String help,
      LogMeasures log,
      ToDoubleFunction<LogMeasures> value) {
    to.add(
        Meter.gauge(name, help, () -> value.applyAsDouble(log))
            .with(Map.of("topic", log.topic(), "partition", Integer.toString(log.partition()))));
  }
}
