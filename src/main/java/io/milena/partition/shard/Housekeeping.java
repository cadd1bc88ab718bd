package io.milena.partition.shard;

import io.milena.base.Clock;
import io.milena.storage.PartitionLog;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a shard does by the clock: hand over high watermarks, apply retention, expire producers,
 * flush by time. Each sweep goes through the partitions one after another, so that it never crowds
 * out requests; a sweep that is still under way is not started again.
 */
final class Housekeeping {
  private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);
  private static final long LONGEST_MS = 365L * 24 * 3600 * 1000;
  private static final long FIRST_SWEEP_MS = 30_000;
  private static final long FLUSH_CHECK_MS = 1_000;
  private static final long NANOS_PER_MS = 1_000_000;

  private final Vertx vertx;
  private final Clock clock;
  private final Hosted hosted;
  private final ShardLogs logs;
  private final GrowthWaits growthWaits;
  private final List<Long> timers = new ArrayList<>();
  private Map<TopicPartition, Long> handedOver = Map.of();
  private boolean stopped;

  private final Sweep retention = new Sweep("retention", this::retain);
  private final Sweep expiry = new Sweep("producer expiry", p -> p.log().housekeep());
  private final Sweep flush = new Sweep("flush", this::flushIfDue);

  Housekeeping(Vertx vertx, Clock clock, Hosted hosted, ShardLogs logs, GrowthWaits growthWaits) {
    this.vertx = vertx;
    this.clock = clock;
    this.hosted = hosted;
    this.logs = logs;
    this.growthWaits = growthWaits;
  }

  void start(PartitionVerticle.Options options) {
    every(options.storage().highWatermarkCheckpointMs(), this::handOverHighWatermarks);
    every(options.retentionCheckMs(), retention::begin);
    every(options.producerExpiryCheckMs(), expiry::begin);
    every(Math.min(FLUSH_CHECK_MS, options.flushSchedulerMs()), flush::begin);
  }

  private void every(long intervalMs, Runnable work) {
    long everyMs = Math.max(1, Math.min(LONGEST_MS, intervalMs));
    timers.add(vertx.setPeriodic(Math.min(everyMs, FIRST_SWEEP_MS), everyMs, id -> work.run()));
  }

  void stop() {
    stopped = true;
    timers.forEach(vertx::cancelTimer);
  }

  /** For replication-offset-checkpoint; nothing when none moved. */
  void handOverHighWatermarks() {
    Map<TopicPartition, Long> now = new HashMap<>();
    for (Partition partition : hosted.all()) {
      now.put(partition.name(), partition.highWatermark());
    }
    if (!now.equals(handedOver)) {
      handedOver = now;
      logs.checkpointHighWatermarks(now);
    }
  }

  private Future<?> retain(Partition partition) {
    PartitionLog log = partition.log();
    return log.housekeep()
        .compose(done -> log.enforceRetention(partition.highWatermark()))
        .onSuccess(
            removed -> {
              if (removed > 0) {
                growthWaits.wake(partition);
              }
            });
  }

  private Future<?> flushIfDue(Partition partition) {
    long flushMs = partition.config().flushMs();
    PartitionLog log = partition.log();
    if (flushMs == Long.MAX_VALUE || !log.writable()) {
      return Future.succeededFuture();
    }
    long nowNs = clock.monotonicNs();
    if (log.recoveryPoint() >= log.logEndOffset()) {
      partition.cleanAt(nowNs);
      return Future.succeededFuture();
    }
    if ((nowNs - partition.cleanAtNs()) / NANOS_PER_MS < flushMs) {
      return Future.succeededFuture();
    }
    partition.cleanAt(nowNs);
    return log.flush();
  }

  /** One kind of work for every partition, one after another. */
  private final class Sweep {
    private final String name;
    private final Function<Partition, Future<?>> work;
    private boolean underWay;

    private Sweep(String name, Function<Partition, Future<?>> work) {
      this.name = name;
      this.work = work;
    }

    private void begin() {
      if (!underWay) {
        underWay = true;
        next(hosted.all().iterator());
      }
    }

    private void next(Iterator<Partition> left) {
      while (left.hasNext() && !stopped) {
        Partition partition = left.next();
        if (hosted.find(partition.name().topic(), partition.name().partition()) != partition) {
          continue;
        }
        Future<?> done = attempt(partition).onFailure(failure -> tell(partition, failure));
        if (!done.isComplete()) {
          done.onComplete(over -> next(left));
          return;
        }
      }
      underWay = false;
    }

    /** A bug with one partition must not end the sweeps of all others for ever. */
    private Future<?> attempt(Partition partition) {
      try {
        return work.apply(partition);
      } catch (RuntimeException | Error bug) {
        return Future.failedFuture(bug);
      }
    }

    private void tell(Partition partition, Throwable failure) {
      LOG.warn("{} of {} failed: {}", name, partition.name(), failure.getMessage(), failure);
    }
  }
}
