package io.milena.cleaner;

import io.milena.base.Clock;
import io.milena.cleaner.Cleaning.Cleaned;
import io.milena.cleaner.Cleaning.Step;
import io.milena.cleaner.Cleaning.Swap;
import io.milena.cleaner.Cleaning.Worked;
import io.milena.log.CorruptFileException;
import io.milena.log.compaction.CompactionMap;
import io.milena.metrics.CleanerMeters;
import io.milena.partition.PartitionClient;
import io.milena.partition.PartitionMessages.BeginCleaning;
import io.milena.partition.PartitionMessages.CleanablePartition;
import io.milena.partition.PartitionMessages.CleaningClaim;
import io.milena.partition.PartitionMessages.CleaningEnd;
import io.milena.partition.PartitionMessages.CleaningOrder;
import io.milena.partition.PartitionMessages.ContinueCleaning;
import io.milena.partition.PartitionMessages.EndCleaning;
import io.milena.partition.PartitionMessages.FindCleanable;
import io.milena.partition.PartitionMessages.FindCleanableReply;
import io.milena.partition.PartitionMessages.SetAside;
import io.milena.partition.PartitionMessages.SwapSegments;
import io.milena.storage.file.NoRoom;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.ThreadingModel;
import io.vertx.core.VerticleBase;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One cleaner: looks for the dirtiest compacted partition of this broker, cleans it, looks again;
 * pauses for {@code log.cleaner.backoff.ms} when there is none. A worker verticle: its handlers
 * block, on threads of its own. Owns nothing but its current cleaning.
 *
 * <p>Between two steps of a cleaning the owner of the partition is asked whether it is still
 * wanted, which also ends it when the partition is stopped, deleted, led by another, or compacted
 * no more. A partition whose data cannot be read is set aside by its owner, with one ERROR line;
 * the others go on.
 */
public final class LogCleanerVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(LogCleanerVerticle.class);
  private static final String POOL = "log-cleaner";
  private static final long STOP_MS = 10_000;
  private static final int MIN_BUFFER_BYTES = 4 << 10;
  private static final int HEAP_SHARE = 4;
  private static final double NANOS_PER_S = 1e9;

  private final PartitionClient partitions;
  private final Supplier<LogCleanerOptions> options;
  private final Clock clock;
  private final CleanerMeters meters;
  private final Cleaning.Buffers buffers = new Cleaning.Buffers();
  private final Promise<Void> idle = Promise.promise();

  private LogCleanerOptions current = LogCleanerOptions.defaults();
  private Cleaning cleaning;

  /** What is being cleaned; null when nothing is. */
  private CleaningOrder order;

  private Throttle throttle;
  private long beganNs;
  private long timer = -1;
  private boolean stopping;

  /**
   * @param options asked before each look
   * @param meters shared by all cleaners
   */
  public LogCleanerVerticle(
      PartitionClient partitions,
      Supplier<LogCleanerOptions> options,
      Clock clock,
      CleanerMeters meters) {
    this.partitions = partitions;
    this.options = options;
    this.clock = clock;
    this.meters = meters;
  }

  /**
   * How cleaners are deployed.
   *
   * @param threads number of cleaners, each with one thread
   */
  public static DeploymentOptions deployment(int threads) {
    return new DeploymentOptions()
        .setThreadingModel(ThreadingModel.WORKER)
        .setWorkerPoolName(POOL)
        .setWorkerPoolSize(threads);
  }

  @Override
  public Future<?> start() {
    context.exceptionHandler(this::uncaught);
    context.runOnContext(nothing -> look());
    return Future.succeededFuture();
  }

  /** Gives up the cleaning under way at its next step; files that were not swapped in go. */
  @Override
  public Future<?> stop() {
    stopping = true;
    if (timer >= 0) {
      vertx.cancelTimer(timer);
      timer = -1;
      if (cleaning == null) {
        rest();
      } else {
        end(CleaningEnd.ABORTED, -1, false);
      }
    }
    return idle.future().timeout(STOP_MS, TimeUnit.MILLISECONDS);
  }

  private void uncaught(Throwable bug) {
    LOG.error("A handler of a cleaner failed", bug);
    if (order != null) {
      end(cleaning == null ? CleaningEnd.ABORTED : CleaningEnd.UNCLEANABLE, -1, false);
    } else {
      pause();
    }
  }

  // ---- looking ------------------------------------------------------------------------------

  private void look() {
    timer = -1;
    if (stopping) {
      rest();
      return;
    }
    current = options.get();
    List<Future<FindCleanableReply>> asked = new ArrayList<>();
    for (int shard = 0; shard < partitions.shards(); shard++) {
      asked.add(partitions.findCleanable(shard, new FindCleanable()));
    }
    Future.all(asked)
        .onSuccess(all -> choose(all.list()))
        .onFailure(
            e -> {
              LOG.warn("What is to be cleaned cannot be told", e);
              pause();
            });
  }

  private void choose(List<FindCleanableReply> replies) {
    CleanablePartition dirtiest = null;
    double maxRatio = 0;
    long maxOverdueMs = 0;
    Map<String, long[]> setAside = new HashMap<>();
    for (FindCleanableReply reply : replies) {
      CleanablePartition candidate = reply.dirtiest();
      boolean dirtier =
          candidate != null && (dirtiest == null || candidate.dirtyRatio() > dirtiest.dirtyRatio());
      dirtiest = dirtier ? candidate : dirtiest;
      maxRatio = Math.max(maxRatio, reply.maxDirtyRatio());
      maxOverdueMs = Math.max(maxOverdueMs, reply.maxOverdueMs());
      for (SetAside one : reply.setAside()) {
        long[] sum = setAside.computeIfAbsent(one.logDir(), dir -> new long[2]);
        sum[0] += one.partitions();
        sum[1] += one.bytes();
      }
    }
    meters.looked(clock.monotonicNs(), maxRatio, maxOverdueMs);
    meters.setAside(setAside);
    if (dirtiest == null) {
      pause();
    } else {
      begin(dirtiest);
    }
  }

  private void pause() {
    if (stopping) {
      rest();
      return;
    }
    timer = vertx.setTimer(Math.max(1, current.backoffMs()), id -> look());
  }

  /** Nothing is under way any more. */
  private void rest() {
    idle.tryComplete();
  }

  // ---- cleaning -----------------------------------------------------------------------------

  private int shardOf(String topic, int partition) {
    return partitions.shardOf(topic, partition);
  }

  private void begin(CleanablePartition dirtiest) {
    String topic = dirtiest.topic();
    int partition = dirtiest.partition();
    partitions
        .beginCleaning(shardOf(topic, partition), new BeginCleaning(topic, partition))
        .onSuccess(
            reply -> {
              if (reply.order() == null) {
                pause(); // Another cleaner was faster, or it is gone.
              } else {
                begin(reply.order());
              }
            })
        .onFailure(
            e -> {
              LOG.warn("{}-{} cannot be cleaned now", topic, partition, e);
              pause();
            });
  }

  private void begin(CleaningOrder newOrder) {
    order = newOrder;
    beganNs = clock.monotonicNs();
    int threads = Math.max(1, current.threads());
    buffers.ensure(Math.max(MIN_BUFFER_BYTES, current.ioBufferBytes() / threads / 2));
    throttle = new Throttle(Math.max(1, current.maxBytesPerSecond() / threads), beganNs);
    long heapShare = Runtime.getRuntime().maxMemory() / HEAP_SHARE / threads;
    CompactionMap map =
        new CompactionMap(
            Math.min(current.dedupeBytes() / threads, heapShare), current.loadFactor());
    cleaning = new Cleaning(order, buffers, map, clock.wallMs());
    LOG.info(
        "Cleaning {}-{}: dirty from {} to {}, {} of {} bytes",
        order.claim().topic(),
        order.claim().partition(),
        order.dirt().firstDirtyOffset(),
        order.dirt().firstUncleanableOffset(),
        order.dirt().cleanableBytes(),
        order.dirt().cleanBytes() + order.dirt().cleanableBytes());
    step();
  }

  private void step() {
    timer = -1;
    if (stopping) {
      end(CleaningEnd.ABORTED, -1, false);
      return;
    }
    Step done;
    try {
      done = cleaning.step();
    } catch (CorruptFileException | Cleaning.MapTooSmall e) {
      uncleanable(e);
      return;
    } catch (NoSuchFileException e) {
      LOG.info("Cleaning of {} ends: {} is gone", name(), e.getMessage());
      end(CleaningEnd.ABORTED, -1, false);
      return;
    } catch (Cleaning.NoRoomLeft e) {
      LOG.warn("{} is not cleaned now: {}", name(), e.getMessage());
      end(CleaningEnd.NO_ROOM, -1, true);
      return;
    } catch (IOException e) {
      if (NoRoom.isCauseOf(e)) {
        LOG.warn("{} is not cleaned now: {}", name(), e.toString());
        end(CleaningEnd.NO_ROOM, -1, true);
      } else {
        uncleanable(e);
      }
      return;
    }
    if (done instanceof Worked worked) {
      goOn(worked.bytes());
    } else if (done instanceof Swap swap) {
      swap(swap);
    } else {
      cleaned(((Cleaned) done).offset());
    }
  }

  private String name() {
    return order.claim().topic() + "-" + order.claim().partition();
  }

  private int shard() {
    return shardOf(order.claim().topic(), order.claim().partition());
  }

  private void goOn(long bytes) {
    long pauseMs = throttle.pauseMs(bytes, clock.monotonicNs());
    if (pauseMs > 0) {
      timer = vertx.setTimer(pauseMs, id -> askAndStep());
    } else {
      askAndStep();
    }
  }

  private void askAndStep() {
    timer = -1;
    partitions
        .continueCleaning(shard(), new ContinueCleaning(order.claim()))
        .onComplete(
            reply -> {
              if (reply.succeeded() && reply.result().wanted()) {
                step();
              } else {
                LOG.info("Cleaning of {} ends: the partition has changed", name());
                end(CleaningEnd.ABORTED, -1, false);
              }
            });
  }

  private void swap(Swap swap) {
    partitions
        .swapSegments(shard(), new SwapSegments(order.claim(), swap.replaced(), swap.compacted()))
        .onComplete(
            reply -> {
              if (reply.succeeded() && reply.result().swapped()) {
                goOn(0);
              } else {
                discard(swap);
                end(CleaningEnd.ABORTED, -1, false);
              }
            });
  }

  private void discard(Swap swap) {
    try {
      cleaning.discard(swap);
    } catch (IOException e) {
      LOG.warn("Compacted files of {} stay until the next start", name(), e);
    }
  }

  /** What looks garbled may have been cut meanwhile: then the owner does not want it any more. */
  private void uncleanable(Exception problem) {
    partitions
        .continueCleaning(shard(), new ContinueCleaning(order.claim()))
        .onComplete(
            reply -> {
              boolean same = reply.succeeded() && reply.result().wanted();
              if (same) {
                LOG.error(
                    "{} cannot be cleaned and is set aside until the next start: {}",
                    name(),
                    problem.toString());
                LOG.debug("Where that was found", problem);
              }
              end(same ? CleaningEnd.UNCLEANABLE : CleaningEnd.ABORTED, -1, false);
            });
  }

  private void cleaned(long offset) {
    CleaningStats stats = cleaning.stats();
    double seconds = Math.max(1, clock.monotonicNs() - beganNs) / NANOS_PER_S;
    LOG.info(
        "Cleaned {} up to {} in {} s: {} of {} records and {} of {} bytes stay, {} had no key",
        name(),
        offset,
        String.format("%.2f", seconds),
        stats.keptRecords,
        stats.readRecords,
        stats.writtenBytes,
        stats.readBytes,
        stats.keylessRecords);
    meters.cleaned(seconds, stats.recopyPercent(), 100 * cleaning.mapUtilization());
    end(CleaningEnd.CLEANED, offset, true);
  }

  /** Always told, for until then nobody else may clean the partition. */
  private void end(CleaningEnd how, long cleanedTo, boolean lookAtOnce) {
    try {
      if (cleaning != null) {
        cleaning.close();
      }
    } catch (IOException e) {
      LOG.warn("Files of a cleaning of {} stay until the next start", name(), e);
    }
    CleaningClaim claim = order.claim();
    int shard = shard();
    cleaning = null;
    order = null;
    partitions
        .endCleaning(shard, new EndCleaning(claim, how, cleanedTo))
        .onComplete(
            told -> {
              if (stopping) {
                rest();
              } else if (lookAtOnce) {
                look();
              } else {
                pause();
              }
            });
  }
}
